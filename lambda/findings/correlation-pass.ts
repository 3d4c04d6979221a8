import { addDetections, addEvidence, addSubjects, startChange } from './change.ts';
import type {
  Change,
  CorrelationSettings,
  EvidenceEvent,
  StreamState,
} from './correlation-state.ts';
import type { Outcome, Severity } from './finding.ts';
import type { Signal } from './signal.ts';

/** One pass over the events of a stream: what is pending, and the changes so far. */
export interface CorrelationPass {
  readonly state: StreamState;
  readonly settings: CorrelationSettings;
  /** By id. */
  readonly changed: Map<string, Change>;
}

export function markChanged({ changed }: CorrelationPass, change: Change): void {
  changed.set(change.id, change);
}

/** Starts a change that further lines may join. */
export function openChange(
  { state, settings }: CorrelationPass,
  anchor: EvidenceEvent,
  signal: Signal,
  how: { readonly outcome: Outcome; readonly severity: Severity },
): Change {
  const change = startChange(settings, anchor, signal, how);
  state.open.push(change);
  return change;
}

/** Takes a further line into a change, with whom and what it names. */
export function joinChange(
  pass: CorrelationPass,
  change: Change,
  event: EvidenceEvent,
  signal: Signal,
): void {
  addEvidence(change, [event]);
  addDetections(change, signal.detections);
  addSubjects(change, signal);
  markChanged(pass, change);
}

/** Whether an event is near enough to a change's anchor to be of the same change. */
export function isWithinReach(
  { settings }: CorrelationPass,
  change: Change,
  epochMs: number,
): boolean {
  return epochMs - change.anchorEpochMs <= settings.correlateSeconds * 1000;
}

/** The latest change that a line of this key and time joins. */
export function findOpenChange(
  pass: CorrelationPass,
  key: string,
  epochMs: number,
): Change | undefined {
  return pass.state.open.findLast(
    (change) => !change.closed && change.key === key && isWithinReach(pass, change, epochMs),
  );
}
