import { isMalformedQuery } from '../aws/call-aws.ts';
import { DeadlineError, queryEach } from '../common/retry.ts';
import type { Deadline } from '../common/time.ts';
import { beyondEnd, type Window, windowTimes } from '../model/windows.ts';
import type { Slice } from '../plan/runtime-config.ts';
import type { ScanPlan } from '../plan/scan-plan.ts';
import { countMatches } from '../query/match-counts.ts';
import { QueryError, type QueryShell, type RowSink } from '../query/query.ts';
import type { SliceReading } from './read-slice.ts';
import { type GroupOutcome, scanGroups } from './scan-groups.ts';
import type { UnreadableRows } from './slice-rows.ts';

export interface DocumentedOptions {
  /**
   * Whether CloudWatch Logs cannot have events of a window, by what is known about the log group:
   * it was created after the window, or its retention is too short.
   *
   * @default never: nothing is known about the groups
   */
  readonly isGone?: (logGroup: string, window: Window) => boolean;
}

/** What is known about one log group's count. */
interface GroupCount {
  readonly outcome: GroupOutcome;
  /** Absent when the count is not known. */
  readonly matches?: number;
  /** Why a row cannot be read, without log text. */
  readonly problem?: string;
  /** A zero from an answer that scanned fewer log groups than were queried. */
  readonly isUnsure?: boolean;
  /** The count may include events of up to a second after the slice. */
  readonly isInexact?: boolean;
}

type GroupCounts = ReadonlyMap<string, GroupCount>;

/**
 * Counts by log group the events of a slice that the documented query finds. Each number is exact
 * for `[s, e)`, whichever way CloudWatch Logs reads `endTime` (see `queryTimes`):
 *
 * 1. N(s, e) for all groups. A zero is exact: there is no event up to `e`, nor in the second after
 *    it.
 * 2. N(e, e) for the others: what `(s, e)` reads too much. Where it is zero, N(s, e) is exact.
 * 3. N(s, e) again for the rest, minus N(e, e). It is queried after N(e, e), so that an event which
 *    is ingested between the two queries can only make the number higher.
 *
 * When the query for N(e, e) is refused (AWS does not document whether StartQuery accepts an end
 * that equals the start) or ends with status Failed, the groups are queried one by one. If that
 * fails again for a group, its N(s, e) is used as it is, at most one second too high, and the slice
 * counts as one doubt; so it does when the numbers contradict each other. After any other failure
 * the group is not read, and none of its events count.
 *
 * A zero from an answer that scanned fewer log groups than were queried is queried once more, for
 * that group alone, and is `unsure` when that answer is the same: AWS does not document whether
 * that number leaves out groups without an event.
 *
 * The text is known to be good, so a MalformedQueryException is about a log group and the window.
 * The groups are then queried one by one, and one that is refused by itself is out of reach only if
 * AWS's message or `isGone` says so. Otherwise it has failed.
 *
 * Does not throw when a query fails; see `outcomes`.
 *
 * @returns one reading, of the whole slice
 */
export async function readDocumented(
  shell: QueryShell,
  { documentedQuery: queryString }: Pick<ScanPlan, 'documentedQuery'>,
  { logGroups, window }: Slice,
  deadline: Deadline,
  { isGone = () => false }: DocumentedOptions = {},
): Promise<SliceReading[]> {
  const spent = { bytesScanned: 0, doubts: 0 };
  const counts = new Map(await ask(logGroups, window));
  // Each by itself, and only once: if such zeros turn out to be normal, they must not block the
  // lane.
  const unsure = groupsWith(counts, ({ isUnsure }) => isUnsure === true);
  for (const once of await queryEach(unsure, (logGroup) => ask([logGroup], window))) {
    for (const [logGroup, count] of once) counts.set(logGroup, count);
  }
  const found = groupsWith(counts, ({ matches = 0 }) => matches > 0);
  const beyond = await ask(found, beyondEnd(window));
  const tooMuch = groupsWith(beyond, ({ matches = 0 }) => matches > 0);
  const again = await ask(tooMuch, window);
  for (const logGroup of found) {
    const first = counts.get(logGroup);
    const exact = first && exactCount(first, beyond.get(logGroup), again.get(logGroup));
    if (exact !== undefined) counts.set(logGroup, exact);
  }
  const inexact = groupsWith(counts, ({ isInexact }) => isInexact === true);
  if (inexact.length > 0) {
    spent.doubts += 1;
    shell.log('warn', 'count-not-exact', { logGroups: inexact, window: windowTimes(window) });
  }
  const read = [...counts].filter(([, { outcome }]) => outcome.kind === 'scanned');
  return [
    {
      ...{ window, logGroups, events: [], flooded: false, ...spent },
      outcomes: new Map([...counts].map(([logGroup, { outcome }]) => [logGroup, outcome])),
      matches: new Map(
        read.flatMap(([logGroup, { matches }]) =>
          matches === undefined ? [] : [[logGroup, matches]],
        ),
      ),
      unsure: new Set(read.flatMap(([logGroup, { isUnsure }]) => (isUnsure ? [logGroup] : []))),
      unreadable: unreadableCounts(read),
    },
  ];

  async function ask(groups: readonly string[], span: Window): Promise<GroupCounts> {
    const request = { queryString, logGroups: groups, window: span, isTextKnownGood: true };
    const scan = await scanGroups(shell, request, deadline, () => new CountRows());
    spent.bytesScanned += scan.bytesScanned;
    spent.doubts += scan.doubts;
    const answered = new Map<string, GroupCount>();
    for (const [logGroup, outcome] of scan.outcomes) {
      answered.set(logGroup, { outcome: settled(outcome, isGone(logGroup, span)) });
    }
    for (const { logGroups: asked, sink, isCutOff, isDoubtful } of scan.answers) {
      const { counts: numbers, unreadable } = countMatches(sink.rows, asked, isCutOff);
      for (const [logGroup, matches] of numbers) {
        const isUnsure = isDoubtful && matches === 0;
        answered.set(logGroup, { outcome: { kind: 'scanned' }, matches, isUnsure });
      }
      for (const [logGroup, problem] of unreadable) {
        answered.set(logGroup, { outcome: { kind: 'scanned' }, problem });
      }
    }
    return answered;
  }
}

