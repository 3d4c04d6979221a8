import type { IngestionSpan } from '../../insights-engine/engine-types.ts';
import { isEventStoreEngine, type QueryEngine } from '../logs/query-engine.ts';

/**
 * The metrics that CloudWatch Logs publishes about events received by a log group, by ingestion
 * time.
 */
export const incomingLogs = {
  namespace: 'AWS/Logs',
  eventsMetricName: 'IncomingLogEvents',
  bytesMetricName: 'IncomingBytes',
  dimension: 'LogGroupName',
} as const;

/**
 * Moves a span into the recorded time. A recording says nothing about the time before and after it,
 * so the nearest recorded span represents it: a group is silent only where the recording shows it
 * silent.
 *
 * A span at least as long as the recording is moved to contain all of it.
 */
export function recordedSpan(asked: IngestionSpan, recorded: IngestionSpan): IngestionSpan {
  const lengthMs = asked.endEpochMs - asked.startEpochMs;
  const latestStart = Math.min(asked.startEpochMs, recorded.endEpochMs - lengthMs);
  const startEpochMs = Math.max(latestStart, recorded.startEpochMs);
  return { startEpochMs, endEpochMs: startEpochMs + lengthMs };
}

type Counts = Pick<QueryEngine, 'ingestionSpan' | 'countIngested'>;

/**
 * Counts each span once. {@link recordedSpan} maps every hour of a week to the same span of a short
 * recording, which would otherwise be counted again and again.
 */
export function countingOnce(engine: Counts): Counts {
  const counts = new Map<string, Promise<number>>();
  let recorded: ReturnType<Counts['ingestionSpan']> | undefined;
  return {
    ingestionSpan: () => {
      recorded ??= engine.ingestionSpan();
      return recorded;
    },
    countIngested: (logGroup, span) => {
      const key = `${logGroup} ${span.startEpochMs} ${span.endEpochMs}`;
      const count = counts.get(key) ?? engine.countIngested(logGroup, span);
      counts.set(key, count);
      return count;
    },
  };
}

/**
 * The number of events in a span; for loaded logs, in its {@link recordedSpan}.
 *
 * @returns undefined when there were none: CloudWatch Logs publishes no zeros
 */
export async function countIncoming(
  engine: Counts,
  logGroup: string,
  asked: IngestionSpan,
): Promise<number | undefined> {
  const recorded = await engine.ingestionSpan();
  const span = recorded === undefined ? asked : recordedSpan(asked, recorded);
  const count = await engine.countIngested(logGroup, span);
  return count === 0 ? undefined : count;
}

/**
 * Bytes of messages in UTF-8, in exactly the span asked for: they measure volume, not whether a
 * group is alive. What AWS adds for each event is not documented.
 *
 * @returns undefined when there were none, or the engine does not know
 */
export async function incomingBytes(
  engine: QueryEngine,
  logGroup: string,
  asked: IngestionSpan,
): Promise<number | undefined> {
  if (!isEventStoreEngine(engine)) return undefined;
  const bytes = await engine.bytesIngested(logGroup, asked);
  return bytes === 0 ? undefined : bytes;
}
