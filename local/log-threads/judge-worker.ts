import { readdirSync, statSync } from 'node:fs';
import * as nodeModule from 'node:module';
import { join } from 'node:path';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { standardInput } from '../log-readers/lines/standard-input.ts';
import type { FileReader } from './file-reader.ts';
import type { FileTask, JudgedFile, JudgeSettings, JudgeSink } from './file-task.ts';
import type { JudgedEvent } from './judge-events.ts';

/** What a worker is told: first by what to judge, then file after file. */
type WorkerOrder =
  | { readonly kind: 'settings'; readonly settings: JudgeSettings }
  | { readonly kind: 'task'; readonly task: FileTask };

/** What a worker says of the file that it was given last. */
type WorkerMessage =
  | { readonly kind: 'matched'; readonly events: readonly JudgedEvent[] }
  | { readonly kind: 'bytes'; readonly bytes: number }
  | { readonly kind: 'judged'; readonly file: JudgedFile }
  /** An error of the program, which ends the replay. */
  | { readonly kind: 'error'; readonly error: unknown };

/** Judges one file at a time, in this thread or in another one. */
export interface JudgeThread {
  judge(task: FileTask, sink: JudgeSink): Promise<JudgedFile>;
  close(): Promise<void>;
}

/**
 * A thread loads its code first, about as long as it takes to read this much: with less to read, it is not worth
 * it.
 */
const bytesForThreads = 64 * 1024 * 1024;
/** How much comes out of a byte of compressed logs, about. */
const unpackedRatio = 10;
/** Files that are looked at to tell whether there is so much. */
const lookedAtMax = 100;

/** What a thread keeps is small; more room for what it drops at once would only be filled. */
const maxYoungGenerationSizeMb = 12;

/** Marks this file's own workers: a program's other threads may load it, too. */
const role = 'judges log files';

/** A thread that has been started, and does not know yet what to judge by. */
let spare: Worker | undefined;

/**
 * Starts a thread while the program loads its own code, if the logs look large enough to be read by several: the
 * next {@link startJudgeThread} takes it. It does not keep the program from ending.
 */
export function startSpareThread(logs: string): void {
  if (spare !== undefined || !isLarge(logs)) return;
  spare = startWorker();
  spare.unref();
}

/** Whether the first files of a path are large together. */
export function isLarge(path: string): boolean {
  if (path === standardInput) return false;
  try {
    const folder = statSync(path).isDirectory() ? path : undefined;
    const names = folder === undefined ? [path] : readdirSync(folder).slice(0, lookedAtMax);
    const files = names.map((name) => join(folder ?? '', name));
    return isMuch(files.map((file) => ({ path: file, bytes: statSync(file).size })));
  } catch {
    // Whoever reads it says what is wrong with it.
    return false;
  }
}

/**
 * Compiled code is kept as that of the program is, or half of a short replay is compiling it again. It has to be
 * said before the first file is loaded.
 */
const loadCode = `
const { workerData } = require('node:worker_threads');
if (workerData.compiled !== undefined) require('node:module').enableCompileCache?.(workerData.compiled);
import(workerData.code);`;

/** Whether there is so much to read that several threads are worth it. */
export function isMuch(
  files: readonly { readonly path: string; readonly bytes: number }[],
): boolean {
  const isPacked = (path: string) => /\.(gz|tgz|bz2|xz|zst|zip|parquet)$/i.test(path);
  const unpacked = files.map(({ path, bytes }) => (isPacked(path) ? unpackedRatio : 1) * bytes);
  return unpacked.reduce((sum, bytes) => sum + bytes, 0) >= bytesForThreads;
}

function startWorker(): Worker {
  return new Worker(loadCode, {
    eval: true,
    workerData: { role, code: import.meta.url, compiled: nodeModule.getCompileCacheDir?.() },
    resourceLimits: { maxYoungGenerationSizeMb },
  });
}

/** Starts a thread that judges files; it loads its code while this one goes on. */
export function startJudgeThread(settings: JudgeSettings): JudgeThread {
  const worker = spare ?? startWorker();
  spare = undefined;
  worker.ref();
  const tell = (order: WorkerOrder) => worker.postMessage(order);
  tell({ kind: 'settings', settings });
  let handle: (message: WorkerMessage) => void = () => {};
  // Why it takes no more tasks: it can end between two of them.
  let failure: { readonly error: unknown } | undefined;
  let fail: (error: unknown) => void = () => {};
  const end = (error: unknown) => {
    failure ??= { error };
    fail(error);
  };
  worker.on('message', (message: WorkerMessage) => handle(message));
  worker.on('error', end);
  worker.on('exit', (code) => end(new Error(`a thread that reads logs ended with code ${code}`)));
  return {
    judge(task, sink) {
      return new Promise((resolve, reject) => {
        if (failure !== undefined) reject(failure.error);
        fail = reject;
        handle = (message) => {
          if (message.kind === 'matched') sink.matched(message.events);
          else if (message.kind === 'bytes') sink.bytesRead(message.bytes);
          else if (message.kind === 'judged') resolve(message.file);
          else reject(message.error);
        };
        tell({ kind: 'task', task });
      });
    },
    async close() {
      fail = () => {};
      await worker.terminate();
    },
  };
}

/** How many bytes are read before they are reported, so that the threads seldom wake each other. */
const reportedBytes = 4 * 1024 * 1024;

function work(port: NonNullable<typeof parentPort>): void {
  const code = import('./file-reader.ts');
  const send = (message: WorkerMessage) => port.postMessage(message);
  let judge: Promise<FileReader> | undefined;
  port.on('message', (order: WorkerOrder) => {
    if (order.kind === 'settings') {
      judge = code.then(({ fileReaderOf }) => fileReaderOf(order.settings));
      return;
    }
    let reported = 0;
    let last = 0;
    const bytesRead = (bytes: number) => {
      last = bytes;
      if (bytes - reported < reportedBytes) return;
      reported = bytes;
      send({ kind: 'bytes', bytes });
    };
    const matched = (events: readonly JudgedEvent[]) => send({ kind: 'matched', events });
    judge
      ?.then((one) => one.judge(order.task, { matched, bytesRead }))
      .then(
        (file) => {
          send({ kind: 'bytes', bytes: last });
          send({ kind: 'judged', file });
        },
        (error: unknown) => send({ kind: 'error', error }),
      );
  });
}

if (!isMainThread && parentPort !== null && workerData?.role === role) {
  work(parentPort);
}
