import { availableParallelism } from 'node:os';
import { environmentOfFiles, findLogFiles, type LogFile } from '../log-readers/find-log-files.ts';
import {
  checkedReading,
  failWithoutFiles,
  type ReadLogsOptions,
} from '../log-readers/read-logs.ts';
import type { ReportBuilder } from '../log-readers/report/report-builder.ts';
import { fileReaderOf } from './file-reader.ts';
import type { JudgedFile, JudgeSettings } from './file-task.ts';
import {
  BytesRead,
  judgePlanned,
  PartedFile,
  type PlannedTask,
  type TakeMatched,
} from './judge-threads.ts';
import { isMuch, type JudgeThread, startJudgeThread } from './judge-worker.ts';
import { type JudgedLogs, MergedFiles } from './merged-files.ts';
import { partsOfFile } from './split-file.ts';

export interface JudgeLogsOptions
  extends Pick<JudgeSettings, 'candidates' | 'prepared' | 'counted' | 'query'> {
  readonly path: string;
  readonly reading: ReadLogsOptions;
  /** Called for each matched event; not in their order. */
  readonly onMatched: TakeMatched;
  /** Called for each file, in their order. */
  readonly onFile?: (file: JudgedFile) => void;
  /** Called for each file or part of one, in any order. What it throws ends the reading. */
  readonly onTask?: (file: JudgedFile) => void;
  /** @default - one for each core if there is much to read; 1 reads in this thread */
  readonly threads?: number;
  /** Large files of JSON lines are read in parts of about this size. @default 16 MiB */
  readonly partBytes?: number;
}

const defaultPartBytes = 16 * 1024 * 1024;
const threadsMax = 8;

/**
 * Reads logs once, as a stream, and judges every event that a detection may match. Memory does not grow with
 * the logs, apart from what matches.
 *
 * Files are read by several threads, and large files of JSON lines in parts. The report is the one of a
 * reading from beginning to end.
 *
 * @param onReport called with the report at the end, also before an error
 * @throws LogReadError when no part of the logs can be read
 */
export async function judgeLogs(
  options: JudgeLogsOptions,
  onReport: (report: ReportBuilder) => void = () => {},
): Promise<JudgedLogs> {
  const { path, candidates, prepared, counted, query, reading, onMatched, onTask } = options;
  const about = checkedReading(reading);
  const merged = new MergedFiles(counted, options.onFile);
  const { report } = merged;
  try {
    const { files, isDirectory, skipped } = await findLogFiles(path);
    report.skipped.push(...skipped);
    const source = { path, isDirectory, environment: environmentOfFiles(path, files) };
    const settings: JudgeSettings = {
      candidates,
      source,
      reading: about,
      ...(prepared && { prepared }),
      ...(counted && { counted }),
      ...(query && { query }),
    };
    const totalBytes = files.reduce((total, { bytes }) => total + bytes, 0);
    const threads = options.threads ?? threadsFor(files);
    const pool = openThreads(settings, threads);
    const progress = new BytesRead(totalBytes, reading.onProgress);
    let isOver = false;
    try {
      const partBytes = threads > 1 ? (options.partBytes ?? defaultPartBytes) : Infinity;
      const planned = new PlannedTasks(planFiles(files, partBytes), files.length);
      const shared = { merged, progress, onMatched, isOver: () => isOver };
      const work = { ...shared, ...(onTask && { onTask }) };
      await Promise.all(
        pool.map((thread, number) => {
          // The last thread begins at the end: each then learns what to search for of fewer log groups.
          const isFromEnd = number > 0 && number === pool.length - 1;
          const next = async () => {
            if (isOver) return undefined;
            return isFromEnd ? planned.last() : planned.next();
          };
          return judgePlanned(thread, { ...work, next });
        }),
      );
    } finally {
      isOver = true;
      await Promise.all(pool.map((thread) => thread.close()));
    }
    failWithoutFiles(path, files.length, report);
    return merged.logs(progress.count);
  } finally {
    onReport(report);
  }
}

function threadsFor(files: readonly LogFile[]): number {
  return isMuch(files) ? Math.min(availableParallelism(), threadsMax) : 1;
}

/** This thread judges, too: it has its code loaded, while the others load theirs. */
function openThreads(settings: JudgeSettings, count: number): JudgeThread[] {
  const others = Array.from({ length: count - 1 }, () => startJudgeThread(settings));
  const judge = fileReaderOf(settings);
  return [{ judge: (task, sink) => judge.judge(task, sink), close: async () => {} }, ...others];
}

/** With more files, only so many are planned at once, and all threads take them in their order. */
const filesAtOnceMax = 256;

/** The tasks that no thread has taken yet. */
class PlannedTasks {
  readonly #planned: AsyncGenerator<PlannedTask>;
  readonly #mayTakeLast: boolean;
  #all: Promise<PlannedTask[]> | undefined;

  constructor(planned: AsyncGenerator<PlannedTask>, files: number) {
    this.#planned = planned;
    this.#mayTakeLast = files <= filesAtOnceMax;
  }

  async next(): Promise<PlannedTask | undefined> {
    if (!this.#mayTakeLast) return (await this.#planned.next()).value ?? undefined;
    return (await this.#list()).shift();
  }

  async last(): Promise<PlannedTask | undefined> {
    return this.#mayTakeLast ? (await this.#list()).pop() : this.next();
  }

  #list(): Promise<PlannedTask[]> {
    this.#all ??= listOf(this.#planned);
    return this.#all;
  }
}

async function listOf<T>(values: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const value of values) list.push(value);
  return list;
}

/** Files in their order; large ones in parts. */
async function* planFiles(
  files: readonly LogFile[],
  partBytes: number,
): AsyncGenerator<PlannedTask> {
  for (const [number, { path: file, bytes }] of files.entries()) {
    // A file that cannot be opened is reported when it is read.
    const ranges = await partsOfFile(file, bytes, partBytes).catch(() => undefined);
    if (ranges === undefined) {
      yield { number, task: { file } };
      continue;
    }
    const of = new PartedFile(ranges.length);
    for (const [index, range] of ranges.entries()) {
      yield { number, task: { file, range }, part: { of, index } };
    }
  }
}
