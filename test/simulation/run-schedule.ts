import { countPartedChanges, watchEvents } from './faults/event-strikes.ts';
import { enterLedgerFaults } from './faults/ledger-faults.ts';
import { allInvariants } from './invariants/all-invariants.ts';
import { changesToTell } from './invariants/every-change-told.ts';
import { repeatsIn } from './invariants/telling.ts';
import { scheduleOf } from './schedule/draw-schedule.ts';
import { simulatedGroups } from './schedule/lines.ts';
import type { Schedule } from './schedule/schedule.ts';
import { enterTicks } from './world/event-bridge.ts';
import { heal } from './world/heal.ts';
import { LambdaService } from './world/lambda-service.ts';
import { World } from './world/world.ts';

/** A broken invariant. */
export interface Violation {
  readonly rule: string;
  readonly what: string;
}

/** The result of one schedule: plain data, which one process can send to another. */
export interface ScheduleResult {
  /** Delivered ticks, without those after the faults have ended. */
  readonly ticks: number;
  readonly invocations: number;
  readonly events: number;
  /** Changes that had to be reported. */
  readonly changes: number;
  /** Changes that had to be reported and were not. */
  readonly lost: number;
  readonly messages: number;
  readonly repeats: number;
  readonly unknownPublishes: number;
  /** How often a fault struck, by kind, and by kind and step. */
  readonly strikes: readonly (readonly [string, number])[];
  readonly faults: number;
  /** The value of AddRoleMatches, by log group and tick. */
  readonly matches: readonly (readonly [string, number])[];
  readonly violations: readonly Violation[];
  /** What happened, for people; empty unless asked for. */
  readonly story: readonly string[];
}

const restRule =
  'once faults end, the monitor catches up: everything is read and everything is reported';

/**
 * Runs a monitor through a schedule and the time after it, and checks every invariant.
 *
 * @param isTold whether to record the story
 */
export async function runSchedule(
  schedule: Schedule,
  { isTold = false }: { readonly isTold?: boolean } = {},
): Promise<ScheduleResult> {
  const world = new World(schedule, { isTold });
  const lambda = new LambdaService(world);
  const violations: Violation[] = [];
  const judges = watchInvariants(world, violations);
  watchEvents(world);
  enterLedgerFaults(world);
  enterTicks(world, lambda);
  const unrest = await heal(world, lambda);
  violations.push(...unrest.map((what) => ({ rule: restRule, what })));
  for (const judge of judges) judge();
  countPartedChanges(world);
  return {
    ticks: world.timeline.tickEpochMs.length,
    invocations: lambda.ended.length,
    events: world.lines.length,
    changes: changesToTell(world).length,
    lost: violations.filter(({ rule }) => rule === allInvariants[0]?.rule).length,
    messages: world.messages.length,
    ...repeatsIn(world),
    strikes: world.strikes.entries(),
    faults: world.strikes.total(),
    matches: simulatedGroups.flatMap((logGroup) =>
      [...world.cloudWatch.maxima('AddRoleMatches', logGroup)].map(
        ([tickEpochMs, value]) => [`${logGroup} ${tickEpochMs}`, value] as const,
      ),
    ),
    violations,
    story: world.chronicle.lines(),
  };
}

/** @returns the checks to make when the run is over */
function watchInvariants(world: World, violations: Violation[]): (() => void)[] {
  return allInvariants.map(({ rule, watch }) => {
    const { see, atEnd } = watch(world);
    const report = (problems: readonly string[]) => {
      for (const what of problems) {
        violations.push({ rule, what });
        world.chronicle.tell(world.time.nowEpochMs, () => `BROKEN: ${rule}: ${what}`);
      }
    };
    if (see !== undefined) world.observers.push((effect) => report(see(effect)));
    return () => report(atEnd?.() ?? []);
  });
}

/** Runs the schedule of a seed. */
export function runSeed(
  seed: number,
  options?: Parameters<typeof runSchedule>[1],
): Promise<ScheduleResult> {
  return runSchedule(scheduleOf(seed), options);
}
