import { createHash } from 'node:crypto';
import type { Change, CorrelationSettings, EvidenceEvent } from '../model/correlation-state.ts';
import type { Outcome } from '../model/finding.ts';
import type { Severity } from '../model/severity.ts';
import type { ObservedEvent, Signal, SignalKind } from '../model/signal.ts';
import { isAbout, verbs } from '../model/verbs.ts';
import { changeKey } from './same-change.ts';

/** The part of an event that a change stores: everything except its signals. */
export function asEvidence(event: EvidenceEvent): EvidenceEvent {
  const { key, logGroup, logStream, timestamp, message, cut, occurrences } = event;
  return { key, logGroup, logStream, timestamp, message, ...(cut && { cut }), occurrences };
}

/**
 * The id of a change: a hash of what never changes about it, so that every scan of the same log, in
 * slices of any size, results in the same id.
 */
function changeId(environment: string, anchorKey: string, signal: Signal): string {
  const { verb = '', target = '', role = '', object = '' } = signal;
  return createHash('sha256')
    .update(JSON.stringify([environment, anchorKey, verb, target, role, object]))
    .digest('hex')
    .slice(0, 32);
}

/** A new change, anchored at one event as one of its signals reads it. */
export function startChange(
  settings: CorrelationSettings,
  anchor: EvidenceEvent,
  signal: Signal,
  how: { outcome: Outcome; severity: Severity; closed?: boolean },
): Change {
  return {
    id: changeId(settings.environment, anchor.key, signal),
    anchorKey: anchor.key,
    anchorEpochMs: anchor.timestamp,
    key: changeKey(signal),
    ...(signal.verb === undefined ? {} : { verb: signal.verb }),
    targets: signal.target === undefined ? [] : [signal.target],
    roles: signal.role === undefined ? [...(signal.roles ?? [])] : [signal.role],
    ...(signal.object === undefined ? {} : { object: signal.object }),
    ...(signal.user === undefined ? {} : { user: signal.user }),
    outcome: how.outcome,
    severity: how.severity,
    detections: [...signal.detections],
    evidence: [asEvidence(anchor)],
    closed: how.closed ?? false,
  };
}

/** Sets of what a change has already, so that adding costs the same however much that is. */
interface Holds {
  readonly events: Set<string>;
  readonly targets: Set<string>;
  readonly roles: Set<string>;
  readonly detections: Set<string>;
}

const holdings = new WeakMap<Change, Holds>();

function holdsOf(change: Change): Holds {
  const known = holdings.get(change);
  if (known !== undefined) return known;
  const holds = {
    events: new Set(change.evidence.map(({ key }) => key)),
    targets: new Set(change.targets),
    roles: new Set(change.roles),
    detections: new Set(change.detections),
  };
  holdings.set(change, holds);
  return holds;
}

/** Evidence is in the order in which it was added until {@link sortEvidence}. */
export function addEvidence(change: Change, events: readonly EvidenceEvent[]): void {
  const { events: known } = holdsOf(change);
  for (const event of events) {
    if (known.has(event.key)) continue;
    known.add(event.key);
    change.evidence.push(asEvidence(event));
  }
}

export function sortEvidence(change: Change): void {
  change.evidence.sort((a, b) => a.timestamp - b.timestamp || (a.key < b.key ? -1 : 1));
}

export function addDetections(change: Change, detections: readonly string[]): void {
  const { detections: known } = holdsOf(change);
  for (const detection of detections) {
    if (known.has(detection)) continue;
    known.add(detection);
    change.detections.push(detection);
  }
}

/** Kinds of lines that report the outcome of another line and do nothing themselves. */
const reports: ReadonlySet<SignalKind> = new Set(['result', 'failure', 'denial', 'block']);

/** Adds what a further line does, if it does something else. */
export function addVerb(change: Change, { kind, verb }: Pick<Signal, 'kind' | 'verb'>): void {
  if (reports.has(kind) || verb === change.verb) return;
  if (verb === undefined) {
    change.isIncomplete = true;
    return;
  }
  const { lines = [], writes = [] } = (change.verb && verbs[change.verb].repeatedBy) ?? {};
  if (lines.includes(verb) || (kind === 'write' && writes.includes(verb))) return;
  change.otherVerbs = [...new Set([...(change.otherVerbs ?? []), verb])];
}

