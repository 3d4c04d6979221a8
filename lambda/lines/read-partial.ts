import { withoutPrefix } from '../commands/echoed-commands.ts';
import type { Signal } from '../model/signal.ts';
import { type Verb, verbs } from '../model/verbs.ts';
import type { DetectionInPlan } from '../plan/scan-plan.ts';
import { joinTables, tablesOfStatement } from '../sql/metadata-sql.ts';
import { mask } from '../text/log-text.ts';
import type { Cut, EventText } from './event-text.ts';
import { hasMaskedPlace, isSecurityManagerEvent, securityManagerLogger } from './line-place.ts';
import { type Row, rows, type Template, Walk } from './line-templates.ts';
import { base, severityOf, verbOf } from './read-lines.ts';

/** A line that may be one of Airflow's about users and roles, with words masked or cut off. */
interface PartialLine {
  /** Undefined if it may report one of several changes. */
  readonly verb?: Verb;
  /** What is left of the name; `***` if nothing is. */
  readonly target?: string;
  readonly role?: string;
  /** The resource on which a role gains permissions. */
  readonly resource?: string;
}

/** Characters of masked lines that are read of one event; the rest counts as one nameless line. */
const maskedCharactersMax = 20_000;

/** Of a longer line only this much around its masks is read: names of 256 characters fit. */
const windowCharacters = 700;

/** How many letters of Airflow's words must be left: in a whole line, and somewhere within one. */
const lettersOfLine = 4;
const lettersWithin = 9;

/** A line without any of these has too little left of any template. */
const hint =
  /[Uu]ser|[Rr]ole|[Pp]ermission|added|removed|created|deleted|password|success|email|Add|Creat|Delet|Insert|Updat|[Gg]roup/;

/** The place in the code that a line of Airflow's security manager names. */
const place =
  /(?:^|[^\w.-])(?:manager|override|security)\.py:(?:\d|\*)|security_manager|fab_security/;

/**
 * Reads lines in which Airflow's secrets masker replaced words: the author of a DAG can call
 * `mask_secret('added to role')`, and from then on Airflow's own lines have `***` there. Each `***`
 * may be any text; a line is read as each of Airflow's lines that it can be, as long as some of
 * their words are left. A line in which only a name is masked is left out: its words find it.
 * Where the log cut a text off, there is a mask too, since anything may have followed.
 *
 * The work is bounded: what an event has beyond {@link maskedCharactersMax} becomes one nameless
 * line.
 *
 * @param texts those of the event
 * @param message the event, whose JSON or brackets name its logger
 */
export function readPartialLines(
  texts: readonly string[],
  message = texts.join('\n'),
): readonly PartialLine[] {
  const found = new Map<string, PartialLine>();
  const seen = new Set<string>();
  // If the place is masked, even a line with all of its words is not found by its detection.
  const isPlaceMasked = hasMaskedPlace(message) || texts.some(hasMaskedPlace);
  const isWritten = isPlaceMasked || texts.some((text) => place.test(text));
  const isOwnEvent = isSecurityManagerEvent(message);
  let characters = 0;
  for (const { line, isPlaced, isMasked } of linesOf(texts, isPlaceMasked)) {
    if (seen.has(line)) continue;
    seen.add(line);
    characters += line.length;
    if (characters > maskedCharactersMax) {
      found.set('', {});
      break;
    }
    const read =
      readLine(withoutLogger(line), isWritten, isMasked) ??
      // Its place alone says that it may be a change.
      ((isPlaced || isOwnEvent) && maskedSentence.test(line) ? {} : undefined);
    if (read !== undefined) found.set(JSON.stringify(read), read);
  }
  return [...found.values()];
}

/** A line without what structlog appends to it: spaces, logger, pairs of key and value. */
function withoutLogger(line: string): string {
  const at = line.lastIndexOf(' [');
  const isEnd = at >= 0 && line.length - at <= windowCharacters && loggerEnd.test(line.slice(at));
  return isEnd ? line.slice(0, at).trimEnd() : line;
}

const loggerEnd = /^ \[[\w.*]{1,160}\](?: \w{1,20}=\S{1,200}){0,4}$/;

