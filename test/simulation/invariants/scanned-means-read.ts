import type { SliceRecord } from '../../../lambda/ledger/slice-record.ts';
import { markView } from '../ledger-view.ts';
import { documentedQuery, flagTexts } from '../plan.ts';
import type { SimulatedQuery } from '../services/insights.ts';
import type { Effect } from '../world/effect.ts';
import type { World } from '../world/world.ts';
import { fine, type Invariant } from './invariant.ts';

export const scannedMeansRead: Invariant = {
  rule: 'a slice counts as scanned, with the numbers it has, only when each of its queries came back Complete and whole',
  watch: (world) => ({
    see: (effect) => {
      if (effect.step !== 'claim-slice') return fine;
      const claims = effect.writes.flatMap(({ after }) => (after && markView(after).claim) ?? []);
      return claims.flatMap((claim) => problemsOf(world, effect, claim));
    },
  }),
};

function problemsOf({ plan }: World, { invocation }: Effect, claim: SliceRecord): string[] {
  const { lane, logGroup, outcome, matches } = claim;
  if (outcome !== 'scanned') return [];
  const answer = (text: string) =>
    invocation.memory.queries.findLast((query) => query.queryString === text && fits(query, claim));
  const packs = plan.packQueries.map(({ queryString }) => answer(queryString));
  const documented = lane === 'scan' ? answer(documentedQuery) : undefined;
  const problems: string[] = [];
  if (packs.some((query) => query === undefined)) {
    problems.push(`${nameOf(claim)} was not read by each text of the pack`);
  }
  const isSecond = claim.endEpochMs - claim.startEpochMs === 1000;
  if (packs.some((query) => query?.isCutOff && !(isSecond && query.groups.length === 1))) {
    problems.push(`${nameOf(claim)} was taken for read though its answer was cut off`);
  }
  if (lane !== 'scan') return problems;
  if (documented === undefined) return [...problems, `${nameOf(claim)} was not counted`];
  const counted = documented.lines.filter(
    (line) => line.logGroup === logGroup && line.message.includes(flagTexts.d00),
  ).length;
  if (counted !== matches) {
    problems.push(`${nameOf(claim)} has ${counted} matches, and counts for ${matches}`);
  }
  return problems;
}

/** Whole seconds, both ends included: the end of the slice itself is the next one's. */
function fits(query: SimulatedQuery, { logGroup, startEpochMs, endEpochMs }: SliceRecord): boolean {
  return (
    query.answered &&
    query.course.fate === 'Complete' &&
    query.groups.includes(logGroup) &&
    query.startSeconds === startEpochMs / 1000 &&
    query.endSeconds === endEpochMs / 1000 - 1
  );
}

function nameOf({ lane, logGroup, startEpochMs }: SliceRecord): string {
  return `the slice of ${logGroup} in lane ${lane} from ${new Date(startEpochMs).toISOString()}`;
}
