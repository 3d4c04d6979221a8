import type { RetreatStep } from '../model/retreat.ts';
import { halves, type Window } from '../model/windows.ts';
import type { Slice } from '../plan/runtime-config.ts';
import type { ScanPlan } from '../plan/scan-plan.ts';
import { type PackText, partsOf } from '../query/pack-text.ts';
import { QueryError } from '../query/query.ts';
import { type GroupOutcome, type Scan, type ScanAnswer, worstOutcomes } from './scan-groups.ts';
import {
  type AnswerBudget,
  type AnswerRows,
  type ObservedRow,
  type RowReader,
  SliceRows,
  type UnreadableRows,
} from './slice-rows.ts';

const mebibyte = 1024 * 1024;

/**
 * Bytes of the rows of one answer. This bounds the work: only a page of it is in memory at once.
 */
const answerBytesMax = 48 * mebibyte;
/** Bytes of the events that one answer leaves in memory; the function has 512 MB. */
const keptBytesMax = 48 * mebibyte;
/**
 * Bytes of all answers to one second of one log group, which cannot be divided into smaller slices.
 */
const secondBytesMax = 128 * mebibyte;
/** How much is still read of a second that killed two earlier runs. */
const lastTry = { rowsMax: 1_000, bytesMax: 8 * mebibyte, keptBytesMax: 8 * mebibyte };
/** Rows a page in a second that killed an earlier run. */
const smallPageRows = 125;

/** What the texts of the pack found in one slice. */
export interface PackReading {
  /** It may end before the slice does, when an answer was cut off. */
  readonly window: Window;
  readonly logGroups: readonly string[];
  readonly outcomes: ReadonlyMap<string, GroupOutcome>;
  /**
   * By log group, its events; for one that was not read in full, those of the texts that answered.
   */
  readonly events: ReadonlyMap<string, readonly ObservedRow[]>;
  readonly unreadable: readonly UnreadableRows[];
  /** Rows whose events belong to no detection. */
  readonly unclaimed: number;
  /** Bytes of all queries, those without a usable answer included. */
  readonly bytesScanned: number;
  /** Queries that scanned fewer log groups than were queried. */
  readonly doubts: number;
  /** Whether this is a single second of one group some of whose matching events were not read. */
  readonly flooded: boolean;
  /** The log group with the most rows in an answer that was cut off. */
  readonly busiestGroup?: string;
}

/** The result of running one text. */
export interface TextScan extends Omit<Scan, 'answers'> {
  readonly answers: readonly Pick<ScanAnswer<AnswerRows>, 'sink' | 'isCutOff' | 'logGroups'>[];
}

/** Runs one text over a slice; each query that it starts gets its own sink. */
export type AskText = (
  text: PackText,
  slice: Slice,
  openSink: () => AnswerRows,
  options: { readonly pageRows?: number },
) => Promise<TextScan>;

export interface PackReader extends RowReader {
  readonly ask: AskText;
  /** Normally one, which asks for all detections; each scans the same bytes. */
  readonly texts: readonly PackText[];
  readonly plan: Pick<ScanPlan, 'candidates' | 'packRowsMax'>;
  readonly onCutOff?: (slice: Slice, isFlood: boolean) => void;
}

/**
 * Runs the texts of the pack over a slice and reads it from its start as far as the answers reach.
 *
 * Rows come in the order of their times. So an answer that was cut off, by the number of its rows
 * or by a budget of bytes, holds everything up to its last whole second: this part is returned, and
 * the rest is left to the next slice. When not even one second is complete, the first second is
 * read by itself, then group by group, then by parts of the pack, in which each detection has up to
 * 100,000 rows. Rows beyond that are not read, and the reading is `flooded`.
 *
 * Does not throw when a query fails; see `outcomes`.
 *
 * @param step how much to read at once of a second that killed an earlier run
 * @returns readings of one window, which begins where the slice does, for different log groups
 */
