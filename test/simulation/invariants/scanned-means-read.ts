import type { SliceRecord } from '../../../lambda/ledger/slice-record.ts';
import type { PackText } from '../../../lambda/pack-text.ts';
import { findingsIn } from '../ledger-view.ts';
import { documentedLiteral, partsIn, wholeText } from '../plan.ts';
import type { SimulatedQuery } from '../services/insights.ts';
import type { Effect } from '../world/effect.ts';
import type { World } from '../world/world.ts';
import { answersBehind, documentedText, scannedIn } from './answers-behind.ts';
import type { Invariant } from './invariant.ts';

export const scannedMeansRead: Invariant = {
  rule: 'a slice counts as scanned, with the numbers it has, only when each of its queries came back Complete and whole',
  watch: (world) => ({
    see: (effect) => scannedIn(effect).flatMap((claim) => problemsOf(world, effect, claim)),
  }),
};

function problemsOf(world: World, effect: Effect, claim: SliceRecord): string[] {
  const { plan } = world;
  const { lane, logGroup, matches } = claim;
  const whole = wholeText(plan);
  const packs = answersBehind(effect, claim, [whole.queryString]);
  const problems: string[] = [];
  const isRead = (text: PackText): boolean => {
    const [answer] = answersBehind(effect, claim, [text.queryString]);
    const parts = partsIn(text, plan);
    return answer !== undefined || (parts.length > 0 && parts.every(isRead));
  };
  if (!isRead(whole) && !isPassedOver(world, claim)) {
    problems.push(`${nameOf(claim)} was not read by the pack`);
  }
  const isSecond = claim.endEpochMs - claim.startEpochMs === 1000;
  const isToTheEnd = (query: SimulatedQuery) => query.endSeconds === claim.endEpochMs / 1000 - 1;
  const isCutOff = (query: SimulatedQuery | undefined) =>
    query?.isCutOff && isToTheEnd(query) && !(isSecond && query.groups.length === 1);
  if (packs.some(isCutOff)) {
    problems.push(`${nameOf(claim)} was taken for read though its answer was cut off`);
  }
  if (lane !== 'scan') return problems;
  const [documented] = answersBehind(effect, claim, documentedText);
  if (documented === undefined) return [...problems, `${nameOf(claim)} was not counted`];
  const counted = documented.lines.filter(
    (line) => line.logGroup === logGroup && line.message.includes(documentedLiteral),
  ).length;
  if (counted !== matches) {
    problems.push(`${nameOf(claim)} has ${counted} matches, and counts for ${matches}`);
  }
  return problems;
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
