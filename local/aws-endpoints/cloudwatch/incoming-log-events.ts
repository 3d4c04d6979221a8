import type { IngestionSpan } from '../../insights-engine/engine-types.ts';
import type { QueryEngine } from '../query-engine.ts';

/** CloudWatch Logs' own metric: events that came into a log group, by the time they came in. */
export const incomingLogEvents = {
  namespace: 'AWS/Logs',
  metricName: 'IncomingLogEvents',
  dimension: 'LogGroupName',
} as const;

/**
 * The same span where it was recorded: logs that end somewhere say nothing of the time after, and
 * nothing of the time before they begin. There, what was recorded next to it stands for it, so that a
 * group is silent only where the logs themselves show it to be.
 *
 * A span as long as the recording or longer is moved to hold all of it.
 */
export function recordedSpan(asked: IngestionSpan, recorded: IngestionSpan): IngestionSpan {
  const lengthMs = asked.endEpochMs - asked.startEpochMs;
  const latestStart = Math.min(asked.startEpochMs, recorded.endEpochMs - lengthMs);
  const startEpochMs = Math.max(latestStart, recorded.startEpochMs);
  return { startEpochMs, endEpochMs: startEpochMs + lengthMs };
}

/** @returns undefined when none came in: CloudWatch Logs publishes no zeros */
export async function countIncoming(
  engine: QueryEngine,
  logGroup: string,
  asked: IngestionSpan,
): Promise<number | undefined> {
  const recorded = await engine.ingestionSpan();
  if (recorded === undefined) return undefined;
  const count = await engine.countIngested(logGroup, recordedSpan(asked, recorded));
  return count === 0 ? undefined : count;
}