export async function readPack(
  reader: PackReader,
  slice: Slice,
  step: RetreatStep = 'whole',
): Promise<PackReading[]> {
  const isSmallest = slice.logGroups.length === 1 && halves(slice.window) === undefined;
  if (isSmallest) return [await readSecond(reader, slice, step)];

  const rows = new SliceRows(reader, slice);
  const spent = new Spent();
  let wholeUntil: number | undefined = slice.window.endEpochMs;
  let busiestGroup: string | undefined;
  for (const text of reader.texts) {
    const budget = { rowsMax: rowsMaxOf(text, reader), bytesMax: answerBytesMax, keptBytesMax };
    const scan = await reader.ask(text, slice, () => rows.open(budget), {});
    spent.add(scan);
    for (const { sink, isCutOff } of scan.answers) {
      rows.add(sink);
      if (!isCutOff || sink.isPastSlice) continue;
      busiestGroup ??= sink.busiestGroup;
      const until = sink.wholeUntil(slice.window);
      wholeUntil =
        until === undefined || wholeUntil === undefined ? undefined : Math.min(wholeUntil, until);
    }
  }
  const { startEpochMs, endEpochMs } = slice.window;
  if (wholeUntil !== endEpochMs) reader.onCutOff?.(slice, false);
  if (wholeUntil !== undefined && wholeUntil > startEpochMs) {
    return [
      {
        ...spent.totals,
        window: { startEpochMs, endEpochMs: wholeUntil },
        logGroups: slice.logGroups,
        outcomes: spent.outcomes,
        events: rows.eventsBefore(wholeUntil),
        unreadable: rows.unreadable,
        unclaimed: rows.unclaimedBefore(wholeUntil),
        flooded: false,
        ...(busiestGroup !== undefined && { busiestGroup }),
      },
    ];
  }
  const readings: PackReading[] = [];
  for (const smaller of smallerSlices(slice, wholeUntil !== undefined)) {
    readings.push(...(await readPack(reader, smaller)));
  }
  return readings.map((reading, at) =>
    at === 0 ? { ...reading, ...spent.plus(reading), busiestGroup } : reading,
  );
}

/**
 * The first second, or one group at a time.
 *
 * @param isSorted whether the rows came in the order of their times; otherwise the window is halved
 */
function smallerSlices({ logGroups, window }: Slice, isSorted: boolean): Slice[] {
  const [firstHalf] = halves(window) ?? [];
  if (firstHalf === undefined) {
    return logGroups.map((logGroup) => ({ logGroups: [logGroup], window }));
  }
  const { startEpochMs } = window;
  const firstSecond = { startEpochMs, endEpochMs: startEpochMs + 1000 };
  return [{ logGroups, window: isSorted ? firstSecond : firstHalf }];
}

