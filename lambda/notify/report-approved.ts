import { inSteps } from '../common/retry.ts';
import { dayMs, deadlineIn, minuteMs } from '../common/time.ts';
import {
  type ApprovedList,
  approvedDigest,
  approvedDigestKey,
  approvedLine,
} from '../findings/approved-digest.ts';
import type { FindingPlace } from '../findings/finding-actor.ts';
import { approvedPages, type ListedEntry } from '../ledger/approved-findings.ts';
import { LedgerTable } from '../ledger/ledger-table.ts';
import { findFinding, saveFinding } from '../ledger/stored-findings.ts';
import type { Evidence } from '../model/finding.ts';
import { sidesOf } from '../plan/runtime-config.ts';
import type { TickContext } from '../record/tick-context.ts';
import { orderOfDigests } from './delivery-plan.ts';

/** Entries of one day in memory at once; further ones are only counted. */
const entriesMax = 20_000;
/** Counting stops here: the digest then says `at least`. */
const countedMax = 50_000;
/** Findings of a day that its digest lists. */
export const approvedListedMax = 100;
/** Their share of one SNS message, which holds each line twice. */
const listedBytesMax = 90_000;
/** Findings read to fill the list: some entries have no finding, where a run was killed in between. */
const readMax = 2 * approvedListedMax;
const readAtOnce = 16;

/**
 * Saves one finding for each UTC day with approved changes: it lists them, the worst first, and people are
 * notified of it like of any other. A day that already has its finding is skipped, so a retried tick
 * changes nothing.
 *
 * @param days half-open, starts of UTC days. No tick of these days may run any more
 * @throws the call's own error, or DeadlineError
 */
export async function saveApprovedDigests(
  context: TickContext,
  days: { readonly fromEpochMs: number; readonly toEpochMs: number },
): Promise<void> {
  for await (const day of approvedDays(context, days)) await saveDigestOfDay(context, day);
}

interface ApprovedDay {
  readonly dayEpochMs: number;
  readonly entries: ListedEntry[];
  count: number;
}

/** The days with approved changes, each with its entries and their count. */
async function* approvedDays(
  { shell, deadline }: TickContext,
  { fromEpochMs, toEpochMs }: { readonly fromEpochMs: number; readonly toEpochMs: number },
): AsyncGenerator<ApprovedDay> {
  let nextEpochMs = fromEpochMs;
  while (nextEpochMs < toEpochMs) {
    // Pending findings need time as well.
    const limit = deadlineIn(shell.timer, deadline.remainingMs() / 4);
    const table = new LedgerTable(shell, shell.config.ledgerTableName, limit);
    const day = await firstDay(table, { fromEpochMs: nextEpochMs, toEpochMs });
    if (day === undefined) return;
    yield day;
    nextEpochMs = day.dayEpochMs + dayMs;
  }
}

async function firstDay(
  table: LedgerTable,
  days: { readonly fromEpochMs: number; readonly toEpochMs: number },
): Promise<ApprovedDay | undefined> {
  let day: ApprovedDay | undefined;
  for await (const page of approvedPages(table, days)) {
    for (const { dayEpochMs, entry } of page) {
      day ??= { dayEpochMs, entries: [], count: 0 };
      if (day.dayEpochMs !== dayEpochMs || day.count === countedMax) return day;
      day.count += 1;
      if (day.entries.length < entriesMax) day.entries.push(entry);
    }
  }
  return day;
}

async function saveDigestOfDay(context: TickContext, day: ApprovedDay): Promise<void> {
  const { table, shell, tickEpochMs } = context;
  const { mwaaEnvironment: environment } = shell.config;
  const { region } = shell.mwaa;
  const { dayEpochMs } = day;
  if ((await findFinding(table, approvedDigestKey(dayEpochMs, environment))) !== undefined) return;
  const list = await listOf(context, day);
  if (list === undefined) return;
  const sides = sidesOf(shell.config);
  const record = approvedDigest(list, { environment, region, tickEpochMs, sides });
  await saveFinding(table, record);
  const { id, title } = record.finding;
  shell.log('info', 'approved-changes-listed', { id, title, listed: list.lines.length });
}

/** Reads the findings of a day's entries until the list is full. @returns undefined if there are none */
async function listOf(
  { table, shell, tickEpochMs }: TickContext,
  { dayEpochMs, entries, count }: ApprovedDay,
): Promise<ApprovedList | undefined> {
  const places = inOrder(entries, {
    seed: String(dayEpochMs),
    tickEpochMs,
    periodMs: shell.config.everyMinutes * minuteMs,
  });
  const lines: Evidence[] = [];
  const groups = new Set<string>();
  let stale = 0;
  let bytes = 0;
  let isFull = false;
  for (let at = 0; at < Math.min(places.length, readMax) && !isFull; at += readAtOnce) {
    const records = await inSteps(places.slice(at, at + readAtOnce), (place) =>
      findFinding(table, { ...place, finding: { id: place.findingId } }),
    );
    for (const record of records) {
      const isOfDay = record?.silenced?.dayEpochMs === dayEpochMs;
      const line = isOfDay ? approvedLine(record) : undefined;
      if (line === undefined) {
        stale += 1;
        continue;
      }
      bytes += bytesIn(line);
      isFull ||= lines.length === approvedListedMax || bytes > listedBytesMax;
      if (isFull) break;
      lines.push(line);
      groups.add(line.logGroup);
    }
  }
  if (lines.length === 0) return undefined;
  return {
    ...{ dayEpochMs, lines, logGroups: [...groups] },
    omitted: count - stale - lines.length,
    isAtLeast: count === countedMax,
  };
}

/** In the order of digests; entries that hold only a place come first. */
function inOrder(
  entries: readonly ListedEntry[],
  pace: Parameters<typeof orderOfDigests>[1],
): FindingPlace[] {
  const known = entries.flatMap((entry) => ('finding' in entry ? [entry.finding] : []));
  const others = entries.flatMap((entry) => ('place' in entry ? [entry.place] : []));
  return [...others, ...orderOfDigests(known, pace)];
}

/** Bytes of a line in a message, which is JSON within JSON. */
function bytesIn(line: Evidence): number {
  return Buffer.byteLength(JSON.stringify(JSON.stringify(line)));
}