/**
 * A record whose sentence is masked, with a name left at most: `***: superops`. The lines of each
 * start of an application, `Created Permission View: can read on DAG:x`, have more left.
 */
const maskedSentence = /^\*{3}(?::? \S{1,64}(?: (?!on |View:)\S{1,64}){0,3})?$/;

/**
 * Lines that may be Airflow's, without the log's prefix, and that have a mask in their text or
 * place.
 */
function* linesOf(
  texts: readonly string[],
  isPlaceMasked: boolean,
): Generator<{
  readonly line: string;
  /** The place right before it is the security manager's. */
  readonly isPlaced: boolean;
  /**
   * The place right before it, or the event's logger, is masked and may be the security manager's.
   */
  readonly isMasked: boolean;
}> {
  for (const text of texts) {
    if (!isPlaceMasked && !text.includes(mask)) continue;
    for (const written of text.split(/\n|(?<!\\)\\+n/)) {
      if (!isPlaceMasked && !written.includes(mask)) continue;
      const whole = withoutPrefix(written);
      const prefix = written.slice(0, written.length - whole.length);
      const isPlaced = ownPlace.test(prefix) || securityManagerLogger.test(whole);
      // If records contain each other, the place of the last one is the line's.
      const slot = prefix.includes('{') ? prefix.slice(prefix.lastIndexOf('{')) : undefined;
      const isMasked = slot === undefined ? isPlaceMasked : hasMaskedPlace(slot);
      if (!isMasked && !whole.includes(mask)) continue;
      for (const line of windowsOf(whole)) {
        if (isPlaced || hint.test(line)) yield { line, isPlaced, isMasked };
      }
    }
  }
}

/**
 * Not `manager.py`: other programs have such a module too, and only the sentence tells them apart.
 */
