import { isDeepStrictEqual } from 'node:util';
import { inSteps } from '../common/retry.ts';
import { startOfDay } from '../common/time.ts';
import { deriveStream, memoryMs } from '../correlate/derive-stream.ts';
import { type FindingRecord, recordFinding } from '../findings/finding-record.ts';
import { type FoundBy, presentFinding } from '../findings/present.ts';
import { reconcile } from '../findings/reconcile.ts';
import { withinBudget, withoutForeignResults } from '../flood/change-budget.ts';
import type { LedgerTable } from '../ledger/ledger-table.ts';
import { type Mark, sliceKey } from '../ledger/marks.ts';
import { loadSeenEvents, saveOpenStream, saveSeenEvents } from '../ledger/seen-events.ts';
import { keepOnList, loadFindings, saveFinding } from '../ledger/stored-findings.ts';
import type { ObservedEvent } from '../model/signal.ts';
import { isSweep, type Lane } from '../model/windows.ts';
import { approvalReasons } from '../plan/approvals.ts';
import { sidesOf } from '../plan/runtime-config.ts';
import { withoutLinks } from '../text/show-text.ts';
import { noteRecent } from './note-recent.ts';
import type { TickContext } from './tick-context.ts';

/** The known lines of a stream that may belong to the same changes. */
interface StreamLines {
  /** The lines that were read and those that were seen before, each once. */
  readonly lines: readonly ObservedEvent[];
  /** The lines that the ledger does not hold yet. */
  readonly unseen: readonly ObservedEvent[];
  /** Keys of the lines that it holds, perhaps with fewer occurrences. */
  readonly seenKeys: ReadonlySet<string>;
  readonly fromEpochMs: number;
  /** Changes before it cannot be derived in full: lines before the known ones belong to them. */
  readonly settledFromEpochMs: number;
  /** Lines from here on are not known. */
  readonly horizonEpochMs: number;
}

/**
 * How often the span is widened by {@link memoryMs}, in each direction: half an hour with the
 * default of 180 s. Lines that are connected for longer come from a flood or a busy web server.
 */
const stepsMax = 10;

/**
 * The lines that were read of a stream, with all lines of the ledger that are connected with them.
 * The span grows backwards and forwards while there is a line within {@link memoryMs} of its end,
 * at most {@link stepsMax} times.
 *
 * @param read lines of one stream
 * @param startEpochMs the time from which lines are known to belong to them
 * @param horizonEpochMs lines from here on may be incomplete: they are left out
 */
export async function linesAround(
  table: LedgerTable,
  streamId: string,
  read: readonly ObservedEvent[],
  {
    startEpochMs,
    horizonEpochMs,
    correlateSeconds,
  }: {
    readonly startEpochMs: number;
    readonly horizonEpochMs: number;
    readonly correlateSeconds: number;
  },
): Promise<StreamLines> {
  const rememberedMs = memoryMs({ correlateSeconds });
  const lastReadMs = read.reduce((last, { timestamp }) => Math.max(last, timestamp), startEpochMs);
  const earliestMs = startEpochMs - (stepsMax + 1) * rememberedMs;
  const latestMs = Math.min(horizonEpochMs - 1, lastReadMs + (stepsMax + 1) * rememberedMs);
  const seen: ObservedEvent[] = [];
  const load = async (span: { fromEpochMs: number; toEpochMs: number }) => {
    for (const event of await loadSeenEvents(table, streamId, span)) seen.push(event);
  };
  let fromEpochMs = startEpochMs - rememberedMs;
  let toEpochMs = Math.min(horizonEpochMs - 1, lastReadMs + rememberedMs);
  await load({ fromEpochMs, toEpochMs });
  for (;;) {
    const { firstMs, lastMs } = spanOf(seen, startEpochMs, lastReadMs);
    const neededFromMs = firstMs - rememberedMs;
    const neededToMs = Math.min(horizonEpochMs - 1, lastMs + rememberedMs);
    const isBeginning = neededFromMs >= fromEpochMs || fromEpochMs <= earliestMs;
    const isEnd = neededToMs <= toEpochMs || toEpochMs >= latestMs;
    if (isBeginning && isEnd) {
      const isCutBefore = neededFromMs < fromEpochMs;
      const isCutAfter = neededToMs > toEpochMs;
      return {
        ...together(seen, read),
        fromEpochMs,
        settledFromEpochMs: isCutBefore ? fromEpochMs + rememberedMs : fromEpochMs,
        horizonEpochMs: isCutAfter ? toEpochMs + 1 : horizonEpochMs,
      };
    }
    if (!isBeginning) {
      const earlierMs = Math.max(neededFromMs, earliestMs);
      await load({ fromEpochMs: earlierMs, toEpochMs: fromEpochMs - 1 });
      fromEpochMs = earlierMs;
    }
    if (!isEnd) {
      const laterMs = Math.min(neededToMs, latestMs);
      await load({ fromEpochMs: toEpochMs + 1, toEpochMs: laterMs });
      toEpochMs = laterMs;
    }
  }
}

