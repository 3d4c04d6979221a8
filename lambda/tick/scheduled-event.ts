import * as z from 'zod/mini';
import { InvalidInputError, parseInput } from '../common/parse-input.ts';
import { minuteMs } from '../common/time.ts';

/**
 * The event that an EventBridge scheduled rule sends: the fields that are read.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-rule-schedule.html
 */
const scheduledEventSchema = z.object({
  source: z.literal('aws.events'),
  'detail-type': z.literal('Scheduled Event'),
  /** ISO 8601 in UTC, whole seconds: `2026-03-01T09:00:00Z`. */
  time: z.iso.datetime(),
});

/** A tick further ahead than this comes from a wrong clock or a forged event. */
const tickAheadMaxMinutes = 5;

/**
 * The tick of an event: its time floored to the minute, in epoch milliseconds.
 *
 * EventBridge delivers at least once and some seconds late, and Lambda retries: each delivery of
 * one schedule point gives the same tick.
 *
 * @throws InvalidInputError when the event is not a scheduled event, or its tick is in the future
 */
export function tickOfEvent(event: unknown, nowEpochMs: number): number {
  const { time } = parseInput(scheduledEventSchema, event, 'scheduled event');
  const tickEpochMs = Math.floor(Date.parse(time) / minuteMs) * minuteMs;
  if (tickEpochMs > nowEpochMs + tickAheadMaxMinutes * minuteMs) {
    throw new InvalidInputError(
      `scheduled event: field "time": must be at most ${tickAheadMaxMinutes} minutes ahead of ` +
        `the clock, which shows ${new Date(nowEpochMs).toISOString()}, got "${time}"`,
    );
  }
  return tickEpochMs;
}
