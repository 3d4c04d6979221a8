import { type LogType, logTypes } from '../../../lambda/model/log-types.ts';
import { shownCount } from '../../shown-count.ts';

/** Logs that cannot be read; `message` is one sentence that names the file. */
export class LogReadError extends Error {
  override readonly name = 'LogReadError';
  /** The sentence without the file, as a clause. */
  readonly reason: string;

  constructor(message: string, options: { reason?: string; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.reason = options.reason ?? message;
  }
}

/** The error for a file or folder that cannot be read; `reason` is a clause. */
export function unreadable(path: string, reason: string, cause?: unknown): LogReadError {
  return new LogReadError(`cannot read ${path}: ${reason}`, { reason, cause });
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or directory',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  ENOTDIR: 'a part of the path is not a directory',
  ELOOP: 'too many symbolic links',
};

/** Why a file system call failed, as a clause. */
export function reasonOf(error: unknown): string {
  const { code = '', message } = error as NodeJS.ErrnoException;
  return reasons[code] ?? message;
}

/** The error of a file system call as a {@link LogReadError}. */
export function cannotRead(path: string, error: unknown): LogReadError {
  return unreadable(path, reasonOf(error), error);
}

/** The environment of lines that do not name it, unless it is given. */
export const unnamedEnvironment = 'local';

/**
 * The log group of lines of unknown log type: MWAA has no group of this name, and its readers must
 * treat its lines as lines of any type.
 */
export function unknownTypeGroup(environment: string): string {
  return `airflow-${environment}-Unknown`;
}

/** The environment of a log group of unknown type; undefined for any other group. */
export function environmentOfUnknownTypeGroup(logGroup: string): string | undefined {
  return /^airflow-(?<environment>[a-zA-Z][0-9a-zA-Z_-]{0,79})-Unknown$/.exec(logGroup)?.groups
    ?.environment;
}

/** Log group names, as MWAA derives them from the environment names that it allows. */
const mwaaLogGroup = new RegExp(
  `^airflow-(?<environment>[a-zA-Z][0-9a-zA-Z_-]{0,79})-(?:${logTypes.join('|')})$`,
);

/** The environment of a log group that detections look at; undefined for any other group. */
export function environmentOfGroup(logGroup: string): string | undefined {
  return (
    mwaaLogGroup.exec(logGroup)?.groups?.environment ?? environmentOfUnknownTypeGroup(logGroup)
  );
}

/** Replaces the unknown type in the name of a log group, or in an `@log` that ends with it. */
export function typedLog(log: string, logType: LogType): string {
  return log.replace(/-Unknown$/, `-${logType}`);
}

/** What to do about a file of unknown log type. */
export const askForLogType = `give it with --log-type ${logTypes.slice(0, -1).join(', ')} or ${logTypes.at(-1)}, or the log group with --log-group`;

/** Airflow exists since 2015: an earlier time, or one in the next century, is misread or invented. */
const firstEpochMs = Date.UTC(2015, 0, 1);
const lastEpochMs = Date.UTC(2100, 0, 1) - 1;

const yearMs = 366 * 86_400_000;

/** Whether a log line can have this time, in epoch milliseconds. */
export function isPlausible(epochMs: number): boolean {
  return epochMs >= firstEpochMs && epochMs <= lastEpochMs;
}

/** Both inclusive, in epoch milliseconds. */
export const plausibleTimes = { firstEpochMs, lastEpochMs };

export const plausibleRange = 'from 2015 to 2099';

/** The latest time, in epoch milliseconds, read without a doubt: clocks are off by less. */
export function latestWithoutDoubt(nowEpochMs: number): number {
  return nowEpochMs + yearMs;
}

/** A clause about a line whose time is later. */
export function tooLate(epochMs: number): string {
  return `its time ${new Date(epochMs).toISOString()} is more than a year ahead of this machine's clock`;
}

/** A line with a problem to report. */
export interface NamedLine {
  readonly file: string;
  /** 1-based. */
  readonly line: number;
  /** The problem: the field and the rule that it breaks, or a clause. */
  readonly reason: string;
}

/** A file that was not read, and why. */
export interface SkippedFile {
  readonly file: string;
  readonly reason: string;
  /**
   * Whether nothing is missing without it: an empty file, or a link to a file that is read anyway.
   */
  readonly isHarmless?: boolean;
}

/** Numbers of lines; as a text for example `4, 7-9`. */
export interface NumberedLines {
  readonly count: number;
  toString(): string;
}

/** A report on the reading of logs; grows while they are read. */
export interface ReadReport {
  /** Number of files with events; each member of an archive is one. */
  readonly files: number;
  /** Number of files by format. */
  readonly formats: ReadonlyMap<string, number>;
  readonly events: number;
  /** Number of lines that were left out. */
  readonly badLineCount: number;
  /** The first of them. */
  readonly badLines: readonly NamedLine[];
  /** The numbers of the others, file by file. */
  readonly moreBadLines: ReadonlyMap<string, NumberedLines>;
  /** Number of lines that may have been misread. */
  readonly doubtCount: number;
  /** The first of them. */
  readonly doubts: readonly NamedLine[];
  /** The numbers of the others, file by file. */
  readonly moreDoubts: ReadonlyMap<string, NumberedLines>;
  readonly skipped: readonly SkippedFile[];
  /** Files of unknown log type. */
  readonly unknownTypes: readonly string[];
  /** Whether every line of every file was read without a doubt. */
  readonly isComplete: boolean;
}

/** The files without which something is missing. */
export function missingFiles({ skipped }: Pick<ReadReport, 'skipped'>): SkippedFile[] {
  return skipped.filter(({ isHarmless }) => !isHarmless);
}

/**
 * What was read, as one clause: `12 events in 3 files (2 Airflow log, 1 CSV), from … to …`.
 *
 * @param span the times of the first and the last event, in epoch milliseconds
 */
export function describeReading(
  { files, events, formats }: Pick<ReadReport, 'files' | 'events' | 'formats'>,
  span: { readonly firstEventEpochMs: number; readonly lastEventEpochMs: number },
): string {
  const number = (count: number) => shownCount(count);
  const some = (count: number, thing: string) =>
    `${number(count)} ${thing}${count === 1 ? '' : 's'}`;
  const kinds = [...formats].map(([format, count]) =>
    files === 1 ? format : `${number(count)} ${format}`,
  );
  const iso = (epochMs: number) => new Date(epochMs).toISOString();
  const times =
    events === 0 ? '' : `, from ${iso(span.firstEventEpochMs)} to ${iso(span.lastEventEpochMs)}`;
  return `${some(events, 'event')} in ${some(files, 'file')} (${kinds.join(', ')})${times}`;
}

/** The report's problems as lines for a terminal; none when everything was read. */
export function describeProblems(report: ReadReport): string[] {
  return [
    ...report.badLines.map(({ file, line, reason }) => `${file}:${line}: left out: ${reason}`),
    ...furtherLines(report.moreBadLines, 'left out'),
    ...report.doubts.map(({ file, line, reason }) => `${file}:${line}: ${reason}`),
    ...furtherLines(report.moreDoubts, 'read with a doubt'),
    ...report.skipped.map(({ file, reason }) => `${file}: not read: ${reason}`),
  ];
}

function furtherLines(more: ReadonlyMap<string, NumberedLines>, what: string): string[] {
  return [...more].map(([file, numbers]) => {
    const lines = numbers.count === 1 ? 'line was' : 'lines were';
    return `${file}: ${numbers.count} more ${lines} ${what}: ${numbers}`;
  });
}

/** What is missing, as one clause: `2 files were not read, 3 lines were left out`. */
export function summarizeProblems(report: ReadReport): string {
  const files = missingFiles(report).length;
  const { badLineCount, doubtCount } = report;
  const parts: string[] = [];
  const add = (count: number, thing: string, what: string) => {
    if (count === 0) return;
    const things = `${shownCount(count)} ${thing}${count === 1 ? ' was' : 's were'}`;
    parts.push(`${things} ${what}`);
  };
  add(files, 'file', 'not read');
  add(badLineCount, 'line', 'left out');
  add(doubtCount, 'line', 'read with a doubt');
  return parts.join(', ');
}

/** A clause about log groups that are not MWAA's, or nothing. */
export function logGroupsOfNoType(logGroups: readonly string[]): string[] {
  const { length } = logGroups;
  if (length === 0) return [];
  return [`${length} ${length === 1 ? 'log group was' : 'log groups were'} not judged`];
}