const ownPlace = /\{(?:override|security)\.py:(?:\d|\*)/;

function* windowsOf(line: string): Generator<string> {
  if (line.length <= 2 * windowCharacters) {
    yield line;
    return;
  }
  for (let at = line.indexOf(mask); at >= 0; at = line.indexOf(mask, at + windowCharacters)) {
    yield line.slice(Math.max(0, at - windowCharacters), at + 2 * windowCharacters);
  }
}

function readLine(
  line: string,
  isWritten: boolean,
  isPlaceMasked: boolean,
): PartialLine | undefined {
  const verbs = new Set<Verb>();
  let most = 0;
  for (const row of rows) {
    if (row.template.isWrite && !isWritten) continue;
    const left = lettersLeft(line, row);
    if (left === 'all') {
      if (row.template.lettersMin !== undefined) continue;
      // Access to a DAG is found by its own detection, whatever its place.
      if (onDag.test(line)) return undefined;
      if (row.template.isWrite && isPlaceMasked) return writtenNames(line, row.template.verb);
      // It is one of Airflow's lines unchanged: its detection finds it.
      return undefined;
    }
    if (left < most || left === 0) continue;
    if (isOfPermissions(row.template) && !ofAirflow.test(resourceIn(line))) continue;
    if (left > most) verbs.clear();
    most = left;
    verbs.add(row.template.verb);
  }
  if (most === 0) return undefined;
  const [verb, ...others] = verbs;
  const names = namesIn(line, others.length === 0 ? verb : undefined);
  return verbs.has('add-permissions') ? { ...names, resource: resourceIn(line) } : names;
}

/** What is left of the names: a user after the first word, a role at the end. */
function namesIn(line: string, verb: Verb | undefined): PartialLine {
  const user = /(?:User|\*{3}) ?"([^"]+)"/.exec(line);
  const last = /"([^"]+)"[^"\w*]*$/.exec(line);
  const isOther = last !== null && (user === null || last.index > user.index + user[0].length - 1);
  const role =
    (isOther ? last[1] : undefined) ?? / (?:to|from|\*{3}) role ([^"\n]+)$/.exec(line)?.[1];
  return {
    ...(verb !== undefined && { verb }),
    ...(user?.[1] !== undefined && { target: user[1] }),
    ...((verb === undefined || verbs[verb].printsRole) && { role: role ?? mask }),
  };
}

const onDag = / Permission [a-z_ ]{1,60} on DAG(?: Run)?:/;

/** The resource: `Users` in `can edit on Users to role x`. */
function resourceIn(line: string): string {
  return / on ([^\n]{1,250}?) (?:to|from|\*{3})(?: |$)/.exec(line)?.[1] ?? mask;
}

/** How the names of Airflow's resources begin; other texts seldom have this. */
const ofAirflow = /^(?:[A-Z]|\*{3})/;

function isOfPermissions({ verb, isWrite }: Template): boolean {
  return !isWrite && verb.endsWith('-permissions');
}

/** The names in a line of which only the place is masked. */
function writtenNames(line: string, verb: Verb): PartialLine {
  const target = /^(?:Added|Updated|Deleted) user (.+)$/.exec(line)?.[1];
  const role = /^(?:Inserted Role:? |Updated role |Deleting role '|.+ to role )(.+?)'?$/.exec(
    line,
  )?.[1];
  return {
    verb,
    ...(target !== undefined && { target }),
    ...(role !== undefined && { role }),
    ...(verb === 'add-permissions' && { resource: resourceIn(line) }),
  };
}

/** The rest of a name that began on the line before. */
const endOfName = /^[^"*]{0,300}" /;

/**
 * How many letters of a template's own words are left in a line; 0 if the line cannot be one of
 * that template, or too few are left; `all` if none of them is masked.
 */
function lettersLeft(line: string, row: Row): number | 'all' {
  const { lettersMin = 0 } = row.template;
  const isRest = typeof row.places[0] === 'symbol';
  if (isRest && !endOfName.test(line)) return 0;
  const whole = new Walk(line, row, true).most();
  if (whole === 'all' || whole >= Math.max(lettersMin, lettersOfLine)) return whole;
  if (isRest) return 0;
  const within = new Walk(line, row, false).most();
  // Such a text within a line may be a name.
  if (within === 'all' && row.template.isWrite) return 0;
  return within === 'all' || within >= Math.max(lettersMin, lettersWithin) ? within : 0;
}

/**
 * Reads lines and statements of which a part is missing. A line is as severe as the worst role that
 * it may name, since the missing words are not known.
 */
export function readPartial(detection: DetectionInPlan, text: EventText): readonly Signal[] {
  const lines = readPartialLines(text.asCut, text.message).map(({ resource, ...line }) => {
    const fields = { role: line.role ?? '', ...(resource !== undefined && { resource }) };
    return { ...base(detection, severityOf(detection, fields, false)), ...line };
  });
  const tables = tablesOfStatement(text.asCut);
  const statement = { kind: 'statement', verb: 'write-metadata-tables' } as const;
  return [
    ...lines,
    ...(tables.length === 0
      ? []
      : [{ ...base(detection, 'critical'), ...statement, object: joinTables(tables) }]),
  ];
}

/** Reads SQL for a detection that parses nothing, as one change of all the tables it writes. */
export function readStatement(
  detection: DetectionInPlan,
  texts: readonly string[],
): readonly Signal[] {
  const tables = tablesOfStatement(texts);
  if (tables.length === 0) return [];
  return [{ ...base(detection), verb: verbOf(detection, {}), object: joinTables(tables) }];
}

/**
 * The detections of an event that are in the plan, those for partial lines after those for whole
 * lines.
 */
export function partialLast(
  ids: readonly string[],
  detections: ReadonlyMap<string, DetectionInPlan>,
): readonly DetectionInPlan[] {
  const known = ids.flatMap((id) => detections.get(id) ?? []);
  const isPartial = ({ signal }: DetectionInPlan) => signal === 'partial';
  return [...known.filter((each) => !isPartial(each)), ...known.filter(isPartial)];
}

/**
 * Shows names that the log may have cut off: `eve***` becomes `eve…`, or `eve` if it may be whole.
 */
export function withCutNames(signal: Signal, cut: Cut): Signal {
  const { target, role, object } = signal;
  const shown = (name: string | undefined) => {
    if (name?.endsWith(mask) !== true) return name;
    const left = name.slice(0, -mask.length);
    return left === '' ? undefined : `${left}${cut === 'open' ? '…' : ''}`;
  };
  return { ...signal, target: shown(target), role: shown(role), object: shown(object) };
}
