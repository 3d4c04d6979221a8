import type { MetricDataResult } from './shapes/cloudwatch.ts';

/** When the newest value above zero was written; undefined without one. */
export function newestEpochMs({ Timestamps = [], Values = [] }: MetricDataResult) {
  const times = Timestamps.filter((_, at) => (Values[at] ?? 0) > 0).map((text) => Date.parse(text));
  return times.length === 0 ? undefined : Math.max(...times);
}

/** Whether CloudWatch gave no values for a reason of its own, which is no silence. */
export function isRefused({ StatusCode }: { readonly StatusCode?: string | undefined }): boolean {
  return StatusCode === 'InternalError' || StatusCode === 'Forbidden';
}
