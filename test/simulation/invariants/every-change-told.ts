import { dayMs, minuteMs } from '../../../lambda/common/time.ts';
import { marksIn } from '../ledger-view.ts';
import type { LogLine } from '../log-line.ts';
import { detectionsOf, documentedLiteral, leastLost } from '../plan.ts';
import { toldChanges } from '../told-changes.ts';
import { earliestMs } from '../world/event-bridge.ts';
import type { World, WrittenChange } from '../world/world.ts';
import type { Invariant } from './invariant.ts';
import { isSpoiltChange } from './spoilt.ts';

export const everyChangeTold: Invariant = {
  rule: "every change that can be seen within the far sweep's reach is told",
  watch: (world) => ({
    atEnd: () => {
      const told = toldChanges(world);
      return changesToTell(world)
        .filter((change) => !told.has(change))
        .map(({ user, story }) => `nobody was told of ${user} (${story.kind})`);
    },
  }),
};

/**
 * The changes that people must have been told of at the end, known by how they were made: those of
 * which all lines came within the reach, and stayed to be read.
 */
export function changesToTell(world: World): WrittenChange[] {
  return world.changes.filter(
    (change) =>
      change.written.length === change.lines.length &&
      change.written.every(({ removed }) => !removed) &&
      change.lines.every((line) => canBeRead(world, line) && isAskedFor(world, line)) &&
      !isSpoiltChange(world, change),
  );
}

function canBeRead(world: World, line: LogLine): boolean {
  const { config, schedule, dynamo, groups, time } = world;
  const { logGroup, epochMs, visibleEpochMs } = line;
  const scan = marksIn(dynamo).find((mark) => mark.lane === 'scan' && mark.logGroup === logGroup);
  const facts = groups.get(logGroup)?.facts;
  if (scan === undefined || facts === undefined) return false;
  const aheadMs = earliestMs(schedule) + 2 * schedule.settings.clockSkewMaxMs;
  const reachMs = config.farSweep.lagMinutes * minuteMs - aheadMs;
  const keptMs =
    facts.retentionDays === undefined ? 0 : time.nowEpochMs - facts.retentionDays * dayMs;
  return (
    epochMs >= scan.sinceEpochMs &&
    epochMs >= facts.createdEpochMs &&
    epochMs >= keptMs &&
    visibleEpochMs - epochMs <= reachMs &&
    !isFlooded(world, line)
  );
}

/** A line that belongs to refused detections alone is not looked for. */
function isAskedFor({ packFaults, time }: World, line: LogLine): boolean {
  const refused = packFaults.refusedAloneUntil(time.nowEpochMs);
  return (
    refused.size === 0 ||
    [...detectionsOf(line)].some((id) => id !== documentedLiteral && !refused.has(id))
  );
}

/** Whether more lines belong to one detection in one second than an answer holds: then some are never read. */
function isFlooded({ lines, plan }: World, { logGroup, epochMs }: LogLine): boolean {
  const second = Math.floor(epochMs / 1000);
  const counts = new Map<string, number>();
  for (const line of lines) {
    if (line.logGroup !== logGroup || Math.floor(line.epochMs / 1000) !== second) continue;
    for (const id of detectionsOf(line)) counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  return [...counts.values()].some((count) => count >= leastLost(plan.packRowsMax));
}
