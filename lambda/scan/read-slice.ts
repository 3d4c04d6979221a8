import type { Deadline } from '../common/time.ts';
import type { Refusal } from '../model/refused-texts.ts';
import type { RetreatStep } from '../model/retreat.ts';
import type { ObservedEvent } from '../model/signal.ts';
import { type PackLane, windowTimes } from '../model/windows.ts';
import type { Slice } from '../plan/runtime-config.ts';
import type { ScanPlan } from '../plan/scan-plan.ts';
import { type PackPlan, PackTexts, textRefusalOf } from '../query/accepted-texts.ts';
import type { PackText } from '../query/pack-text.ts';
import { QueryError, type QueryShell } from '../query/query.ts';
import { CompletedAnswers } from './completed-answers.ts';
import { type PackEvent, Verdicts } from './pack-rows.ts';
import {
  type AskText,
  type PackReader,
  type PackReading,
  readPack,
  type TextScan,
} from './read-pack.ts';
import { type GroupOutcome, scanGroups } from './scan-groups.ts';
import type { ObservedRow } from './slice-rows.ts';

/** Each round knows more refused detections than the one before. */
const roundsMax = 10;

interface RefusedText {
  readonly text: PackText;
  readonly refusal: Refusal;
  /** The slice over which it was refused. */
  readonly slice: Slice;
}

/**
 * Reads a slice with the texts that AWS accepts. When it refuses one, the refused detections are
 * searched for, and the slice is read without them. No answer that completed before is queried
 * again, and its events are in the reading, whatever happens to the other texts.
 *
 * When the documented query is refused over the same slice, the refusal is about a log group and
 * the window: the groups are then queried one by one.
 *
 * @param ask runs one text, and returns a refused one as failed
 * @param read reads the slice with some texts
 * @returns a single reading in which all groups have failed, when no text is accepted any more
 */
export async function readAccepted(
  texts: PackTexts,
  slice: Slice,
  deadline: Deadline,
  ask: AskText,
  read: (by: Pick<PackReader, 'texts' | 'ask'>) => Promise<PackReading[]>,
): Promise<PackReading[]> {
  const before = { bytesScanned: 0, doubts: 0 };
  const completed = new CompletedAnswers();
  await texts.begin(slice, deadline);
  for (let round = 1; ; round += 1) {
    const { standstill } = texts;
    if (standstill !== undefined) {
      return [completed.addTo({ ...allFailed(slice, standstill), ...before })];
    }
    const attempt = new Attempt(texts, deadline, ask);
    const asked = texts.texts;
    const askNew = completed.asking(attempt.ask, asked);
    const readings = await read({ texts: asked, ask: askNew });
    const { refused } = attempt;
    if (refused === undefined || round === roundsMax) {
      const whole = round === 1 ? readings : readings.map((reading) => completed.addTo(reading));
      return whole.map((reading, at) => (at === 0 ? added(reading, before) : reading));
    }
    for (const { bytesScanned, doubts } of readings) {
      before.bytesScanned += bytesScanned;
      before.doubts += doubts;
    }
    await texts.learn(refused.text, refused.refusal, refused.slice, deadline);
  }
}

/** One reading of a slice, which is abandoned at the first refused text. */
class Attempt {
  refused: RefusedText | undefined;
  readonly #texts: PackTexts;
  readonly #deadline: Deadline;
  readonly #ask: AskText;

  constructor(texts: PackTexts, deadline: Deadline, ask: AskText) {
    this.#texts = texts;
    this.#deadline = deadline;
    this.#ask = ask;
  }

