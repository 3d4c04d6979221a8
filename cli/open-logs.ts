import { styleText } from 'node:util';
import type { InsightsEngine } from '../local/insights-engine/engine.ts';
import type { LogEvent } from '../local/log-event.ts';
import { readLogs } from '../local/log-readers/read-logs.ts';
import { describeProblems, type ReadReport } from '../local/log-readers/read-report.ts';
import { visibleText } from '../local/visible-text.ts';
import { startProgress } from './progress.ts';

export interface LogSource {
  readonly path: string;
  /** The environment that an Airflow `logs/` folder belongs to. */
  readonly environment?: string;
}

/** An engine that holds the logs of a path. */
export interface OpenLogs {
  readonly engine: InsightsEngine;
  readonly report: ReadReport;
  /** When the last event happened or was received, whichever is later, in epoch milliseconds. */
  readonly lastEpochMs: number;
}

/**
 * Loads logs into an engine, with a progress bar, and says on the standard error stream what of them
 * could not be used.
 *
 * @throws LogReadError when nothing of them can be used
 */
export async function openLogs({ path, environment }: LogSource): Promise<OpenLogs> {
  // DuckDB takes longer to load than the rest of the program; help and wrong options need no engine.
  const { InsightsEngine } = await import('../local/insights-engine/engine.ts');
  const engine = await InsightsEngine.open();
  const progress = startProgress('reading logs', 'bytes');
  const reading = readLogs(path, {
    ...(environment === undefined ? {} : { environment }),
    onProgress: ({ bytesRead, totalBytes }) => progress.update(bytesRead, totalBytes),
  });
  let lastEpochMs = 0;
  async function* watched(): AsyncGenerator<LogEvent> {
    for await (const event of reading) {
      lastEpochMs = Math.max(lastEpochMs, event.timestamp, event.ingestionTime ?? 0);
      yield event;
    }
  }
  try {
    await engine.load(watched());
  } finally {
    progress.stop();
  }
  warnOfProblems(reading.report);
  return { engine, report: reading.report, lastEpochMs };
}

/** Says on the standard error stream what of some logs could not be used. */
export function warnOfProblems(report: ReadReport): void {
  const label = styleText('yellow', 'warning:', { stream: process.stderr });
  for (const line of describeProblems(report)) console.error(`${label} ${visibleText(line)}`);
}
