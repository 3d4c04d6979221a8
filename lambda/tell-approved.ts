import { orderOfDigests } from './delivery-plan.ts';
import {
  type ApprovedList,
  approvedDigest,
  approvedDigestKey,
  approvedLine,
} from './findings/approved-digest.ts';
import type { Evidence } from './findings/finding.ts';
import type { FindingPlace } from './findings/waiting-finding.ts';
import { inSteps } from './in-steps.ts';
import { approvedPages } from './ledger/approved-findings.ts';
import { findFinding, saveFinding } from './ledger/finding-records.ts';
import { LedgerTable } from './ledger/ledger-table.ts';
import type { ListedEntry } from './ledger/listed-findings.ts';
import type { TickContext } from './tick-shell.ts';
import { dayMs, deadlineIn, minuteMs } from './time.ts';

/** Entries of one day that are in memory at once; more are counted. */
const entriesMax = 20_000;
/** Of more than these a digest says that there are at least so many. */
const countedMax = 50_000;
/** Findings of a day that its digest lists. */
export const approvedListedMax = 100;
/** What they take in one message of SNS, where each is written twice. */
const listedBytesMax = 90_000;
/** Findings that are read to list these: of some, only the entry was written before a run was killed. */
const readMax = 2 * approvedListedMax;
const readAtOnce = 16;

/**
 * Makes one finding for each UTC day on which something was approved: it lists these, the worst
 * first, and waits to be notified like any other. A day that has its finding is left alone, so that a
 * repeated tick changes nothing.
 *
 * @param days begins of UTC days: those from the first on, before the second. No tick of these days may
 *   be worked on any more
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

/** The days that have something on their list, each read to its end or as far as it is counted. */
async function* approvedDays(
  { shell, deadline }: TickContext,
  { fromEpochMs, toEpochMs }: { readonly fromEpochMs: number; readonly toEpochMs: number },
): AsyncGenerator<ApprovedDay> {
  let nextEpochMs = fromEpochMs;
  while (nextEpochMs < toEpochMs) {
    // What waits to be notified needs time as well.
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
  const record = approvedDigest(list, { environment, region, tickEpochMs });
  await saveFinding(table, record);
  const { id, title } = record.finding;
  shell.log('info', 'approved-changes-listed', { id, title, listed: list.lines.length });
}

/** Reads what a day's entries name, until the list is full. */
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

/** The worst first, and those of few before those of many, as digests name them. */
function inOrder(
  entries: readonly ListedEntry[],
  pace: Parameters<typeof orderOfDigests>[1],
): FindingPlace[] {
  const known = entries.flatMap((entry) => ('finding' in entry ? [entry.finding] : []));
  const others = entries.flatMap((entry) => ('place' in entry ? [entry.place] : []));
  return [...others, ...orderOfDigests(known, pace)];
}

/** Bytes of a line within the JSON of a message, which is JSON within JSON. */
function bytesIn(line: Evidence): number {
  return Buffer.byteLength(JSON.stringify(JSON.stringify(line)));
}
