/**
 * How far StartQuery's `endTime` reaches: to the end of its second, or to its first millisecond.
 */
export const endTimeReadings = ['second', 'millisecond'] as const;
export type EndTimeReading = (typeof endTimeReadings)[number];

/** Whether an event at this time, in seconds, lies in a query's span. */
export function isWithin(
  second: number,
  { from, to }: { readonly from: number; readonly to: number },
  endTime: EndTimeReading,
): boolean {
  return second >= from && (endTime === 'second' ? Math.floor(second) : second) <= to;
}
