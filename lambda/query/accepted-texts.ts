import { createHash } from 'node:crypto';
import * as z from 'zod/mini';
import { isMalformedQuery } from '../aws/call-aws.ts';
import { describeError } from '../common/log.ts';
import { abridged, cutText } from '../common/text.ts';
import { type Deadline, dayMs, deadlineIn, secondMs } from '../common/time.ts';
import { excerptCharactersMax, messageCharactersMax } from '../ledger/stored-refusals.ts';
import {
  allAccepted,
  findRefused,
  isAllRefused,
  type KnownTexts,
  type Refusal,
  type TextAnswer,
  withRefused,
} from '../model/refused-texts.ts';
import type { Slice } from '../plan/runtime-config.ts';
import type { ScanPlan } from '../plan/scan-plan.ts';
import { type PackText, packText } from './pack-text.ts';
import { QueryError, type QueryRequest, type QueryShell } from './query.ts';
import { startQuery, stopQuery } from './run-query.ts';

/**
 * Tests whether StartQuery accepts a text. The query is stopped at once: its answer is not needed.
 *
 * @returns `refused` for MalformedQueryException alone, which may also be about the window: the
 *   caller compares with a text that is known to be good
 * @throws errors that are no QueryError
 */
async function probeText(
  shell: QueryShell,
  request: Pick<QueryRequest, 'queryString' | 'logGroups' | 'window'>,
  deadline: Deadline,
): Promise<TextAnswer> {
  try {
    const queryId = await startQuery(shell, request, deadline);
    await stopQuery(shell, queryId, deadline);
    return { kind: 'accepted' };
  } catch (error) {
    if (!(error instanceof QueryError)) throw error;
    const refusal = textRefusalOf(error, request.queryString);
    if (refusal !== undefined) return { kind: 'refused', refusal };
    shell.log('warn', 'text-not-probed', { error: describeError(error) });
    return { kind: 'unknown' };
  }
}

/** The position in the text, which the SDK's error has in addition to its message. */
const compileErrorSchema = z.object({
  queryCompileError: z.object({
    location: z.object({
      startCharOffset: z.int().check(z.minimum(0)),
      endCharOffset: z.int().check(z.minimum(0)),
    }),
  }),
});

/**
 * Why StartQuery refused a text, cut to what the ledger stores.
 *
 * @returns undefined for a query that failed for another reason, or whose window lies outside of a
 *   log group's life according to AWS's message
 */
export function textRefusalOf(
  { startFailure, cause }: QueryError,
  queryString: string,
): Refusal | undefined {
  if (startFailure !== 'other' || !isMalformedQuery(cause)) return undefined;
  const message = abridged(cause.message || 'no reason', messageCharactersMax).toWellFormed();
  const { data } = compileErrorSchema.safeParse(cause);
  if (data === undefined) return { message };
  const { startCharOffset: start, endCharOffset: end } = data.queryCompileError.location;
  const excerpt = `characters ${start} to ${end}: ${queryString.slice(start, end)}`;
  return { message, excerpt: cutText(excerpt, excerptCharactersMax).toWellFormed() };
}

/** The detection whose condition is the documented query's, which AWS is known to accept. */
const knownGoodId = 'add-role';

export type PackPlan = Pick<
  ScanPlan,
  'documentedQuery' | 'candidates' | 'packRowsMax' | 'detections'
>;

/** What is known about the texts of a plan, and since when. */
interface TriedTexts {
  /** When the whole text was last tried. */
  readonly triedEpochMs: number;
  readonly known: KnownTexts;
}

interface PackTextsOptions {
  /** The time of the tick: the whole text is tried again after a day. @default 0 */
  readonly nowEpochMs?: number;
  /** What earlier runs have learnt. @default nothing was ever refused */
  readonly before?: TriedTexts | undefined;
  /** Called with everything that is learnt, before it is used; `slice` is the slice being read. */
  readonly onLearnt?: (learnt: TriedTexts, slice: Slice) => Promise<void>;
}

/** No text of the pack can be run: its lanes wait where they are. */
class PackRefusedError extends Error {
  override readonly name = 'PackRefusedError';
}

/**
 * The texts of the pack: one for all detections, while AWS accepts it.
 *
 * When it is refused, probes search for the refused detections: queries of other texts over the
 * last second of the same slice, which are stopped as soon as they are accepted. That second has
 * the same end as the slice, which is what AWS compares with the life of a log group.
 */
