import { setTimeout as sleep } from 'node:timers/promises';

/** The time of day. It stamps log lines and bounds a tick; it never decides what to read. */
export interface Clock {
  nowEpochMs(): number;
}

export const secondMs = 1_000;
export const minuteMs = 60 * secondMs;
export const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;

/** By how much the clocks of two invocations may differ. */
const clockToleranceMs = 10 * minuteMs;

/** Nothing in the past can have a later time than this. */
export function latestPlausibleEpochMs(clock: Clock): number {
  return clock.nowEpochMs() + clockToleranceMs;
}

/**
 * Measures and spends waiting time. Separate from the clock, which may jump or stop (a replayed session
 * sets it) while the invocation's remaining time runs on.
 */
export interface Timer {
  /** Milliseconds on a scale that only grows; only differences are meaningful. */
  monotonicMs(): number;
  sleep(milliseconds: number): Promise<void>;
}

export const systemClock: Clock = { nowEpochMs: () => Date.now() };

export const systemTimer: Timer = {
  monotonicMs: () => performance.now(),
  sleep: (milliseconds) => sleep(milliseconds),
};

/** A moment by which work has to be finished. */
export interface Deadline {
  /** Milliseconds left, 0 when it has passed. */
  remainingMs(): number;
}

export function deadlineIn(timer: Timer, milliseconds: number): Deadline {
  const end = timer.monotonicMs() + milliseconds;
  return { remainingMs: () => Math.max(0, end - timer.monotonicMs()) };
}

/** The start of a moment's UTC day. */
export function startOfDay(epochMs: number): number {
  return floorTo(epochMs, dayMs);
}

export function floorTo(epochMs: number, unitMs: number): number {
  return Math.floor(epochMs / unitMs) * unitMs;
}

export function ceilTo(epochMs: number, unitMs: number): number {
  return Math.ceil(epochMs / unitMs) * unitMs;
}

/** `2026-11-22T05:50:01.362Z` */
export function iso(epochMs: number): string {
  return new Date(epochMs).toISOString();
}
