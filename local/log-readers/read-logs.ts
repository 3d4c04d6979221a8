import type { Dirent } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, isAbsolute, join, relative } from 'node:path';
import type { LogType } from '../../lambda/model/log-types.ts';
import type { LogEvent } from '../log-event.ts';
import { type OpenedText, openFile, standardInput } from './archives/open-file.ts';
import { isLogGroup, logGroupRule, rule } from './exports/event-record.ts';
import { type AirflowLocation, locateAirflowLog, mwaaGroup } from './formats/airflow-location.ts';
import { type FileReading, readLogFile } from './read-log-file.ts';
import {
  cannotRead,
  LogReadError,
  type ReadReport,
  ReportBuilder,
  reasonOf,
  type SkippedFile,
  unnamedEnvironment,
  unreadable,
} from './report/read-report.ts';

interface LogFile {
  readonly path: string;
  readonly bytes: number;
}

interface LogFiles {
  readonly isDirectory: boolean;
  /** In order of name, folder by folder. */
  readonly files: readonly LogFile[];
  readonly skipped: readonly SkippedFile[];
}

/**
 * A file, or all files below a folder.
 *
 * A symbolic link to a folder is not followed: Airflow's `scheduler/latest` links to a folder next
 * to it, whose lines would appear twice. A link that leads out of the folder is reported as
 * missing, and so is anything that cannot be opened.
 *
 * @throws LogReadError when the path itself cannot be read
 */
async function findLogFiles(path: string): Promise<LogFiles> {
  if (path === standardInput)
    return { isDirectory: false, files: [{ path, bytes: 0 }], skipped: [] };
  const root = await stat(path).catch((error) => {
    throw cannotRead(path, error);
  });
  if (root.isDirectory()) {
    const found: Found = { root: await realpath(path), files: [], skipped: [] };
    await walk(path, found);
    if (found.files.length === 0 && found.skipped.some(({ file }) => file === path)) {
      throw unreadable(path, found.skipped[0]?.reason ?? '');
    }
    return { isDirectory: true, ...found };
  }
  // `<(gzip -dc old.log.gz)` and /dev/stdin are pipes.
  if (!root.isFile() && !root.isFIFO() && !root.isCharacterDevice()) {
    throw unreadable(path, 'it is not a file, a folder or a pipe');
  }
  return { isDirectory: false, files: [{ path, bytes: root.size }], skipped: [] };
}

interface Found {
  /** Without symbolic links. */
  readonly root: string;
  readonly files: LogFile[];
  readonly skipped: SkippedFile[];
}

async function walk(folder: string, found: Found): Promise<void> {
  let entries: Dirent[];
  try {
    entries = await readdir(folder, { withFileTypes: true });
  } catch (error) {
    found.skipped.push({ file: folder, reason: reasonOf(error) });
    return;
  }
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      await walk(path, found);
      continue;
    }
    const target = await stat(path).catch(() => undefined);
    if (target?.isFile()) found.files.push({ path, bytes: target.size });
    else found.skipped.push(await notAFile(path, target?.isDirectory(), found.root));
  }
}

/** @param isFolder undefined when nothing has this name */
async function notAFile(
  file: string,
  isFolder: boolean | undefined,
  root: string,
): Promise<SkippedFile> {
  if (isFolder === undefined) {
    // A copied logs/ folder contains a broken `latest` when the link names the folder by its old
    // path.
    const isHarmless = basename(file) === 'latest';
    return { file, reason: 'a broken symbolic link', isHarmless };
  }
  if (!isFolder) return { file, reason: 'not a regular file' };
  const inside = relative(root, await realpath(file));
  const leadsOut = inside.startsWith('..') || isAbsolute(inside);
  return leadsOut
    ? { file, reason: 'a symbolic link to a folder elsewhere' }
    : { file, reason: 'a symbolic link to a folder', isHarmless: true };
}

export interface ReadProgress {
  /** Bytes on disk: compressed bytes for a compressed file. */
  readonly bytesRead: number;
  readonly totalBytes: number;
}

