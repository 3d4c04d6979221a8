import type { Outcome, Severity } from './finding.ts';
import type { ObservedEvent } from './signal.ts';
import type { Verb } from './verbs.ts';

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
  verb?: Verb;
  /** Verbs of its further lines, where they are others. */
  otherVerbs?: Verb[];
  /** One of its lines did something that it does not tell in full: the verb, the user or the role. */
  isUntold?: boolean;
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

/**
 * How long after a statement an exception counts as the statement's: a database refuses at once, and
 * what comes later may be of anything else that the task does.
 */
export const failureHoldMs = 10_000;
