import { minuteMs } from '../../../lambda/common/time.ts';
import type { LogEvent } from '../../../local/log-event.ts';
import { incomingEvents, pastOf, settleMinutes } from './past.ts';

const nowEpochMs = Date.UTC(2026, 2, 1, 12, 34, 56, 789);
const lastTickEpochMs = Date.UTC(2026, 2, 1, 12, 34);
const readEpochMs = lastTickEpochMs - settleMinutes * minuteMs;
const startEpochMs = Date.UTC(2020, 0, 1);

const event = (minutes: number, logGroup = 'airflow-Prod-Task'): LogEvent => ({
  ...{ logGroup, logStream: 's', message: `after ${minutes}` },
  timestamp: startEpochMs + minutes * minuteMs,
});
const session = [event(0), event(7, 'airflow-Prod-Scheduler'), event(21)];
const past = pastOf(session, 'prod-airflow', nowEpochMs);
const moved = past.events.filter(({ message }) => message.startsWith('after'));

test('a session moves in one piece to another environment', () => {
  expect(moved.map(({ logGroup }) => logGroup)).toEqual([
    'airflow-prod-airflow-Task',
    'airflow-prod-airflow-Scheduler',
    'airflow-prod-airflow-Task',
  ]);
  const [first, second, third] = moved.map(({ timestamp }) => timestamp);
  expect([Number(second) - Number(first), Number(third) - Number(first)]).toEqual([
    7 * minuteMs,
    21 * minuteMs,
  ]);
});

test('the ticks read the whole session, five minutes at once, and end at the present', () => {
  const [first = 0] = past.tickEpochMs;
  // One period before its target begins the first tick.
  expect(first - (settleMinutes + 1) * minuteMs).toBeLessThanOrEqual(Number(moved[0]?.timestamp));
  expect(past.tickEpochMs.at(-1)).toBe(lastTickEpochMs);
  expect(Number(moved.at(-1)?.timestamp)).toBeLessThan(readEpochMs);
  const gaps = past.tickEpochMs.slice(1).map((at, index) => at - Number(past.tickEpochMs[index]));
  expect(Math.max(...gaps)).toBeLessThanOrEqual(5 * minuteMs);
  expect(Math.min(...gaps)).toBeGreaterThan(0);
});

test('one change is left for the schedule: after all ticks, within the minute that follows', () => {
  const live = past.events.filter(({ timestamp }) => timestamp >= readEpochMs);
  expect(live.map(({ message }) => message)).toEqual([
    expect.stringContaining('User "mallory" added to role "Admin"'),
  ]);
  expect(Number(live[0]?.timestamp)).toBeLessThan(readEpochMs + minuteMs);
});

test('events are ordered by time', () => {
  const times = past.events.map(({ timestamp }) => timestamp);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
});

test('a log group of no log type is refused', () => {
  expect(() => pastOf([event(0, 'mine')], 'prod-airflow', nowEpochMs)).toThrow(
    'the log group mine is of no log type',
  );
});

test('events are counted by log group and minute', () => {
  const events = [event(0), event(0.5), event(1), event(0, 'other')];
  expect(incomingEvents(events)).toEqual([
    { logGroup: 'airflow-Prod-Task', minuteEpochMs: startEpochMs, count: 2 },
    { logGroup: 'airflow-Prod-Task', minuteEpochMs: startEpochMs + minuteMs, count: 1 },
    { logGroup: 'other', minuteEpochMs: startEpochMs, count: 1 },
  ]);
});
