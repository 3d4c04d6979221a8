import type { IngestionSpan } from '../../insights-engine/engine-types.ts';
import { isEventStoreEngine, type QueryEngine } from '../query-engine.ts';

/** CloudWatch Logs' own metrics of what came into a log group, by the time it came in. */
export const incomingLogs = {
  namespace: 'AWS/Logs',
  eventsMetricName: 'IncomingLogEvents',
  bytesMetricName: 'IncomingBytes',
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

type Counts = Pick<QueryEngine, 'ingestionSpan' | 'countIngested'>;

/**
 * Counts each span once. Of a recording of some minutes all hours of a week are one and the same, and a
 * question about a week would count it a thousand times.
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
 * Where logs were loaded, what {@link recordedSpan} makes of the span counts.
 *
 * @returns undefined when none came in: CloudWatch Logs publishes no zeros
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
 * Bytes of messages in UTF-8, exactly those of the span: they say how much there is, not whether a
 * group is alive. What AWS adds for each event is not documented.
 *
 * @returns undefined when none came in, or the engine does not know
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
