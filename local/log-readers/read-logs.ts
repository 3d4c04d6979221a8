import type { LogEvent } from '../log-event.ts';
import { type AirflowLocation, locateAirflowLog } from './airflow-location.ts';
import { AirflowReader } from './airflow-reader.ts';
import { readLineStart } from './airflow-stamp.ts';
import type { BatchReader } from './batch-reader.ts';
import { kindOfLines } from './file-kind.ts';
import { type LineBatch, readLines } from './file-lines.ts';
import { findLogFiles, type LogFile } from './find-log-files.ts';
import { LogReadError } from './log-read-error.ts';
import { NdjsonReader } from './ndjson-reader.ts';
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

const notALog =
  'it holds neither NDJSON events {"logGroup","logStream","timestamp","message"} nor an Airflow log';

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

interface Reading {
  readonly environment: string;
  readonly onProgress: (progress: ReadProgress) => void;
  readonly report: ReportBuilder;
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
    const unusable = yield* readFile(file, batches, locateAirflowLog(path, file.path), reading);
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

/**
 * @returns why the file is no log, or undefined when it was read
 * @throws LogReadError when it is one, and not one line can be used
 */
async function* readFile(
  file: LogFile,
  batches: AsyncGenerator<LineBatch>,
  location: AirflowLocation,
  { environment, report }: Reading,
): AsyncGenerator<LogEvent[], string | undefined> {
  const eventsBefore = report.events;
  const badLinesBefore = report.badLineCount;
  let reader: BatchReader | undefined;
  for await (const batch of batches) {
    reader ??= chooseReader(file, batch, location, { environment, report });
    if (!reader) return batch.brokenOff ?? notALog;
    const events = reader.read(batch);
    report.events += events.length;
    if (events.length > 0) yield events;
    if (batch.brokenOff !== undefined) {
      const line = batch.firstLine + batch.lines.length;
      report.addBadLine({ file: file.path, line, reason: batch.brokenOff });
    }
  }
  const last = reader?.end() ?? [];
  report.events += last.length;
  yield last;

  if (report.events === eventsBefore) {
    if (report.badLineCount === badLinesBefore) return 'it is empty';
    throw notOneLine(file, report);
  }
  report.files += 1;
  return undefined;
}

function chooseReader(
  file: LogFile,
  { lines }: LineBatch,
  location: AirflowLocation,
  { environment, report }: { environment: string; report: ReportBuilder },
): BatchReader | undefined {
  const kind = kindOfLines(lines);
  if (kind === 'ndjson') return new NdjsonReader(file.path, report);
  if (lines.length === 0 || (kind === 'unknown' && !location.certain)) return undefined;
  const startEpochMs = firstStamp(lines) ?? Math.floor(file.modifiedEpochMs);
  return new AirflowReader(file.path, location, { environment, startEpochMs }, report);
}

function firstStamp(lines: LineBatch['lines']): number | undefined {
  for (const line of lines) {
    const start = readLineStart(line ?? '');
    if (start.kind === 'stamped') return start.epochMs;
  }
  return undefined;
}

function notOneLine(file: LogFile, report: ReportBuilder): LogReadError {
  const first = report.badLines.find((badLine) => badLine.file === file.path);
  const example = first ? `; line ${first.line}: ${first.reason}` : '';
  return new LogReadError(`cannot read ${file.path}: not one line can be used${example}`);
}
