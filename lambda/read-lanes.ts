import { claimGap } from './claim-gap.ts';
import { isClaimed } from './claimed.ts';
import { finishClaims } from './finish-claims.ts';
import { gapOf } from './gaps.ts';
import { type Lane, lanes } from './lane.ts';
import { laneTarget } from './lanes.ts';
import type { Mark } from './ledger/marks.ts';
import type { MonitorState } from './ledger/monitor-state.ts';
import type { SliceRecord } from './ledger/slice-record.ts';
import { type LaneResult, type LaneTask, readLane } from './read-lane.ts';
import { resolveWaiting } from './record-slice.ts';
import { retreatSteps } from './retreat.ts';
import type { RetreatBook } from './retreat-book.ts';
import type { RuntimeConfig } from './runtime-config.ts';
import { type GroupOutcome, worstOutcomes } from './scan-groups.ts';
import type { TickCoverage } from './tick-coverage.ts';
import { tickMarks } from './tick-marks.ts';
import type { TickContext } from './tick-shell.ts';

/** What one tick read in all lanes, and where it left them. */
export interface LanesResult {
  readonly outcomes: ReadonlyMap<string, GroupOutcome>;
  /** Groups that are to be scanned, and were not found to be blind. */
  readonly readableGroups: number;
  readonly scanLagSeconds: number | undefined;
  readonly lateLagMaxSeconds: number | undefined;
  readonly doubts: number;
  readonly bytesUncounted: number;
  /** Slices that were done in this tick, as they were settled. */
  readonly slices: readonly SliceRecord[];
  /** Whether what lies before the first tick is still being read. */
  readonly isLookingBack: boolean;
  readonly failures: readonly Error[];
}

export interface ReadingCare {
  readonly retreats: RetreatBook;
  /** Called before each reading that may end the run, so that people are notified before. */
  readonly beforeRisk: (isLookingBack: boolean) => Promise<void>;
}

/**
 * Reads what is behind in every lane: first the scan, then the sweeps, each as far as the time allows;
 * last, one by one, the log groups in which a run before was killed, since they may kill this one.
 * Before that, what an interrupted invocation has settled is finished, and what can never be read any
 * more is told and passed over.
 */
export async function readLanes(
  context: TickContext,
  known: TickCoverage,
  { sliceMinutes }: Pick<MonitorState, 'sliceMinutes'>,
  { retreats, beforeRisk }: ReadingCare,
): Promise<LanesResult> {
  const { shell, tickEpochMs } = context;
  const readable = new Set(known.groups.flatMap(({ logGroup, scan }) => (scan ? [logGroup] : [])));
  const covered = new Set(
    known.groups.flatMap(({ logGroup, blind }) => (blind === undefined ? [logGroup] : [])),
  );
  const failures: Error[] = [];
  let marks: readonly Mark[] = [];
  try {
    marks = await settledMarks(context, known, readable);
  } catch (cause) {
    failures.push(new Error('how far the log groups are read cannot be settled', { cause }));
  }
  const results: LaneResult[] = [];
  if (failures.length === 0) {
    try {
      await readAll();
    } catch (cause) {
      failures.push(new Error('how carefully to read cannot be stored', { cause }));
    }
  }
  try {
    // Without time it is for the next tick: nothing is lost by that.
    const hasTime = context.scanDeadline.remainingMs() > 0;
    if (failures.length === 0 && hasTime) await waitNoLonger(context, inLane(marks, 'scan'));
  } catch (cause) {
    failures.push(new Error('what waits for lines that cannot be read is not settled', { cause }));
  }
  const outcomes = worstOutcomes(results);
  failures.push(...failedGroups(outcomes));
  const lags = results.flatMap(({ lagMaxMs }) => lagMaxMs ?? []);
  const seen = inLane(marks, 'scan').filter(
    ({ logGroup }) => readable.has(logGroup) && !isBlind(outcomes.get(logGroup)),
  );
  return {
    outcomes,
    readableGroups: seen.length,
    scanLagSeconds:
      seen.length === 0 ? undefined : lagSeconds(marks, seen, tickEpochMs, shell.config),
    lateLagMaxSeconds: lags.length === 0 ? undefined : Math.max(...lags) / 1000,
    doubts: results.reduce((sum, { doubts }) => sum + doubts, 0),
    bytesUncounted: results.reduce((sum, { bytesUncounted }) => sum + bytesUncounted, 0),
    slices: results.flatMap(({ slices }) => slices),
    isLookingBack: isLookingBack(seen),
    failures,
  };

  async function readAll(): Promise<void> {
    const { maxSliceMinutes } = shell.config;
    // Version 1 of the ledger has one width for all lanes; it holds until there is one for each.
    const minutes = retreats.isEmpty ? (sliceMinutes ?? maxSliceMinutes) : maxSliceMinutes;
    const widthMaxMs = Math.min(minutes, maxSliceMinutes) * 60_000;
    const scanTimeMs = context.scanDeadline.remainingMs();
    const about = { covered, widthMaxMs, retreats, scanTimeMs };
    // A sweep asks the pack alone: without one there is nothing to ask.
    const lanesToRead = shell.plan.candidates.length === 0 ? (['scan'] as const) : lanes;
    const risky = lanesToRead
      .flatMap((lane) =>
        inLane(marks, lane).flatMap(({ logGroup }) => {
          const retreat = retreats.of(lane, logGroup);
          return readable.has(logGroup) && retreat?.alone ? [{ lane, logGroup, retreat }] : [];
        }),
      )
      // The most careful ones are the most dangerous.
      .toSorted((a, b) => b.retreat.widthSeconds - a.retreat.widthSeconds)
      .toSorted(
        (a, b) => retreatSteps.indexOf(a.retreat.step) - retreatSteps.indexOf(b.retreat.step),
      );
    const isRisky = (lane: Lane, logGroup: string) =>
      risky.some((one) => one.lane === lane && one.logGroup === logGroup);
    const ordinary = (lane: Lane) =>
      inLane(marks, lane).filter(
        ({ logGroup }) => readable.has(logGroup) && !isRisky(lane, logGroup),
      );
    for (const lane of lanesToRead) {
      if (failures.length > 0) break;
      const own = ordinary(lane);
      // A sweep that has much to catch up with must leave time for the scan of the risky groups.
      const isShort = lane !== 'scan' && risky.length > 0;
      await read({ lane, ...about, marks: own, ...(isShort && { slicesMax: own.length }) });
    }
    for (const { lane, logGroup, retreat } of risky) {
      if (failures.length > 0) break;
      await retreats.flush();
      await beforeRisk(isLookingBack(inLane(marks, 'scan')));
      await read({
        ...{ lane, ...about, alone: retreat },
        marks: inLane(marks, lane).filter((mark) => mark.logGroup === logGroup),
      });
    }
    if (risky.length > 0) {
      for (const lane of lanesToRead.filter((one) => one !== 'scan')) {
        if (failures.length === 0) await read({ lane, ...about, marks: ordinary(lane) });
      }
    }
    await retreats.flush();
  }

  async function read(task: Omit<LaneTask, 'limits'>): Promise<void> {
    const scanned = inLane(marks, 'scan').map(
      ({ logGroup, positionEpochMs }) => [logGroup, positionEpochMs] as const,
    );
    const limits = new Map(task.lane === 'scan' ? [] : scanned);
    const result = await readLane(context, { ...task, limits });
    results.push(result);
    marks = replaced(marks, result.marks);
    failures.push(...(result.failure ? [result.failure] : []));
  }
}

