import { inSteps } from '../common/retry.ts';
import { inReadingOrder } from '../correlate/change.ts';
import { type FindingRecord, recordFinding } from '../findings/finding-record.ts';
import {
  type FloodPlace,
  floodRecord,
  floodRecordId,
  floodsOfGroupMax,
  floodsOfStreamMax,
} from '../findings/flood-finding.ts';
import { addToFlood, hourOf, withStreams } from '../flood/change-flood.ts';
import { divideAmongFloods, type FloodLink } from '../flood/flood-chain.ts';
import type { LedgerTable } from '../ledger/ledger-table.ts';
import { type Mark, sliceKey } from '../ledger/marks.ts';
import { findFinding, saveFinding } from '../ledger/stored-findings.ts';
import { streamIdOf } from '../ledger/stream-id.ts';
import { severityRank } from '../model/severity.ts';
import type { ObservedEvent } from '../model/signal.ts';
import { sidesOf } from '../plan/runtime-config.ts';
import { foundByOf, isSame } from './record-stream.ts';
import type { TickContext } from './tick-context.ts';

/** Lines of one stream, or of many, that are not correlated one by one. */
interface LetGo {
  /** Absent for the streams beyond the budget, taken together. */
  readonly streamId?: string;
  readonly rest: readonly ObservedEvent[];
  /** Lines that were correlated without some of their signals. */
  readonly shortened: readonly ObservedEvent[];
}

/**
 * Records flood findings for lines that are not correlated: by hour, and by stream or for all further
 * streams of the log group together. Usually one each; more if there are more actors than one finding
 * names, or if a new actor appears after people were notified. A slice that is read again adds nothing;
 * later lines are added, and reported again if they are worse.
 *
 * @param lateKeys of lines that may have arrived after their time was scanned
 * @returns the findings as they are now, including those that count in this slice
 */
export async function recordFloods(
  context: TickContext,
  mark: Mark,
  lateKeys: ReadonlySet<string>,
  letGo: readonly LetGo[],
): Promise<readonly FindingRecord[]> {
  const floods = letGo.flatMap(({ streamId, rest, shortened }) => {
    const byHour = Map.groupBy(rest, ({ timestamp }) => hourOf(timestamp));
    const shortenedByHour = Map.groupBy(shortened, ({ timestamp }) => hourOf(timestamp));
    const restKeys = new Set(rest.map(({ key }) => key));
    return [...new Set([...byHour.keys(), ...shortenedByHour.keys()])].map((hourEpochMs) => ({
      ...{ streamId, hourEpochMs },
      rest: byHour.get(hourEpochMs) ?? [],
      shortened: (shortenedByHour.get(hourEpochMs) ?? []).filter(({ key }) => !restKeys.has(key)),
    }));
  });
  const records: FindingRecord[] = [];
  for (const flood of floods)
    records.push(...(await recordHour(context, { mark, lateKeys }, flood)));
  return records;
}

interface Reading {
  readonly mark: Mark;
  /** Keys of lines that may have arrived after their time was scanned. */
  readonly lateKeys: ReadonlySet<string>;
}

interface LetGoOfHour extends LetGo {
  readonly hourEpochMs: number;
}

async function recordHour(
  context: TickContext,
  { mark, lateKeys }: Reading,
  { streamId, hourEpochMs, rest, shortened }: LetGoOfHour,
): Promise<FindingRecord[]> {
  const { shell, table } = context;
  const { logGroup } = mark;
  const [first] = [...rest, ...shortened];
  const logStream = streamId === undefined ? undefined : first?.logStream;
  const about = { logGroup, streamId, logStream, hourEpochMs };
  const most = streamId === undefined ? floodsOfGroupMax : floodsOfStreamMax;
  const places = Array.from({ length: most }, (_, index): FloodPlace => ({ ...about, index }));
  const { mwaaEnvironment } = shell.config;
  // All records at once would take too much memory: those that change are read again.
  const links = await inSteps(places, async (place) =>
    floodLinkOf(await findFinding(table, floodRecordId(place, mwaaEnvironment))),
  );
  const parts = divideAmongFloods(
    [...inReadingOrder(rest), ...shortened],
    links,
    streamId === undefined ? streamIdOf : undefined,
  );
  const isShortened = new Set(shortened);
  const records = await inSteps(places, async (place) => {
    const lines = parts[place.index ?? 0] ?? [];
    if (lines.length === 0) return undefined;
    return recordFlood(context, { mark, lateKeys }, place, {
      rest: lines.filter((line) => !isShortened.has(line)),
      shortened: lines.filter((line) => isShortened.has(line)),
    });
  });
  return records.filter((record) => record !== undefined);
}

