import { minuteMs } from '../common/time.ts';
import type { DayBytes } from '../ledger/day-bytes.ts';
import type { Mark } from '../ledger/marks.ts';
import { isSweep } from '../model/windows.ts';
import { laneTarget, type RuntimeConfig } from '../plan/runtime-config.ts';
import { type GroupOutcome, worstOutcomes } from '../scan/scan-groups.ts';
import type { LaneResult } from './read-lane.ts';

/** How reading went in all lanes of one tick, and how far it came. */
export interface LanesResult {
  /** By log group, the worst outcome in any lane. */
  readonly outcomes: ReadonlyMap<string, GroupOutcome>;
  /** Number of groups that are to be scanned and are not blind. */
  readonly readableGroups: number;
  /** How far the documented query lags behind the tick in the groups that it can read. */
  readonly documentedLagSeconds: number | undefined;
  /** Likewise the pack's lanes; undefined without a pack. */
  readonly scanLagSeconds: number | undefined;
  /** Number of detections whose texts AWS refuses; undefined when unknown. */
  readonly detectionsRefused: number | undefined;
  /** What each lane of each log group scanned in the last day in which it read; empty when unknown. */
  readonly bytesOfMarks: readonly DayBytes[];
  /** Whether the scan still reads the time before the first tick. */
  readonly isLookingBack: boolean;
  readonly failures: readonly Error[];
}

/** The results of the lanes of one query: the documented query or the pack. */
export interface QueryWork {
  /** Its name in errors. */
  readonly query: string;
  readonly results: LaneResult[];
  readonly failures: Error[];
}

/** Combines the results of all lanes. */
export function lanesResult(
  about: { readonly tickEpochMs: number; readonly config: RuntimeConfig },
  {
    readable,
    marks,
    documented,
    pack,
    detectionsRefused,
    bytesOfMarks,
  }: Pick<LanesResult, 'detectionsRefused' | 'bytesOfMarks'> & {
    /** Groups that are to be scanned. */
    readonly readable: ReadonlySet<string>;
    /** The current marks of the lanes that are read. */
    readonly marks: readonly Mark[];
    readonly documented: QueryWork;
    readonly pack: QueryWork;
  },
): LanesResult {
  const { tickEpochMs, config } = about;
  const counted = named(documented);
  const found = named(pack);
  const outcomes = worstOutcomes([counted, found]);
  const seenBy = (read: LanesResult['outcomes']) =>
    new Set([...readable].filter((logGroup) => read.get(logGroup)?.kind !== 'blind'));
  const isKnown = (logGroup: string) => marks.some((mark) => mark.logGroup === logGroup);
  return {
    outcomes,
    readableGroups: [...seenBy(outcomes)].filter(isKnown).length,
    documentedLagSeconds: documentedLagSeconds(about, { readable, marks, documented }),
    scanLagSeconds: lagSeconds(
      marks.filter(
        ({ lane, logGroup }) => lane !== 'documented' && seenBy(found.outcomes).has(logGroup),
      ),
      tickEpochMs,
      config,
    ),
    ...{ detectionsRefused, bytesOfMarks },
    isLookingBack: isLookingBack(
      marks.filter(({ logGroup }) => seenBy(found.outcomes).has(logGroup)),
    ),
    failures: [
      ...documented.failures,
      ...failedGroups(counted.outcomes),
      ...pack.failures,
      ...failedGroups(found.outcomes),
    ],
  };
}

/** The lag of the documented query by its own outcomes and marks; undefined without a readable group. */
export function documentedLagSeconds(
  { tickEpochMs, config }: { readonly tickEpochMs: number; readonly config: RuntimeConfig },
  {
    readable,
    marks,
    documented: { results },
  }: {
    readonly readable: ReadonlySet<string>;
    readonly marks: readonly Mark[];
    readonly documented: QueryWork;
  },
): number | undefined {
  const outcomes = worstOutcomes(results);
  const own = marks.filter(
    ({ lane, logGroup }) =>
      lane === 'documented' && readable.has(logGroup) && outcomes.get(logGroup)?.kind !== 'blind',
  );
  return lagSeconds(own, tickEpochMs, config);
}

/** Whether the scan still reads the time before the first tick. */
export function isLookingBack(marks: readonly Mark[]): boolean {
  return marks.some(
    ({ lane, positionEpochMs, sinceEpochMs }) => lane === 'scan' && positionEpochMs < sinceEpochMs,
  );
}

/** A query's worst outcome by log group; errors name the query. */
function named({ query, results }: QueryWork): Pick<LanesResult, 'outcomes'> {
  const errors = new Map<Error, Error>();
  const ofQuery = (error: Error): Error => {
    const known = errors.get(error) ?? new Error(query, { cause: error });
    errors.set(error, known);
    return known;
  };
  const outcomes = [...worstOutcomes(results)].map(([logGroup, outcome]) => {
    const isAsItIs = outcome.kind === 'scanned';
    return [logGroup, isAsItIs ? outcome : { ...outcome, error: ofQuery(outcome.error) }] as const;
  });
  return { outcomes: new Map(outcomes) };
}

/** The distinct errors of groups that should have been read and were not. */
function failedGroups(outcomes: ReadonlyMap<string, GroupOutcome>): Error[] {
  const errors = [...outcomes.values()].flatMap((outcome) =>
    outcome.kind === 'failed' ? [outcome.error] : [],
  );
  return [...new Set(errors)];
}

/**
 * The largest lag of these marks behind the tick: `settleMinutes` when all is well. A sweep counts by the
 * time that it is overdue, once the next one is due.
 *
 * @returns undefined without a mark
 */
function lagSeconds(
  marks: readonly Mark[],
  tickEpochMs: number,
  config: RuntimeConfig,
): number | undefined {
  const lags = marks.map(({ lane, positionEpochMs }) => {
    if (!isSweep(lane)) return tickEpochMs - positionEpochMs;
    const { everyMinutes } = lane === 'near' ? config.nearSweep : config.farSweep;
    const dueEpochMs = laneTarget(lane, tickEpochMs, config) - everyMinutes * minuteMs;
    return Math.max(0, dueEpochMs - positionEpochMs) + config.settleMinutes * minuteMs;
  });
  return lags.length === 0 ? undefined : Math.max(0, ...lags) / 1000;
}