/** Whether what lies before the first tick is still being read. */
function isLookingBack(marks: readonly Mark[]): boolean {
  return marks.some((mark) => mark.positionEpochMs < mark.sinceEpochMs);
}
/** All marks, with no claim left to finish, and past what can never be read. */
async function settledMarks(
  context: TickContext,
  { groups, existing }: TickCoverage,
  readable: ReadonlySet<string>,
): Promise<readonly Mark[]> {
  const marks = await tickMarks(context, groups, existing);
  const finished = replaced(marks, await finishClaims(context, marks.filter(isClaimed)));
  const gaps = finished.flatMap((mark) => {
    const facts = existing.kind === 'known' ? existing.logGroups.get(mark.logGroup) : undefined;
    const isReadable = readable.has(mark.logGroup) && facts !== undefined;
    return (isReadable && gapOf(mark, facts, context.tickEpochMs)) || [];
  });
  const claims = [];
  for (const gap of gaps) claims.push(await claimGap(context, gap));
  return replaced(finished, await finishClaims(context, claims));
}

/** Marks, of which some have moved. */
function replaced(marks: readonly Mark[], moved: readonly Mark[]): readonly Mark[] {
  const keyOf = ({ lane, logGroup }: Mark) => `${lane} ${logGroup}`;
  const latest = new Map(moved.map((mark) => [keyOf(mark), mark]));
  return marks.map((mark) => latest.get(keyOf(mark)) ?? mark);
}

/** So long a log group may stand still before what waits in it is told without what it waits for. */
const patiencePeriods = 3;

/**
 * A command that was seen is told, even if its log group can never be read again: whoever changes a
 * privilege may delete the log next.
 */
async function waitNoLonger(context: TickContext, marks: readonly Mark[]): Promise<void> {
  const { shell, tickEpochMs } = context;
  const { everyMinutes } = shell.config;
  const patienceMs = patiencePeriods * everyMinutes * 60_000;
  const horizonEpochMs = laneTarget('scan', tickEpochMs, shell.config) - patienceMs;
  for (const mark of marks) {
    if (mark.positionEpochMs < horizonEpochMs) await resolveWaiting(context, mark, horizonEpochMs);
  }
}

function inLane(marks: readonly Mark[], lane: Lane): Mark[] {
  return marks.filter((mark) => mark.lane === lane);
}

/** The errors of groups that should have been read and were not, each once. */
function failedGroups(outcomes: ReadonlyMap<string, GroupOutcome>): Error[] {
  const errors = [...outcomes.values()].flatMap((outcome) =>
    outcome.kind === 'failed' ? [outcome.error] : [],
  );
  return [...new Set(errors)];
}

function isBlind(outcome: GroupOutcome | undefined): boolean {
  return outcome?.kind === 'blind';
}

/**
 * How far the readable groups are behind the tick: `settleMinutes` when all is well. A sweep that has
 * not come to its end when the next one is due counts as well, as much as it is behind.
 */
function lagSeconds(
  marks: readonly Mark[],
  seen: readonly Mark[],
  tickEpochMs: number,
  config: RuntimeConfig,
): number {
  const groups = new Set(seen.map(({ logGroup }) => logGroup));
  const lags = marks
    .filter(({ logGroup }) => groups.has(logGroup))
    .map(({ lane, positionEpochMs }) => {
      if (lane === 'scan') return tickEpochMs - positionEpochMs;
      const { everyMinutes } = lane === 'near' ? config.nearSweep : config.farSweep;
      const dueEpochMs = laneTarget(lane, tickEpochMs, config) - everyMinutes * 60_000;
      return Math.max(0, dueEpochMs - positionEpochMs) + config.settleMinutes * 60_000;
    });
  return Math.max(0, ...lags) / 1000;
}