/** Reads one second of one log group, by parts of the pack when an answer is cut off. */
async function readSecond(
  reader: PackReader,
  slice: Slice,
  step: RetreatStep,
): Promise<PackReading> {
  const rows = new SliceRows(reader, slice);
  const spent = new Spent();
  let bytes = 0;
  let flooded = step === 'none';
  if (step === 'none') spent.skip(slice.logGroups);
  else {
    for (const text of reader.texts) {
      const parts = step === 'whole' ? [] : partsIn(text);
      if (parts.length === 0) spent.addOutcomes(await readText(text));
      else await readParts(parts, false);
    }
  }
  if (flooded) reader.onCutOff?.(slice, true);
  return {
    ...spent.totals,
    ...slice,
    outcomes: spent.outcomes,
    events: rows.eventsBefore(slice.window.endEpochMs),
    unreadable: rows.unreadable,
    unclaimed: rows.unclaimedBefore(slice.window.endEpochMs),
    flooded,
    ...(flooded && { busiestGroup: slice.logGroups[0] }),
  };

  /** @returns the outcomes; undefined when the bytes allowed for this second are used up */
  async function readText(text: PackText): Promise<Pick<TextScan, 'outcomes'> | undefined> {
    const left = budgetLeft();
    if (left.bytesMax <= 0 || left.keptBytesMax <= 0) {
      flooded = true;
      return undefined;
    }
    const budget = { ...left, rowsMax: Math.min(left.rowsMax, rowsMaxOf(text, reader)) };
    const pages = step === 'whole' ? {} : { pageRows: smallPageRows };
    const scan = await reader.ask(text, slice, () => rows.open(budget), pages);
    spent.addBytes(scan);
    for (const { sink, isCutOff } of scan.answers) {
      bytes += sink.bytes;
      rows.add(sink);
      if (!isCutOff || sink.isPastSlice) continue;
      const parts = partsIn(text);
      if (parts.length === 0 || step === 'some') flooded = true;
      else await readParts(parts, true);
    }
    return scan;
  }

  /**
   * Reads parts of a text. A part that AWS refuses, or that fails twice, would block the lane at
   * this second for ever: if there is another answer, the part is given up and the reading is
   * `flooded`.
   *
   * @param isRest whether an answer to the whole text was cut off, whose events are known already
   */
  async function readParts(parts: readonly PackText[], isRest: boolean): Promise<void> {
    const results: { scan: Pick<TextScan, 'outcomes'>; isGivenUp: boolean }[] = [];
    for (const part of parts) {
      const first = await readText(part);
      const scan = first !== undefined && hasFailed(first) ? await readText(part) : first;
      if (scan === undefined) continue;
      // A part may be refused for its higher limit.
      const mayBeRefused = isRest || part.rowsMax !== undefined;
      const isGivenUp = hasFailed(scan) || (mayBeRefused && wasRefused(scan));
      results.push({ scan, isGivenUp });
    }
    const isKnown = isRest || results.some(({ scan }) => isRead(scan));
    for (const { scan, isGivenUp } of results) {
      if (isGivenUp && isKnown) flooded = true;
      else spent.addOutcomes(scan);
    }
  }

  function partsIn(text: PackText): PackText[] {
    return partsOf(text, reader.plan.candidates, reader.plan.packRowsMax);
  }

  function budgetLeft(): AnswerBudget {
    if (step === 'some') return lastTry;
    return {
      rowsMax: Number.POSITIVE_INFINITY,
      bytesMax: Math.min(answerBytesMax, secondBytesMax - bytes),
      keptBytesMax: keptBytesMax * 2 - rows.keptBytes,
    };
  }
}

function rowsMaxOf({ rowsMax }: PackText, { plan }: PackReader): number {
  return rowsMax ?? plan.packRowsMax;
}

function wasRefused(scan: Pick<Scan, 'outcomes'>): boolean {
  return errorsIn(scan).some(({ cause }) => cause instanceof Error && refusalNames.has(cause.name));
}

const refusalNames: ReadonlySet<string> = new Set([
  'InvalidParameterException',
  'MalformedQueryException',
]);

/** Whether a query ended with status Failed, for which AWS gives no reason. */
function hasFailed(scan: Pick<Scan, 'outcomes'>): boolean {
  return errorsIn(scan).some((error) => error.hasFailed);
}

function isRead({ outcomes }: Pick<Scan, 'outcomes'>): boolean {
  return [...outcomes.values()].every(({ kind }) => kind === 'scanned');
}

function errorsIn({ outcomes }: Pick<Scan, 'outcomes'>): QueryError[] {
  return [...outcomes.values()].flatMap((outcome) =>
    outcome.kind === 'failed' && outcome.error instanceof QueryError ? [outcome.error] : [],
  );
}

/** The cost and the outcomes of several queries. */
class Spent {
  readonly #scans: Pick<Scan, 'outcomes'>[] = [];
  totals = { bytesScanned: 0, doubts: 0 };

  add(scan: TextScan): void {
    this.addOutcomes(scan);
    this.addBytes(scan);
  }

  addOutcomes(scan: Pick<Scan, 'outcomes'> | undefined): void {
    if (scan !== undefined) this.#scans.push(scan);
  }

  addBytes({ bytesScanned, doubts }: TextScan): void {
    this.totals = this.plus({ bytesScanned, doubts });
  }

  /** Counts log groups as scanned that are not queried any more. */
  skip(logGroups: readonly string[]): void {
    this.addOutcomes({
      outcomes: new Map(logGroups.map((group) => [group, { kind: 'scanned' } as const])),
    });
  }

  plus({ bytesScanned, doubts }: { readonly bytesScanned: number; readonly doubts: number }) {
    return {
      bytesScanned: this.totals.bytesScanned + bytesScanned,
      doubts: this.totals.doubts + doubts,
    };
  }

  get outcomes(): Map<string, GroupOutcome> {
    return worstOutcomes(this.#scans);
  }
}
