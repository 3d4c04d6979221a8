import type { ScanPlan } from '../../lambda/scan-plan.ts';
import type { Timer } from '../../lambda/time.ts';
import type { Expectations } from '../facts.ts';

const minuteMs = 60_000;

/** How far back metrics are read at the least. */
export const lookbackMinutes = 180;

export interface ObserveOptions {
  readonly mwaaEnvironment: string;
  readonly nowEpochMs: number;
  readonly expectations: Expectations;
  /** What the monitor asks of the environment. */
  readonly plan: ScanPlan;
  /** Lets time pass while a query runs. */
  readonly timer: Timer;
}

/** The span of time of so many minutes that ends now. */
export function recent({ nowEpochMs }: Pick<ObserveOptions, 'nowEpochMs'>, minutes: number) {
  return { startEpochMs: nowEpochMs - minutes * minuteMs, endEpochMs: nowEpochMs };
}
