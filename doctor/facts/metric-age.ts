import type { MetricDataResult } from '../shapes/cloudwatch.ts';

/** The time of the newest value above zero; undefined without one. */
export function newestEpochMs({ Timestamps = [], Values = [] }: MetricDataResult) {
  const times = Timestamps.filter((_, at) => (Values[at] ?? 0) > 0).map((text) => Date.parse(text));
  return times.length === 0 ? undefined : Math.max(...times);
}

/** Whether CloudWatch returned an error instead of values, which must not count as silence. */
export function isRefused({ StatusCode }: { readonly StatusCode?: string | undefined }): boolean {
  return StatusCode === 'InternalError' || StatusCode === 'Forbidden';
}