function spanOf(events: readonly ObservedEvent[], startEpochMs: number, endEpochMs: number) {
  let [firstMs, lastMs] = [startEpochMs, endEpochMs];
  for (const { timestamp } of events) {
    firstMs = Math.min(firstMs, timestamp);
    lastMs = Math.max(lastMs, timestamp);
  }
  return { firstMs, lastMs };
}

/** A line that is identical with one seen before replaces it if it has more occurrences. */
function together(
  seen: readonly ObservedEvent[],
  read: readonly ObservedEvent[],
): Pick<StreamLines, 'lines' | 'unseen' | 'seenKeys'> {
  const seenKeys = new Set(seen.map(({ key }) => key));
  const lines = new Map(seen.map((event) => [event.key, event]));
  const unseen: ObservedEvent[] = [];
  for (const event of read) {
    const before = lines.get(event.key);
    if (before !== undefined && before.occurrences >= event.occurrences) continue;
    lines.set(event.key, event);
    unseen.push(event);
  }
  return { lines: [...lines.values()], unseen, seenKeys };
}

/** One log stream of a slice, to be recorded. */
export interface StreamTask {
  readonly streamId: string;
  readonly mark: Mark;
  /** Lines of the slice that have a signal. */
  readonly read: readonly ObservedEvent[];
  /** Keys of lines that may have arrived after their time was scanned. */
  readonly lateKeys: ReadonlySet<string>;
  /** Where the lines begin to which later ones may belong. */
  readonly startEpochMs: number;
  /** The scan has read everything before it. */
  readonly horizonEpochMs: number;
  /** What waits for further lines until this time is reported without them. */
  readonly waitEndEpochMs: number;
}

interface RecordedStream {
  /** The stream's findings of the span, as they are now in the ledger. */
  readonly records: readonly FindingRecord[];
  /** Lines that were not in the ledger before. */
  readonly unseen: readonly ObservedEvent[];
  /** Lines beyond the budget of their minute: they are reported as a flood. */
  readonly rest: readonly ObservedEvent[];
  /** Lines with more signals than are correlated. */
  readonly shortened: readonly ObservedEvent[];
}

const minutesPerDay = 1440;
/** PutLogEvents accepts events of the last 14 days. */
const ingestionDays = 14;

/**
 * Derives the findings of one log stream again from all its lines. Saves the findings before the lines: a
 * stored line counts as done, so its finding must be stored first.
 */
