import { dayMs, hourMs, minuteMs } from '../../lambda/common/time.ts';
import type { MetricAlarm } from './metric-alarm.ts';

/**
 * The number of periods beyond N that an alarm looks back.
 *
 * An assumption: AWS documents that the evaluation range is wider than N and that its width depends
 * on the period, and gives one example, 5 periods for N = 3
 * (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html).
 */
export const evaluationRangeExtraPeriods = 2;

/** Half-open, in epoch milliseconds. */
export interface EvaluationPeriod {
  readonly startEpochMs: number;
  readonly endEpochMs: number;
}

/**
 * The periods that an alarm evaluates, newest first.
 *
 * Alarms are evaluated every minute, and their periods move with it: the newest one ends at the
 * latest full minute. An alarm over more than a day is evaluated once an hour, on data up to the
 * full hour
 * (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html).
 */
export function evaluationRange(
  { periodSeconds, evaluationPeriods }: Pick<MetricAlarm, 'periodSeconds' | 'evaluationPeriods'>,
  nowEpochMs: number,
): EvaluationPeriod[] {
  const periodMs = periodSeconds * 1000;
  const stepMs = periodMs * evaluationPeriods > dayMs ? hourMs : minuteMs;
  const latestEndEpochMs = Math.floor(nowEpochMs / stepMs) * stepMs;
  return Array.from({ length: evaluationPeriods + evaluationRangeExtraPeriods }, (_, index) => {
    const endEpochMs = latestEndEpochMs - index * periodMs;
    return { startEpochMs: endEpochMs - periodMs, endEpochMs };
  });
}
