import { countMatches } from '../../../local/replay/count-matches.ts';
import { engineWith, group, startEpochMs } from '../insights-engine/ask.ts';

const minuteMs = 60_000;
const nowEpochMs = startEpochMs + 24 * 60 * minuteMs;

test('events are counted by log group and time, and those with add-role apart', async () => {
  const engine = await engineWith([
    'add-role',
    'ADD-ROLE',
    'nothing',
    'airflow users add-role',
    '',
  ]);
  const range = { startEpochMs, endEpochMs: startEpochMs + 5_000 };
  expect(await countMatches(engine, [group], range, nowEpochMs)).toEqual([
    {
      logGroup: group,
      events: 5,
      eventsWithAddRole: 2,
      bars: [1, 0, 0, 1, 0].map((matches, second) => ({
        startEpochMs: startEpochMs + second * 1000,
        endEpochMs: startEpochMs + (second + 1) * 1000,
        matches,
      })),
    },
  ]);
  engine.close();
});

test('the last second of the range is read, and what follows is not', async () => {
  const engine = await engineWith(['add-role', 'add-role', 'add-role']);
  const range = { startEpochMs, endEpochMs: startEpochMs + 2_000 };
  expect(await countMatches(engine, [group], range, nowEpochMs)).toMatchObject([
    { events: 2, eventsWithAddRole: 2 },
  ]);
  engine.close();
});

test.each([
  ['a second', 1000],
  ['an hour', 60 * minuteMs],
  ['a week', 7 * 24 * 60 * minuteMs],
  ['ten years', 3650 * 24 * 60 * minuteMs],
  ['a century', 36_500 * 24 * 60 * minuteMs],
])('a range of %s has at most 60 bars', async (_, spanMs) => {
  const engine = await engineWith(['add-role']);
  const range = { startEpochMs, endEpochMs: startEpochMs + spanMs };
  const [counted] = await countMatches(engine, [group], range, nowEpochMs);
  const bar = counted?.bars[0];
  expect(counted?.eventsWithAddRole).toBe(1);
  expect(spanMs / ((bar?.endEpochMs ?? 0) - (bar?.startEpochMs ?? 0))).toBeLessThanOrEqual(60);
  engine.close();
});
