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

/** An invariant that did not hold. */
export interface Violation {
  readonly rule: string;
  readonly what: string;
}

/** What became of one schedule: plain data, so that a process can hand it to another. */
export interface ScheduleResult {
  /** Ticks that were delivered, those after the healing not among them. */
  readonly ticks: number;
  readonly invocations: number;
  readonly events: number;
  /** Changes that people had to be told of. */
  readonly changes: number;
  /** Of these, the ones that nobody was told of. */
  readonly lost: number;
  readonly messages: number;
  readonly repeats: number;
  readonly unknownPublishes: number;
  /** By kind, and by kind and step, how often a fault really struck. */
  readonly strikes: readonly (readonly [string, number])[];
  readonly faults: number;
  /** By log group and tick, what was put of AddRoleMatches. */
  readonly matches: readonly (readonly [string, number])[];
  readonly violations: readonly Violation[];
  /** What happened, for people; empty unless it was asked for. */
  readonly story: readonly string[];
}

const restRule =
  'once nothing goes wrong any more the monitor comes to rest: all is read, and all is told';

/**
 * Lets a monitor live through a schedule and the time after it, and judges what it did.
 *
 * @param isTold whether its story is kept
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

/** @returns what is still to be judged when all is over */
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

/** The schedule of a number, as it is run again. */
export function runSeed(
  seed: number,
  options?: Parameters<typeof runSchedule>[1],
): Promise<ScheduleResult> {
  return runSchedule(scheduleOf(seed), options);
}
