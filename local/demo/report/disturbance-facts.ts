import { minuteMs } from '../../../lambda/common/time.ts';
import { metricDefinitions } from '../../../lambda/metrics/metric-definitions.ts';
import type { DemoResult } from '../result/demo-result.ts';

/** How the monitor caught up after an outage. */
interface CatchUp {
  readonly tickEpochMs: number;
  /** How much event time the scan read in that tick. */
  readonly readMs: number;
  readonly slices: number;
  readonly scanLagSeconds?: number;
  /** Number of privilege changes notified in it. */
  readonly findings: number;
}

interface DisturbanceFacts {
  readonly periodMs: number;
  readonly catchUp?: CatchUp;
  /** When the alarm on the heartbeat fired for the outage. */
  readonly silentEpochMs?: number;
}

/** The facts about an outage: whether an alarm fired, and what the first tick after it did. */
export function disturbanceFacts(
  result: Pick<DemoResult, 'outage' | 'ticks' | 'everyMinutes' | 'findings' | 'alarms'>,
): DisturbanceFacts {
  const { outage, ticks, findings, alarms } = result;
  const periodMs = result.everyMinutes * minuteMs;
  if (outage === undefined) return { periodMs };
  const silentEpochMs = alarms
    .filter(({ metricName }) => metricName === metricDefinitions.scanCompleted.name)
    .flatMap(({ changes }) => changes)
    .find(
      ({ state, atEpochMs }) => state === 'ALARM' && atEpochMs > outage.startEpochMs,
    )?.atEpochMs;
  const next = ticks.find(({ tickEpochMs }) => tickEpochMs >= outage.endEpochMs);
  const spans = next?.reading?.spans.filter(({ lane }) => lane === 'scan') ?? [];
  return {
    periodMs,
    ...(silentEpochMs !== undefined && { silentEpochMs }),
    ...(next && {
      catchUp: {
        tickEpochMs: next.tickEpochMs,
        readMs: spans.reduce(
          (sum, { startEpochMs, endEpochMs }) => sum + endEpochMs - startEpochMs,
          0,
        ),
        slices: spans.length,
        ...(next.reading?.scanLagSeconds !== undefined && {
          scanLagSeconds: next.reading.scanLagSeconds,
        }),
        findings: findings.filter(({ notifiedEpochMs }) => notifiedEpochMs === next.tickEpochMs)
          .length,
      },
    }),
  };
}
