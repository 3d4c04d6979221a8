import type { Expectations } from '../facts.ts';

const minuteMs = 60_000;

/** How far back metrics are read at the least. */
export const lookbackMinutes = 180;

export interface ObserveOptions {
  readonly mwaaEnvironment: string;
  readonly nowEpochMs: number;
  readonly expectations: Expectations;
}

/** The span of time of so many minutes that ends now. */
export function recent({ nowEpochMs }: Pick<ObserveOptions, 'nowEpochMs'>, minutes: number) {
  return { startEpochMs: nowEpochMs - minutes * minuteMs, endEpochMs: nowEpochMs };
}
