import { minuteMs, secondMs } from '../../../lambda/common/time.ts';
import { type MarkView, marksIn, slicesIn } from '../ledger-view.ts';
import type { StoredLine } from '../log-line.ts';
import { documentedLiteral } from '../plan.ts';
import { simulatedGroups } from '../schedule/lines.ts';
import { earliestMs } from '../world/event-bridge.ts';
import type { World } from '../world/world.ts';
import type { Invariant } from './invariant.ts';
import { isSpoilt } from './spoilt.ts';

const documentedLane = 'documented';

export const eachMatchCounts: Invariant = {
  rule: 'each event with the documented literal counts once, whatever its millisecond and whatever endTime means',
  watch: (world) => ({
    atEnd: () => {
      const { groupFaults, retentionDays } = world.schedule;
      // What is emptied or forgotten before it is read cannot be counted.
      if (isSpoilt(world, 'slice', 'mark') || retentionDays !== undefined) return [];
      const faulty = new Set(groupFaults.map(({ group }) => simulatedGroups[group]));
      return marksIn(world.dynamo)
        .filter(({ lane, logGroup }) => lane === documentedLane && !faulty.has(logGroup))
        .flatMap((mark) => problemsOf(world, mark));
    },
  }),
};

/** Counts the events themselves: no slice and no answer is asked. */
function problemsOf(world: World, { logGroup, sinceEpochMs, positionEpochMs }: MarkView): string[] {
  const { cloudWatch, lines, config, schedule } = world;
  const matching = lines.filter(
    (line) =>
      line.logGroup === logGroup &&
      line.message.includes(documentedLiteral) &&
      line.epochMs >= sinceEpochMs &&
      line.epochMs < positionEpochMs,
  );
  const usualMs =
    config.settleMinutes * minuteMs - earliestMs(schedule) - 2 * schedule.settings.clockSkewMaxMs;
  const least = matching.filter((line) => line.visibleEpochMs - line.epochMs < usualMs).length;
  const most = matching.length + countedTwice(world, logGroup, matching);
  const put = cloudWatch.sumOfMaxima('AddRoleMatches', logGroup);
  if (put < least)
    return [`${logGroup}: ${least} events hold the literal, and ${put} were counted`];
  if (put > most) return [`${logGroup}: ${most} events hold the literal, and ${put} were counted`];
  return [];
}

/** Events of the second behind a slice, where nothing said how many of them its count holds. */
function countedTwice(world: World, logGroup: string, matching: readonly StoredLine[]): number {
  const doubtful = world.insights.unansweredSeconds(logGroup);
  const ends = new Set(
    slicesIn(world.dynamo, documentedLane, logGroup).map(({ endEpochMs }) => endEpochMs),
  );
  return matching.filter(({ epochMs }) => {
    const second = Math.floor(epochMs / secondMs) * secondMs;
    return doubtful.has(second) && ends.has(second);
  }).length;
}
