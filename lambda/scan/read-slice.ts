import type { Deadline } from '../common/time.ts';
import type { PackLane } from '../model/lane.ts';
import type { RetreatStep } from '../model/retreat.ts';
import type { ObservedEvent } from '../model/signal.ts';
import { windowTimes } from '../model/windows.ts';
import type { Slice } from '../plan/lanes.ts';
import type { ScanPlan } from '../plan/scan-plan.ts';
import { type PackPlan, PackTexts } from '../query/pack-texts.ts';
import type { QueryShell } from '../query/query.ts';
import type { PackEvent } from './pack-rows.ts';
import { readAccepted } from './read-accepted.ts';
import { type AskText, type PackReading, readPack } from './read-pack.ts';
import { scanGroups } from './scan-groups.ts';
import type { ObservedRow } from './slice-rows.ts';
import { Verdicts } from './verdicts.ts';

/** What the completed queries of one slice found. */
export interface SliceReading extends Omit<PackReading, 'events' | 'unclaimed'> {
  /**
   * Events of the groups that every text of the pack read in full; none if the pack was not run.
   */
  readonly events: readonly ObservedRow[];
  /**
   * By log group that was not read in full, the events of the completed answers: true, but maybe
   * not all. Absent when there are none.
   */
  readonly partial?: ReadonlyMap<string, readonly ObservedRow[]>;
  /** By log group that was read in full, the documented query's count; absent for the pack. */
  readonly matches?: ReadonlyMap<string, number>;
  /**
   * Groups that CloudWatch Logs says it did not scan although they were queried: their zero is
   * unsure.
   */
  readonly unsure?: ReadonlySet<string>;
}

export interface PackSliceOptions {
  /** The lane that reads, for the log. @default scan */
  readonly lane?: PackLane;
  readonly observe: (event: PackEvent) => ObservedEvent;
  /** See {@link readPack}. @default whole */
  readonly step?: RetreatStep;
  /** The pack's texts, shared by several slices. @default nothing was ever refused */
  readonly texts?: PackTexts;
}

/**
 * Runs the texts of the pack over a slice, without the detections that AWS refuses; see
 * {@link readAccepted}. A plan without a detection runs no query.
 *
 * The readings may end before the slice does, when an answer was cut off; see {@link readPack}.
 *
 * Does not throw when a query fails; see `outcomes`.
 *
 * @returns readings of one window, which begins where the slice does, for different log groups
 */
export async function readPackSlice(
  shell: QueryShell,
  plan: PackPlan,
  slice: Slice,
  deadline: Deadline,
  { lane = 'scan', observe, step = 'whole', texts = new PackTexts(shell, plan) }: PackSliceOptions,
): Promise<SliceReading[]> {
  if (plan.candidates.length === 0) return [nothingToAsk(slice)];
  const reader = {
    ...{ plan, observe, verdicts: new Verdicts(plan.candidates) },
    onCutOff: ({ logGroups, window }: Slice, isFlood: boolean) => {
      const place = { logGroups, window: windowTimes(window), lane };
      if (isFlood) shell.log('error', 'log-flood', place);
      else shell.log('warn', 'slice-cut-off', place);
    },
  };
  const ask: AskText = ({ queryString, rowsMax }, { logGroups, window }, openSink, pages) => {
    const limit = rowsMax === undefined ? {} : { limit: rowsMax };
    const request = { queryString, logGroups, window, ...limit, ...pages };
    return scanGroups(shell, request, deadline, openSink);
  };
  const readings = await readAccepted(texts, slice, deadline, ask, (by) =>
    readPack({ ...reader, ...by }, slice, step),
  );
  logUnclaimed(shell, plan, lane, readings);
  return readings.map((reading) => {
    const { logGroups, outcomes, events } = reading;
    const read = logGroups.filter((logGroup) => outcomes.get(logGroup)?.kind === 'scanned');
    const partial = [...events].filter(([logGroup]) => !read.includes(logGroup));
    return {
      ...reading,
      events: read.flatMap((logGroup) => events.get(logGroup) ?? []),
      ...(partial.length > 0 && { partial: new Map(partial) }),
    };
  });
}

/** The reading of a plan without a detection: there is no text, and nothing can be missed. */
function nothingToAsk({ logGroups, window }: Slice): SliceReading {
  return {
    ...{ window, logGroups, events: [], unreadable: [] },
    ...{ bytesScanned: 0, doubts: 0, flooded: false },
    outcomes: new Map(logGroups.map((logGroup) => [logGroup, { kind: 'scanned' }])),
  };
}

/**
 * Logs how many rows belong to no detection. If all filters are exact, that means that Logs
 * Insights reads a regexp differently than this function does.
 */
function logUnclaimed(
  shell: QueryShell,
  { candidates }: Pick<ScanPlan, 'candidates'>,
  lane: PackLane,
  readings: readonly PackReading[],
): void {
  const rows = readings.reduce((sum, { unclaimed }) => sum + unclaimed, 0);
  const [first] = readings;
  if (rows === 0 || first === undefined) return;
  const isExact = candidates.every(({ filter }) => filter !== undefined);
  const place = { lane, window: windowTimes(first.window) };
  shell.log(isExact ? 'warn' : 'info', 'candidates-unclaimed', { ...place, rows });
}
