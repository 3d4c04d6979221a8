import type { Change, CorrelationSettings, EvidenceEvent } from '../model/correlation-state.ts';
import type { Outcome, Severity } from '../model/finding.ts';
import type { Signal } from '../model/signal.ts';
import { addDetections, addEvidence, addSubjects, addVerb, startChange } from './change.ts';
import { OpenChanges } from './open-changes.ts';
import type { PendingDenial, PendingRequest } from './refusal.ts';
import { WaitingCommands } from './waiting-commands.ts';
import { WaitingWrites } from './waiting-writes.ts';

/** A statement whose result comes next, as far as its stream shows. */
interface RunningStatement {
  readonly change: Change;
  readonly epochMs: number;
  /**
   * The severity of the change before a line reported that it had no effect; undefined if none did.
   */
  readonly severityBefore?: Severity;
}

/** What is known while the events of one log stream are processed in order. */
export interface CorrelationPass {
  readonly settings: CorrelationSettings;
  readonly changes: Change[];
  readonly open: OpenChanges;
  readonly commands: WaitingCommands;
  readonly writes: WaitingWrites;
  /** In time order; requests that no further line can concern are removed. */
  requests: PendingRequest[];
  denials: PendingDenial[];
  /** The index in `requests` of the first undecided one. */
  undecided: number;
  running: RunningStatement | undefined;
  /** The number of statements of each change that has any. */
  readonly statements: Map<Change, number>;
  /** Lines of other products that are built on Flask-AppBuilder, in time order. */
  readonly otherProducts: readonly { readonly event: { readonly timestamp: number } }[];
  /** The latest change that consists of a block only. */
  blocked: Change | undefined;
}

export function startPass(
  settings: CorrelationSettings,
  otherProducts: CorrelationPass['otherProducts'] = [],
): CorrelationPass {
  return {
    settings,
    changes: [],
    open: new OpenChanges(),
    commands: new WaitingCommands(),
    writes: new WaitingWrites(),
    requests: [],
    denials: [],
    undecided: 0,
    running: undefined,
    statements: new Map(),
    otherProducts,
    blocked: undefined,
  };
}

/** Starts a change that further lines may join. */
export function openChange(
  { changes, open, settings }: CorrelationPass,
  anchor: EvidenceEvent,
  signal: Signal,
  how: { readonly outcome: Outcome; readonly severity: Severity },
): Change {
  const change = startChange(settings, anchor, signal, how);
  changes.push(change);
  open.add(change);
  return change;
}

/** Adds a further line to a change, with the user and role that it names. */
export function joinChange(
  { open }: CorrelationPass,
  change: Change,
  event: EvidenceEvent,
  signal: Signal,
): void {
  addEvidence(change, [event]);
  addDetections(change, signal.detections);
  addVerb(change, signal);
  addSubjects(change, signal);
  open.update(change);
}

/** The earliest anchor of a change that a line at `epochMs` can belong to. */
export function reachOf({ settings }: CorrelationPass, epochMs: number): number {
  return epochMs - settings.correlateSeconds * 1000;
}

/**
 * The latest change that a line of this key and time joins: never one that failed or was denied.
 */
export function findOpenChange(
  pass: CorrelationPass,
  key: string,
  epochMs: number,
): Change | undefined {
  return pass.open.latest(key, reachOf(pass, epochMs));
}
