import { callTimeoutMinMs } from './call-aws.ts';
import { type Deadline, deadlineIn, type Timer } from './time.ts';

/**
 * What has to be over when, in one run. A call that begins right at a deadline may still take
 * {@link callTimeoutMinMs}, so that what a later deadline is for has time left even then.
 */
export interface TickDeadlines {
  /** When the scan has to give up, so that there is time to publish. */
  readonly scanDeadline: Deadline;
  /** When the work on findings has to be over, in the ledger and at SNS. */
  readonly deadline: Deadline;
  /** When the metrics have to be put, which say what was left undone. */
  readonly metricsDeadline: Deadline;
  /** When the lease has to be given back: the last call of a run. */
  readonly leaseDeadline: Deadline;
}

/**
 * Time kept for the runtime, so that it reports an error of ours and not its own time-out: a call at the
 * last deadline takes {@link callTimeoutMinMs}, and half a second is left after it.
 */
const exitReserveMs = callTimeoutMinMs + 500;
/** A put that begins at its deadline must leave time for the lease. */
const leaseReserveMs = callTimeoutMinMs + 500;
/** Work that ends late must leave time to put the metrics, once more where that is needed. */
const metricsReserveMs = callTimeoutMinMs + 2_000;
/** For stopping queries and for telling people, after the scan has given up. */
const publishReserveMs = 10_000;
/** The shortest run that any stack has; of a shorter one, each reserve is the same share. */
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
