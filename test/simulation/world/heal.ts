import { minuteMs } from '../../../lambda/common/time.ts';
import { laneTarget } from '../../../lambda/plan/runtime-config.ts';
import { marksIn } from '../ledger-view.ts';
import type { LambdaService } from './lambda-service.ts';
import type { World } from './world.ts';

/** This many ticks must suffice to catch up. */
const healingTicksMax = 40;

/**
 * Ends all faults after the last tick (those of log groups are over by then), and lets the monitor
 * tick on until it has caught up: until the far sweep has read everything in the schedule.
 *
 * @returns what was still unfinished after the maximum number of ticks
 */
export async function heal(world: World, lambda: LambdaService): Promise<readonly string[]> {
  const { time, timeline, config, callFaults, downtimes, scarceMemory, packFaults, stalls } = world;
  const periodMs = config.everyMinutes * minuteMs;
  await time.runUntil(timeline.endEpochMs + periodMs);
  callFaults.end();
  downtimes.end();
  scarceMemory.end();
  stalls.end();
  packFaults.end(time.nowEpochMs);
  world.chronicle.tell(time.nowEpochMs, () => 'from here on nothing goes wrong any more');
  const { everyMinutes, lagMinutes } = config.farSweep;
  const sweepMs = everyMinutes * minuteMs;
  // The last event is late by at most this much, and one sweep later everything is read.
  const last = timeline.endEpochMs + lagMinutes * minuteMs + config.settleMinutes * minuteMs;
  let tickEpochMs = (Math.ceil(last / sweepMs) + 1) * sweepMs;
  let problems: string[] = [];
  for (let tick = 0; tick < healingTicksMax; tick += 1) {
    const atMs = tickEpochMs;
    time.at(atMs + 1_000, () => {
      const receivedEpochMs = time.nowEpochMs;
      lambda.invoke({ tick: timeline.tickEpochMs.length, tickEpochMs: atMs, receivedEpochMs });
    });
    await time.runUntil(atMs + periodMs - 1);
    problems = unrest(world, atMs);
    if (problems.length === 0) break;
    tickEpochMs += periodMs;
  }
  return problems;
}

function unrest({ dynamo, config, groups }: World, tickEpochMs: number): string[] {
  const waiting = dynamo.partition('pending').length;
  const beside = ['pending-bus', 'pending-chat'].flatMap((pk) => dynamo.partition(pk)).length;
  const behind = marksIn(dynamo).filter(
    ({ lane, logGroup, positionEpochMs, claim }) =>
      // The position of a deleted group does not move.
      claim !== undefined ||
      (groups.get(logGroup)?.facts.exists &&
        positionEpochMs < laneTarget(lane, tickEpochMs, config)),
  );
  return [
    ...(waiting > 0 ? [`${waiting} findings still wait to be told`] : []),
    ...(beside > 0 ? [`${beside} findings still wait for the bus or the chat`] : []),
    ...behind.map(({ lane, logGroup }) => `lane ${lane} of ${logGroup} is still behind`),
  ];
}