export class PackTexts {
  readonly #shell: QueryShell;
  readonly #plan: PackPlan;
  readonly #ids: readonly string[];
  readonly #options: PackTextsOptions;
  readonly #nowEpochMs: number;
  #tried: TriedTexts;
  #texts: readonly PackText[];
  #hasBegun = false;

  constructor(shell: QueryShell, plan: PackPlan, options: PackTextsOptions = {}) {
    this.#shell = shell;
    this.#plan = plan;
    this.#options = options;
    this.#nowEpochMs = options.nowEpochMs ?? 0;
    this.#ids = plan.candidates.map(({ id }) => id);
    this.#tried = options.before ?? {
      triedEpochMs: this.#nowEpochMs,
      known: allAccepted(this.#ids),
    };
    this.#texts = this.#textsOf(this.#tried.known);
  }

  /**
   * The texts to run, each of which scans the same bytes. None where {@link standstill} says why.
   */
  get texts(): readonly PackText[] {
    return this.standstill === undefined ? this.#texts : [];
  }

  /** Why nothing can be read now; undefined when something can. */
  get standstill(): Error | undefined {
    const { refused, open } = this.#tried.known;
    if (open.length > 0) {
      const count = open.flat().length;
      return new PackRefusedError(
        `Logs Insights refuses the pack: the search for the refused detections continues in the next tick (still to test: ${count})`,
      );
    }
    const [first] = refused;
    if (first === undefined || !this.#isAllRefused) return undefined;
    return new PackRefusedError(
      `Logs Insights refuses the queries of all detections: ${first.message}`,
    );
  }

  /** The number of detections whose events are not searched for. */
  get refusedCount(): number {
    const { refused, open } = this.#tried.known;
    return refused.length + open.flat().length;
  }

  get #isAllRefused(): boolean {
    const { accepted } = this.#tried.known;
    return accepted.length === 0 || isAllRefused({ accepted }, this.#plan.detections);
  }

  /**
   * Before a slice is read, once a tick: continues a search that ran out of time, and tries the
   * whole text again after a day, or in each tick while nothing is accepted.
   */
  async begin(slice: Slice, deadline: Deadline): Promise<void> {
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    const { known, triedEpochMs } = this.#tried;
    const isDue = Math.abs(this.#nowEpochMs - triedEpochMs) >= dayMs;
    const isWhole = known.refused.length === 0 && known.accepted.length <= 1;
    if (known.open.length === 0 && known.isSettled && isWhole) return;
    if (known.open.length === 0 && (isDue || this.#isAllRefused)) {
      await this.#tryWhole(slice, deadline, isDue);
      return;
    }
    // A stored item that is settled and has open lists would otherwise block the lanes permanently.
    const isSearchOver = known.isSettled && known.open.length === 0;
    if (!isSearchOver && (await this.isAboutText(slice, deadline))) {
      await this.#search(known, slice, deadline, triedEpochMs);
    }
  }

  /**
   * Whether a refusal over a slice is about the text: it is when the documented query, which AWS is
   * known to accept, is accepted for the same slice.
   *
   * @returns undefined when the probe failed for another reason
   */
  async isAboutText(slice: Slice, deadline: Deadline): Promise<boolean | undefined> {
    const { logGroups, window } = slice;
    const request = { queryString: this.#plan.documentedQuery, logGroups, window };
    const { kind } = await probeText(this.#shell, request, deadline);
    return kind === 'unknown' ? undefined : kind === 'accepted';
  }

  /** Whether a text is one of {@link texts}, not a part of one. */
  isOwn(text: PackText): boolean {
    return this.#texts.includes(text);
  }

  /** Searches for the refused detections after one of {@link texts} was refused. */
  async learn(text: PackText, refusal: Refusal, slice: Slice, deadline: Deadline): Promise<void> {
    const { known, triedEpochMs } = this.#tried;
    const start = withRefused(known, text.detections, refusal);
    const isFirst = text.detections.length === this.#ids.length;
    await this.#search(start, slice, deadline, isFirst ? this.#nowEpochMs : triedEpochMs);
  }

  async #tryWhole(slice: Slice, deadline: Deadline, isDue: boolean): Promise<void> {
    const { known } = this.#tried;
    const answer = await this.#ask(this.#ids, slice, deadline);
    if (answer.kind === 'unknown') return;
    if (answer.kind === 'accepted') {
      this.#shell.log('warn', 'texts-accepted', { detections: this.#ids.length });
      await this.#learnt(allAccepted(this.#ids), slice, this.#nowEpochMs);
      return;
    }
    if (!isDue && !(await this.#isOneTakenAgain(slice, deadline))) return;
    if (!(await this.isAboutText(slice, deadline))) return;
    const found = await this.#find(
      withRefused(allAccepted(this.#ids), this.#ids, answer.refusal),
      slice,
      deadline,
    );
    // What was known before is used until the search is complete.
    const next = found.open.length === 0 ? found : known;
    await this.#learnt(next, slice, this.#nowEpochMs);
  }

  /**
   * Whether a pack that was refused as a whole has a detection that is accepted again. It probes
   * the one whose condition is known to be good, if that one was refused too, otherwise a random
   * one.
   */
  async #isOneTakenAgain(slice: Slice, deadline: Deadline): Promise<boolean> {
    const ids = this.#tried.known.refused.map(({ id }) => id);
    const any = ids[Math.floor(this.#shell.random() * ids.length)];
    const id = ids.find((each) => each === knownGoodId) ?? any;
    return id !== undefined && (await this.#ask([id], slice, deadline)).kind === 'accepted';
  }

  async #search(
    start: KnownTexts,
    slice: Slice,
    deadline: Deadline,
    triedEpochMs: number,
  ): Promise<void> {
    await this.#learnt(await this.#find(start, slice, deadline), slice, triedEpochMs);
  }

  #find(start: KnownTexts, slice: Slice, deadline: Deadline): Promise<KnownTexts> {
    // Reading the slice with what was learnt needs time as well.
    const until = deadlineIn(this.#shell.timer, deadline.remainingMs() / 2);
    const plan = {
      ids: this.#ids,
      ...(this.#ids.includes(knownGoodId) && { knownGood: knownGoodId }),
    };
    return findRefused(start, plan, (ids) => this.#ask(ids, slice, until));
  }

  async #learnt(known: KnownTexts, slice: Slice, triedEpochMs: number): Promise<void> {
    const wasRefused = new Set(this.#tried.known.refused.map(({ id }) => id));
    for (const { id, message } of known.refused) {
      if (!wasRefused.has(id)) this.#shell.log('error', 'detection-refused', { id, message });
    }
    const { accepted, open, refused } = known;
    const texts = accepted.map((list) => list.length);
    this.#shell.log('warn', 'texts-learnt', {
      ...{ refused: refused.length, texts, open: open.flat().length },
    });
    await this.#options.onLearnt?.({ triedEpochMs, known }, slice);
    this.#tried = { triedEpochMs, known };
    this.#texts = this.#textsOf(known);
  }

  #ask(ids: readonly string[], slice: Slice, deadline: Deadline): Promise<TextAnswer> {
    const { queryString } = this.#textOf(ids);
    const { logGroups, window } = slice;
    const { endEpochMs } = window;
    const lastSecond = { startEpochMs: endEpochMs - secondMs, endEpochMs };
    return probeText(this.#shell, { queryString, logGroups, window: lastSecond }, deadline);
  }

  #textsOf({ accepted }: KnownTexts): PackText[] {
    return accepted.map((ids) => this.#textOf(ids));
  }

  #textOf(ids: readonly string[]): PackText {
    const asked = new Set(ids);
    const candidates = this.#plan.candidates.filter(({ id }) => asked.has(id));
    return packText(candidates, this.#plan.packRowsMax);
  }
}

/**
 * Plans with the same hash send AWS the same texts: what is learnt about one holds for the other.
 */
export function planHash({
  candidates,
  packRowsMax,
}: Pick<PackPlan, 'candidates' | 'packRowsMax'>): string {
  const asked = candidates.map(({ id, filter, literals }) => [id, filter ?? null, literals ?? []]);
  const whole = candidates.length === 0 ? '' : packText(candidates, packRowsMax).queryString;
  return createHash('sha256')
    .update(JSON.stringify([whole, asked]))
    .digest('hex')
    .slice(0, 32);
}
