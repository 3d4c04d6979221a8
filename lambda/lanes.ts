import type { Lane } from './lane.ts';
import type { RuntimeConfig } from './runtime-config.ts';
import { minuteMs } from './time.ts';
import type { Window } from './windows.ts';

/**
 * How far a lane should have read when a tick ends, in epoch milliseconds; it depends on the tick
 * alone, never on the clock.
 *
 * The documented query and the scan stay `settleMinutes` behind. A sweep moves on at its own schedule: at each multiple of its
 * period up to its lag before that, so that an event which comes at most `lagMinutes` late is there
 * when its time is read.
 */
export function laneTarget(
  lane: Lane,
  tickEpochMs: number,
  config: Pick<RuntimeConfig, 'settleMinutes' | 'nearSweep' | 'farSweep'>,
): number {
  if (lane === 'documented' || lane === 'scan') {
    return tickEpochMs - config.settleMinutes * minuteMs;
  }
  const { everyMinutes, lagMinutes } = lane === 'near' ? config.nearSweep : config.farSweep;
  const periodMs = everyMinutes * minuteMs;
  return Math.floor(tickEpochMs / periodMs) * periodMs - lagMinutes * minuteMs;
}

/** Where one log group stands in one lane. */
export interface LanePosition {
  readonly logGroup: string;
  /** Everything before it has been read, or is a published gap. */
  readonly positionEpochMs: number;
}

/** A span of event time that log groups with the same position are to be read together. */
export interface Slice {
  readonly logGroups: readonly string[];
  readonly window: Window;
}

/**
 * What to read next in a lane: the groups that are furthest behind, from where they stand, at most
 * `sliceMaxMs` of it.
 *
 * @param targetEpochMs of each group, see {@link laneTarget}
 * @returns undefined when every group is there
 */
export function nextSlice(
  positions: readonly LanePosition[],
  targetEpochMs: (logGroup: string) => number,
  sliceMaxMs: number,
): Slice | undefined {
  const behind = positions.filter(
    ({ logGroup, positionEpochMs }) => positionEpochMs < targetEpochMs(logGroup),
  );
  if (behind.length === 0) return undefined;
  const startEpochMs = Math.min(...behind.map(({ positionEpochMs }) => positionEpochMs));
  const together = behind.filter(({ positionEpochMs }) => positionEpochMs === startEpochMs);
  const targets = together.map(({ logGroup }) => targetEpochMs(logGroup));
  // Those that go further are read together as far as the nearest target of them.
  const endEpochMs = Math.min(startEpochMs + sliceMaxMs, ...targets);
  return {
    logGroups: together.map(({ logGroup }) => logGroup),
    window: { startEpochMs, endEpochMs },
  };
}

/** Where a tick begins that knows nothing yet: one period before what it would reach. */
export function firstPosition(
  tickEpochMs: number,
  config: Pick<RuntimeConfig, 'everyMinutes' | 'settleMinutes'>,
): number {
  return tickEpochMs - (config.settleMinutes + config.everyMinutes) * minuteMs;
}
