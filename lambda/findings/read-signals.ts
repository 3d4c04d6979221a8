import { higherSeverity, severityRank } from './change.ts';
import { type Cut, cutOf } from './cut-event.ts';
import { readDeniedAccess } from './denied-access.ts';
import type { DetectionInPlan } from './detection-in-plan.ts';
import type { Severity } from './finding.ts';
import { hasStrayColours, textsOf } from './log-text.ts';
import { canBe, mask } from './masked-text.ts';
import type { MatchedEvent } from './matched-event.ts';
import { joinTables } from './metadata-sql.ts';
import { type Fields, parseFields } from './parse-fields.ts';
import { readPartialLines } from './partial-lines.ts';
import type { PrivilegeCommand } from './privilege-command.ts';
import { readPrivilegeCommands } from './privilege-commands.ts';
import { tablesOfStatement } from './read-statement.ts';
import type { Signal, SignalKind } from './signal.ts';
import { readPrivilegeRequest } from './web-request.ts';

/**
 * Reads what an event says about privileges, by each detection that found it: all of it, however long
 * the event is, in time linear in its length.
 *
 * What two detections read alike is one signal with both ids and the higher severity. Every signal
 * is fit to be stored: no name is empty, no status is other than an HTTP status.
 *
 * @param detections the plan's; ids that are not among them are ignored
 */
export function readSignals(
  event: MatchedEvent,
  detections: ReadonlyMap<string, DetectionInPlan>,
): readonly Signal[] {
  const signals = new Map<string, Signal>();
  const text = new EventText(event.message);
  const kinds = new Set<SignalKind>();
  for (const detection of partialLast(event.detections, detections)) {
    const isRest = detection.signal === 'partial';
    for (const read of readAs(detection, text)) {
      // What another detection has read is not missing.
      if (isRest && kinds.has(read.kind)) continue;
      const signal = cleanSignal(text.cut === undefined ? read : withCutNames(read, text.cut));
      const { kind, verb, target, role, object } = signal;
      const key = JSON.stringify([kind, verb, target, role, object]);
      const known = signals.get(key);
      signals.set(key, known === undefined ? signal : united(known, signal));
    }
    if (!isRest) for (const { kind } of signals.values()) kinds.add(kind);
  }
  return [...signals.values()];
}

/** The detections of an event that the plan has, those of parts behind those of whole lines. */
function partialLast(
  ids: readonly string[],
  detections: ReadonlyMap<string, DetectionInPlan>,
): readonly DetectionInPlan[] {
  const known = ids.flatMap((id) => detections.get(id) ?? []);
  const isPartial = ({ signal }: DetectionInPlan) => signal === 'partial';
  return [...known.filter((each) => !isPartial(each)), ...known.filter(isPartial)];
}

/** An event's message in the forms in which detections read it, each made once. */
class EventText {
  readonly message: string;
  /** `2026-05-06T01:00:14.610844Z [info     ] text      [logger] loc=file.py:12` */
  readonly isStructlogLine: boolean;
  #texts: readonly string[] | undefined;
  #plain: string | undefined;
  #commands: readonly PrivilegeCommand[] | undefined;
  #namesAreCertain: boolean | undefined;
  #cut: { readonly found: Cut | undefined } | undefined;

