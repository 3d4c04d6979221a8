import { barMs, TimeCounts } from '../../../local/log-threads/time-counts.ts';
import { engineWith, group, run, startEpochMs } from '../insights-engine/ask.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

function counted(counts: TimeCounts, spanMs: number) {
  const range = { startEpochMs, endEpochMs: startEpochMs + spanMs };
  const [of] = counts.within(range, [group]);
  if (of === undefined) throw new Error('no group was asked for');
  return of;
}

test('events are counted by log group and time as the engine counts them', async () => {
  const messages = ['add-role', 'ADD-ROLE', 'nothing', 'airflow users add-role', 'x'];
  const counts = new TimeCounts({});
  for (const [second, message] of messages.entries()) {
    counts.add(group, startEpochMs + second * 1000 + 999, message.includes('add-role'));
  }
  const engine = await engineWith(messages);
  const { rows } = await run(
    engine,
    'fields @message like "add-role" as hasText | stats sum(hasText) as matches by bin(1s) as start | sort start asc',
  );
  engine.close();
  const { events, eventsWithAddRole, bars } = counted(counts, 5000);
  expect({ events, eventsWithAddRole }).toEqual({ events: 5, eventsWithAddRole: 2 });
  expect(bars.map(({ matches }) => matches)).toEqual(
    rows.map((row) => Number(row.find(({ field }) => field === 'matches')?.value)),
  );
  expect(bars.map((bar) => bar.startEpochMs)).toEqual(
    messages.map((_, second) => startEpochMs + second * 1000),
  );
});

test.each([
  ['a second', 1000],
  ['an hour', hourMs],
  ['a week', 7 * dayMs],
  ['ten years', 3650 * dayMs],
  ['a century', 36_500 * dayMs],
])('a range of %s has at most 60 bars', (_, spanMs) => {
  expect(spanMs / barMs({ startEpochMs, endEpochMs: startEpochMs + spanMs })).toBeLessThanOrEqual(
    60,
  );
});

test('what is outside a range that is known beforehand is not counted', () => {
  const second = startEpochMs / 1000;
  const counts = new TimeCounts({ startEpochSeconds: second + 1, endEpochSeconds: second + 2 });
  for (let at = 0; at < 5; at += 1) counts.add(group, startEpochMs + at * 1000 + 500, true);
  expect(counted(counts, 5000).events).toBe(2);
});

test('what is before a range that ends with the last event is left out at the end', () => {
  const counts = new TimeCounts({ lastMs: 2000 });
  for (let at = 0; at < 5; at += 1) counts.add(group, startEpochMs + at * 1000, false);
  const range = { startEpochMs: startEpochMs + 2000, endEpochMs: startEpochMs + 5000 };
  expect(counts.within(range, [group])[0]?.events).toBe(3);
});

test('a year of seconds is counted in little memory, also where threads counted parts of it', () => {
  const one = new TimeCounts({});
  const other = new TimeCounts({});
  for (let at = 0; at < 120_000; at += 1) {
    (at % 2 === 0 ? one : other).add(group, startEpochMs + at * 200_000, at % 10 === 0);
  }
  for (let at = 0; at < 10; at += 1) other.add(group, startEpochMs + at, false);
  const merged = new TimeCounts({});
  merged.append(one.list());
  merged.append(other.list());
  expect(merged.list().length).toBeLessThan(50_001);
  const { events, eventsWithAddRole, bars } = counted(merged, 120_000 * 200_000);
  expect({ events, eventsWithAddRole }).toEqual({ events: 120_010, eventsWithAddRole: 12_000 });
  expect(bars.reduce((sum, { matches }) => sum + matches, 0)).toBe(12_000);
});
