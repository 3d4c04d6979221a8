import type { LogEvent } from '../log-event.ts';
import { locateAirflowLog } from './airflow-location.ts';
import { readLines } from './file-lines.ts';
import { findLogFiles } from './find-log-files.ts';
import { LogReadError } from './log-read-error.ts';
import { type FileReading, readLogFile } from './read-log-file.ts';
import { type ReadReport, ReportBuilder } from './read-report.ts';

export interface ReadProgress {
  /** Bytes as they are on disk, compressed where a file is. */
  readonly bytesRead: number;
  readonly totalBytes: number;
}

export interface ReadLogsOptions {
  /**
   * The environment that an Airflow `logs/` folder belongs to: `airflow-<environment>-<Type>`.
   *
   * @default local
   */
  readonly environment?: string;
  /** Called after every piece of a file. */
  readonly onProgress?: (progress: ReadProgress) => void;
}

/** Events to be read, once or several times, and what came of the latest reading. */
export interface LogReading extends AsyncIterable<LogEvent> {
  readonly report: ReadReport;
}

/**
 * Reads log events from a file or a folder, a piece at a time.
 *
 * A file holds NDJSON events (`{"logGroup","logStream","timestamp","ingestionTime"?,"message"}`,
 * times in epoch milliseconds) or the lines of an Airflow log, plain or gzip; which one is decided
 * by its content. A folder, an Airflow `logs/` folder for instance, is walked in the order of
 * names. Lines that break a rule are left out, counted and named in the report.
 *
 * The times of an Airflow log come from its own stamps, UTC where they name no zone. Lines without
 * a stamp have the time of the last one before them, lines in front of all stamps that of the
 * first, and in a file without any stamp the time at which the file was changed last.
 *
 * Reading throws a {@link LogReadError} for a path that cannot be read, a file of which not one
 * line can be used, and a folder without any log.
 *
 * @throws LogReadError at once for an environment whose name MWAA would not take
 */
export function readLogs(path: string, options: ReadLogsOptions = {}): LogReading {
  const { environment = 'local', onProgress = () => {} } = options;
  if (!/^[a-zA-Z][0-9a-zA-Z\-_]{0,79}$/.test(environment)) {
    throw new LogReadError(
      `environment must start with a letter and hold up to 80 letters, digits, - and _, got ${JSON.stringify(environment)}`,
    );
  }
  let report = new ReportBuilder();
  return {
    get report() {
      return report;
    },
    async *[Symbol.asyncIterator]() {
      report = new ReportBuilder();
      for await (const events of readPath(path, { environment, onProgress, report })) yield* events;
    },
  };
}

interface Reading extends FileReading {
  readonly onProgress: (progress: ReadProgress) => void;
}

async function* readPath(path: string, reading: Reading): AsyncGenerator<LogEvent[]> {
  const { report } = reading;
  const { files, isDirectory, skipped } = await findLogFiles(path);
  report.skipped.push(...skipped);
  const totalBytes = files.reduce((total, file) => total + file.bytes, 0);
  let bytesBefore = 0;
  for (const file of files) {
    const batches = readLines(file.path, (bytesRead) => {
      reading.onProgress({ bytesRead: bytesBefore + bytesRead, totalBytes });
    });
    const unusable = yield* readLogFile(file, batches, locateAirflowLog(path, file.path), reading);
    if (unusable !== undefined && !isDirectory) {
      throw new LogReadError(`cannot read ${file.path}: ${unusable}`);
    }
    if (unusable !== undefined) report.skipped.push({ file: file.path, reason: unusable });
    bytesBefore += file.bytes;
  }
  if (report.files === 0) {
    throw new LogReadError(
      `cannot read ${path}: none of its ${files.length} files holds NDJSON events or an Airflow log`,
    );
  }
}
