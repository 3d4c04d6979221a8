import { basename } from 'node:path';
import type { LogType } from '../../lambda/model/log-types.ts';
import type { LogEvent } from '../log-event.ts';
import { type OpenedText, openFile } from './archives/open-file.ts';
import { isLogGroup, logGroupRule, rule } from './exports/event-record.ts';
import { environmentOfFiles, findLogFiles, type LogFiles } from './find-log-files.ts';
import { type AirflowLocation, locateAirflowLog, mwaaGroup } from './formats/airflow-location.ts';
import type { EventSieve } from './lines/event-sieve.ts';
import type { ByteRange } from './lines/file-pieces.ts';
import { standardInput } from './lines/standard-input.ts';
import { type FileReading, readLogFile } from './read-log-file.ts';
import { LogReadError, type ReadReport, unreadable } from './report/read-report.ts';
import { ReportBuilder } from './report/report-builder.ts';

export interface ReadProgress {
  /** Bytes on disk: compressed bytes for a compressed file. */
  readonly bytesRead: number;
  readonly totalBytes: number;
}

export interface ReadLogsOptions {
  /**
   * The environment of lines that do not name their log group: `airflow-<environment>-<Type>`.
   *
   * @default - the one that the path names, as in `airflow-prod-Task/…`; otherwise `local`
   */
  readonly environment?: string;
  /**
   * The log group of lines that do not name one and whose path does not show it; for a single file,
   * it overrides both.
   *
   * @default - from the lines or the path
   */
  readonly logGroup?: string;
  /**
   * The log type of Airflow logs whose paths do not show it; for a single file, it overrides the
   * path.
   *
   * @default - from the path
   */
  readonly logType?: LogType;
  /**
   * What to do with Airflow logs of unknown log type: read their lines into a log group of their
   * own, `airflow-<environment>-Unknown`, or refuse the file.
   *
   * @default read
   */
  readonly unknownTypes?: 'read' | 'refuse';
  /**
   * The current time, in epoch milliseconds: a line more than a year ahead of it is reported.
   *
   * @default - no time is too late
   */
  readonly nowEpochMs?: number;
  /** Where the standard input was written to, if that is to be read. @default - it is read itself */
  readonly inputFile?: string;
  /** Called after each piece of a file. */
  readonly onProgress?: (progress: ReadProgress) => void;
}

/** Events that can be read once or several times, and a report on the latest reading. */
export interface LogReading extends AsyncIterable<LogEvent> {
  /**
   * The same events, as many at once as a piece of a file has: millions of them are read faster.
   *
   * @param sieve decides which of them are left out, as far as that is known without reading them. @default none
   */
  batches(sieve?: EventSieve): AsyncIterable<readonly LogEvent[]>;
  readonly report: ReadReport;
}

/**
 * Reads log events from a file or a folder, one piece at a time.
 *
 * A file contains NDJSON events (`{"logGroup","logStream","timestamp","ingestionTime"?,"message"}`,
 * times in epoch milliseconds), the lines of an Airflow log, or another form that
 * docs/reading-logs.md lists; its content decides which. A folder, such as an Airflow `logs/` folder,
 * and an archive are walked in order. Nothing is skipped silently: lines that break a rule are left out, lines with an
 * assumption are read, files that cannot be read do not prevent the others from being read, and the
 * report names all of them.
 *
 * The log type of an Airflow log comes from its path, never from its content, and is not guessed.
 * Times come from its own stamps, in UTC when they name no zone. Lines without a stamp have the
 * time of the last stamp before them, lines before the first stamp have its time. A file without
 * any stamp is not read: its modification time says nothing about its lines.
 *
 * FilesReading throws a {@link LogReadError} for a path that cannot be read, a file without a single
 * readable line, and a folder without any log.
 *
 * @throws LogReadError at once for an environment name that MWAA does not allow
 */
export function readLogs(path: string, options: ReadLogsOptions = {}): LogReading {
  const { onProgress = () => {} } = options;
  const about = checkedReading(options);
  let report = new ReportBuilder();
  let isRead = false;
  return {
    get report() {
      return report;
    },
    batches,
    async *[Symbol.asyncIterator]() {
      for await (const events of batches()) yield* events;
    },
  };

  async function* batches(sieve?: EventSieve): AsyncGenerator<readonly LogEvent[]> {
    if (isRead && path === standardInput && options.inputFile === undefined) {
      throw new LogReadError('the standard input can be read only once; write it to a file first');
    }
    isRead = true;
    report = new ReportBuilder();
    yield* readPath(path, { ...about, onProgress, report, sieve });
  }
}

/**
 * The options, checked, as what they mean for each file.
 *
 * @throws LogReadError for a name that CloudWatch or MWAA does not allow, or two that contradict each other
 */
export function checkedReading(options: ReadLogsOptions): Omit<FilesReading, 'report'> {
  const { environment, unknownTypes = 'read' } = options;
  const { logType, logGroup, nowEpochMs = Number.POSITIVE_INFINITY } = options;
  if (logGroup !== undefined && !isLogGroup(logGroup)) {
    throw new LogReadError(rule('the log group', logGroupRule, logGroup));
  }
  const group = logGroup === undefined ? undefined : mwaaGroup(logGroup);
  if (logType !== undefined && group !== undefined && group.logType !== logType) {
    throw new LogReadError(`the log group ${logGroup} is not of the log type ${logType}`);
  }
  if (environment !== undefined && group !== undefined && group.environment !== environment) {
    throw new LogReadError(`the log group ${logGroup} is not of the environment ${environment}`);
  }
  if (environment !== undefined && !/^[a-zA-Z][0-9a-zA-Z\-_]{0,79}$/.test(environment)) {
    throw new LogReadError(
      `environment must start with a letter and contain up to 80 letters, digits, - and _, got ${JSON.stringify(environment)}`,
    );
  }
  return { environment, logType, logGroup, unknownTypes, nowEpochMs, inputFile: options.inputFile };
}

