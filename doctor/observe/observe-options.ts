import { minuteMs, type Timer } from '../../lambda/common/time.ts';
import type { ScanPlan } from '../../lambda/plan/scan-plan.ts';
import type { Expectations } from '../facts/facts.ts';

/** The shortest time that metrics are read back. */
export const lookbackMinutes = 180;

export interface ObserveOptions {
  readonly mwaaEnvironment: string;
  readonly nowEpochMs: number;
  readonly expectations: Expectations;
  /** The queries that the monitor runs on the environment. */
  readonly plan: ScanPlan;
  /** Waits while a query runs. */
  readonly timer: Timer;
}

/** The last `minutes` minutes, as a span of time. */
export function recent({ nowEpochMs }: Pick<ObserveOptions, 'nowEpochMs'>, minutes: number) {
  return { startEpochMs: nowEpochMs - minutes * minuteMs, endEpochMs: nowEpochMs };
}
