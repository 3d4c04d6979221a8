import { basename } from 'node:path';
import type { LogType } from '../../lambda/log-types.ts';
import type { LogEvent } from '../log-event.ts';
import { locateAirflowLog } from './airflow-location.ts';
import { readLines } from './file-lines.ts';
import { findLogFiles } from './find-log-files.ts';
import { LogReadError, unreadable } from './log-read-error.ts';
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
  /**
   * The log type of Airflow logs whose paths do not tell it; of a single file, whatever its path says.
   *
   * @default - that of the path
   */
  readonly logType?: LogType;
  /**
   * What becomes of Airflow logs of which nobody knows the log type: their lines are read into a log
   * group of their own (see {@link unknownTypeGroup}), or the file is refused.
   *
   * @default read
   */
  readonly unknownTypes?: 'read' | 'refuse';
  /**
   * The present, in epoch milliseconds: a line that is more than a year ahead of it is named.
   *
   * @default - no time is too late
   */
  readonly nowEpochMs?: number;
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
 * times in epoch milliseconds) or the lines of an Airflow log, in UTF-8 or UTF-16, plain or gzip; which
 * one is decided by its content. A folder, an Airflow `logs/` folder for instance, is walked in the
 * order of names. Nothing is passed over in silence: lines that break a rule are left out, lines of
 * which something had to be assumed are read, files that cannot be read do not keep the others from
 * being read, and the report names all of them.
 *
 * The log type of an Airflow log comes from its path, never from its content, and is not guessed. The
 * times come from its own stamps, UTC where they name no zone. Lines without a stamp have the time of
 * the last one before them, lines in front of all stamps that of the first. A file without any stamp
 * is not read: when it was changed last says nothing of its lines.
 *
 * Reading throws a {@link LogReadError} for a path that cannot be read, a file of which not one
 * line can be used, and a folder without any log.
 *
 * @throws LogReadError at once for an environment whose name MWAA would not take
 */
export function readLogs(path: string, options: ReadLogsOptions = {}): LogReading {
  const { environment = 'local', unknownTypes = 'read', onProgress = () => {} } = options;
  const { logType, nowEpochMs = Number.POSITIVE_INFINITY } = options;
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
      const about = { environment, logType, unknownTypes, nowEpochMs };
      for await (const events of readPath(path, { ...about, onProgress, report })) yield* events;
    },
  };
}

interface Reading extends FileReading {
  readonly logType: LogType | undefined;
  readonly onProgress: (progress: ReadProgress) => void;
}

async function* readPath(path: string, reading: Reading): AsyncGenerator<LogEvent[]> {
  const { report, logType } = reading;
  const { files, isDirectory, skipped } = await findLogFiles(path);
  report.skipped.push(...skipped);
  const totalBytes = files.reduce((total, file) => total + file.bytes, 0);
  let bytesBefore = 0;
  for (const file of files) {
    const batches = readLines(file.path, (bytesRead) => {
      reading.onProgress({ bytesRead: bytesBefore + bytesRead, totalBytes });
    });
    const ofPath = locateAirflowLog(path, file.path);
    const location = isDirectory
      ? { ...ofPath, logType: ofPath.logType ?? logType }
      : { ...ofPath, logType: logType ?? ofPath.logType };
    const notRead = yield* orWhyNot(readLogFile(file.path, batches, location, reading));
    if (notRead !== undefined) {
      if (!isDirectory) throw unreadable(file.path, notRead.reason);
      const isHarmless = notRead.isHarmless || isCompanion(file.path);
      report.skipped.push({ file: file.path, reason: notRead.reason, isHarmless });
    }
    bytesBefore += file.bytes;
  }
  if (report.files === 0) {
    const first = report.skipped.find(({ isHarmless }) => !isHarmless);
    const why = first === undefined ? '' : `; ${first.file}: ${first.reason}`;
    throw unreadable(
      path,
      `none of its ${files.length} files holds NDJSON events or an Airflow log that can be read${why}`,
    );
  }
}

/** What a file that cannot be opened comes to: the others are read all the same. */
async function* orWhyNot(reading: ReturnType<typeof readLogFile>): ReturnType<typeof readLogFile> {
  try {
    return yield* reading;
  } catch (error) {
    if (!(error instanceof LogReadError)) throw error;
    return { reason: error.reason, isHarmless: false };
  }
}

/** Files that lie beside logs and are none: CloudWatch's test of an export's rights, file managers' own. */
const companions = ['aws-logs-write-test', '.DS_Store', 'Thumbs.db', 'desktop.ini'];

function isCompanion(file: string): boolean {
  return companions.includes(basename(file));
}
