import type { SliceRecord } from '../../../lambda/ledger/marks.ts';
import { findingsIn } from '../ledger-view.ts';
import { detectionIds, detectionsIn, documentedLiteral } from '../plan.ts';
import type { SimulatedQuery } from '../services/insights.ts';
import type { Effect } from '../world/effect.ts';
import type { World } from '../world/world.ts';
import {
  countsBehind,
  countsBeyond,
  isWholeBefore,
  packAnswersBehind,
  scannedIn,
} from './answers-behind.ts';
import type { Invariant } from './invariant.ts';

export const scannedMeansRead: Invariant = {
  rule: 'a slice counts as scanned, with the numbers it has, only when each of its queries came back Complete and whole',
  watch: (world) => ({
    see: (effect) =>
      scannedIn(effect).flatMap((claim) =>
        claim.lane === 'documented'
          ? countProblems(effect, claim)
          : packProblems(world, effect, claim),
      ),
  }),
};

/** Each detection that was not refused must have been asked for, over all of the slice. */
function packProblems(world: World, effect: Effect, claim: SliceRecord): string[] {
  const { endEpochMs, startEpochMs, matches } = claim;
  const isSecond = endEpochMs - startEpochMs === 1000;
  const answers = packAnswersBehind(effect, claim);
  const read = new Set(
    answers
      .filter(
        (query) => isWholeBefore(query, endEpochMs) || (isSecond && query.groups.length === 1),
      )
      .flatMap(({ queryString }) => detectionsIn(queryString)),
  );
  const refused = world.packFaults.refusedUntil(effect.epochMs);
  const missing = detectionIds.filter((id) => !read.has(id) && !refused.has(id));
  const problems: string[] = [];
  if (matches !== undefined) problems.push(`${nameOf(claim)} has a count, which is not its own`);
  const isPassed = isPassedOver(world, claim);
  if (missing.length > 0 && !isPassed) {
    problems.push(`${nameOf(claim)} was not read for ${missing.join(', ')}`);
  }
  if (read.size === 0 && !isPassed) problems.push(`${nameOf(claim)} was not read at all`);
  return problems;
}

/**
 * The events of the slice itself, as they were there when one of its counts was made. Where nothing said
 * how many came behind it, those of the next second may count as well; where something came in between
 * two queries, as many as came.
 */
function countProblems(effect: Effect, claim: SliceRecord): string[] {
  const { logGroup, matches } = claim;
  const counts = countsBehind(effect, claim);
  if (counts.length === 0) return [`${nameOf(claim)} was not counted`];
  if (matches === undefined) return [`${nameOf(claim)} was counted, and has no count`];
  const isHere = (line: SimulatedQuery['lines'][number]) =>
    line.logGroup === logGroup && line.message.includes(documentedLiteral);
  const inside = (query: SimulatedQuery) =>
    query.lines.filter((line) => isHere(line) && line.epochMs < claim.endEpochMs).length;
  const behind = (query: SimulatedQuery) =>
    query.lines.filter((line) => isHere(line) && line.epochMs >= claim.endEpochMs).length;
  const beyond = countsBeyond(effect, claim).map(behind);
  const known = beyond.length === 0 ? 0 : Math.min(...beyond);
  const isRight = counts.some(
    (query) =>
      matches >= inside(query) && matches <= inside(query) + Math.max(0, behind(query) - known),
  );
  const found = counts.map(inside).join(' or ');
  return isRight ? [] : [`${nameOf(claim)} has ${found} matches, and counts for ${matches}`];
}

/** A second that stops every run that reads it is passed over, and told as a flood. */
function isPassedOver(
  { dynamo, schedule }: World,
  { logGroup, startEpochMs, endEpochMs }: SliceRecord,
): boolean {
  const isSecond = endEpochMs - startEpochMs === 1000;
  if (!isSecond || schedule.scarceMemory.length === 0) return false;
  return findingsIn(dynamo).some(
    ({ finding: { detections, firstSeen, lastSeen }, ...record }) =>
      detections[0] === 'log-flood' &&
      record.logGroup === logGroup &&
      Date.parse(firstSeen) <= startEpochMs &&
      Date.parse(lastSeen) >= startEpochMs,
  );
}

function nameOf({ lane, logGroup, startEpochMs }: SliceRecord): string {
  return `the slice of ${logGroup} in lane ${lane} from ${new Date(startEpochMs).toISOString()}`;
}
