import { isCredentialError } from '../../doctor/observe/refuse-unusable.ts';
import { classifyAwsError } from '../../lambda/aws-errors.ts';
import type { ObservedEvent } from '../../lambda/findings/signal.ts';
import type { Slice } from '../../lambda/lanes.ts';
import { describeError } from '../../lambda/log.ts';
import type { SliceReading } from '../../lambda/read-slice.ts';
import type { GroupOutcome } from '../../lambda/scan-groups.ts';
import type { ObservedRow } from '../../lambda/slice-rows.ts';
import type { Deadline } from '../../lambda/time.ts';
import { type AuditLane, type AuditReading, auditLanes, doneSpans } from './audit-state.ts';
import { type GroupSpan, slicesLeft } from './slice-plan.ts';
import { withoutSpans } from './spans.ts';
import type { Stopper } from './stopper.ts';

/** A query runs for an hour at the most; some time for its start and its rows. */
const sliceDeadlineMs = 75 * 60_000;
/** What failed is read again, the second and the third time in smaller slices. */
const widthDivisors = [1, 4, 16];
/** Memory of this machine; a flood that large is better looked at in Logs Insights itself. */
const linesMax = 200_000;

/** Reads a slice by the function's own code, as far as the answers reach. */
export type ReadSlice = (
  lane: AuditLane,
  slice: Slice,
  deadline: Deadline,
) => Promise<readonly SliceReading[]>;

export interface RangeOptions {
  readonly groups: readonly GroupSpan[];
  readonly sliceMs: number;
  /** Slices at once. */
  readonly concurrency: number;
  readonly stopper: Stopper;
  readonly read: ReadSlice;
  /** Told of each reading, those of earlier runs not among them; what it keeps is kept. */
  readonly keep: (readings: readonly AuditReading[]) => Promise<void>;
  /** Told what is to be read, once more when some of it failed. */
  readonly onPlan: (slices: readonly Slice[]) => void;
  /** Told of each of those slices when it is over. */
  readonly onSlice: (slice: Slice) => void;
}

/** What of a log group was not read in one lane, and why. */
export interface Unread extends GroupSpan {
  readonly lane: AuditLane;
  /** A part of a sentence. */
  readonly reason: string;
}

/**
 * Reads all that is left of the log groups in both lanes: several slices at once, and what failed
 * again, in smaller slices.
 *
 * @param earlier what was read already
 * @returns what could not be read; all of the rest when it was stopped
 */
export async function readRange(
  options: RangeOptions,
  earlier: readonly AuditReading[],
): Promise<Unread[]> {
  const { groups, sliceMs, stopper } = options;
  const readings = [...earlier];
  let lines = linesOf(earlier);
  /** Of events that were read in part, by their keys, how often they were seen. */
  const seenInPart = new Map(
    earlier
      .flatMap(({ partialLines = [] }) => partialLines)
      .map(({ key, occurrences }) => [key, occurrences]),
  );
  /** Log groups that cannot be read at all. */
  const blind = new Map<string, string>();
  /** By lane and log group, what the latest failure was. */
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
            ? (failures.get(`${lane} ${logGroup}`) ?? 'was not read')
            : 'is still to be read'),
      })),
    ),
  );

  /** By time, so that both lanes go on together. */
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
      await options.keep(kept);
      lines += linesOf(kept);
      if (lines > linesMax) stopper.stop(tooManyLines);
      const [first] = read;
      // Without a reading it would ask the same for ever.
      if (first === undefined || first.window.endEpochMs <= startEpochMs) return;
      startEpochMs = first.window.endEpochMs;
    }
  }

  /** What failed is asked again, and answers of which a part completes say the same again. */
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

const tooManyLines = `more than ${linesMax.toLocaleString('en')} lines say something about privileges: take a shorter range`;

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
 * What is kept of a reading. Of log groups that were not read in full, the events that completed answers
 * hold: they happened, whatever else there is.
 */
export function auditReading(lane: AuditLane, reading: SliceReading): AuditReading {
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

/** Without a signal an event says nothing about privileges. */
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

/** What makes every further query fail as well; undefined for what may pass. */
function hopelessReason(error: unknown): string | undefined {
  for (let cause = error; cause instanceof Error; { cause } = cause) {
    if (isCredentialError(cause.name)) {
      return `AWS does not accept the credentials any more (${describeError(cause)}): log in again`;
    }
    // A denied StartQuery is a matter of the log group.
    if (classifyAwsError(cause) === 'denied') {
      return `these credentials may not call logs:GetQueryResults (${describeError(cause)})`;
    }
  }
  return undefined;
}

/**
 * Works on all items in their order, so many at once.
 *
 * @throws the first error of any of them, after all work that had begun is over
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