/**
 * A group that was refused by itself is out of reach if CloudWatch Logs cannot have events of the
 * window.
 */
function settled(outcome: GroupOutcome, isGone: boolean): GroupOutcome {
  const isMalformed = outcome.kind === 'failed' && isMalformedQuery(outcome.error.cause);
  return isMalformed && isGone ? { kind: 'out-of-reach', error: outcome.error } : outcome;
}

/**
 * @param beyond the count of (e, e)
 * @param again the count of (s, e), queried after `beyond`; undefined where that is zero
 */
function exactCount(
  first: GroupCount,
  beyond: GroupCount | undefined,
  again: GroupCount | undefined,
): GroupCount {
  if (beyond === undefined || isRefused(beyond.outcome)) return { ...first, isInexact: true };
  if (beyond.outcome.kind !== 'scanned') return beyond;
  if (beyond.matches === 0) return first;
  if (again !== undefined && again.outcome.kind !== 'scanned') return again;
  if (beyond.matches === undefined || again?.matches === undefined) {
    const problem = beyond.problem ?? again?.problem;
    return { ...first, isInexact: true, ...(problem !== undefined && { problem }) };
  }
  // Events do not disappear: a later count, or that of a longer window, is lower only if an answer
  // was incomplete. Nobody knows which one, so nothing is subtracted.
  const all = Math.max(first.matches ?? 0, again.matches);
  if (again.matches < all || beyond.matches > all) {
    return { ...first, matches: all, isInexact: true };
  }
  return { outcome: first.outcome, matches: all - beyond.matches };
}

/** Whether the query itself was refused or failed, not for lack of time, quota or permission. */
function isRefused(outcome: GroupOutcome): boolean {
  if (outcome.kind === 'out-of-reach') return true;
  return (
    outcome.kind === 'failed' &&
    outcome.error instanceof QueryError &&
    !(outcome.error.cause instanceof DeadlineError) &&
    (outcome.error.startFailure === 'other' || outcome.error.hasFailed)
  );
}

function groupsWith(counts: GroupCounts, predicate: (count: GroupCount) => boolean): string[] {
  return [...counts].flatMap(([logGroup, count]) => (predicate(count) ? [logGroup] : []));
}

/** One row may make the counts of several log groups unreadable; it is reported as one row. */
function unreadableCounts(counts: readonly (readonly [string, GroupCount])[]): UnreadableRows[] {
  const bad = counts.flatMap(([logGroup, { problem }]) =>
    problem === undefined ? [] : [{ logGroup, problem }],
  );
  return [...Map.groupBy(bad, ({ problem }) => problem)].map(([problem, groups]) => {
    const [only] = groups.length === 1 ? groups : [];
    return {
      ...(only !== undefined && { logGroup: only.logGroup }),
      ...{ count: 1, problem: `${problem} (documented query)`, fields: [] },
    };
  });
}

/**
 * A count by group has at most as many rows as the query has log groups, and StartQuery accepts 50.
 */
const countRowsMax = 1_000;

/** The rows of the documented query. */
class CountRows implements RowSink {
  readonly rows: unknown[] = [];

  take(rows: readonly unknown[]): 'more' | 'enough' {
    this.rows.push(...rows.slice(0, countRowsMax - this.rows.length));
    return this.rows.length >= countRowsMax ? 'enough' : 'more';
  }
}
