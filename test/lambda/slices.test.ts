import { sliceMaxMinutes, slicesUntil } from '../../lambda/slices.ts';

const minuteMs = 60_000;
const endEpochMs = Date.parse('2026-03-01T08:55:00Z');
const window = { startEpochMs: endEpochMs - 5 * minuteMs, endEpochMs };

const slices = (watermarks: Record<string, number>) =>
  slicesUntil(window, ['a', 'b', 'c'], new Map(Object.entries(watermarks)));

test('groups that were never read are read from the start of the window, together', () => {
  expect(slices({})).toEqual([{ logGroups: ['a', 'b', 'c'], window }]);
});

test('a group that fell behind is read from where it was left, apart from the others', () => {
  const left = window.startEpochMs - 7 * minuteMs;
  expect(slices({ b: left })).toEqual([
    { logGroups: ['a', 'c'], window },
    { logGroups: ['b'], window: { startEpochMs: left, endEpochMs } },
  ]);
});

test('a group that was read to the end already, or further, is not read again', () => {
  expect(slices({ a: endEpochMs, b: endEpochMs + minuteMs })).toEqual([
    { logGroups: ['c'], window },
  ]);
});

test('what was read of the window already is left out', () => {
  const middle = window.startEpochMs + minuteMs;
  expect(slices({ a: middle, b: middle, c: middle })).toEqual([
    { logGroups: ['a', 'b', 'c'], window: { startEpochMs: middle, endEpochMs } },
  ]);
});

test('no slice is longer than an hour, unless the period is', () => {
  expect(slices({ a: 0, b: 0, c: 0 })[0]?.window.startEpochMs).toBe(
    endEpochMs - sliceMaxMinutes * minuteMs,
  );
  const long = { startEpochMs: endEpochMs - 1440 * minuteMs, endEpochMs };
  expect(slicesUntil(long, ['a'], new Map())).toEqual([{ logGroups: ['a'], window: long }]);
});
