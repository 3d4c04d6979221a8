import { isCredentialError } from '../../doctor/observe/read-mwaa.ts';
import { classifyAwsError } from '../../lambda/aws/call-aws.ts';
import { describeError } from '../../lambda/common/log.ts';
import type { Deadline } from '../../lambda/common/time.ts';
import type { ObservedEvent } from '../../lambda/model/signal.ts';
import type { Slice } from '../../lambda/plan/runtime-config.ts';
import type { SliceReading } from '../../lambda/scan/read-slice.ts';
import type { GroupOutcome } from '../../lambda/scan/scan-groups.ts';
import type { ObservedRow } from '../../lambda/scan/slice-rows.ts';
import { type AuditLane, type AuditReading, auditLanes, doneSpans } from './audit-state.ts';
import type { Stopper } from './query-share.ts';
import { type GroupSpan, slicesLeft, withoutSpans } from './spans.ts';

/** A query runs for at most an hour; the rest is for its start and its rows. */
const sliceDeadlineMs = 75 * 60_000;
/** Failed slices are read again, twice, in smaller slices. */
const widthDivisors = [1, 4, 16];
/** Limits this machine's memory; a larger flood is better examined in Logs Insights itself. */
const linesMax = 200_000;

/** Reads a slice with the function's own code; the readings may cover only its beginning. */
export type ReadSlice = (
  lane: AuditLane,
  slice: Slice,
  deadline: Deadline,
) => Promise<readonly SliceReading[]>;

export interface ReadRangeOptions {
  readonly groups: readonly GroupSpan[];
  readonly sliceMs: number;
  /** The number of slices read concurrently. */
  readonly concurrency: number;
  readonly stopper: Stopper;
  readonly read: ReadSlice;
  /** Stores new readings. */
  readonly store: (readings: readonly AuditReading[]) => Promise<void>;
  /** Called with the slices to read, and again with those to retry. */
  readonly onPlan: (slices: readonly Slice[]) => void;
  /** Called after each of those slices. */
  readonly onSlice: (slice: Slice) => void;
}

/** A span of a log group that was not read in one lane, and why. */
export interface Unread extends GroupSpan {
  readonly lane: AuditLane;
  /** A clause, without a full stop. */
  readonly reason: string;
}

/**
 * Reads everything that is left of the log groups in both lanes: several slices concurrently, and
 * failed ones again in smaller slices.
 *
 * @param earlier the readings of earlier runs
 * @returns what could not be read, and everything left to read when it was stopped
 */
export async function readRange(
  options: ReadRangeOptions,
  earlier: readonly AuditReading[],
): Promise<Unread[]> {
  const { groups, sliceMs, stopper } = options;
  const readings = [...earlier];
  let lines = linesOf(earlier);
  /** The occurrences of events in partial lines, by event key. */
  const seenInPart = new Map(
    earlier
      .flatMap(({ partialLines = [] }) => partialLines)
      .map(({ key, occurrences }) => [key, occurrences]),
  );
  /** Log groups that cannot be read at all. */
  const blind = new Map<string, string>();
  /** The latest failure, by lane and log group. */
  const failures = new Map<string, string>();
  for (const divisor of widthDivisors) {
    const widthMs = Math.max(1000, Math.floor(sliceMs / divisor / 1000) * 1000);
    const tasks = tasksLeft(readings, widthMs);
    if (tasks.length === 0 || stopper.reason !== undefined) break;
    options.onPlan(tasks.map(({ slice }) => slice));
    await inPool(tasks, options.concurrency, async (task) => {
      try {
        await readTask(task);
      } catch (error) {
        stopper.stop('an error ended it');
        throw error;
      }
      if (stopper.reason === undefined) options.onSlice(task.slice);
    });
  }
  const done = doneSpans(readings);
  return auditLanes.flatMap((lane) =>
    groups.flatMap(({ logGroup, window }) =>
      withoutSpans(window, done(lane, logGroup)).map((left) => ({
        ...{ lane, logGroup, window: left },
        reason:
          blind.get(logGroup) ??
          (stopper.reason === undefined
            ? (failures.get(`${lane} ${logGroup}`) ?? 'unknown reason')
            : 'not read yet'),
      })),
    ),
  );

  /** In the order of time, so that both lanes advance together. */
  function tasksLeft(known: readonly AuditReading[], widthMs: number): Task[] {
    const done = doneSpans(known);
    const open = groups.filter(({ logGroup }) => !blind.has(logGroup));
    return auditLanes
      .flatMap((lane) =>
        slicesLeft(open, widthMs, (logGroup) => done(lane, logGroup)).map((slice) => ({
          lane,
          slice,
        })),
      )
      .sort((a, b) => a.slice.window.startEpochMs - b.slice.window.startEpochMs);
  }

  async function readTask({ lane, slice }: Task): Promise<void> {
    const { endEpochMs } = slice.window;
    const deadline = stopper.deadlineIn(sliceDeadlineMs);
    for (let { startEpochMs } = slice.window; startEpochMs < endEpochMs; ) {
      const logGroups = slice.logGroups.filter((logGroup) => !blind.has(logGroup));
      if (logGroups.length === 0 || stopper.reason !== undefined) return;
      const part = { logGroups, window: { startEpochMs, endEpochMs } };
      const read = await options.read(lane, part, deadline);
      const kept = read.map((reading) => withoutSeen(auditReading(lane, reading)));
      for (const reading of read) noteFailures(lane, reading);
      readings.push(...kept);
      await options.store(kept);
      lines += linesOf(kept);
      if (lines > linesMax) stopper.stop(tooManyLines);
      const [first] = read;
      // Without progress, the same query would repeat forever.
      if (first === undefined || first.window.endEpochMs <= startEpochMs) return;
      startEpochMs = first.window.endEpochMs;
    }
  }

  /** Drops partial lines that an earlier attempt at the same slice already had. */
  function withoutSeen({ partialLines, ...reading }: AuditReading): AuditReading {
    const fresh = (partialLines ?? []).filter(
      ({ key, occurrences }) => occurrences > (seenInPart.get(key) ?? 0),
    );
    for (const { key, occurrences } of fresh) seenInPart.set(key, occurrences);
    return { ...reading, ...(fresh.length > 0 && { partialLines: fresh }) };
  }

  function noteFailures(lane: AuditLane, { outcomes }: SliceReading): void {
    for (const [logGroup, outcome] of outcomes) {
      if (outcome.kind === 'blind') blind.set(logGroup, blindReason(outcome));
      if (outcome.kind !== 'failed' || stopper.reason !== undefined) continue;
      failures.set(`${lane} ${logGroup}`, describeError(outcome.error));
      const hopeless = hopelessReason(outcome.error);
      if (hopeless !== undefined) stopper.stop(hopeless);
    }
  }
}

