import { laneTarget } from '../../../lambda/lanes.ts';
import { marksIn } from '../ledger-view.ts';
import type { LambdaService } from './lambda-service.ts';
import type { World } from './world.ts';

const minuteMs = 60_000;
/** As many ticks have to suffice to catch up with everything. */
const healingTicksMax = 40;

/**
 * Ends all faults behind the last tick (those of log groups have come to their end by then), and lets the monitor tick on until it is at rest: far enough
 * for the far sweep to have read all that the schedule holds.
 *
 * @returns what had not come to its end when all patience was used up
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
  // What came last comes late at the most so much, and one more sweep later everything was read.
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
  const behind = marksIn(dynamo).filter(
    ({ lane, logGroup, positionEpochMs, claim }) =>
      // A group that is gone stands where it stands.
      claim !== undefined ||
      (groups.get(logGroup)?.facts.exists &&
        positionEpochMs < laneTarget(lane, tickEpochMs, config)),
  );
  return [
    ...(waiting > 0 ? [`${waiting} findings still wait to be told`] : []),
    ...behind.map(({ lane, logGroup }) => `lane ${lane} of ${logGroup} is still behind`),
  ];
}
