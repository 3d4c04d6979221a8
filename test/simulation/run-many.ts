import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { runSchedule } from './run-schedule.ts';
import { digestOf, type ScheduleDigest } from './summary.ts';

const workerFile = fileURLToPath(new URL('worker.ts', import.meta.url));
/** Seeds that a process is handed at once. */
const batchSize = 20;

export interface ManyOptions {
  /** Processes that run schedules side by side. */
  readonly workers: number;
  readonly onDigests?: (digests: readonly ScheduleDigest[]) => void;
}

/** Runs schedules in processes of their own, which read TypeScript as it stands. */
export async function runMany(
  seeds: readonly number[],
  { workers, onDigests = () => {} }: ManyOptions,
): Promise<ScheduleDigest[]> {
  const left = [...seeds];
  const digests: ScheduleDigest[] = [];
  const children = Array.from({ length: workers }, () => startWorker());
  try {
    await Promise.all(
      children.map(async (child) => {
        while (left.length > 0) {
          const done = await child.run(left.splice(0, batchSize));
          digests.push(...done);
          onDigests(done);
        }
      }),
    );
  } finally {
    for (const child of children) child.stop();
  }
  return digests;
}

/** All of a batch, one after the other: what a worker does. */
export async function runBatch(seeds: readonly number[]): Promise<ScheduleDigest[]> {
  const digests: ScheduleDigest[] = [];
  for (const seed of seeds) digests.push(digestOf(await runSchedule(seed)));
  return digests;
}

function startWorker() {
  const child: ChildProcess = fork(workerFile, [], { stdio: 'inherit' });
  return {
    run: (seeds: readonly number[]) =>
      new Promise<ScheduleDigest[]>((resolve, reject) => {
        const ended = (code: number | null) =>
          reject(new Error(`a worker ended with code ${code}`));
        child.once('exit', ended);
        child.once('message', (digests: ScheduleDigest[]) => {
          child.off('exit', ended);
          resolve(digests);
        });
        child.send(seeds);
      }),
    stop: () => child.disconnect(),
  };
}
