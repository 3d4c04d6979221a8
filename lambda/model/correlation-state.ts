import type { Outcome } from './finding.ts';
import type { Severity } from './severity.ts';
import type { ObservedEvent } from './signal.ts';
import type { Verb } from './verbs.ts';

/** An event as evidence of a change: without its signals. */
export type EvidenceEvent = Omit<ObservedEvent, 'signals'>;

/** A privilege change as far as it is known; it becomes a finding when it is presented. */
export interface Change {
  /** Never changes once the change exists. */
  readonly id: string;
  /** Key of the event that made the change known: the outcome, or the echo if there is none. */
  readonly anchorKey: string;
  readonly anchorEpochMs: number;
  /** What a further line must have in common with it to belong to the same change. */
  readonly key: string;
  verb?: Verb;
  /** Other verbs of its further lines. */
  otherVerbs?: Verb[];
  /** A line of it does something that it does not name in full: the verb, the user or the role. */
  isIncomplete?: boolean;
  /** All users that it names, in the order of their lines. */
  targets: string[];
  roles: string[];
  object?: string;
  user?: string;
  outcome: Outcome;
  severity: Severity;
  detections: string[];
  evidence: EvidenceEvent[];
  /** Made by a request: no other line joins it, since each request is a change of its own. */
  readonly closed: boolean;
}

/**
 * Airflow's command line takes seconds to start, and more on a busy worker: three minutes are
 * ample.
 */
export const defaultCorrelateSeconds = 180;

/** How far apart in event time the lines of one change may be. */
export interface CorrelationSettings {
  readonly environment: string;
  /** How long an echoed command waits for its outcome, and how long lines of one key join. */
  readonly correlateSeconds: number;
}

/**
 * How long a security manager's line may precede the line it belongs to: one process writes both
 * within milliseconds; a role with hundreds of permissions takes seconds.
 */
export const writeHoldMs = 10_000;

/**
 * How far apart the lines of one web request may be, in either order: standard output and error are
 * two pipes.
 */
export const requestHoldMs = 2_000;

/**
 * How far a security manager's line may follow the access-log line of its request: the request is
 * logged after it has been answered, so only the two pipes can reverse their order.
 */
export const lateWriteMs = 250;

/**
 * How long after a statement an exception counts as the statement's: a database refuses at once,
 * and a later exception may belong to anything else that the task does.
 */
export const failureHoldMs = 10_000;
