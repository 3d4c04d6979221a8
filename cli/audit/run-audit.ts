import type { Slice } from '../../lambda/plan/lanes.ts';
import { onSignals } from '../shared/on-signals.ts';
import { startProgress } from '../shared/progress.ts';
import type { AuditOptions } from './audit-options.ts';
import type { AuditState } from './audit-state.ts';
import { bytesOfSlice, type Volume } from './estimate.ts';
import type { Preparation } from './prepare-audit.ts';
import { QueryShare } from './query-share.ts';
import { readRange, type Unread } from './read-range.ts';
import { sliceReader } from './slice-reader.ts';
import { StateFile } from './state-file.ts';
import { Stopper } from './stopper.ts';
import { timeLeftMs, timeLeftText } from './time-left.ts';

/** The result of a run. */
export interface AuditRun {
  readonly state: AuditState;
  readonly unread: readonly Unread[];
  /** Why the run was stopped, as a clause; undefined when it was not. */
  readonly stopped: string | undefined;
  /** The number of queries that are not known to have ended. */
  readonly mayRunOn: number;
}

/**
 * Reads what is left, and stores the readings in the state file.
 *
 * @throws UserError when the file cannot be written
 */
export async function runAudit(
  options: Pick<AuditOptions, 'concurrency' | 'patience' | 'state'>,
  { audit, clients, found, groups, volume, state: before }: Preparation,
): Promise<AuditRun> {
  const stopper = new Stopper();
  const { concurrency, patience } = options;
  const share = new QueryShare(stopper, { concurrency, patienceMs: patience });
  share.watch(clients.queries);
  let state = before;
  const file = options.state === undefined ? undefined : new StateFile(options.state);
  await file?.save(state);
  const progress = progressOf(volume);
  const forget = onSignals((signal) => {
    progress.stop();
    if (stopper.reason === undefined) console.error(`${signal}: stopping the running queries`);
    stopper.stop(`by ${signal}`);
  });
  try {
    const { timer } = stopper;
    const readSlice = sliceReader({
      shell: { logs: clients.queries, timer, random: Math.random, log: () => undefined },
      ...{ plan: audit.plan, groups: found.groups, texts: state.texts, nowEpochMs: Date.now() },
      onLearnt: (texts) => {
        state = { ...state, texts };
      },
    });
    const unread = await readRange(
      {
        ...{ groups: groups.spans, concurrency, stopper, read: readSlice },
        sliceMs: state.about.sliceMs,
        store: async (readings) => {
          state = { ...state, readings: [...state.readings, ...readings] };
          await file?.save(state);
        },
        onPlan: progress.plan,
        onSlice: progress.done,
      },
      before.readings,
    );
    return { state, unread, stopped: stopper.reason, mayRunOn: share.mayRunOn };
  } finally {
    progress.stop();
    forget();
    clients.queries.destroy();
  }
}

/** Progress as the number of slices; the time left is estimated by their bytes. */
function progressOf(volume: Volume) {
  const progress = startProgress('reading', 'slices');
  const startedMs = performance.now();
  let meanBytes = 0;
  const work = { done: 0, total: 0 };
  const slices = { done: 0, total: 0 };
  // An empty slice takes time as well.
  const weightOf = (slice: Slice) => bytesOfSlice(slice, volume) + meanBytes + 1;
  return {
    plan: (planned: readonly Slice[]) => {
      const bytes = planned.reduce((sum, slice) => sum + bytesOfSlice(slice, volume), 0);
      meanBytes = bytes / planned.length;
      work.total = work.done + planned.reduce((sum, slice) => sum + weightOf(slice), 0);
      slices.total = slices.done + planned.length;
      progress.update(slices.done, slices.total);
    },
    done: (slice: Slice) => {
      work.done += weightOf(slice);
      slices.done += 1;
      const leftMs = timeLeftMs(work, performance.now() - startedMs);
      progress.update(slices.done, slices.total, timeLeftText(leftMs));
    },
    stop: () => progress.stop(),
  };
}
