import type {
  GetQueryResultsCommandInput,
  StartQueryCommandInput,
} from '@aws-sdk/client-cloudwatch-logs';
import { laneTarget } from '../../../lambda/lanes.ts';
import { marksIn } from '../ledger-view.ts';
import { documentedQuery } from '../plan.ts';
import { isCalmBesidePack } from '../schedule/schedule.ts';
import { clockTime } from '../world/chronicle.ts';
import type { Effect } from '../world/effect.ts';
import type { Invocation } from '../world/invocation.ts';
import type { World } from '../world/world.ts';
import { fine, type Invariant, type Violations } from './invariant.ts';

export const documentedComesFirst: Invariant = {
  rule: 'in each run the documented query has counted before anything is asked of the pack',
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
  rule: 'whatever happens to the pack, the documented query has counted up to each tick',
  watch: (world) => {
    const { schedule } = world;
    if (!isCalmBesidePack(schedule) || schedule.ledgerFaults.length > 0) return {};
    const judged = new WeakSet<Invocation>();
    return {
      see: (effect) => {
        const { step, invocation, error } = effect;
        // A run that never had the lease tries to return it as well, and is refused.
        const isJudged = isPackQuery(effect) || (step === 'return-lease' && error === undefined);
        if (!isJudged || judged.has(invocation)) return fine;
        judged.add(invocation);
        return behind(world, invocation);
      },
    };
  },
};

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