export async function recordStream(
  { shell, table, tickEpochMs, detections, airflow }: TickContext,
  { streamId, mark, read, lateKeys, startEpochMs, horizonEpochMs, waitEndEpochMs }: StreamTask,
): Promise<RecordedStream> {
  const { correlateSeconds, mwaaEnvironment: environment, farSweep } = shell.config;
  const found = await linesAround(table, streamId, read, {
    startEpochMs,
    horizonEpochMs,
    correlateSeconds,
  });
  const { lines, rest } = withinBudget(
    withoutForeignResults(found.lines, { correlateSeconds }),
    ({ key }) => found.seenKeys.has(key),
  );
  const taken = new Set(lines.map(({ key }) => key));
  const unseen = found.unseen.filter(({ key }) => taken.has(key));
  const late = new Set(unseen.map(({ key }) => key).filter((key) => lateKeys.has(key)));
  const letGo = { rest, shortened: read.filter(({ omitted }) => omitted !== undefined) };
  const span = { fromEpochMs: found.fromEpochMs, toEpochMs: horizonEpochMs };
  const before = await loadFindings(table, streamId, span);
  const slice = sliceKey({ ...mark, startEpochMs: mark.positionEpochMs });
  const isToCount = (record: FindingRecord) =>
    record.countedIn !== slice && wasNeverCounted(record);
  // A sweep without news has nothing to derive; the scan always has, since time has passed.
  const isNews = !isSweep(mark.lane) || unseen.length > 0 || before.some(isToCount);
  if (!isNews) return { records: before, unseen: [], ...letGo };
  const {
    changes: derived,
    latest,
    isResolved,
  } = deriveStream(
    lines.filter(({ timestamp }) => timestamp < found.horizonEpochMs),
    Math.min(found.horizonEpochMs, waitEndEpochMs),
    { environment, correlateSeconds },
  );
  // Not all lines of earlier changes are loaded; those changes were derived when they were.
  const changes = derived.filter(({ anchorEpochMs }) => anchorEpochMs >= found.settledFromEpochMs);
  // A sweep reads old lines: it does not decide what is pending now.
  if (latest !== undefined && !(isResolved && isSweep(mark.lane))) {
    const { logGroup } = mark;
    await saveOpenStream(table, {
      ...{ logGroup, streamId, ...latest },
      ...(isResolved && { resolvedEpochMs: waitEndEpochMs }),
      ...{ derivedEpochMs: horizonEpochMs, formerFromEpochMs: startEpochMs },
    });
  }
  const records = await saveChanged(before, changes);
  if (unseen.length > 0) {
    const keepDays = farSweep.lagMinutes / minutesPerDay + ingestionDays;
    await saveSeenEvents(table, unseen, { tickEpochMs, keepDays });
  }
  return { records, unseen, ...letGo };

  /**
   * A finding at or after the lane's position cannot have been counted: the slice that found it never
   * completed, and may have been longer than this one.
   */
  function wasNeverCounted({ anchorEpochMs, countedIn }: FindingRecord): boolean {
    const isOfThisLane = !isSweep(mark.lane) || countedIn?.startsWith(`${mark.lane}#`) === true;
    return isOfThisLane && anchorEpochMs >= mark.positionEpochMs;
  }

  async function saveChanged(
    known: readonly FindingRecord[],
    found: typeof changes,
  ): Promise<FindingRecord[]> {
    const after = new Map(known.map((record) => [record.finding.id, record]));
    // Evidence that joined no other line is no finding.
    const reportable = found.filter(({ severity }) => severity !== 'info');
    const reconciled = reconcile(reportable, known);
    await inSteps(reconciled, async ({ change, known: record }) => {
      const { anchorKey, anchorEpochMs } = change;
      const reasons = approvalReasons(change, shell.plan.approvedChanges);
      const now = recordFinding(
        record,
        {
          finding: presentFinding(change, {
            ...{ environment, region: shell.mwaa.region, detections, airflow },
            // The tick, not the clock: a retried tick must write the same.
            detectedAtEpochMs: tickEpochMs,
            foundBy: foundByOf(mark.lane, change.evidence, late),
          }),
          ...{ logGroup: mark.logGroup, streamId, anchorKey, anchorEpochMs },
          ...(change.verb !== undefined && { verb: change.verb }),
          approved: reasons.length > 0,
          approving: { dayEpochMs: startOfDay(tickEpochMs), reasons },
          initial: anchorEpochMs < mark.sinceEpochMs,
        },
        {
          sliceKey: slice,
          alertAt: shell.config.alertAt,
          sides: sidesOf(shell.config),
          isFirstRead: record !== undefined && wasNeverCounted(record),
        },
      );
      if (record !== undefined && isSame(record, now)) {
        await keepOnList(table, record);
        return;
      }
      await noteRecent({ table, shell, tickEpochMs }, now);
      const saved = await saveFinding(table, now);
      after.set(saved.finding.id, saved);
      logFinding(saved, record === undefined);
    });
    // Found by a killed run, and its lines are gone since: no later slice derives it, so this one counts it.
    const derivedNow = new Set(reconciled.map(({ known: record }) => record?.finding.id));
    const orphans = known.filter(
      (record) =>
        record.countedIn !== undefined && isToCount(record) && !derivedNow.has(record.finding.id),
    );
    await inSteps(orphans, async (record) => {
      const saved = await saveFinding(table, { ...record, countedIn: slice });
      after.set(saved.finding.id, saved);
    });
    return [...after.values()];
  }

  function logFinding(record: FindingRecord, isNew: boolean): void {
    const { finding, logGroup, approved, delivery } = record;
    const { id, severity, outcome, detections, late, runbook } = finding;
    shell.log('info', 'finding-recorded', {
      ...{ id, logGroup, severity, outcome, detections, approved, late, isNew },
      // A single value for the dashboard, which cannot group by a list.
      detection: detections[0],
      delivery: delivery.status,
      // For the dashboard's list. The title is as in the mail: redacted, and made of names alone.
      title: withoutLinks(finding.title),
      ...{ runbook, airflow: finding.links.airflow },
    });
  }
}

/** What found a change or a flood; see {@link FoundBy}. */
export function foundByOf(
  lane: Lane,
  lines: readonly { readonly key: string }[],
  lateKeys: ReadonlySet<string>,
): FoundBy | undefined {
  if (!isSweep(lane)) return undefined;
  return lines.some(({ key }) => lateKeys.has(key)) ? 'late' : 'later-look';
}

/** Whether storing `now` would change nothing. */
export function isSame(before: FindingRecord, now: FindingRecord): boolean {
  return isDeepStrictEqual(asStored(before), asStored(now));
}

/** The ledger's JSON has no undefined fields. */
function asStored(record: FindingRecord): unknown {
  return JSON.parse(JSON.stringify(record));
}
