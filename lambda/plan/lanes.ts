import { minuteMs } from '../common/time.ts';
import type { Lane } from '../model/lane.ts';
import type { Window } from '../model/windows.ts';
import type { RuntimeConfig } from './runtime-config.ts';

/**
 * How far a lane should have read when a tick ends, in epoch milliseconds. It depends on the tick
 * alone, never on the clock.
 *
 * The documented query and the scan read up to `settleMinutes` before the tick. A sweep has its own
 * schedule: at each multiple of its period it reads up to its lag before that time, so that it
 * finds events that come at most `lagMinutes` late.
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

/** How far one log group is read in one lane. */
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
 * What to read next in a lane: the groups with the earliest position, from there on, at most
 * `sliceMaxMs`.
 *
 * @param targetEpochMs gives the target of each group, see {@link laneTarget}
 * @returns undefined when every group has reached its target
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
  // Groups with different targets are read together up to the nearest one.
  const endEpochMs = Math.min(startEpochMs + sliceMaxMs, ...targets);
  return {
    logGroups: together.map(({ logGroup }) => logGroup),
    window: { startEpochMs, endEpochMs },
  };
}

/** Where the very first tick starts: one period before its own target. */
export function firstPosition(
  tickEpochMs: number,
  config: Pick<RuntimeConfig, 'everyMinutes' | 'settleMinutes'>,
): number {
  return tickEpochMs - (config.settleMinutes + config.everyMinutes) * minuteMs;
}
