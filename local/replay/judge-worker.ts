import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import type { JudgedEvent } from './judge-events.ts';
import {
  FileJudge,
  type FileTask,
  type JudgedFile,
  type JudgeSettings,
  type JudgeSink,
} from './judge-file.ts';

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

/** What a thread keeps is small; more room for what it drops at once would only be filled. */
const maxYoungGenerationSizeMb = 12;

/** Marks this file's own workers: a program's other threads may load it, too. */
const role = 'judges log files';

/** Starts a thread that judges files; it loads its code while this one goes on. */
export function startJudgeThread(settings: JudgeSettings): JudgeThread {
  const worker = new Worker(new URL(import.meta.url), {
    workerData: { role, settings },
    resourceLimits: { maxYoungGenerationSizeMb },
  });
  let handle: (message: WorkerMessage) => void = () => {};
  let fail: (error: unknown) => void = () => {};
  worker.on('message', (message: WorkerMessage) => handle(message));
  worker.on('error', (error) => fail(error));
  worker.on('exit', (code) => fail(new Error(`a thread that reads logs ended with code ${code}`)));
  return {
    judge(task, sink) {
      return new Promise((resolve, reject) => {
        fail = reject;
        handle = (message) => {
          if (message.kind === 'matched') sink.matched(message.events);
          else if (message.kind === 'bytes') sink.bytesRead(message.bytes);
          else if (message.kind === 'judged') resolve(message.file);
          else reject(message.error);
        };
        worker.postMessage(task);
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

function work(port: NonNullable<typeof parentPort>, settings: JudgeSettings): void {
  const judge = new FileJudge(settings);
  const send = (message: WorkerMessage) => port.postMessage(message);
  port.on('message', (task: FileTask) => {
    let reported = 0;
    let last = 0;
    const bytesRead = (bytes: number) => {
      last = bytes;
      if (bytes - reported < reportedBytes) return;
      reported = bytes;
      send({ kind: 'bytes', bytes });
    };
    const matched = (events: readonly JudgedEvent[]) => send({ kind: 'matched', events });
    judge.judge(task, { matched, bytesRead }).then(
      (file) => {
        send({ kind: 'bytes', bytes: last });
        send({ kind: 'judged', file });
      },
      (error: unknown) => send({ kind: 'error', error }),
    );
  });
}

if (!isMainThread && parentPort !== null && workerData?.role === role) {
  work(parentPort, workerData.settings);
}
