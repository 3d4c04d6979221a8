import type { Outcome, Severity } from './finding.ts';
import type { ObservedEvent, Signal } from './signal.ts';

/** An event as evidence of a change: without its signals. */
export type EvidenceEvent = Omit<ObservedEvent, 'signals'>;

/** A privilege change as far as it is known; it becomes a finding when it is presented. */
export interface Change {
  /** Never changes once the change exists. */
  readonly id: string;
  /** Key of the event that made it a change: the outcome, or the echo where there is none. */
  readonly anchorKey: string;
  readonly anchorEpochMs: number;
  /** What a further line has to have in common with it to be of the same change. */
  readonly key: string;
  verb?: string;
  /** All users it names, in the order of their lines. */
  targets: string[];
  roles: string[];
  object?: string;
  user?: string;
  outcome: Outcome;
  severity: Severity;
  detections: string[];
  evidence: EvidenceEvent[];
  /** Made of requests: never joined by another one, since each request is a change of its own. */
  readonly closed: boolean;
}

/** An echoed command that waits for its outcome. */
export interface PendingCommand {
  readonly signal: Signal;
  readonly key: string;
  readonly epochMs: number;
  evidence: EvidenceEvent[];
  detections: string[];
  /** An outcome has taken it; it stays for further outcomes of the same command until it expires. */
  claimed: boolean;
}

/** A security manager's line that waits for the command or request it belongs to. */
export interface PendingWrite {
  readonly signal: Signal;
  readonly event: EvidenceEvent;
}

export interface PendingRequest {
  readonly signal: Signal;
  readonly event: EvidenceEvent;
  resolved: boolean;
}

export interface PendingDenial {
  readonly signal: Signal;
  readonly event: EvidenceEvent;
}

/** What is pending at one moment while the events of one log stream are correlated. */
export interface StreamState {
  commands: PendingCommand[];
  writes: PendingWrite[];
  requests: PendingRequest[];
  denials: PendingDenial[];
  /** Changes that further lines may still join. */
  open: Change[];
}

export function emptyStreamState(): StreamState {
  return { commands: [], writes: [], requests: [], denials: [], open: [] };
}

/** Airflow's command line takes seconds to start, and more on a busy worker: three minutes are ample. */
export const defaultCorrelateSeconds = 180;

/** How far apart in event time the lines of one change may be. */
export interface CorrelationSettings {
  readonly environment: string;
  /** An echoed command waits so long for its outcome; lines of one key join for so long. */
  readonly correlateSeconds: number;
}

/**
 * How long a security manager's line may precede the line it belongs to: both are written by one
 * process within milliseconds; a role with hundreds of permissions takes seconds.
 */
export const writeHoldMs = 10_000;

/**
 * How far the lines of one web request may lie apart, in either order: standard output and error are
 * two pipes.
 */
export const requestHoldMs = 2_000;

/**
 * How far a security manager's line may stand behind the access-log line of its request: the request
 * is logged when it has been answered, so that only the way through two pipes can turn them round.
 */
export const lateWriteMs = 250;
