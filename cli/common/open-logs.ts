import { styleText } from 'node:util';
import { Option } from 'commander';
import { type LogType, logTypes } from '../../lambda/model/log-types.ts';
import { QuerySieve } from '../../local/candidates/query-sieve.ts';
import type { InsightsEngine } from '../../local/insights-engine/engine.ts';
import type { ForeseenRange } from '../../local/insights-engine/needed-events.ts';
import type { LogEvent } from '../../local/log-event.ts';
import { type ReadLogsOptions, readLogs } from '../../local/log-readers/read-logs.ts';
import {
  describeReading,
  type ReadReport,
  summarizeProblems,
} from '../../local/log-readers/report/read-report.ts';
import { visibleText } from '../../local/visible-text.ts';
import { startProgress, warn, warnOfProblems } from './progress.ts';

/** How to read logs that do not say all of it themselves. */
export interface LogOptions {
  /** The environment that an Airflow `logs/` folder belongs to. */
  readonly environment?: string;
  /** The log type of Airflow logs whose paths do not show it. */
  readonly logType?: LogType;
  /** The log group of lines that do not name theirs. */
  readonly logGroup?: string;
}

/** The options of commands that read the logs of a range. */
export interface LogsOfRangeOptions extends LogOptions {
  readonly logs: string;
  /** Epoch milliseconds. */
  readonly from?: number;
  readonly to?: number;
  /** Milliseconds before `to` or the last event. */
  readonly last?: number;
}

/** How the readers take the options. */
export function readingOf({ environment, logType, logGroup }: LogOptions): ReadLogsOptions {
  return {
    ...(environment !== undefined && { environment }),
    ...(logType !== undefined && { logType }),
    ...(logGroup !== undefined && { logGroup }),
    nowEpochMs: Date.now(),
  };
}

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
  const engine =
    onlyQuery === undefined
      ? await InsightsEngine.open()
      : await InsightsEngine.openFor(onlyQuery.text, onlyQuery.range);
  const sieve = engine.needed && new QuerySieve(engine.needed);
  const progress = startProgress('reading logs', 'bytes');
  const reading = readLogs(path, {
    ...readingOf(options),
    onProgress: ({ bytesRead, totalBytes }) => progress.update(bytesRead, totalBytes),
  });
  let firstEventEpochMs = Number.POSITIVE_INFINITY;
  let lastEventEpochMs = 0;
  let lastIngestionEpochMs = 0;
  async function* watched(): AsyncGenerator<readonly LogEvent[]> {
    for await (const events of reading.batches(sieve)) {
      for (const { timestamp, ingestionTime = 0 } of events) {
        firstEventEpochMs = Math.min(firstEventEpochMs, timestamp);
        lastEventEpochMs = Math.max(lastEventEpochMs, timestamp);
        lastIngestionEpochMs = Math.max(lastIngestionEpochMs, ingestionTime);
      }
      yield events;
    }
    for (const [, unread] of engine.needed?.unread ?? []) {
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
    warnOfProblems(reading.report);
  }
  const span = { firstEventEpochMs, lastEventEpochMs };
  console.error(visibleText(`read ${describeReading(reading.report, span)}`));
  return {
    engine,
    report: reading.report,
    firstEventEpochMs,
    lastEventEpochMs,
    // Events that are ahead of this machine's clock must be readable, too.
    nowEpochMs: () => Math.max(Date.now(), lastEventEpochMs, lastIngestionEpochMs),
  };
}

/** How to treat logs that cannot be read completely. */
export interface IncompleteLogsOptions {
  /** @default false */
  readonly allowIncomplete?: boolean;
}

/** A sentence about the parts of logs that were not read; undefined when all were read. */
export function whatIsMissing(
  path: string,
  report: ReadReport,
  further: readonly string[] = [],
): string | undefined {
  const parts = [...(report.isComplete ? [] : [summarizeProblems(report)]), ...further];
  return parts.length === 0 ? undefined : notReadCompletely(path, parts.join(', '));
}

/** @param what the missing parts, as a clause */
export function notReadCompletely(path: string, what: string): string {
  return `${path} was not read completely: ${what}`;
}

/**
 * Reports that logs were not read completely, as an error or, if that is allowed, as a warning.
 *
 * @param missing the sentence of {@link whatIsMissing}
 * @returns whether it is an error, for which the exit code is 2 whatever was found in the rest
 */
export function reportIncomplete(
  missing: string | undefined,
  { allowIncomplete = false }: IncompleteLogsOptions,
): boolean {
  if (missing === undefined) return false;
  if (allowIncomplete) {
    warn(`${missing}; the results cover only the rest`);
    return false;
  }
  const label = styleText('red', 'error:', { stream: process.stderr });
  console.error(
    `${label} ${visibleText(missing)}; the results cover only the rest (--allow-incomplete accepts that)`,
  );
  return true;
}

/** `--logs`, shared by the commands that read logs. */
export function logsOption(): Option {
  return new Option(
    '--logs <path>',
    'a file, folder or archive of Airflow logs or exported events, also compressed; - for the standard input (docs/reading-logs.md)',
  );
}

/** `--environment`, for logs that do not name their environment. */
export function environmentOption(): Option {
  return new Option(
    '--environment <name>',
    'MWAA environment that an Airflow logs/ folder belongs to (default: local)',
  );
}

/** `--log-type`, for logs whose paths do not show their log type. */
export function logTypeOption(): Option {
  return new Option(
    '--log-type <type>',
    'log type of Airflow logs whose path does not show it; for a single file, it overrides the path',
  ).choices(logTypes);
}

/** `--log-group`, for exports that do not name their log group. */
export function logGroupOption(): Option {
  return new Option(
    '--log-group <name>',
    'log group of lines that name none and whose path shows none, such as airflow-prod-Task; for a single file, it overrides the path',
  );
}

/** `--allow-incomplete`, for logs that cannot be read completely. */
export function allowIncompleteOption(): Option {
  return new Option(
    '--allow-incomplete',
    'accept logs that cannot be read completely, and warn about what is missing (otherwise exit code 2)',
  );
}
