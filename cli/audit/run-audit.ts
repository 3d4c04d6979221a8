import type { Deadline } from '../../lambda/common/time.ts';
import { observeEvent } from '../../lambda/lines/event-identity.ts';
import type { KnownTexts, Refusal } from '../../lambda/model/refused-texts.ts';
import type { Window } from '../../lambda/model/windows.ts';
import { detectionsById } from '../../lambda/plan/detections-by-id.ts';
import type { Slice } from '../../lambda/plan/runtime-config.ts';
import type { ScanPlan } from '../../lambda/plan/scan-plan.ts';
import { type PackPlan, PackTexts } from '../../lambda/query/accepted-texts.ts';
import type { PackText } from '../../lambda/query/pack-text.ts';
import type { QueryShell } from '../../lambda/query/query.ts';
import { isGone } from '../../lambda/record/gaps.ts';
import type { PackEvent } from '../../lambda/scan/pack-rows.ts';
import { readDocumented } from '../../lambda/scan/read-documented.ts';
import { readPackSlice } from '../../lambda/scan/read-slice.ts';
import { onSignals } from '../common/interruption.ts';
import { startProgress } from '../common/progress.ts';
import type { AuditOptions } from './audit-range.ts';
import type { AuditState } from './audit-state.ts';
import { bytesOfSlice, timeLeftMs, timeLeftText, type Volume } from './estimate.ts';
import type { Preparation } from './prepare-audit.ts';
import { QueryShare, Stopper } from './query-share.ts';
import { type ReadSlice, readRange, type Unread } from './read-range.ts';
import type { GroupFacts } from './spans.ts';
import { StateFile } from './state-file.ts';

/**
 * The pack's texts for slices that are read concurrently: when several of them are refused, one
 * searches for the cause and the others wait for the result.
 */
class SharedTexts extends PackTexts {
  #begun: Promise<void> | undefined;
  #learning: Promise<void> = Promise.resolve();

  /**
   * @param known what an earlier run has learnt. It is not tried again, so that the whole audit is
   *   read without the same detections.
   */
  constructor(
    shell: QueryShell,
    plan: PackPlan,
    known: KnownTexts | undefined,
    onLearnt: (known: KnownTexts) => void,
  ) {
    super(shell, plan, {
      ...(known !== undefined && { before: { triedEpochMs: 0, known } }),
      nowEpochMs: 0,
      onLearnt: async (learnt) => onLearnt(learnt.known),
    });
  }

  override begin(slice: Slice, deadline: Deadline): Promise<void> {
    this.#begun ??= super.begin(slice, deadline);
    return this.#begun;
  }

  override learn(
    text: PackText,
    refusal: Refusal,
    slice: Slice,
    deadline: Deadline,
  ): Promise<void> {
    this.#learning = this.#learning.then(async () => {
      // Unless another slice had the same refusal and has replaced this text.
      if (this.isOwn(text)) await super.learn(text, refusal, slice, deadline);
    });
    return this.#learning;
  }
}

interface SliceReaderOptions {
  readonly shell: QueryShell;
  readonly plan: ScanPlan;
  /** The log groups that exist, by name. */
  readonly groups: ReadonlyMap<string, GroupFacts>;
  /** What an earlier run has learnt about the texts; undefined: nothing was refused. */
  readonly texts: KnownTexts | undefined;
  /** Called with what is learnt about the texts, before anything is read with them. */
  readonly onLearnt: (texts: KnownTexts) => void;
  readonly nowEpochMs: number;
}

/** Reads slices with the deployed function's own code. */
function sliceReader(options: SliceReaderOptions): ReadSlice {
  const { shell, plan, groups, nowEpochMs } = options;
  const isGroupGone = (logGroup: string, window: Window): boolean =>
    isGone(window, groups.get(logGroup) ?? {}, nowEpochMs);
  const texts = new SharedTexts(shell, plan, options.texts, options.onLearnt);
  const detections = detectionsById(plan);
  const observe = (event: PackEvent) => observeEvent(event, { detections });
  return (lane, slice, deadline) =>
    lane === 'documented'
      ? readDocumented(shell, plan, slice, deadline, { isGone: isGroupGone })
      : readPackSlice(shell, plan, slice, deadline, { observe, texts });
}

/** The result of a run. */
interface AuditRun {
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
  options: Pick<AuditOptions, 'concurrency' | 'patience' | 'state' | 'timer'>,
  { audit, clients, found, groups, volume, state: before }: Preparation,
): Promise<AuditRun> {
  const stopper = new Stopper(options.timer);
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
