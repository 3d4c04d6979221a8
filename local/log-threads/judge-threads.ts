import type { ReadProgress } from '../log-readers/read-logs.ts';
import type { FileTask, JudgedFile, KeptEvent, NeededOfFile } from './file-task.ts';
import type { JudgedEvent } from './judge-events.ts';
import type { JudgeThread } from './judge-worker.ts';
import type { MergedFiles } from './merged-files.ts';

/** Where an event is in the logs. */
export interface LogOrder {
  /** The number of its file. */
  readonly file: number;
  /** Greater than that of the events before it in the file. */
  readonly at: number;
}

export type TakeMatched = (judged: JudgedEvent, order: LogOrder) => void;

/** A file to judge as a whole, or one of its parts. */
export interface PlannedTask {
  /** Of the file, in the order of the logs. */
  readonly number: number;
  readonly task: FileTask;
  /** @default - the task is a whole file */
  readonly part?: { readonly of: PartedFile; readonly index: number };
}

interface PartResult {
  readonly judged: JudgedFile;
  readonly matched: readonly (readonly [JudgedEvent, LogOrder])[];
}

/** A file that is read in parts. */
export class PartedFile {
  readonly #parts: (PartResult | undefined)[];

  constructor(count: number) {
    this.#parts = Array.from({ length: count }, () => undefined);
  }

  /** @returns all parts, once they are there */
  put(index: number, part: PartResult): readonly PartResult[] | undefined {
    this.#parts[index] = part;
    const done = this.#parts.filter((one) => one !== undefined);
    return done.length === this.#parts.length ? done : undefined;
  }
}

/**
 * The result of a file from those of its parts.
 *
 * @returns undefined if a part is not what it would be within the file: there was anything to report, or an
 *   event's time comes from what precedes it
 */
function joined(parts: readonly PartResult[]): JudgedFile | undefined {
  const files = parts.map(({ judged }) => judged);
  const areAlike = files.every(({ isSelfContained, failure, report }) => {
    const [format] = report.formats;
    return isSelfContained && failure === undefined && report.files === 1 && format?.[0] === 'JSON';
  });
  const [first] = files;
  if (!areAlike || first === undefined) return undefined;
  return {
    ...first,
    report: {
      ...first.report,
      events: files.reduce((sum, { report }) => sum + report.events, 0),
      unknownTypes: [...new Set(files.flatMap(({ report }) => report.unknownTypes))],
    },
    logGroups: [...new Set(files.flatMap(({ logGroups }) => logGroups))],
    firstEpochMs: Math.min(...files.map(({ firstEpochMs }) => firstEpochMs)),
    lastEpochMs: Math.max(...files.map(({ lastEpochMs }) => lastEpochMs)),
    lastIngestionEpochMs: Math.max(...files.map((file) => file.lastIngestionEpochMs)),
    counts: files.flatMap(({ counts }) => counts),
    ...(first.needed && { needed: joinedNeeds(files) }),
  };
}

/** An event's number counts those of the parts before its own. */
function joinedNeeds(files: readonly JudgedFile[]): NeededOfFile {
  const kept: KeptEvent[] = [];
  let before = 0;
  for (const { needed, report } of files) {
    for (const { event, number } of needed?.kept ?? [])
      kept.push({ event, number: before + number });
    before += report.events;
  }
  const all = files.flatMap(({ needed }) => (needed === undefined ? [] : [needed]));
  return { kept, notKept: all.flatMap(({ notKept }) => notKept) };
}

/** What the threads of one reading share. */
export interface SharedWork {
  /** @returns undefined if none is left */
  readonly next: () => Promise<PlannedTask | undefined>;
  readonly merged: MergedFiles;
  readonly progress: BytesRead;
  readonly onMatched: TakeMatched;
  /** Called for each task when it is done, in any order. */
  readonly onTask?: (file: JudgedFile) => void;
  /** Whether the reading has ended, as by an error. */
  readonly isOver: () => boolean;
}

/** Judges files in one thread until none is left. */
export async function judgePlanned(thread: JudgeThread, work: SharedWork): Promise<void> {
  const { next, merged, onMatched } = work;
  for (let planned = await next(); planned !== undefined; planned = await next()) {
    const { number, task, part } = planned;
    await merged.roomFor(number);
    const judge = (one: FileTask, take: TakeMatched) => judgeOne(thread, number, one, take, work);
    if (part === undefined) {
      merged.put(number, await judge(task, onMatched));
      continue;
    }
    const matched: [JudgedEvent, LogOrder][] = [];
    const judged = await judge(task, (event, order) => matched.push([event, order]));
    const parts = part.of.put(part.index, { judged, matched });
    if (parts === undefined) continue;
    const whole = joined(parts);
    if (whole !== undefined)
      for (const one of parts) for (const each of one.matched) onMatched(...each);
    merged.put(number, whole ?? (await judge({ file: task.file }, onMatched)));
  }
}

async function judgeOne(
  thread: JudgeThread,
  number: number,
  task: FileTask,
  take: TakeMatched,
  { progress, onTask, isOver }: SharedWork,
): Promise<JudgedFile> {
  // An event takes more than one byte, so that events of different parts have different numbers.
  let at = task.range?.from ?? 0;
  let before = 0;
  const judged = await thread.judge(task, {
    isOver,
    matched(events) {
      for (const event of events) {
        take(event, { file: number, at });
        at += 1;
      }
    },
    bytesRead(bytes) {
      progress.add(bytes - before);
      before = bytes;
    },
  });
  onTask?.(judged);
  return judged;
}

/** Sums up what the threads have read. */
export class BytesRead {
  readonly #totalBytes: number;
  readonly #onProgress: ((progress: ReadProgress) => void) | undefined;
  count = 0;

  constructor(totalBytes: number, onProgress?: (progress: ReadProgress) => void) {
    this.#totalBytes = totalBytes;
    this.#onProgress = onProgress;
  }

  add(bytes: number): void {
    this.count += bytes;
    this.#onProgress?.({ bytesRead: this.count, totalBytes: this.#totalBytes });
  }
}
