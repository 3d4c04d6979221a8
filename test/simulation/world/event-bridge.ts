import { minuteMs } from '../../../lambda/common/time.ts';
import type { TickFault } from '../schedule/schedule.ts';
import type { LambdaService } from './lambda-service.ts';
import type { World } from './world.ts';

/** A rule's event arrives within seconds of its time. */
const usualDelayMs = { min: 300, max: 2_500 };
/** After two periods an event is given up. */
const delayMaxPeriods = 1.9;
const earlyMaxMs = 4.5 * minuteMs;
/** A tick this far ahead is invalid. */
const futureMs = { min: 6 * minuteMs, max: 400 * 86_400_000 };

/** Schedules the events of the ticks: most are regular, some are not. */
export function enterTicks(world: World, lambda: LambdaService): void {
  const { schedule, timeline, random } = world;
  for (const [tick, tickEpochMs] of timeline.tickEpochMs.entries()) {
    const faults = schedule.tickFaults.filter((fault) => fault.tick === tick);
    let atMs = tickEpochMs + random.int(usualDelayMs.min, usualDelayMs.max);
    for (const { kind, amount } of faults) {
      if (kind === 'tick-delayed') atMs = tickEpochMs + delayOf(world, amount);
      if (kind === 'tick-early') atMs = tickEpochMs - Math.floor((earlyMaxMs * amount) / 1000);
    }
    deliver(world, lambda, tick, tickEpochMs, atMs, faults);
  }
  const lastTick = schedule.settings.ticks - 1;
  for (const { kind, tick } of schedule.tickFaults) {
    if (kind === 'tick-missing' && tick < lastTick) world.strikes.count(kind);
  }
  for (const { beforeTick } of schedule.outages) {
    if (beforeTick > 0) world.strikes.count('outage-of-hours');
  }
}

function deliver(
  { time, strikes, random, config }: World,
  lambda: LambdaService,
  tick: number,
  tickEpochMs: number,
  atMs: number,
  faults: readonly TickFault[],
): void {
  time.at(atMs, () => {
    for (const { kind } of faults) {
      if (kind === 'tick-delayed' || kind === 'tick-early') strikes.count(kind);
    }
    lambda.invoke({ tick, tickEpochMs, receivedEpochMs: time.nowEpochMs });
  });
  for (const { kind, amount } of faults) {
    if (kind === 'tick-concurrent') {
      time.at(atMs + random.int(0, 1_500), () => {
        const isAtWork = [...lambda.running].some((other) => other.tickEpochMs === tickEpochMs);
        if (isAtWork) strikes.count(kind);
        lambda.invoke({ tick, tickEpochMs, receivedEpochMs: time.nowEpochMs });
      });
    }
    if (kind === 'tick-duplicate') {
      const laterMs = minuteMs + Math.floor((3 * config.everyMinutes * minuteMs * amount) / 1000);
      time.at(atMs + laterMs, () => {
        strikes.count(kind);
        lambda.invoke({ tick, tickEpochMs, receivedEpochMs: time.nowEpochMs });
      });
    }
    if (kind === 'tick-from-the-future') {
      const aheadMs = futureMs.min + Math.floor(((futureMs.max - futureMs.min) * amount) / 1000);
      time.at(atMs + random.int(0, 60_000), () => {
        strikes.count(kind);
        const aheadEpochMs = Math.ceil((time.nowEpochMs + aheadMs) / minuteMs) * minuteMs;
        const receivedEpochMs = time.nowEpochMs;
        lambda.invoke({ tick, tickEpochMs: aheadEpochMs, receivedEpochMs, isFromTheFuture: true });
      });
    }
  }
}

function delayOf({ config: { everyMinutes } }: World, amount: number): number {
  const longestMs = delayMaxPeriods * everyMinutes * minuteMs;
  return 5_000 + Math.floor(((longestMs - 5_000) * amount) / 1000);
}

/** How far ahead of its time a tick of a schedule may arrive. */
export function earliestMs({ tickFaults }: Pick<World['schedule'], 'tickFaults'>): number {
  return tickFaults.some(({ kind }) => kind === 'tick-early') ? earlyMaxMs : 0;
}
