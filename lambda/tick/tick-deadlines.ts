import { callTimeoutMinMs } from '../aws/call-aws.ts';
import { type Deadline, deadlineIn, type Timer } from '../common/time.ts';

/**
 * The deadlines of one run. A call that begins right at a deadline may still take
 * {@link callTimeoutMinMs}; the next deadline leaves enough time even then.
 */
export interface TickDeadlines {
  /** When the scan has to stop, so that there is time to publish. */
  readonly scanDeadline: Deadline;
  /** When the work on findings has to end, in the ledger and at SNS. */
  readonly deadline: Deadline;
  /** When the metrics have to be put, which report what was left undone. */
  readonly metricsDeadline: Deadline;
  /** When the lease has to be returned: the last call of a run. */
  readonly leaseDeadline: Deadline;
}

/**
 * Reserved for the runtime, so that it reports our error and not its own timeout: a call at the last
 * deadline takes {@link callTimeoutMinMs}, which leaves half a second.
 */
const exitReserveMs = callTimeoutMinMs + 500;
/** A put that begins at its deadline must leave time to return the lease. */
const leaseReserveMs = callTimeoutMinMs + 500;
/** Work that ends late must leave time to put the metrics, with one retry. */
const metricsReserveMs = callTimeoutMinMs + 2_000;
/** To stop queries and to notify people after the scan has stopped. */
const publishReserveMs = 10_000;
/** The shortest timeout that a stack has; in a shorter run, each reserve shrinks in proportion. */
const shortestRunMs = 60_000;

/** @param remainingMs until Lambda kills the run */
export function tickDeadlines(timer: Timer, remainingMs: number): TickDeadlines {
  const share = Math.min(1, remainingMs / shortestRunMs);
  const leaseMs = remainingMs - share * exitReserveMs;
  const metricsMs = leaseMs - share * leaseReserveMs;
  const workMs = metricsMs - share * metricsReserveMs;
  return {
    scanDeadline: deadlineIn(timer, workMs - share * publishReserveMs),
    deadline: deadlineIn(timer, workMs),
    metricsDeadline: deadlineIn(timer, metricsMs),
    leaseDeadline: deadlineIn(timer, leaseMs),
  };
}
