import { isOtherProductsCommand, isOtherProductsLog } from '../commands/remote-commands.ts';
import { readPrivilegeRequest } from '../commands/web-request.ts';
import { higherSeverity } from '../model/severity.ts';
import type { MatchedEvent, Signal, SignalKind } from '../model/signal.ts';
import type { Verb } from '../model/verbs.ts';
import type { DetectionInPlan } from '../plan/scan-plan.ts';
import { EventText } from './event-text.ts';
import { type Fields, parseFields } from './parse-fields.ts';
import { base, readLines, severityOf, verbOf } from './read-lines.ts';
import { partialLast, readPartial, readStatement, withCutNames } from './read-partial.ts';

/** What a refused access was about, as far as its view and permission show. */
interface DeniedAccess {
  readonly verb?: Verb;
  readonly object?: 'users' | 'roles' | 'groups' | 'password';
}

/**
 * Reads `Access is Denied for: can_edit on: CustomRoleModelView` of Flask-AppBuilder's decorators:
 * the permission shows what was tried, the view on what.
 */
export function readDeniedAccess(permission: string, view: string): DeniedAccess {
  const object = objectOf(view);
  if (object === undefined) return {};
  if (object === 'password') return { verb: 'reset-password', object };
  const action = /^can[_ ](add|create|edit|delete)$/.exec(permission)?.[1];
  if (action === undefined) return { object };
  const done = { add: 'create', create: 'create', edit: 'change', delete: 'delete' } as const;
  const thing = { users: 'user', roles: 'role', groups: 'group' } as const;
  return { verb: `${done[action as keyof typeof done]}-${thing[object]}`, object };
}

function objectOf(view: string): DeniedAccess['object'] {
  if (/password/i.test(view)) return 'password';
  if (/user/i.test(view)) return 'users';
  if (/role/i.test(view)) return 'roles';
  if (/group/i.test(view)) return 'groups';
  return undefined;
}

/**
 * Reads what an event says about privileges, by each detection that found it: all of it, however
 * long the event is, in time linear in its length.
 *
 * What two detections read alike is one signal with both ids and the higher severity. Every signal
 * can be stored: no name is empty, and every status is an HTTP status.
 *
 * @param detections those of the plan; ids that are not among them are ignored
 * @param airflowVersion of the environment, such as `2.10.3`: what its roles have by default is no
 *   change. Without it, the version that the line shows counts
 */
export function readSignals(
  event: MatchedEvent,
  detections: ReadonlyMap<string, DetectionInPlan>,
  airflowVersion?: string,
): readonly Signal[] {
  const signals = new Map<string, Signal>();
  const text = new EventText(event.message);
  const kinds = new Set<SignalKind>();
  for (const detection of partialLast(event.detections, detections)) {
    const isRest = detection.signal === 'partial';
    for (const read of readAs(detection, text, airflowVersion)) {
      // Skip it if another detection has read the same.
      if (isRest && kinds.has(read.kind)) continue;
      const signal = cleanSignal(text.cut === undefined ? read : withCutNames(read, text.cut));
      const { kind, verb, target, role, roles, object } = signal;
      const key = JSON.stringify([kind, verb, target, role ?? roles, object]);
      const known = signals.get(key);
      signals.set(key, known === undefined ? signal : united(known, signal));
    }
    if (!isRest) for (const { kind } of signals.values()) kinds.add(kind);
  }
  const [first] = event.detections.flatMap((id) => detections.get(id) ?? []);
  if (first !== undefined && isOtherProductsLog(text.plain)) {
    signals.set('', { ...base(first, 'info'), kind: 'other-product' });
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
  text: EventText,
  airflowVersion: string | undefined,
): readonly Signal[] {
  switch (detection.signal) {
    case 'command':
      return readCommands(detection, text);
    case 'request':
      return readRequests(detection, text.message);
    case 'denial':
      return readDenials(detection, text.plain);
    case 'statement':
      return detection.parse.length > 0
        ? readLines(detection, text)
        : readStatement(detection, text.asCut);
    case 'partial':
      return [
        ...readPartial(detection, text),
        ...readCommands({ ...detection, signal: 'command', severity: 'medium' }, text),
      ];
    case 'result':
      return readResults(detection, text.message);
    default:
      return readLines(detection, text, airflowVersion);
  }
}

/** A detection without a verb takes every command of the line, otherwise those of its verb. */
function readCommands(detection: DetectionInPlan, text: EventText): readonly Signal[] {
  const { commands } = text;
  if (commands.length === 0 && text.all.some(isOtherProductsCommand)) {
    return [{ ...base(detection, 'info'), kind: 'other-product' }];
  }
  return commands
    .filter(({ verb, unread }) => detection.verb === undefined || verb === detection.verb || unread)
    .flatMap(({ failed, unread, prompted, ...command }): Signal[] => {
      const signal = { ...base(detection, prompted && 'low'), ...command };
      // The line is both: the only echo of the command, and its failure.
      return failed ? [signal, { ...signal, kind: 'failure' }] : [signal];
    });
}

function readRequests(detection: DetectionInPlan, message: string): readonly Signal[] {
  const found = parseFields(message, detection);
  // Never dropped: a request that cannot be read may have been anything.
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

/**
 * A line is the result of one statement; if it reports several, a success counts before a failure.
 */
function readResults(detection: DetectionInPlan, message: string): readonly Signal[] {
  const found = parseFields(message, detection);
  const verb = verbOf(detection, {});
  const outcomes = new Set(found.map(resultOf));
  const object = found.find((fields) => fields.object !== undefined)?.object;
  const outcome = (['succeeded', 'failed', 'no-effect'] as const).find((each) =>
    outcomes.has(each),
  );
  if (outcome === undefined) return [];
  return [{ ...base(detection), verb, outcome, object }];
}

/** A client's answer (`object`) counts only if it reports a change. */
function resultOf({ rows, object }: Fields): 'succeeded' | 'failed' | 'no-effect' {
  if (object !== undefined) return 'succeeded';
  if (rows === undefined) return 'failed';
  return /^0+$/.test(rows) ? 'no-effect' : 'succeeded';
}

const nameFields = ['target', 'role', 'object', 'method', 'user'] as const;

/**
 * A signal as it may leave the readers, without undefined values and without names that are empty
 * or `%s` (which Airflow up to 2.7 with a newer Flask-AppBuilder writes instead of a name).
 */
function cleanSignal(signal: Signal): Signal {
  const { verb, target, role, roles, object, method, user, status, ...rest } = signal;
  const clean: { -readonly [K in keyof Signal]: Signal[K] } = rest;
  if (verb !== undefined) clean.verb = verb;
  const names = roles?.flatMap((one) => cleanName(one) ?? []) ?? [];
  if (names.length > 0) clean.roles = names;
  for (const field of nameFields) {
    const name = cleanName(signal[field]);
    if (name !== undefined) clean[field] = name;
  }
  if (status !== undefined && Number.isInteger(status) && status >= 100 && status <= 599) {
    clean.status = status;
  }
  return clean;
}

/** Airflow's longest column for a name has 512 characters: a longer text is nobody's name. */
const nameCharactersMax = 1_000;

function cleanName(value: string | undefined): string | undefined {
  const name = value?.trim().toWellFormed();
  if (name === undefined || name === '' || name === '%s') return undefined;
  return name.length <= nameCharactersMax
    ? name
    : `${name.slice(0, nameCharactersMax)}…`.toWellFormed();
}
