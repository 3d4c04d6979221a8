import type { ObservedEvent } from './findings/signal.ts';
import type { Lane } from './lane.ts';
import type { Slice } from './lanes.ts';
import { countMatches } from './match-counts.ts';
import type { PackEvent } from './pack-rows.ts';
import { packText } from './pack-text.ts';
import type { QueryShell } from './query.ts';
import { type PackReading, readPack } from './read-pack.ts';
import type { RetreatStep } from './retreat.ts';
import { type Scan, scanGroups, worstOutcomes } from './scan-groups.ts';
import type { ScanPlan } from './scan-plan.ts';
import type { ObservedRow, RowSink, UnreadableRows } from './slice-rows.ts';
import type { Deadline } from './time.ts';
import { Verdicts } from './verdicts.ts';
import { type Window, windowTimes } from './windows.ts';

/** What one slice holds, as far as its queries completed. */
export interface SliceReading extends Omit<PackReading, 'events'> {
  /** Of the groups that every text read in full. */
  readonly events: readonly ObservedRow[];
  /** By log group that was read in full, what the documented query counted; absent in a sweep. */
  readonly matches?: ReadonlyMap<string, number>;
}

export interface SliceOptions {
  readonly observe: (event: PackEvent) => ObservedEvent;
  /** See {@link readPack}. @default whole */
  readonly step?: RetreatStep;
}

/**
 * Asks the documented query and the texts of the pack over a slice; a sweep asks the pack alone.
 *
 * The readings may end before the slice does, where an answer of the pack was cut off; see
 * {@link readPack}. The documented query is then asked again for what they cover.
 *
 * Does not throw when a query fails; see `outcomes`.
 */
export async function readSlice(
  shell: QueryShell,
  plan: Pick<ScanPlan, 'documentedQuery' | 'candidates' | 'packRowsMax'>,
  lane: Lane,
  slice: Slice,
  deadline: Deadline,
  { observe, step = 'whole' }: SliceOptions,
): Promise<SliceReading[]> {
  const count = (window: Window) => {
    const request = { queryString: plan.documentedQuery, logGroups: slice.logGroups, window };
    return scanGroups(shell, request, deadline, () => new CountRows());
  };
  const counting = lane === 'scan' ? count(slice.window) : undefined;
  const pack = readPack(
    {
      ...{ plan, observe, verdicts: new Verdicts(plan.candidates) },
      texts: plan.candidates.length === 0 ? [] : [packText(plan.candidates, plan.packRowsMax)],
      ask: ({ queryString, rowsMax }, { logGroups, window }, openSink, pages) => {
        const limit = rowsMax === undefined ? {} : { limit: rowsMax };
        const request = { queryString, logGroups, window, ...limit, ...pages };
        return scanGroups(shell, request, deadline, openSink);
      },
      onCutOff: ({ logGroups, window }, isFlood) => {
        const place = { logGroups, window: windowTimes(window), lane };
        if (isFlood) shell.log('error', 'log-flood', place);
        else shell.log('warn', 'slice-cut-off', place);
      },
    },
    slice,
    step,
  );
  const [first, readings] = await Promise.all([counting, pack]);
  logUnclaimed(shell, plan, lane, readings);
  if (first === undefined) return readings.map((reading) => finished(reading, undefined));
  const [covered = slice.window] = readings.map(({ window }) => window);
  const isShorter = covered.endEpochMs < slice.window.endEpochMs;
  const documented = isShorter ? await count(covered) : first;
  const spent = isShorter ? [first, documented] : [first];
  return readings.map((reading, at) => {
    const full = finished(reading, documented);
    // The documented query is asked once for all of them.
    return at > 0
      ? full
      : {
          ...full,
          bytesScanned: sum(spent.map(({ bytesScanned }) => bytesScanned)) + full.bytesScanned,
          doubts: sum(spent.map(({ doubts }) => doubts)) + full.doubts,
        };
  });
}

/**
 * Says how many rows belong to no detection. With exact filters only, Logs Insights reads a regexp
 * otherwise than this function does.
 */
function logUnclaimed(
  shell: QueryShell,
  { candidates }: Pick<ScanPlan, 'candidates'>,
  lane: Lane,
  readings: readonly PackReading[],
): void {
  const rows = sum(readings.map(({ unclaimed }) => unclaimed));
  const [first] = readings;
  if (rows === 0 || first === undefined) return;
  const isExact = candidates.every(({ filter }) => filter !== undefined);
  const place = { lane, window: windowTimes(first.window) };
  shell.log(isExact ? 'warn' : 'info', 'candidates-unclaimed', { ...place, rows });
}

function finished(reading: PackReading, documented: Scan<CountRows> | undefined): SliceReading {
  const { logGroups, events } = reading;
  const counted = new Map(
    [...(documented?.outcomes ?? [])].filter(([logGroup]) => logGroups.includes(logGroup)),
  );
  const outcomes = worstOutcomes([reading, { outcomes: counted }]);
  const isScanned = (logGroup: string) => outcomes.get(logGroup)?.kind === 'scanned';
  const found = logGroups.filter(isScanned).flatMap((logGroup) => events.get(logGroup) ?? []);
  if (documented === undefined) return { ...reading, outcomes, events: found };

  const read = [...documented.outcomes].flatMap(([logGroup, { kind }]) =>
    kind === 'scanned' ? [logGroup] : [],
  );
  const rows = documented.answers.flatMap(({ sink }) => sink.rows);
  const { counts, unreadable } = countMatches(rows, read);
  const bad = [...unreadable].filter(([logGroup]) => matchesCount(logGroup));
  return {
    ...reading,
    outcomes,
    events: found,
    matches: new Map([...counts].filter(([logGroup]) => matchesCount(logGroup))),
    unreadable: [...reading.unreadable, ...badCounts(bad)],
  };

  function matchesCount(logGroup: string): boolean {
    return isScanned(logGroup) && logGroups.includes(logGroup);
  }
}

/** One row may cost the counts of several log groups; it is one row all the same. */
function badCounts(bad: readonly (readonly [string, string])[]): UnreadableRows[] {
  return [...Map.groupBy(bad, ([, problem]) => problem)].map(([problem, groups]) => {
    const [logGroup] = groups.length === 1 ? (groups[0] ?? []) : [];
    return {
      ...(logGroup !== undefined && { logGroup }),
      ...{ count: 1, problem: `${problem} (documented query)`, fields: [] },
    };
  });
}

/** Log groups of one query: StartQuery takes 50. A count by group has no more rows. */
const countRowsMax = 1_000;

/** The rows of the documented query. */
class CountRows implements RowSink {
  readonly rows: unknown[] = [];

  take(rows: readonly unknown[]): 'more' | 'enough' {
    this.rows.push(...rows.slice(0, countRowsMax - this.rows.length));
    return this.rows.length >= countRowsMax ? 'enough' : 'more';
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
