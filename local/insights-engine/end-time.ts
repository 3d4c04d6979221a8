/**
 * How far StartQuery's `endTime` reaches, which AWS documents as inclusive and in seconds: `second`
 * covers the whole second, to its last millisecond; `millisecond` covers its first millisecond
 * only. AWS has confirmed the latter (https://github.com/aws/aws-sdk/issues/280) and announced a
 * change, so either may be true today.
 */
export type EndTimeReading = (typeof endTimeReadings)[number];

export const endTimeReadings = ['second', 'millisecond'] as const;

/** The last millisecond that a query reads, in epoch milliseconds. */
export function endEpochMsOf(endEpochSeconds: number, reading: EndTimeReading = 'second'): number {
  return endEpochSeconds * 1000 + (reading === 'second' ? 999 : 0);
}
