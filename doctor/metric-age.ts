import type { MetricDataResult } from './shapes/cloudwatch.ts';

/** When the newest value above zero was written; undefined without one. */
export function newestEpochMs({ Timestamps = [], Values = [] }: MetricDataResult) {
  const times = Timestamps.filter((_, at) => (Values[at] ?? 0) > 0).map((text) => Date.parse(text));
  return times.length === 0 ? undefined : Math.max(...times);
}
