import { createHash } from 'node:crypto';
import type { Change, CorrelationSettings, EvidenceEvent } from './correlation-state.ts';
import { type Outcome, type Severity, severities } from './finding.ts';
import { changeKey } from './same-change.ts';
import type { ObservedEvent, Signal, SignalKind } from './signal.ts';
import { isAbout, verbs } from './verbs.ts';

export function severityRank(severity: Severity): number {
  return severities.indexOf(severity);
}

export function higherSeverity(a: Severity, b: Severity): Severity {
  return severityRank(a) >= severityRank(b) ? a : b;
}

/** An event without what it was read as: what a change keeps of it. */
export function asEvidence(event: EvidenceEvent): EvidenceEvent {
  const { key, logGroup, logStream, timestamp, message, cut, occurrences } = event;
  return { key, logGroup, logStream, timestamp, message, ...(cut && { cut }), occurrences };
}

/**
 * The id of a change: a hash of what can never change about it, so that every scan of the same log,
 * in slices of any size, gives the same id.
 */
function changeId(environment: string, anchorKey: string, signal: Signal): string {
  const { verb = '', target = '', role = '', object = '' } = signal;
  return createHash('sha256')
    .update(JSON.stringify([environment, anchorKey, verb, target, role, object]))
    .digest('hex')
    .slice(0, 32);
}

/** A new change, anchored at one event as one signal reads it. */
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

/** What a change holds already, so that adding to it costs the same however much that is. */
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

/** Kinds of lines that say what became of another one, and do nothing themselves. */
const reports: ReadonlySet<SignalKind> = new Set(['result', 'failure', 'denial', 'block']);

/** Takes in what a further line does, where that is something else. */
export function addVerb(change: Change, { kind, verb }: Pick<Signal, 'kind' | 'verb'>): void {
  if (reports.has(kind) || verb === change.verb) return;
  if (verb === undefined) {
    change.isUntold = true;
    return;
  }
  const { lines = [], writes = [] } = (change.verb && verbs[change.verb].repeatedBy) ?? {};
  if (lines.includes(verb) || (kind === 'write' && writes.includes(verb))) return;
  change.otherVerbs = [...new Set([...(change.otherVerbs ?? []), verb])];
}

/** Takes in what another change does that was the same one. */
export function addActs(change: Change, { otherVerbs = [], isUntold = false }: Change): void {
  if (isUntold) change.isUntold = true;
  for (const verb of otherVerbs) addVerb(change, { kind: 'outcome', verb });
}

/** Takes in what a command does, and whether its line leaves out what its verb is about. */
export function addCommand(change: Change, { kind, verb, target, role }: Signal): void {
  addVerb(change, { kind, verb });
  if (verb !== undefined && verbs[verb].isBatch) return;
  const leavesOut =
    (target === undefined && isAbout(verb, 'user')) ||
    (role === undefined && isAbout(verb, 'role'));
  if (leavesOut) change.isUntold = true;
}

/** Takes in who and what a further line names. */
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

/** Takes in whom another change names. */
export function addNames(change: Change, { targets, roles }: Pick<Change, 'targets' | 'roles'>) {
  change.targets = [...new Set([...change.targets, ...targets])];
  change.roles = [...new Set([...change.roles, ...roles])];
}

/** Users or roles of one finding, joined, are cut at so many UTF-16 units. */
export const namesCharactersMax = 256;

/**
 * Whether a finding can still name whom a further line names. Where it cannot, the line begins a change
 * of its own: else forged names would hide a real one.
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

/** The signal as one of the events' whole reading order: what comes first within a millisecond. */
const kindOrder = {
  // Of the statement before: its own result takes a millisecond at least.
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
 * Events in the one order in which they are correlated: by time, then by what a process writes first,
 * then by their identity; so that neither the order of arrival nor the slices matter.
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
