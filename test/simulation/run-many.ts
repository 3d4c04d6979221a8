import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { runSchedule, type ScheduleResult } from './run-schedule.ts';
import { type ForcedSettings, scheduleOf, withSettings } from './schedule/draw-schedule.ts';

/** The result of one schedule among many; with its story only if it broke an invariant. */
export interface ScheduleDigest extends ScheduleResult {
  readonly seed: number;
}

export interface ManyOptions {
  /** Number of processes that run schedules in parallel. */
  readonly workers: number;
  /** Settings for all schedules. @default what each schedule draws */
  readonly forced?: ForcedSettings;
  readonly onDigests?: (digests: readonly ScheduleDigest[]) => void;
}

const workerFile = fileURLToPath(new URL('worker.ts', import.meta.url));
/** Seeds handed to a process at once. */
const batchSize = 20;

/** Runs schedules in processes of their own, which execute TypeScript directly. */
export async function runMany(
  seeds: readonly number[],
  { workers, forced = {}, onDigests = () => {} }: ManyOptions,
): Promise<ScheduleDigest[]> {
  const left = [...seeds];
  const digests: ScheduleDigest[] = [];
  const children = Array.from({ length: workers }, () => startWorker());
  try {
    await Promise.all(
      children.map(async (child) => {
        while (left.length > 0) {
          const done = await child.run({ seeds: left.splice(0, batchSize), forced });
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

/** The work handed to a worker at once. */
export interface Batch {
  readonly seeds: readonly number[];
  readonly forced: ForcedSettings;
}

/** Runs a batch in this process, one schedule at a time. */
export async function runBatch({ seeds, forced }: Batch): Promise<ScheduleDigest[]> {
  // The handler creates many errors on purpose, and nobody reads their stacks.
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    const digests: ScheduleDigest[] = [];
    for (const seed of seeds) {
      const schedule = withSettings(scheduleOf(seed), forced);
      const result = await runSchedule(schedule);
      const isBroken = result.violations.length > 0;
      const told = isBroken ? await runSchedule(schedule, { isTold: true }) : result;
      digests.push({ seed, ...told });
    }
    return digests;
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

function startWorker() {
  const child: ChildProcess = fork(workerFile, [], { stdio: 'inherit' });
  return {
    run: (batch: Batch) =>
      new Promise<ScheduleDigest[]>((resolve, reject) => {
        const ended = (code: number | null) =>
          reject(new Error(`a worker ended with code ${code}`));
        child.once('exit', ended);
        child.once('message', (digests: ScheduleDigest[]) => {
          child.off('exit', ended);
          resolve(digests);
        });
        child.send(batch);
      }),
    stop: () => child.disconnect(),
  };
}
