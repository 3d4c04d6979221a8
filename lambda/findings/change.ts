import { createHash } from 'node:crypto';
import type { Change, CorrelationSettings, EvidenceEvent } from './correlation-state.ts';
import { type Outcome, type Severity, severities } from './finding.ts';
import { changeKey } from './same-change.ts';
import type { ObservedEvent, Signal } from './signal.ts';

export function severityRank(severity: Severity): number {
  return severities.indexOf(severity);
}

export function higherSeverity(a: Severity, b: Severity): Severity {
  return severityRank(a) >= severityRank(b) ? a : b;
}

/** An event without what it was read as: what a change keeps of it. */
export function asEvidence(event: EvidenceEvent): EvidenceEvent {
  const { key, logGroup, logStream, timestamp, message, occurrences } = event;
  return { key, logGroup, logStream, timestamp, message, occurrences };
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
    roles: signal.role === undefined ? [] : [signal.role],
    ...(signal.object === undefined ? {} : { object: signal.object }),
    ...(signal.user === undefined ? {} : { user: signal.user }),
    outcome: how.outcome,
    severity: how.severity,
    detections: [...signal.detections],
    evidence: [asEvidence(anchor)],
    closed: how.closed ?? false,
  };
}

export function addEvidence(change: Change, events: readonly EvidenceEvent[]): void {
  const known = new Set(change.evidence.map((event) => event.key));
  for (const event of events) {
    if (!known.has(event.key)) change.evidence.push(asEvidence(event));
    known.add(event.key);
  }
  change.evidence.sort((a, b) => a.timestamp - b.timestamp || (a.key < b.key ? -1 : 1));
}

export function addDetections(change: Change, detections: readonly string[]): void {
  change.detections = [...new Set([...change.detections, ...detections])];
}

/** Takes in who and what a further line names. */
export function addSubjects(change: Change, signal: Signal): void {
  if (signal.target !== undefined && !change.targets.includes(signal.target)) {
    change.targets.push(signal.target);
  }
  if (signal.role !== undefined && !change.roles.includes(signal.role)) {
    change.roles.push(signal.role);
  }
  change.user ??= signal.user;
}

/** The signal as one of the events' whole reading order: what comes first within a millisecond. */
const kindOrder = {
  command: 0,
  write: 1,
  denial: 2,
  failure: 3,
  block: 3,
  outcome: 4,
  request: 6,
  notice: 7,
} as const;

/** A closing line of a command, such as `Added 2 permission(s)`: it names nobody. */
export function isSummary(signal: Signal): boolean {
  return signal.kind === 'outcome' && signal.target === undefined && signal.role === undefined;
}

export function signalOrder(signal: Signal): number {
  return isSummary(signal) ? 5 : kindOrder[signal.kind];
}

/**
 * The one order in which events are correlated: by time, then by what a process writes first, then by
 * their identity; so that neither the order of arrival nor the slices matter.
 */
export function inReadingOrder(a: ObservedEvent, b: ObservedEvent): number {
  const order = (event: ObservedEvent) => Math.min(9, ...event.signals.map(signalOrder));
  return a.timestamp - b.timestamp || order(a) - order(b) || (a.key < b.key ? -1 : 1);
}
