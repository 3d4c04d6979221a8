import { countPartedChanges, watchEvents } from './faults/event-strikes.ts';
import type { Strikes } from './faults/strikes.ts';
import { allInvariants } from './invariants/all-invariants.ts';
import { changesToTell } from './invariants/every-change-told.ts';
import { repeatsIn } from './invariants/telling.ts';
import { scheduleOf } from './schedule/draw-schedule.ts';
import type { Schedule } from './schedule/schedule.ts';
import { enterTicks } from './world/event-bridge.ts';
import { heal } from './world/heal.ts';
import { LambdaService } from './world/lambda-service.ts';
import { World } from './world/world.ts';

/** What became of one schedule. */
export interface ScheduleResult {
  readonly strikes: Strikes;
  /** Rule by rule, what broke it. */
  readonly broken: readonly { readonly rule: string; readonly what: string }[];
  /** Delivered ticks, those of the healing not among them. */
  readonly ticks: number;
  readonly invocations: number;
  readonly events: number;
  /** Changes that people had to be told of. */
  readonly changes: number;
  readonly messages: number;
  readonly repeats: number;
  readonly unknownPublishes: number;
  /** What happened, for people; empty unless it was asked for. */
  readonly story: readonly string[];
}

/** Lets a monitor live through a schedule and the time after it, and judges what it did. */
export async function runSchedule(
  schedule: Schedule,
  { isTold = false }: { readonly isTold?: boolean } = {},
): Promise<ScheduleResult> {
  const world = new World(schedule, { isTold });
  const lambda = new LambdaService(world);
  const broken: { rule: string; what: string }[] = [];
  const watches = allInvariants.map(({ rule, watch }) => {
    const watched = watch(world);
    const report = (problems: readonly string[]) => {
      for (const what of problems) {
        broken.push({ rule, what });
        world.chronicle.tell(world.time.nowEpochMs, () => `BROKEN: ${rule}: ${what}`);
      }
    };
    const { see } = watched;
    if (see !== undefined) world.observers.push((effect) => report(see(effect)));
    return () => report(watched.atEnd?.() ?? []);
  });
  watchEvents(world);
  enterTicks(world, lambda);
  const problems = await heal(world, lambda);
  broken.push(...problems.map((what) => ({ rule: restRule, what })));
  for (const judge of watches) judge();
  countPartedChanges(world);
  return {
    strikes: world.strikes,
    broken,
    ticks: world.timeline.tickEpochMs.length,
    invocations: lambda.ended.length,
    events: world.lines.length,
    changes: changesToTell(world).length,
    messages: world.messages.length,
    ...countsOf(world),
    story: world.chronicle.lines(),
  };
}

const restRule = 'once nothing goes wrong any more, the monitor comes to rest: all read, all told';

function countsOf(world: World) {
  const { repeats, unknown } = repeatsIn(world);
  return { repeats, unknownPublishes: unknown };
}

/** The schedule of a number, as it is rerun. */
export async function runSeed(seed: number, options?: { readonly isTold?: boolean }) {
  return runSchedule(scheduleOf(seed), options);
}