/** Adds what another change does that turned out to be the same change. */
export function addActs(change: Change, { otherVerbs = [], isIncomplete = false }: Change): void {
  if (isIncomplete) change.isIncomplete = true;
  for (const verb of otherVerbs) addVerb(change, { kind: 'outcome', verb });
}

/** Adds what a command does, and notes if its line leaves out what its verb is about. */
export function addCommand(change: Change, { kind, verb, target, role }: Signal): void {
  addVerb(change, { kind, verb });
  if (verb !== undefined && verbs[verb].isBatch) return;
  const leavesOut =
    (target === undefined && isAbout(verb, 'user')) ||
    (role === undefined && isAbout(verb, 'role'));
  if (leavesOut) change.isIncomplete = true;
}

/** Adds the user and roles that a further line names. */
export function addSubjects(change: Change, signal: Signal): void {
  const { targets, roles } = holdsOf(change);
  if (signal.target !== undefined && !targets.has(signal.target)) {
    targets.add(signal.target);
    change.targets.push(signal.target);
  }
  addRole(change, signal.role, roles);
  for (const role of signal.roles ?? []) addRole(change, role, roles);
  change.user ??= signal.user;
}

/** Adds the users and roles of another change. */
export function addNames(change: Change, { targets, roles }: Pick<Change, 'targets' | 'roles'>) {
  change.targets = [...new Set([...change.targets, ...targets])];
  change.roles = [...new Set([...change.roles, ...roles])];
}

/** The users, or the roles, of one finding are cut at this many UTF-16 units, joined. */
export const namesCharactersMax = 256;

/**
 * Whether a finding has room for the names of a further line. If not, the line starts a change of
 * its own: otherwise forged names could hide a real one.
 */
export function hasRoomFor(change: Change, { target, role }: Pick<Signal, 'target' | 'role'>) {
  return hasRoom(change.targets, target) && hasRoom(change.roles, role);
}

function hasRoom(names: readonly string[], name: string | undefined): boolean {
  if (name === undefined || names.length === 0 || names.includes(name)) return true;
  return [...names, name].join(', ').length <= namesCharactersMax;
}

export function addRole(
  change: Change,
  role: string | undefined,
  roles = holdsOf(change).roles,
): void {
  if (role === undefined || roles.has(role)) return;
  roles.add(role);
  change.roles.push(role);
}

/** The order of signal kinds within one millisecond. */
const kindOrder = {
  // A result belongs to an earlier statement: its own takes at least a millisecond.
  result: 0,
  command: 1,
  statement: 2,
  write: 3,
  denial: 4,
  failure: 5,
  block: 5,
  'other-product': 1,
  outcome: 6,
  partial: 6,
  request: 8,
  notice: 9,
} as const;

const lastOrder = 10;

/** A closing line of a command, such as `Added 2 permission(s)`: it names nobody. */
export function isSummary(signal: Signal): boolean {
  return signal.kind === 'outcome' && signal.target === undefined && signal.role === undefined;
}

export function signalOrder(signal: Signal): number {
  return isSummary(signal) ? 7 : kindOrder[signal.kind];
}

/**
 * Events in the one order in which they are correlated: by time, then by what a process writes
 * first, then by key, so that neither the order of arrival nor the slices matter.
 */
export function inReadingOrder(events: readonly ObservedEvent[]): ObservedEvent[] {
  const orders = new Map(
    events.map((event) => [
      event,
      event.signals.reduce((first, signal) => Math.min(first, signalOrder(signal)), lastOrder),
    ]),
  );
  const order = (event: ObservedEvent) => orders.get(event) ?? lastOrder;
  return events.toSorted(
    (a, b) => a.timestamp - b.timestamp || order(a) - order(b) || (a.key < b.key ? -1 : 1),
  );
}
