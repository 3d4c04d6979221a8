import type { RuntimeConfig } from '../../lambda/runtime-config.ts';
import { drawChanges, drawNoise, type MadeChange } from './changes.ts';
import { drawConfig, minuteMs } from './config.ts';
import type { FaultKind } from './faults.ts';
import { violations } from './invariants.ts';
import type { CallFaults } from './invocation.ts';
import type { SimulatedEvent } from './logs.ts';
import { Random } from './random.ts';
import { Services } from './services.ts';
import { Ticking } from './ticking.ts';
import { brew } from './weather.ts';
import { World } from './world.ts';

/** What one schedule came to. */
export interface ScheduleResult {
  readonly seed: number;
  readonly ticks: number;
  readonly invocations: number;
  readonly events: number;
  readonly changes: number;
  readonly notified: number;
  readonly repeats: number;
  readonly unknownPublishes: number;
  readonly faults: number;
  readonly strikes: ReadonlyMap<FaultKind, number>;
  /** Invariants that do not hold, a sentence each. */
  readonly violations: readonly string[];
  /** What happened, line by line. */
  readonly story: readonly string[];
}

const firstTickEpochMs = Date.parse('2026-03-02T00:00:00Z');
const stormTicks = 12;
const ticksMin = 24;

/** A world as the invariants look at it when all is over. */
export interface FinishedWorld {
  readonly config: RuntimeConfig;
  readonly services: Services;
  readonly changes: readonly MadeChange[];
  /** Users whose lines were gone before anybody could read them. */
  readonly lostUsers: ReadonlySet<string>;
  readonly firstTickEpochMs: number;
  readonly lastTickEpochMs: number;
}

/** Lives through the schedule of a seed: a storm, and then as many calm ticks as it takes to heal. */
export async function runSchedule(seed: number): Promise<ScheduleResult> {
  const random = new Random(seed);
  const config = drawConfig(random);
  const periodMs = config.everyMinutes * minuteMs;
  const world = new World(firstTickEpochMs - 10 * minuteMs, random);
  const services = new Services(world, firstTickEpochMs - 86_400_000);
  const faults: CallFaults = { lostOut: 0, lostBack: 0, throttled: 0, killed: 0 };
  const ticking = new Ticking(services, config, faults);
  const storm = {
    startEpochMs: firstTickEpochMs + periodMs / 2,
    endEpochMs: firstTickEpochMs + stormTicks * periodMs,
  };
  const lostUsers = new Set<string>();
  const changes = drawChanges(world, config, storm);
  const events = [
    ...changes.flatMap((change) => change.events),
    ...drawNoise(world, config, storm),
  ];
  for (const event of events) write(event);
  brew(services, config, storm, faults, (logGroup) => {
    for (const { message, user } of services.logs.groups.get(logGroup)?.events ?? []) {
      if (user !== undefined && !services.seen.has(message)) lostUsers.add(user);
    }
  });

  const outage = drawOutage();
  ticking.calm(firstTickEpochMs);
  for (let tick = 1; tick <= stormTicks; tick += 1) {
    const tickEpochMs = firstTickEpochMs + tick * periodMs;
    world.at(tickEpochMs, () => {
      if (outage.has(tick)) ticking.lost();
      else ticking.stormy(tickEpochMs);
    });
  }
  const { everyMinutes, lagMinutes } = config.farSweep;
  const healMs = (everyMinutes + lagMinutes + config.settleMinutes) * minuteMs;
  const calmTicks = Math.max(ticksMin - stormTicks, Math.ceil(healMs / periodMs) + 5);
  for (let tick = 1; tick <= calmTicks; tick += 1) {
    ticking.calm(storm.endEpochMs + tick * periodMs);
  }
  const lastTickEpochMs = storm.endEpochMs + calmTicks * periodMs;
  await world.runUntil(lastTickEpochMs + Math.min(periodMs, 5 * minuteMs) + minuteMs);

  const finished = { config, services, changes, lostUsers, firstTickEpochMs, lastTickEpochMs };
  const found = violations(finished);
  const records = [...services.records.values()];
  return {
    seed,
    ...ticking.tally,
    events: events.length,
    changes: changes.length,
    notified: new Set(services.told.flatMap(({ findings }) => findings.map(({ id }) => id))).size,
    repeats: found.repeats,
    unknownPublishes: records.reduce((sum, record) => sum + record.unknownPublishes, 0),
    faults: world.strikes.total,
    strikes: world.strikes.counts,
    violations: [...world.broken, ...found.sentences],
    story: world.story.map(
      ({ atEpochMs, text }) => `${new Date(atEpochMs).toISOString().slice(5, 23)}  ${text}`,
    ),
  };

  /** A line comes into its group when it is visible; one without a group is never written. */
  function write(event: SimulatedEvent): void {
    world.at(event.visibleEpochMs, () => {
      const group = services.logs.groups.get(event.logGroup);
      const isWritten = group !== undefined && event.timestamp >= group.createdEpochMs;
      if (isWritten) services.logs.put(event);
      else if (event.user !== undefined) lostUsers.add(event.user);
      const about = `${event.logGroup.replace(`airflow-${config.mwaaEnvironment}-`, '')} ${event.message.slice(0, 90)}`;
      world.tell(`${isWritten ? 'event' : 'event lost'} of ${shown(event.timestamp)}: ${about}`);
    });
  }

  /** Several ticks in a row that never come. */
  function drawOutage(): ReadonlySet<number> {
    if (!random.chance(0.25)) return new Set();
    const first = random.whole(2, stormTicks - 6);
    const length = random.whole(4, 6);
    return new Set(Array.from({ length }, (_, index) => first + index));
  }
}

function shown(epochMs: number): string {
  return new Date(epochMs).toISOString().slice(11, 23);
}
