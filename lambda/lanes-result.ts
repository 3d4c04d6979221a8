import { isSweep } from './lane.ts';
import { laneTarget } from './lanes.ts';
import type { Mark } from './ledger/marks.ts';
import type { LaneResult } from './read-lane.ts';
import type { RuntimeConfig } from './runtime-config.ts';
import { type GroupOutcome, worstOutcomes } from './scan-groups.ts';
import { minuteMs } from './time.ts';

/** What one tick read in all lanes, and where it left them. */
export interface LanesResult {
  /** Of each log group, how it went in the lane in which it went worst. */
  readonly outcomes: ReadonlyMap<string, GroupOutcome>;
  /** Groups that are to be scanned, and were not found to be blind. */
  readonly readableGroups: number;
  /** How far behind the tick the documented query has counted the groups that it can read. */
  readonly documentedLagSeconds: number | undefined;
  /** Likewise, of the pack's lanes; undefined without a pack. */
  readonly scanLagSeconds: number | undefined;
  /** Detections whose texts AWS refuses; undefined where that is not known. */
  readonly detectionsRefused: number | undefined;
  /** Whether what lies before the first tick is still being read. */
  readonly isLookingBack: boolean;
  readonly failures: readonly Error[];
}

/** What became of the lanes of the documented query, or of the pack. */
export interface QueryWork {
  /** How it is named in errors. */
  readonly query: string;
  readonly results: LaneResult[];
  readonly failures: Error[];
}

/** Puts together what the lanes came to. */
export function lanesResult(
  about: { readonly tickEpochMs: number; readonly config: RuntimeConfig },
  {
    readable,
    marks,
    documented,
    pack,
    detectionsRefused,
  }: Pick<LanesResult, 'detectionsRefused'> & {
    /** Groups that are to be scanned. */
    readonly readable: ReadonlySet<string>;
    /** Of the lanes that are read, where they stand now. */
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
    detectionsRefused,
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

/** The lag of the documented query, which its own outcomes and marks decide; undefined without a group. */
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

/** Whether the scan still reads what lies before the first tick. */
export function isLookingBack(marks: readonly Mark[]): boolean {
  return marks.some(
    ({ lane, positionEpochMs, sinceEpochMs }) => lane === 'scan' && positionEpochMs < sinceEpochMs,
  );
}

/** The worst of a query's outcomes by log group; their errors say which query it was. */
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

/** The errors of groups that should have been read and were not, each once. */
function failedGroups(outcomes: ReadonlyMap<string, GroupOutcome>): Error[] {
  const errors = [...outcomes.values()].flatMap((outcome) =>
    outcome.kind === 'failed' ? [outcome.error] : [],
  );
  return [...new Set(errors)];
}

/**
 * How far marks are behind the tick: `settleMinutes` when all is well. A sweep that has not come to its
 * end when the next one is due counts as well, as much as it is behind.
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