function floodLinkOf(record: FindingRecord | undefined): FloodLink {
  const status = record?.delivery.status ?? 'pending';
  return {
    actors: (record?.flood?.actors ?? []).map(({ name, severity }) => ({ name, severity })),
    streams: record?.flood?.streams ?? [],
    severity: record?.flood?.severity,
    // People will still be notified of it.
    isOpen: status === 'pending' || status === 'withheld',
  };
}

async function recordFlood(
  { shell, table, tickEpochMs }: TickContext,
  { mark, lateKeys }: Reading,
  place: FloodPlace,
  { rest, shortened }: Pick<LetGo, 'rest' | 'shortened'>,
): Promise<FindingRecord | undefined> {
  const { mwaaEnvironment: environment, alertAt } = shell.config;
  const sides = sidesOf(shell.config);
  const { logGroup, streamId } = place;
  const known = await findFinding(table, floodRecordId(place, environment));
  const added = addToFlood(known?.flood, rest, shortened);
  // Evidence alone is no finding, however many lines there are.
  if (added === undefined || severityRank(added.severity) === 0) return undefined;
  const flood = streamId === undefined ? withStreams(added, rest.map(streamIdOf)) : added;
  const { region } = shell.mwaa;
  const found = floodRecord(flood, place, { environment, region, tickEpochMs });
  const slice = sliceKey({ ...mark, startEpochMs: mark.positionEpochMs });
  const wasNeverCounted =
    known?.countedIn?.startsWith(`${mark.lane}#`) === true &&
    known.flood !== undefined &&
    known.flood.firstEpochMs >= mark.positionEpochMs;
  const foundBy = foundByOf(mark.lane, [...rest, ...shortened], lateKeys);
  const { finding, streamId: partition, anchorKey, anchorEpochMs } = found;
  const now = {
    ...recordFinding(
      // floodRecord has rebuilt the evidence from the whole flood.
      known && { ...known, finding: { ...known.finding, evidence: [] } },
      {
        finding: {
          ...finding,
          late: foundBy === 'late',
          ...(foundBy === 'later-look' && { laterLook: true as const }),
        },
        ...{ logGroup, streamId: partition, anchorKey, anchorEpochMs, approved: false },
        initial: flood.firstEpochMs < mark.sinceEpochMs,
      },
      { sliceKey: slice, alertAt, sides, isFirstRead: wasNeverCounted },
    ),
    flood,
  };
  if (known !== undefined && isSame(known, now)) return known;
  const saved = await saveFinding(table, now);
  const { id, severity, title } = saved.finding;
  shell.log('warn', 'flood-recorded', { id, logGroup, severity, title });
  return saved;
}

/** Prefixes of the ids of streams that were reported as a flood in the hours of these lines. */
export async function floodedStreams(
  table: LedgerTable,
  environment: string,
  logGroup: string,
  lines: readonly ObservedEvent[],
): Promise<ReadonlySet<string>> {
  const hours = new Set(lines.map(({ timestamp }) => hourOf(timestamp)));
  const floods = await inSteps([...hours], async (hourEpochMs) => {
    const streamsOf = async (index: number) => {
      const place = { logGroup, hourEpochMs, index };
      return (await findFinding(table, floodRecordId(place, environment)))?.flood?.streams;
    };
    const first = await streamsOf(0);
    if (first === undefined) return [];
    const others = Array.from({ length: floodsOfGroupMax - 1 }, (_, at) => at + 1);
    return [first, ...(await inSteps(others, streamsOf))].flatMap((streams) => streams ?? []);
  });
  return new Set(floods.flat());
}
