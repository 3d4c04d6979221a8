import type { QueryEngine } from '../../local/aws-endpoints/logs/query-engine.ts';
import { localPlace } from '../../local/aws-place.ts';
import { InsightsEngine } from '../../local/insights-engine/engine.ts';
import {
  type EngineQuery,
  type EngineResult,
  endEpochMsOf,
  type IngestionSpan,
  type LogGroupInfo,
  type LogStreamInfo,
  type ResultField,
} from '../../local/insights-engine/engine-types.ts';
import type { LogEvent } from '../../local/log-event.ts';

/** An event that matches every query as the sample of its kind does. */
export interface CannedEvent extends LogEvent {
  readonly kind: string;
}

const rowsMax = 10_000;

/**
 * Answers queries over many events cheaply: the embedded engine evaluates one event of each kind,
 * and its result applies to all events of the kind. The answers are as large as real ones.
 */
export class CannedEngine implements QueryEngine {
  readonly #samples: InsightsEngine;
  readonly #groups: readonly LogGroupInfo[];
  /** Ordered by time. */
  readonly #events: readonly CannedEvent[];
  /** By query, the engine's result: for each kind, the fields that identify the match. */
  readonly #answers = new Map<string, Promise<ReadonlyMap<string, readonly ResultField[]>>>();

  private constructor(
    samples: InsightsEngine,
    groups: readonly LogGroupInfo[],
    events: readonly CannedEvent[],
  ) {
    this.#samples = samples;
    this.#groups = groups;
    this.#events = events;
  }

  static async open(
    logGroups: readonly string[],
    createdEpochMs: number,
    events: readonly CannedEvent[],
  ): Promise<CannedEngine> {
    const samples = await InsightsEngine.open();
    for (const logGroup of logGroups) await samples.createLogGroup(logGroup, 0);
    const kinds = new Map(events.map((event) => [event.kind, event]));
    await samples.load(
      [...kinds].map(([kind, { logGroup, message }]) => ({
        ...{ logGroup, message },
        logStream: kind,
        timestamp: sampleEpochMs,
      })),
    );
    const groups = logGroups.map((logGroup) => ({
      ...{ logGroup, createdEpochMs },
      storedBytes: 1,
    }));
    return new CannedEngine(
      samples,
      groups,
      events.toSorted((a, b) => a.timestamp - b.timestamp),
    );
  }

  close(): void {
    this.#samples.close();
  }

  async run({ queryString, logGroups = [], ...times }: EngineQuery): Promise<EngineResult> {
    const asked = new Set(logGroups);
    const startEpochMs = times.startEpochSeconds * 1000;
    const endEpochMs = endEpochMsOf(times.endEpochSeconds, times.endTime);
    const inRange = this.#events.filter(
      ({ logGroup, timestamp }) =>
        asked.has(logGroup) && timestamp >= startEpochMs && timestamp <= endEpochMs,
    );
    const [filters = queryString, stats] = queryString.split(/\|\s*(?=stats\b)/);
    const found = await this.#found(stats === undefined ? queryString : filters);
    const matched = inRange.filter(({ kind }) => found.has(kind));
    const [, limit = String(rowsMax)] = /\|\s*limit\s+(\d+)\s*$/.exec(queryString) ?? [];
    const rows =
      stats === undefined
        ? matched
            .slice(0, Math.min(Number(limit), times.limit ?? rowsMax))
            .map((event) => rowOf(event, found.get(event.kind) ?? []))
        : countRows(matched);
    const statistics = {
      recordsMatched: matched.length,
      recordsScanned: inRange.length,
      bytesScanned: inRange.reduce((sum, { message }) => sum + message.length, 0),
      logGroupsScanned: asked.size,
    };
    return { rows, statistics, warnings: [] };
  }

  async logGroups(): Promise<readonly LogGroupInfo[]> {
    return this.#groups;
  }

  async logStreams(): Promise<readonly LogStreamInfo[]> {
    return [];
  }

  /** Every group is alive and receives events all the time. */
  async countIngested(): Promise<number> {
    return 1;
  }

  async ingestionSpan(): Promise<IngestionSpan> {
    return { startEpochMs: 0, endEpochMs: Number.MAX_SAFE_INTEGER };
  }

  #found(queryString: string): Promise<ReadonlyMap<string, readonly ResultField[]>> {
    // The stream identifies a sample, whatever fields the query shows.
    const text = queryString.includes('@logStream')
      ? queryString
      : `${queryString} | fields @logStream`;
    const known = this.#answers.get(text);
    if (known !== undefined) return known;
    const answer = this.#samples
      .run({
        queryString: text,
        logGroups: this.#groups.map(({ logGroup }) => logGroup),
        startEpochSeconds: 0,
        endEpochSeconds: 2 * (sampleEpochMs / 1000),
        nowEpochMs: 2 * sampleEpochMs,
      })
      .then(
        ({ rows }) =>
          new Map(
            rows.map((row) => {
              const stream = row.find(({ field }) => field === '@logStream')?.value ?? '';
              return [stream, row];
            }),
          ),
      );
    this.#answers.set(text, answer);
    return answer;
  }
}

const sampleEpochMs = Date.parse('2026-01-01T00:00:00Z');

function rowOf(event: CannedEvent, sample: readonly ResultField[]): ResultField[] {
  const time = shownTime(event.timestamp);
  const own: Readonly<Record<string, string>> = {
    '@timestamp': time,
    '@ingestionTime': time,
    '@log': `${localPlace.accountId}:${event.logGroup}`,
    '@logStream': event.logStream,
    '@message': event.message,
  };
  return sample.map(({ field, value }) => ({ field, value: own[field] ?? value }));
}

function shownTime(epochMs: number): string {
  return new Date(epochMs).toISOString().replace('T', ' ').replace('Z', '');
}

function countRows(events: readonly CannedEvent[]): ResultField[][] {
  const counts = new Map<string, number>();
  for (const { logGroup } of events) counts.set(logGroup, (counts.get(logGroup) ?? 0) + 1);
  return [...counts].map(([logGroup, count]) => [
    { field: '@log', value: `${localPlace.accountId}:${logGroup}` },
    { field: 'count()', value: String(count) },
  ]);
}