const tooManyLines = `more than ${linesMax.toLocaleString('en')} lines are about privileges: give a shorter range`;

function linesOf(readings: readonly AuditReading[]): number {
  return readings.reduce(
    (sum, { lines, partialLines = [] }) => sum + lines.length + partialLines.length,
    0,
  );
}

interface Task {
  readonly lane: AuditLane;
  readonly slice: Slice;
}

/**
 * The part of a reading that is stored. For log groups that were not read in full, it has the
 * events of the queries that completed: they happened, even if there are more.
 */
function auditReading(lane: AuditLane, reading: SliceReading): AuditReading {
  const { outcomes, window, matches } = reading;
  const isCounted = (logGroup: string) => lane !== 'documented' || matches?.has(logGroup) === true;
  const of = (kind: GroupOutcome['kind']) =>
    reading.logGroups.filter((logGroup) => outcomes.get(logGroup)?.kind === kind);
  const logGroups = of('scanned').filter(isCounted);
  return {
    ...{ lane, window, logGroups },
    outOfReach: of('out-of-reach'),
    unsure: logGroups.filter((logGroup) => reading.unsure?.has(logGroup)),
    matches: Object.fromEntries(
      [...(matches ?? [])].filter(([group]) => logGroups.includes(group)),
    ),
    flooded: reading.flooded && logGroups.length > 0,
    unreadable: reading.unreadable.map(({ fields, ...rows }) => ({ ...rows, fields: [...fields] })),
    bytesScanned: reading.bytesScanned,
    doubts: reading.doubts,
    lines: aboutPrivileges(reading.events).filter(({ logGroup }) => logGroups.includes(logGroup)),
    partialLines: aboutPrivileges([...(reading.partial?.values() ?? [])].flat()),
  };
}

/** The events with a signal; all others are not about privileges. */
function aboutPrivileges(rows: readonly ObservedRow[]): ObservedEvent[] {
  return rows.map(({ seen }) => seen).filter(({ signals }) => signals.length > 0);
}

/** Why a log group cannot be read at all. */
function blindReason({ cause, error }: Extract<GroupOutcome, { kind: 'blind' }>): string {
  const said = describeError(error.cause ?? error);
  switch (cause) {
    case 'missing':
      return `the log group is gone (${said})`;
    case 'query-denied':
      return `these credentials may not call logs:StartQuery on it (${said})`;
    case 'key-unreadable':
      return `its KMS key may not be used: kms:Decrypt is needed (${said})`;
  }
}

/** Why every further query would fail as well; undefined for an error that may be temporary. */
function hopelessReason(error: unknown): string | undefined {
  for (let cause = error; cause instanceof Error; { cause } = cause) {
    if (isCredentialError(cause.name)) {
      return `AWS no longer accepts the credentials (${describeError(cause)}): log in again`;
    }
    // A denied StartQuery concerns one log group only, and is a `blind` outcome.
    if (classifyAwsError(cause) === 'denied') {
      return `these credentials may not call logs:GetQueryResults (${describeError(cause)})`;
    }
  }
  return undefined;
}

/**
 * Processes all items in order, at most `size` concurrently.
 *
 * @throws the first error of any item, after all work that had begun has ended
 */
async function inPool<T>(
  items: readonly T[],
  size: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const queue = items.values();
  const worker = async () => {
    for (const item of queue) await work(item);
  };
  const ends = await Promise.allSettled(
    Array.from({ length: Math.min(size, items.length) }, worker),
  );
  const failed = ends.find((end) => end.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}