  readonly ask: AskText = async (text, slice, openSink, options) => {
    if (this.refused !== undefined) {
      const error = new Error('another text of the pack was refused');
      return { ...nothing, outcomes: failedOutcomes(slice.logGroups, error) };
    }
    const scan = await this.#ask(text, slice, openSink, options);
    const refusals = refusalsIn(scan, text);
    const [refusal] = refusals.values();
    // A part of a text may be refused for its higher limit, which says nothing about its
    // detections.
    if (refusal === undefined || !this.#texts.isOwn(text)) return scan;
    const logGroups = [...refusals.keys()];
    const refusedSlice = { ...slice, logGroups };
    if (await this.#texts.isAboutText(refusedSlice, this.#deadline)) {
      this.refused = { text, refusal, slice: refusedSlice };
      return scan;
    }
    if (slice.logGroups.length === 1) return scan;
    const scans = [scan];
    for (const logGroup of logGroups) {
      scans.push(await this.ask(text, { ...slice, logGroups: [logGroup] }, openSink, options));
    }
    return merged(scans);
  };
}

/** By log group, why the text is refused there. */
function refusalsIn({ outcomes }: TextScan, { queryString }: PackText): Map<string, Refusal> {
  return new Map(
    [...outcomes].flatMap(([logGroup, outcome]) => {
      if (outcome.kind !== 'failed' || !(outcome.error instanceof QueryError)) return [];
      const refusal = textRefusalOf(outcome.error, queryString);
      return refusal === undefined ? [] : [[logGroup, refusal] as const];
    }),
  );
}

const nothing = { answers: [], bytesScanned: 0, doubts: 0 };

/** Merges scans; of a group that was scanned twice, the last outcome counts. */
function merged(scans: readonly TextScan[]): TextScan {
  return {
    outcomes: new Map(scans.flatMap(({ outcomes }) => [...outcomes])),
    answers: scans.flatMap(({ answers }) => answers),
    bytesScanned: scans.reduce((sum, { bytesScanned }) => sum + bytesScanned, 0),
    doubts: scans.reduce((sum, { doubts }) => sum + doubts, 0),
  };
}

function failedOutcomes(logGroups: readonly string[], error: Error): Map<string, GroupOutcome> {
  return new Map(logGroups.map((logGroup) => [logGroup, { kind: 'failed', error }]));
}

function allFailed(slice: Slice, error: Error): PackReading {
  return {
    ...slice,
    outcomes: failedOutcomes(slice.logGroups, error),
    events: new Map(),
    ...{ unreadable: [], unclaimed: 0, bytesScanned: 0, doubts: 0, flooded: false },
  };
}

function added(
  reading: PackReading,
  { bytesScanned, doubts }: { readonly bytesScanned: number; readonly doubts: number },
): PackReading {
  return {
    ...reading,
    bytesScanned: reading.bytesScanned + bytesScanned,
    doubts: reading.doubts + doubts,
  };
}

/** What the completed queries of one slice found. */
export interface SliceReading extends Omit<PackReading, 'events' | 'unclaimed'> {
  /**
   * Events of the groups that every text of the pack read in full; none if the pack was not run.
   */
  readonly events: readonly ObservedRow[];
  /**
   * By log group that was not read in full, the events of the completed answers: true, but maybe
   * not all. Absent when there are none.
   */
  readonly partial?: ReadonlyMap<string, readonly ObservedRow[]>;
  /** By log group that was read in full, the documented query's count; absent for the pack. */
  readonly matches?: ReadonlyMap<string, number>;
  /**
   * Groups that CloudWatch Logs says it did not scan although they were queried: their zero is
   * unsure.
   */
  readonly unsure?: ReadonlySet<string>;
}

interface PackSliceOptions {
  /** The lane that reads, for the log. @default scan */
  readonly lane?: PackLane;
  readonly observe: (event: PackEvent) => ObservedEvent;
  /** See {@link readPack}. @default whole */
  readonly step?: RetreatStep;
  /** The pack's texts, shared by several slices. @default nothing was ever refused */
  readonly texts?: PackTexts;
}

/**
 * Runs the texts of the pack over a slice, without the detections that AWS refuses; see
 * {@link readAccepted}. A plan without a detection runs no query.
 *
 * The readings may end before the slice does, when an answer was cut off; see {@link readPack}.
 *
 * Does not throw when a query fails; see `outcomes`.
 *
 * @returns readings of one window, which begins where the slice does, for different log groups
 */
export async function readPackSlice(
  shell: QueryShell,
  plan: PackPlan,
  slice: Slice,
  deadline: Deadline,
  { lane = 'scan', observe, step = 'whole', texts = new PackTexts(shell, plan) }: PackSliceOptions,
): Promise<SliceReading[]> {
  if (plan.candidates.length === 0) return [nothingToAsk(slice)];
  const reader = {
    ...{ plan, observe, verdicts: new Verdicts(plan.candidates) },
    onCutOff: ({ logGroups, window }: Slice, isFlood: boolean) => {
      const place = { logGroups, window: windowTimes(window), lane };
      if (isFlood) shell.log('error', 'log-flood', place);
      else shell.log('warn', 'slice-cut-off', place);
    },
  };
  const ask: AskText = ({ queryString, rowsMax }, { logGroups, window }, openSink, pages) => {
    const limit = rowsMax === undefined ? {} : { limit: rowsMax };
    const request = { queryString, logGroups, window, ...limit, ...pages };
    return scanGroups(shell, request, deadline, openSink);
  };
  const readings = await readAccepted(texts, slice, deadline, ask, (by) =>
    readPack({ ...reader, ...by }, slice, step),
  );
  logUnclaimed(shell, plan, lane, readings);
  return readings.map((reading) => {
    const { logGroups, outcomes, events } = reading;
    const read = logGroups.filter((logGroup) => outcomes.get(logGroup)?.kind === 'scanned');
    const partial = [...events].filter(([logGroup]) => !read.includes(logGroup));
    return {
      ...reading,
      events: read.flatMap((logGroup) => events.get(logGroup) ?? []),
      ...(partial.length > 0 && { partial: new Map(partial) }),
    };
  });
}

/** The reading of a plan without a detection: there is no text, and nothing can be missed. */
function nothingToAsk({ logGroups, window }: Slice): SliceReading {
  return {
    ...{ window, logGroups, events: [], unreadable: [] },
    ...{ bytesScanned: 0, doubts: 0, flooded: false },
    outcomes: new Map(logGroups.map((logGroup) => [logGroup, { kind: 'scanned' }])),
  };
}

/**
 * Logs how many rows belong to no detection. If all filters are exact, that means that Logs
 * Insights reads a regexp differently than this function does.
 */
function logUnclaimed(
  shell: QueryShell,
  { candidates }: Pick<ScanPlan, 'candidates'>,
  lane: PackLane,
  readings: readonly PackReading[],
): void {
  const rows = readings.reduce((sum, { unclaimed }) => sum + unclaimed, 0);
  const [first] = readings;
  if (rows === 0 || first === undefined) return;
  const isExact = candidates.every(({ filter }) => filter !== undefined);
  const place = { lane, window: windowTimes(first.window) };
  shell.log(isExact ? 'warn' : 'info', 'candidates-unclaimed', { ...place, rows });
}