  constructor(message: string) {
    this.message = message;
    this.isStructlogLine = /^\d{4}-\d\d-\d\dT\S{1,40} \[/.test(message);
  }

  /** Its texts, a line or more each, so that a name ends where its JSON string ends. */
  get plain(): string {
    this.#plain ??= this.all.join('\n');
    return this.#plain;
  }

  /** Whether a name in it is certain enough to make less of its line. */
  get namesAreCertain(): boolean {
    this.#namesAreCertain ??= !hasStrayColours(this.message) && this.all.every(holdsWholeLines);
    return this.#namesAreCertain;
  }

  /** Two detections ask for them; to read the shell's words costs most of all. */
  get commands(): readonly PrivilegeCommand[] {
    this.#commands ??= readPrivilegeCommands(this.asCut);
    return this.#commands;
  }

  /** {@link all}, with a mask where the log may have cut them off: anything may have followed. */
  get asCut(): readonly string[] {
    return this.cut !== undefined
      ? [...this.all.slice(0, -1), (this.all.at(-1) ?? '') + mask]
      : this.all;
  }

  get cut(): Cut | undefined {
    this.#cut ??= { found: cutOf(this.message) };
    return this.#cut.found;
  }

  get all(): readonly string[] {
    this.#texts ??= textsOf(this.message);
    return this.#texts;
  }
}

/**
 * What the security manager writes when an application starts, from the time on. It has more characters
 * than the 64 of a role's name (`ab_role.name`), so that no name contains it.
 */
const startRecord =
  /^\[\d{4}-\d\d-\d\dT[\d:.+-]{17,40}\] \{{1,2}(?:override|manager)\.py:\d+\}{1,2} INFO - (?:Inserted Role|Added Permission|Created Permission View)/;

/**
 * Whether each line of a text is a record or the text has one line: else `Admin` at a line's end may be
 * the beginning of a longer name.
 */
function holdsWholeLines(text: string): boolean {
  const [, ...further] = text.trimEnd().split('\n');
  return further.every((line) => startRecord.test(line));
}

function united(a: Signal, b: Signal): Signal {
  return {
    ...b,
    ...a,
    detections: [...new Set([...a.detections, ...b.detections])],
    severity: higherSeverity(a.severity, b.severity),
  };
}

function readAs(detection: DetectionInPlan, text: EventText): readonly Signal[] {
  switch (detection.signal) {
    case 'command':
      return readCommands(detection, text.commands);
    case 'request':
      return readRequests(detection, text.message);
    case 'denial':
      return readDenials(detection, text.plain);
    case 'statement':
      return detection.parse.length > 0
        ? readLines(detection, text)
        : readStatement(detection, text.asCut);
    case 'partial':
      return readPartial(detection, text);
    case 'result':
      return readResults(detection, text.message);
    default:
      return readLines(detection, text);
  }
}

function base(detection: DetectionInPlan, severity: Severity = detection.severity): Signal {
  return { kind: detection.signal, detections: [detection.id], severity };
}

/**
 * The first rule of `raise` that fits decides, upwards or downwards.
 *
 * @param mayLower false where a rule must not make less of the line than the detection does
 */
function severityOf(
  { severity, raise }: DetectionInPlan,
  fields: Fields,
  mayLower: boolean,
): Severity {
  const fitting = raise.filter(({ when }) =>
    Object.entries(when).every(([field, values]) =>
      values.some((value) => canBe(fields[field] ?? '', value)),
    ),
  );
  const isMasked = Object.values(fields).some((value) => value.includes(mask));
  if (isMasked) {
    return fitting.reduce((worst, rule) => higherSeverity(worst, rule.severity), severity);
  }
  const [rule] = fitting;
  if (rule === undefined) return severity;
  return mayLower ? rule.severity : higherSeverity(rule.severity, severity);
}

function verbOf({ verb }: DetectionInPlan, fields: Fields): string | undefined {
  if (verb === undefined || typeof verb === 'string') return verb;
  const parsed = fields[verb.parsed] ?? '';
  return Object.hasOwn(verb.values, parsed) ? verb.values[parsed] : undefined;
}

/** A line that speaks for itself. One that the filter found and parse did not is kept, nameless. */
function readLines(detection: DetectionInPlan, text: EventText): readonly Signal[] {
  const found = parseFields(text.plain, detection);
  const lines =
    found.length > 0 ? found.map((fields) => withCutName(withWholeName(fields, text), text)) : [{}];
  return lines.map((line) => {
    const { fields, severity } = worstReading(detection, line, text.namesAreCertain);
    const verb = verbOf(detection, fields);
    const { target, role, object } = fields;
    return {
      ...base(detection, severity),
      verb,
      target,
      role,
      // SQL's unquoted names know no case.
      object: verb === 'write-metadata-tables' ? object?.toLowerCase() : object,
    };
  });
}

/**
 * Where a line is not structlog's, ` [eu]` at its end belongs to the name before it: there it is no
 * field with the logger's name.
 */
function withWholeName(fields: Fields, text: EventText): Fields {
  const { doubt, ...rest } = fields;
  if (doubt?.startsWith(' [') !== true || text.isStructlogLine) return fields;
  const name = rest.role === undefined ? 'target' : 'role';
  return { ...rest, [name]: (rest[name] ?? '') + doubt };
}

/** `Adm` at the end of an event that was cut off may be Admin: it counts as `Adm***`. */
function withCutName(fields: Fields, text: EventText): Fields {
  const { role } = fields;
  if (role === undefined || text.cut === undefined || !text.plain.endsWith(role)) return fields;
  return { ...fields, role: role + mask };
}

/** What Airflow writes between two names that users choose, before the name of a role. */
const rolePhrases = ['" added to role "', '" created with role "', ' to role '];

/**
 * A name may hold the very words of the line around it (`x" added to role "Viewer`), so that nobody
 * can tell where the one name ends and the other begins: the reading with the higher severity counts.
 */
function worstReading(
  detection: DetectionInPlan,
  fields: Fields,
  namesAreCertain: boolean,
): { readonly fields: Fields; readonly severity: Severity } {
  const mayLower = namesAreCertain && fields.doubt === undefined;
  const severity = severityOf(detection, fields, mayLower);
  const { role = '', target } = fields;
  for (const phrase of rolePhrases) {
    const at = role.lastIndexOf(phrase);
    if (at < 0) continue;
    const other = {
      ...fields,
      ...(target !== undefined && { target: target + phrase + role.slice(0, at) }),
      role: role.slice(at + phrase.length),
    };
    const otherSeverity = severityOf(detection, other, false);
    if (severityRank(otherSeverity) > severityRank(severity)) {
      return { fields: other, severity: otherSeverity };
    }
  }
  return { fields, severity };
}

/**
 * Lines, commands and statements of which a part is missing. A line is as bad as the worst role that it
 * can name, since nobody knows what else it said.
 */
function readPartial(detection: DetectionInPlan, text: EventText): readonly Signal[] {
  const lines = readPartialLines(text.asCut).map((line) => ({
    ...base(detection, severityOf(detection, { role: line.role ?? '' }, false)),
    ...line,
  }));
  const tables = tablesOfStatement(text.asCut);
  const statement = { kind: 'statement', verb: 'write-metadata-tables' } as const;
  return [
    ...lines,
    ...readCommands({ ...detection, signal: 'command', severity: 'medium' }, text.commands),
    ...(tables.length === 0
      ? []
      : [{ ...base(detection, 'critical'), ...statement, object: joinTables(tables) }]),
  ];
}

/** SQL is read as a whole: a detection that parses nothing takes it as one change of all its tables. */
function readStatement(detection: DetectionInPlan, texts: readonly string[]): readonly Signal[] {
  const tables = tablesOfStatement(texts);
  if (tables.length === 0) return [];
  return [{ ...base(detection), verb: verbOf(detection, {}), object: joinTables(tables) }];
}

/** Without a verb of its own a detection takes every command of the line, else that verb's. */
function readCommands(
  detection: DetectionInPlan,
  commands: readonly PrivilegeCommand[],
): readonly Signal[] {
  return commands
    .filter(({ verb, unread }) => detection.verb === undefined || verb === detection.verb || unread)
    .flatMap(({ failed, unread, ...command }): Signal[] => {
      const signal = { ...base(detection), ...command };
      // The line is both: the only echo of the command, and its failure.
      return failed ? [signal, { ...signal, kind: 'failure' }] : [signal];
    });
}

function readRequests(detection: DetectionInPlan, message: string): readonly Signal[] {
  const found = parseFields(message, detection);
  // Never lost: a request that cannot be read may have been anything.
  if (found.length === 0) return [base(detection, 'medium')];
  return found.flatMap((fields): Signal[] => {
    const { method = '', path = '' } = fields;
    const status = Number(fields.status);
    const request = readPrivilegeRequest({ method, path, status });
    if (request === undefined) return [];
    const user = fields.user === '-' ? undefined : fields.user;
    const named = request.role === undefined ? fields : { ...fields, role: request.role };
    return [
      { ...base(detection, severityOf(detection, named, true)), ...request, method, status, user },
    ];
  });
}

function readDenials(detection: DetectionInPlan, text: string): readonly Signal[] {
  return parseFields(text, detection).map(({ permission = '', view = '' }) => ({
    ...base(detection),
    ...readDeniedAccess(permission, view),
  }));
}

/** A line is the result of one statement; where it reports several, a success counts before a failure. */
function readResults(detection: DetectionInPlan, message: string): readonly Signal[] {
  const found = parseFields(message, detection);
  const verb = verbOf(detection, {});
  const outcomes = new Set(found.map(({ rows }) => resultOf(rows)));
  const outcome = (['succeeded', 'failed', 'no-effect'] as const).find((each) =>
    outcomes.has(each),
  );
  if (outcome === undefined) return [];
  return [{ ...base(detection), ...(verb === undefined ? {} : { verb }), outcome }];
}

function resultOf(rows: string | undefined): 'succeeded' | 'failed' | 'no-effect' {
  if (rows === undefined) return 'failed';
  return /^0+$/.test(rows) ? 'no-effect' : 'succeeded';
}

const nameFields = ['verb', 'target', 'role', 'object', 'method', 'user'] as const;

/**
 * A signal as it may leave the readers: names that are empty, or `%s` (which Airflow up to 2.7 with a
 * newer Flask-AppBuilder writes instead of a name), and values that are undefined are left out.
 */
function cleanSignal(signal: Signal): Signal {
  const { verb, target, role, object, method, user, status, ...rest } = signal;
  const clean: { -readonly [K in keyof Signal]: Signal[K] } = rest;
  for (const field of nameFields) {
    const name = cleanName(signal[field]);
    if (name !== undefined) clean[field] = name;
  }
  if (status !== undefined && Number.isInteger(status) && status >= 100 && status <= 599) {
    clean.status = status;
  }
  return clean;
}

/** `eve***`, where the log cut a name off, as it is told: `eve…`; `eve` where it may be whole. */
function withCutNames(signal: Signal, cut: Cut): Signal {
  const { target, role, object } = signal;
  const told = (name: string | undefined) => {
    if (name?.endsWith(mask) !== true) return name;
    const left = name.slice(0, -mask.length);
    return left === '' ? undefined : `${left}${cut === 'open' ? '…' : ''}`;
  };
  return { ...signal, target: told(target), role: told(role), object: told(object) };
}

/** Airflow's longest column for a name has 512 characters: what is longer names nobody. */
const nameCharactersMax = 1_000;

function cleanName(value: string | undefined): string | undefined {
  const name = value?.trim().toWellFormed();
  if (name === undefined || name === '' || name === '%s') return undefined;
  return name.length <= nameCharactersMax
    ? name
    : `${name.slice(0, nameCharactersMax)}…`.toWellFormed();
}