/** How to read the files of a path. */
export interface FilesReading extends Omit<FileReading, 'environment' | 'isTable'> {
  readonly environment: string | undefined;
  readonly logType: LogType | undefined;
  readonly logGroup: string | undefined;
  readonly inputFile: string | undefined;
}

async function* readPath(
  path: string,
  {
    onProgress,
    ...reading
  }: FilesReading & { readonly onProgress: (progress: ReadProgress) => void },
): AsyncGenerator<LogEvent[]> {
  const { report } = reading;
  const found = await findLogFiles(path);
  report.skipped.push(...found.skipped);
  const totalBytes = found.files.reduce((total, file) => total + file.bytes, 0);
  const source: FileSource = { ...found, path, environment: environmentOfFiles(path, found.files) };
  let bytesBefore = 0;
  for (const file of found.files) {
    yield* readFileOf(source, { file: file.path }, reading, (bytesRead) => {
      onProgress({ bytesRead: bytesBefore + bytesRead, totalBytes });
    });
    bytesBefore += file.bytes;
  }
  failWithoutFiles(path, found.files.length, report);
}

/** @throws LogReadError when no file of a path was read */
export function failWithoutFiles(path: string, files: number, report: ReadReport): void {
  if (report.files > 0) return;
  const first = report.skipped.find(({ isHarmless }) => !isHarmless);
  const why = first === undefined ? '' : `; ${first.file}: ${first.reason}`;
  throw unreadable(path, `none of its ${files} files contains log events that can be read${why}`);
}

/** The path that a file belongs to. */
export interface FileSource extends Pick<LogFiles, 'isDirectory'> {
  readonly path: string;
  /** The environment of its lines that do not name theirs. */
  readonly environment: string;
}

/**
 * Reads the events of one file, or of the files in it, into the report of a reading.
 *
 * @param file.range the part of the file to read, which begins and ends with a line. @default all of it
 * @param onBytes called with the number of bytes of the file read so far
 * @throws LogReadError when a file that is not in a folder cannot be read
 */
export async function* readFileOf(
  source: FileSource,
  { file, range }: { readonly file: string; readonly range?: ByteRange | undefined },
  reading: FilesReading,
  onBytes?: (bytesRead: number) => void,
): AsyncGenerator<LogEvent[]> {
  const { report } = reading;
  const { isDirectory } = source;
  try {
    for await (const text of openFile(file, onBytes, { range, inputFile: reading.inputFile })) {
      const isInFolder = isDirectory || text.isMember;
      const notRead = 'reason' in text ? text : yield* readText(source, text, isInFolder, reading);
      if (notRead === undefined) continue;
      // An archive can break off after members that were read.
      if (!isInFolder && report.files === 0) throw unreadable(text.path, notRead.reason);
      const isHarmless = notRead.isHarmless === true || isCompanion(text.path);
      report.skipped.push({ file: text.path, reason: notRead.reason, isHarmless });
    }
  } catch (error) {
    if (!isDirectory || !(error instanceof LogReadError)) throw error;
    report.skipped.push({ file, reason: error.reason, isHarmless: false });
  }
}

/** @returns why the text was not read, or undefined when at least a part of it was */
async function* readText(
  source: FileSource,
  { path, lines, isTable }: OpenedText,
  isInFolder: boolean,
  reading: FilesReading,
) {
  const location = withOptions(locateAirflowLog(source.path, path), reading, isInFolder);
  const environment = reading.environment ?? location.environment ?? source.environment;
  const about = { ...reading, environment, isTable };
  return yield* orWhyNot(readLogFile(path, lines, location, about));
}

/** The options fill what a path does not show; for a single file, they override it. */
function withOptions(
  ofPath: AirflowLocation,
  { logType, logGroup }: Pick<FilesReading, 'logType' | 'logGroup'>,
  isInFolder: boolean,
): AirflowLocation {
  if (isInFolder && ofPath.logType !== undefined) return ofPath;
  if (logGroup === undefined) return { ...ofPath, logType: logType ?? ofPath.logType };
  const group = mwaaGroup(logGroup);
  return group === undefined ? { ...ofPath, logGroup, logType } : { ...ofPath, ...group };
}

/** Turns an error of one file into a reason, so that the other files are still read. */
async function* orWhyNot(reading: ReturnType<typeof readLogFile>): ReturnType<typeof readLogFile> {
  try {
    return yield* reading;
  } catch (error) {
    if (!(error instanceof LogReadError)) throw error;
    return { reason: error.reason, isHarmless: false };
  }
}

/**
 * Files next to logs that are not logs: CloudWatch's permission test of an export, files of file
 * managers.
 */
const companions = ['aws-logs-write-test', '.DS_Store', 'Thumbs.db', 'desktop.ini'];

function isCompanion(file: string): boolean {
  const name = basename(file);
  // macOS puts such a file beside each file of an archive.
  return companions.includes(name) || name.startsWith('._');
}
