import { minuteMs } from '../../../lambda/common/time.ts';
import type { DemoResult } from '../result/demo-result.ts';

/** The time that the charts show: from the first tick to the end of the last period. */
export function reportSpan({ ticks, everyMinutes }: Pick<DemoResult, 'ticks' | 'everyMinutes'>): {
  startEpochMs: number;
  endEpochMs: number;
  periodMs: number;
} {
  const periodMs = everyMinutes * minuteMs;
  const startEpochMs = ticks[0]?.tickEpochMs ?? 0;
  const endEpochMs = (ticks.at(-1)?.tickEpochMs ?? 0) + 2 * periodMs;
  return { startEpochMs, endEpochMs, periodMs };
}

/** A time axis in UTC. Exactly one layer of a chart sets its domain. */
export function timeScale(
  showLabels: boolean,
  domain?: readonly [number, number],
  title: string | null = 'time of the tick (UTC)',
): object {
  const isWithinADay = !domain || domain[1] - domain[0] < 24 * 60 * minuteMs;
  return {
    type: 'temporal',
    scale: {
      type: 'utc',
      ...(domain ? { domainMin: domain[0], domainMax: domain[1], nice: false } : {}),
    },
    axis: {
      title: showLabels ? title : null,
      labels: showLabels,
      ticks: showLabels,
      format: isWithinADay ? '%H:%M' : '%b %d %H:%M',
      tickCount: 12,
    },
  };
}