interface ReadLogsOptions {
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
  /** Called after each piece of a file. */
  readonly onProgress?: (progress: ReadProgress) => void;
}

/** Events that can be read once or several times, and a report on the latest reading. */
export interface LogReading extends AsyncIterable<LogEvent> {
  /** The same events, as many at once as a piece of a file has: millions of them are read faster. */
  batches(): AsyncIterable<readonly LogEvent[]>;
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
 * Reading throws a {@link LogReadError} for a path that cannot be read, a file without a single
 * readable line, and a folder without any log.
 *
 * @throws LogReadError at once for an environment name that MWAA does not allow
 */
export function readLogs(path: string, options: ReadLogsOptions = {}): LogReading {
  const { environment, unknownTypes = 'read', onProgress = () => {} } = options;
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

  async function* batches(): AsyncGenerator<readonly LogEvent[]> {
    if (isRead && path === standardInput) {
      throw new LogReadError('the standard input can be read only once; write it to a file first');
    }
    isRead = true;
    report = new ReportBuilder();
    const about = { environment, logType, logGroup, unknownTypes, nowEpochMs };
    yield* readPath(path, { ...about, onProgress, report });
  }
}

interface Reading extends Omit<FileReading, 'environment'> {
  readonly environment: string | undefined;
  readonly logType: LogType | undefined;
  readonly logGroup: string | undefined;
  readonly onProgress: (progress: ReadProgress) => void;
}

async function* readPath(path: string, reading: Reading): AsyncGenerator<LogEvent[]> {
  const { report } = reading;
  const { files, isDirectory, skipped } = await findLogFiles(path);
  report.skipped.push(...skipped);
  const totalBytes = files.reduce((total, file) => total + file.bytes, 0);
  const named = new Set(
    files.flatMap((file) => locateAirflowLog(path, file.path).environment ?? []),
  );
  // A folder of exports of one environment can contain files that do not name it.
  const [ofPaths = unnamedEnvironment] = named.size === 1 ? named : [];
  let bytesBefore = 0;
  for (const file of files) {
    const opened = openFile(file.path, (bytesRead) => {
      reading.onProgress({ bytesRead: bytesBefore + bytesRead, totalBytes });
    });
    try {
      for await (const text of opened) {
        const isInFolder = isDirectory || text.isMember;
        const notRead =
          'reason' in text ? text : yield* readText(path, text, isInFolder, ofPaths, reading);
        if (notRead === undefined) continue;
        // An archive can break off after members that were read.
        if (!isInFolder && report.files === 0) throw unreadable(text.path, notRead.reason);
        const isHarmless = notRead.isHarmless === true || isCompanion(text.path);
        report.skipped.push({ file: text.path, reason: notRead.reason, isHarmless });
      }
    } catch (error) {
      if (!isDirectory || !(error instanceof LogReadError)) throw error;
      report.skipped.push({ file: file.path, reason: error.reason, isHarmless: false });
    }
    bytesBefore += file.bytes;
  }
  if (report.files === 0) {
    const first = report.skipped.find(({ isHarmless }) => !isHarmless);
    const why = first === undefined ? '' : `; ${first.file}: ${first.reason}`;
    throw unreadable(
      path,
      `none of its ${files.length} files contains log events that can be read${why}`,
    );
  }
}

/** @returns why the text was not read, or undefined when at least a part of it was */
async function* readText(
  root: string,
  { path, lines, isTable }: OpenedText,
  isInFolder: boolean,
  environmentOfPaths: string,
  reading: Reading,
) {
  const location = withOptions(locateAirflowLog(root, path), reading, isInFolder);
  const environment = reading.environment ?? location.environment ?? environmentOfPaths;
  const about = { ...reading, environment, isTable };
  return yield* orWhyNot(readLogFile(path, lines, location, about));
}

/** The options fill what a path does not show; for a single file, they override it. */
function withOptions(
  ofPath: AirflowLocation,
  { logType, logGroup }: Pick<Reading, 'logType' | 'logGroup'>,
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
