import { styleText } from 'node:util';
import { Option } from 'commander';
import { type LogType, logTypes } from '../../lambda/model/log-types.ts';
import type { ReadLogsOptions } from '../../local/log-readers/read-logs.ts';
import { type ReadReport, summarizeProblems } from '../../local/log-readers/report/read-report.ts';
import { visibleText } from '../../local/visible-text.ts';
import { warn } from './progress.ts';

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
