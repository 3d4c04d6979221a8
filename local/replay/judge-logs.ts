import { availableParallelism } from 'node:os';
import { environmentOfFiles, findLogFiles, type LogFile } from '../log-readers/find-log-files.ts';
import {
  checkedReading,
  failWithoutFiles,
  type ReadLogsOptions,
} from '../log-readers/read-logs.ts';
import type { ReportBuilder } from '../log-readers/report/report-builder.ts';
import { FileJudge, type JudgeSettings } from './judge-file.ts';
import {
  BytesRead,
  judgePlanned,
  PartedFile,
  type PlannedTask,
  type TakeMatched,
} from './judge-threads.ts';
import { type JudgeThread, startJudgeThread } from './judge-worker.ts';
import { type JudgedLogs, MergedFiles } from './merged-files.ts';
import { partsOfFile } from './split-file.ts';

export interface JudgeLogsOptions extends Pick<JudgeSettings, 'candidates' | 'counted'> {
  readonly path: string;
  readonly reading: ReadLogsOptions;
  /** Called for each matched event; not in their order. */
  readonly onMatched: TakeMatched;
  /** @default - one for each core if there is much to read; 1 reads in this thread */
  readonly threads?: number;
  /** Large files of JSON lines are read in parts of about this size. @default 32 MiB */
  readonly partBytes?: number;
}

const defaultPartBytes = 32 * 1024 * 1024;
/**
 * A thread loads its code and chooses what to search for first, about as long as it takes to read this
 * much: with less to read, it is not worth it.
 */
const bytesForThreads = 64 * 1024 * 1024;
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
  const { path, candidates, counted, reading, onMatched } = options;
  const about = checkedReading(reading);
  const merged = new MergedFiles(counted);
  const { report } = merged;
  try {
    const { files, isDirectory, skipped } = await findLogFiles(path);
    report.skipped.push(...skipped);
    const source = { path, isDirectory, environment: environmentOfFiles(path, files) };
    const settings: JudgeSettings = {
      candidates,
      source,
      reading: about,
      ...(counted && { counted }),
    };
    const totalBytes = files.reduce((total, { bytes }) => total + bytes, 0);
    const threads = options.threads ?? threadsFor(totalBytes);
    const pool = openThreads(settings, threads);
    const progress = new BytesRead(totalBytes, reading.onProgress);
    try {
      const partBytes = threads > 1 ? (options.partBytes ?? defaultPartBytes) : Infinity;
      const work = { planned: planFiles(files, partBytes), merged, progress, onMatched };
      await Promise.all(pool.map((thread) => judgePlanned(thread, work)));
    } finally {
      await Promise.all(pool.map((thread) => thread.close()));
    }
    failWithoutFiles(path, files.length, report);
    return merged.logs(progress.count);
  } finally {
    onReport(report);
  }
}

function threadsFor(totalBytes: number): number {
  return totalBytes < bytesForThreads ? 1 : Math.min(availableParallelism(), threadsMax);
}

function openThreads(settings: JudgeSettings, count: number): JudgeThread[] {
  // This thread would save the start of one of them, but has no limit for what it drops: 100 MB more.
  if (count > 1) return Array.from({ length: count }, () => startJudgeThread(settings));
  const judge = new FileJudge(settings);
  return [{ judge: (task, sink) => judge.judge(task, sink), close: async () => {} }];
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
