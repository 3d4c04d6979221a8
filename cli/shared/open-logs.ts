import type { LogType } from '../../lambda/model/log-types.ts';
import type { InsightsEngine } from '../../local/insights-engine/engine.ts';
import type { LogEvent } from '../../local/log-event.ts';
import { readLogs } from '../../local/log-readers/read-logs.ts';
import type { ReadReport } from '../../local/log-readers/report/problem-report.ts';
import { startProgress } from './progress.ts';
import { warnOfProblems } from './warnings.ts';

export interface LogSource {
  readonly path: string;
  /** The environment that an Airflow `logs/` folder belongs to. */
  readonly environment?: string;
  /** The log type of Airflow logs whose paths do not show it. */
  readonly logType?: LogType;
}

/** An engine with the loaded logs of a path. */
export interface OpenLogs {
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
export async function openLogs({ path, environment, logType }: LogSource): Promise<OpenLogs> {
  // DuckDB takes longer to load than the rest of the program; help and option errors do not need
  // it.
  const { InsightsEngine } = await import('../../local/insights-engine/engine.ts');
  const engine = await InsightsEngine.open();
  const progress = startProgress('reading logs', 'bytes');
  const reading = readLogs(path, {
    ...(environment !== undefined && { environment }),
    ...(logType !== undefined && { logType }),
    nowEpochMs: Date.now(),
    onProgress: ({ bytesRead, totalBytes }) => progress.update(bytesRead, totalBytes),
  });
  let firstEventEpochMs = Number.POSITIVE_INFINITY;
  let lastEventEpochMs = 0;
  let lastIngestionEpochMs = 0;
  async function* watched(): AsyncGenerator<LogEvent> {
    for await (const event of reading) {
      firstEventEpochMs = Math.min(firstEventEpochMs, event.timestamp);
      lastEventEpochMs = Math.max(lastEventEpochMs, event.timestamp);
      lastIngestionEpochMs = Math.max(lastIngestionEpochMs, event.ingestionTime ?? 0);
      yield event;
    }
  }
  try {
    await engine.load(watched());
  } catch (error) {
    engine.close();
    throw error;
  } finally {
    progress.stop();
    warnOfProblems(reading.report);
  }
  return {
    engine,
    report: reading.report,
    firstEventEpochMs,
    lastEventEpochMs,
    // Events that are ahead of this machine's clock must be readable, too.
    nowEpochMs: () => Math.max(Date.now(), lastEventEpochMs, lastIngestionEpochMs),
  };
}
