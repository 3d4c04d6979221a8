import type {
  GetQueryResultsCommandInput,
  StartQueryCommandInput,
} from '@aws-sdk/client-cloudwatch-logs';
import { laneTarget } from '../../../lambda/plan/runtime-config.ts';
import { tickDeadlines } from '../../../lambda/tick/run-tick.ts';
import { marksIn } from '../ledger-view.ts';
import { documentedQuery } from '../plan.ts';
import { isCalmBesidePack } from '../schedule/schedule.ts';
import { clockTime } from '../world/chronicle.ts';
import type { Effect } from '../world/effect.ts';
import type { Invocation } from '../world/invocation.ts';
import type { World } from '../world/world.ts';
import { fine, type Invariant, type Violations } from './invariant.ts';

export const documentedComesFirst: Invariant = {
  rule: 'in each invocation the documented query counts before any query of the pack starts',
  watch: ({ insights }) => {
    const packBegun = new WeakSet<Invocation>();
    return {
      see: ({ step, input, invocation, epochMs }) => {
        if (step === 'StartQuery') {
          const { queryString } = input as StartQueryCommandInput;
          if (queryString !== documentedQuery) packBegun.add(invocation);
        }
        // Asked later, it is only to know whether a refusal is about a text: its answer is not read.
        if (step !== 'GetQueryResults' || !packBegun.has(invocation)) return fine;
        const { queryId } = input as GetQueryResultsCommandInput;
        return insights.query(queryId).queryString === documentedQuery
          ? [`#${invocation.id} counts at ${clockTime(epochMs)}, and has asked for the pack before`]
          : fine;
      },
    };
  },
};

export const documentedNeverWaits: Invariant = {
  rule: 'whatever happens to the pack, the documented query has counted up to each tick, or its half of the time was over',
  watch: (world) => {
    const { schedule } = world;
    if (!isCalmBesidePack(schedule) || schedule.ledgerFaults.length > 0) return {};
    const judged = new WeakSet<Invocation>();
    const paces = new WeakMap<Invocation, CountPace>();
    return {
      see: (effect) => {
        const { step, invocation, error } = effect;
        const pace = paces.get(invocation) ?? new CountPace(invocation);
        paces.set(invocation, pace);
        // A run that never had the lease tries to return it as well, and is refused.
        const isJudged = isPackQuery(effect) || (step === 'return-lease' && error === undefined);
        if (!isJudged || judged.has(invocation)) {
          pace.see(effect);
          return fine;
        }
        judged.add(invocation);
        return pace.isTimeOver ? fine : behind(world, invocation);
      },
    };
  },
};

/** A slice is not begun where it may take half as long again as the slowest before, or five seconds. */
const slowerBy = 1.5;
const sliceMinMs = 5_000;
const documentedPrefix = 'lane#documented#';

/** How long one run took for the slices of the documented query, and whether there was time for another. */
class CountPace {
  /** Half of a run's time for reading. Its own half ends later, by half of what the run's first calls take. */
  readonly #halfEpochMs: number;
  /** When the call before took place, and when the last slice began and ended. */
  #lastEpochMs: number;
  #begunEpochMs: number | undefined;
  #endedEpochMs: number | undefined;
  #slowestMs = 0;

  constructor({ startedEpochMs, timeoutMs }: Invocation) {
    const { scanDeadline } = tickDeadlines(
      { monotonicMs: () => 0, sleep: async () => {} },
      timeoutMs,
    );
    this.#halfEpochMs = startedEpochMs + scanDeadline.remainingMs() / 2;
    this.#lastEpochMs = startedEpochMs;
  }

  see({ step, writes, epochMs }: Effect): void {
    const isBetweenSlices = (this.#endedEpochMs ?? 0) >= (this.#begunEpochMs ?? 0);
    const isNote = writes.some(({ sk }) => sk === 'retreats');
    if (isBetweenSlices && (isNote || step === 'StartQuery'))
      this.#begunEpochMs = this.#lastEpochMs;
    const isMove = step === 'move-mark' && writes.some(({ sk }) => sk.startsWith(documentedPrefix));
    if (isMove && this.#begunEpochMs !== undefined) {
      this.#endedEpochMs = epochMs;
      this.#slowestMs = Math.max(this.#slowestMs, epochMs - this.#begunEpochMs);
    }
    this.#lastEpochMs = epochMs;
  }

  /** A run that has read no slice at all has no such excuse: the first is always tried. */
  get isTimeOver(): boolean {
    if (this.#endedEpochMs === undefined) return false;
    const neededMs = Math.max(sliceMinMs, slowerBy * this.#slowestMs);
    return this.#endedEpochMs + neededMs > this.#halfEpochMs;
  }
}

function isPackQuery({ step, input }: Effect): boolean {
  return step === 'StartQuery' && (input as StartQueryCommandInput).queryString !== documentedQuery;
}

function behind({ dynamo, config }: World, { tickEpochMs, id }: Invocation): Violations {
  const target = laneTarget('documented', tickEpochMs, config);
  return marksIn(dynamo)
    .filter(({ lane, positionEpochMs }) => lane === 'documented' && positionEpochMs < target)
    .map(
      ({ logGroup, positionEpochMs }) =>
        `#${id} turns to the pack, and ${logGroup} is counted up to ${clockTime(positionEpochMs)}, not to ${clockTime(target)}`,
    );
}
