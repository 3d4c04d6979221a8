import { higherSeverity } from './change.ts';
import { readDeniedAccess } from './denied-access.ts';
import type { DetectionInPlan } from './detection-in-plan.ts';
import type { Severity } from './finding.ts';
import type { MatchedEvent } from './matched-event.ts';
import { type Fields, parseFields } from './parse-fields.ts';
import type { PrivilegeCommand } from './privilege-command.ts';
import { readPrivilegeCommands } from './privilege-commands.ts';
import type { Signal } from './signal.ts';
import { readPrivilegeRequest } from './web-request.ts';

/**
 * Reads what an event says about privileges, by each detection that found it.
 *
 * What two detections read alike is one signal with both ids and the higher severity.
 *
 * @param detections the plan's; ids that are not among them are ignored
 */
export function readSignals(
  event: MatchedEvent,
  detections: ReadonlyMap<string, DetectionInPlan>,
): readonly Signal[] {
  const signals = new Map<string, Signal>();
  // Two detections ask for the commands; to read the shell's words costs most of all.
  let commands: readonly PrivilegeCommand[] | undefined;
  const commandsOnce = () => {
    commands ??= readPrivilegeCommands(event.message);
    return commands;
  };
  for (const id of event.detections) {
    const detection = detections.get(id);
    if (detection === undefined) continue;
    for (const signal of readAs(detection, event.message, commandsOnce)) {
      const { kind, verb, target, role, object } = signal;
      const key = JSON.stringify([kind, verb, target, role, object]);
      const known = signals.get(key);
      signals.set(key, known === undefined ? signal : united(known, signal));
    }
  }
  return [...signals.values()];
}

function united(a: Signal, b: Signal): Signal {
  return {
    ...b,
    ...a,
    detections: [...new Set([...a.detections, ...b.detections])],
    severity: higherSeverity(a.severity, b.severity),
  };
}

function readAs(
  detection: DetectionInPlan,
  message: string,
  commandsOnce: () => readonly PrivilegeCommand[],
): readonly Signal[] {
  switch (detection.signal) {
    case 'command':
      return readCommands(detection, commandsOnce());
    case 'request':
      return readRequests(detection, message);
    case 'denial':
      return readDenials(detection, message);
    case 'result':
      return readResults(detection, message);
    default:
      return readLines(detection, message);
  }
}

function base(detection: DetectionInPlan, fields: Fields = {}): Signal {
  return {
    kind: detection.signal,
    detections: [detection.id],
    severity: severityOf(detection, fields),
  };
}

/** The first rule of `raise` that fits decides, upwards or downwards. */
function severityOf({ severity, raise }: DetectionInPlan, fields: Fields): Severity {
  const rule = raise.find(({ when }) =>
    Object.entries(when).every(([field, values]) => values.includes(fields[field] ?? '')),
  );
  return rule?.severity ?? severity;
}

function verbOf({ verb }: DetectionInPlan, fields: Fields): string | undefined {
  if (verb === undefined || typeof verb === 'string') return verb;
  return verb.values[fields[verb.parsed] ?? ''];
}

/** A line that speaks for itself. One that the filter found and parse did not is kept, nameless. */
function readLines(detection: DetectionInPlan, message: string): readonly Signal[] {
  const found = parseFields(message, detection);
  const lines = found.length > 0 ? found : [{}];
  return lines.map((fields: Fields) => {
    const verb = verbOf(detection, fields);
    const object = named(fields.object);
    return {
      ...base(detection, fields),
      ...(verb === undefined ? {} : { verb }),
      ...optional('target', named(fields.target)),
      ...optional('role', named(fields.role)),
      // SQL's unquoted names know no case.
      ...optional('object', verb === 'write-metadata-tables' ? object?.toLowerCase() : object),
    };
  });
}

/** Airflow up to 2.7 with newer Flask-AppBuilder writes its format's `%s` instead of names. */
function named(value: string | undefined): string | undefined {
  const text = value?.trim();
  return text === undefined || text === '' || text === '%s' ? undefined : text;
}

function optional<K extends string>(name: K, value: string | undefined) {
  return value === undefined ? {} : ({ [name]: value } as { [key in K]: string });
}

/** Without a verb of its own a detection takes every command of the line, else that verb's. */
function readCommands(
  detection: DetectionInPlan,
  commands: readonly PrivilegeCommand[],
): readonly Signal[] {
  return commands
    .filter(({ verb }) => detection.verb === undefined || verb === detection.verb)
    .flatMap(({ failed, ...command }): Signal[] => {
      const signal = { ...base(detection), ...command };
      // The line is both: the only echo of the command, and its failure.
      return failed ? [signal, { ...signal, kind: 'failure' }] : [signal];
    });
}

function readRequests(detection: DetectionInPlan, message: string): readonly Signal[] {
  const found = parseFields(message, detection);
  // Never lost: a request that cannot be read may have been anything.
  if (found.length === 0) return [{ ...base(detection), severity: 'medium' }];
  return found.flatMap((fields): Signal[] => {
    const { method = '', path = '' } = fields;
    const status = Number(fields.status);
    const request = readPrivilegeRequest({ method, path, status });
    if (request === undefined) return [];
    const user = fields.user === '-' ? undefined : fields.user;
    return [
      {
        ...base(detection, { ...fields, ...optional('role', request.role) }),
        ...request,
        method,
        status,
        ...optional('user', user),
      },
    ];
  });
}

function readDenials(detection: DetectionInPlan, message: string): readonly Signal[] {
  return parseFields(message, detection).map(({ permission = '', view = '' }) => ({
    ...base(detection),
    ...readDeniedAccess(permission, view),
  }));
}

/** One line tells the result of one statement; where it says several things, the worst for whoever looks. */
function readResults(detection: DetectionInPlan, message: string): readonly Signal[] {
  const found = parseFields(message, detection);
  const verb = verbOf(detection, {});
  const outcomes = new Set(found.map(({ rows }) => resultOf(rows)));
  const outcome = (['succeeded', 'failed', 'no-effect'] as const).find((each) =>
    outcomes.has(each),
  );
  if (outcome === undefined) return [];
  return [{ ...base(detection), ...optional('verb', verb), outcome }];
}

function resultOf(rows: string | undefined): 'succeeded' | 'failed' | 'no-effect' {
  if (rows === undefined) return 'failed';
  return /^0+$/.test(rows) ? 'no-effect' : 'succeeded';
}
