import type { InsightsEngine } from '../../local/insights-engine/engine.ts';
import type { ForeseenRange } from '../../local/insights-engine/needed-events.ts';
import type { LogEvent } from '../../local/log-event.ts';
import type { ReadLogsOptions } from '../../local/log-readers/read-logs.ts';
import { describeReading, type ReadReport } from '../../local/log-readers/report/read-report.ts';
import { isLarge } from '../../local/log-threads/judge-worker.ts';
import { visibleText } from '../../local/visible-text.ts';
import { type LogOptions, readingOf } from './log-options.ts';
import { startProgress, warnOfProblems } from './progress.ts';

interface LogSource extends LogOptions {
  readonly path: string;
  /**
   * The only query that will be asked: what it does not need is not kept.
   *
   * @default - any number of queries
   */
  readonly onlyQuery?: { readonly text: string; readonly range: ForeseenRange };
}

/** An engine with the loaded logs of a path. */
interface OpenLogs {
  readonly engine: InsightsEngine;
  readonly report: ReadReport;
  /** The times of the first and the last event, in epoch milliseconds. */
  readonly firstEventEpochMs: number;
  readonly lastEventEpochMs: number;
  /** The current time, or the time or ingestion time of the last event if that is later. */
  readonly nowEpochMs: () => number;
}

/**
 * Loads logs into an engine, with a progress bar, and warns about the parts that could not be used.
 *
 * @throws LogReadError when no part of them can be used
 */
export async function openLogs({ path, onlyQuery, ...options }: LogSource): Promise<OpenLogs> {
  // DuckDB takes longer to load than the rest of the program; help and option errors do not need
  // it.
  const { InsightsEngine } = await import('../../local/insights-engine/engine.ts');
  const opening =
    onlyQuery === undefined
      ? InsightsEngine.open()
      : InsightsEngine.openFor(onlyQuery.text, onlyQuery.range);
  // DuckDB opens in a thread of its own.
  const [engine, { QuerySieve }, { readLogs }, threads] = await Promise.all([
    opening,
    import('../../local/candidates/query-sieve.ts'),
    import('../../local/log-readers/read-logs.ts'),
    isLarge(path) ? import('../../local/log-threads/read-needed.ts') : undefined,
  ]);
  const progress = startProgress('reading logs', 'bytes');
  const how: ReadLogsOptions = {
    ...readingOf(options),
    onProgress: ({ bytesRead, totalBytes }) => progress.update(bytesRead, totalBytes),
  };
  const { needed } = engine;
  const reading = readLogs(path, how);
  let ofThreads: ReadReport | undefined;
  const report = () => ofThreads ?? reading.report;
  let firstEventEpochMs = Number.POSITIVE_INFINITY;
  let lastEventEpochMs = 0;
  let lastIngestionEpochMs = 0;
  async function* batches(): AsyncGenerator<readonly LogEvent[]> {
    // A query that looks for a text needs few events; one that needs all is as fast by one thread.
    if (needed !== undefined && threads !== undefined) {
      const read = await threads.readNeeded({ path, needs: needed.needs, reading: how }, (all) => {
        ofThreads = all;
      });
      if (read !== undefined) {
        yield* threads.eventsOf(read, needed);
        return;
      }
      ofThreads = undefined;
    }
    yield* reading.batches(needed && new QuerySieve(needed));
  }
  async function* watched(): AsyncGenerator<readonly LogEvent[]> {
    for await (const events of batches()) {
      for (const { timestamp, ingestionTime = 0 } of events) {
        firstEventEpochMs = Math.min(firstEventEpochMs, timestamp);
        lastEventEpochMs = Math.max(lastEventEpochMs, timestamp);
        lastIngestionEpochMs = Math.max(lastIngestionEpochMs, ingestionTime);
      }
      yield events;
    }
    for (const [, unread] of needed?.unread ?? []) {
      firstEventEpochMs = Math.min(firstEventEpochMs, unread.firstEpochMs);
      lastEventEpochMs = Math.max(lastEventEpochMs, unread.lastEpochMs);
      lastIngestionEpochMs = Math.max(lastIngestionEpochMs, unread.lastIngestionEpochMs);
    }
  }
  try {
    await engine.loadBatches(watched());
  } catch (error) {
    engine.close();
    throw error;
  } finally {
    progress.stop();
    warnOfProblems(report());
  }
  const span = { firstEventEpochMs, lastEventEpochMs };
  console.error(visibleText(`read ${describeReading(report(), span)}`));
  return {
    engine,
    report: report(),
    firstEventEpochMs,
    lastEventEpochMs,
    // Events that are ahead of this machine's clock must be readable, too.
    nowEpochMs: () => Math.max(Date.now(), lastEventEpochMs, lastIngestionEpochMs),
  };
}
