import fc from 'fast-check';
import {
  addSpan,
  checkSliceCount,
  type GroupSpan,
  lengthMs,
  slicesLeft,
  sliceWidthMs,
} from '../../../cli/audit/spans.ts';
import { dayMs, secondMs } from '../../../lambda/common/time.ts';
import type { Window } from '../../../lambda/model/windows.ts';

const midnight = Date.UTC(2026, 10, 22);

const window = fc.tuple(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 1, max: 200 })).map(
  ([start, seconds]): Window => ({
    startEpochMs: midnight + start * secondMs,
    endEpochMs: midnight + (start + seconds) * secondMs,
  }),
);
const groups = fc
  .array(window, { minLength: 1, maxLength: 5 })
  .map((windows) => windows.map((one, at): GroupSpan => ({ logGroup: `g${at}`, window: one })));
const widthMs = fc.integer({ min: 1, max: 400 }).map((seconds) => seconds * secondMs);

function secondsOf(windows: readonly Window[]): number[] {
  return windows.flatMap((one) =>
    Array.from({ length: lengthMs(one) / secondMs }, (_, at) => one.startEpochMs + at * secondMs),
  );
}

test('each unread second of a log group is in exactly one slice', () => {
  fc.assert(
    fc.property(groups, widthMs, fc.array(window, { maxLength: 4 }), (spans, width, finished) => {
      const done = finished.reduce<Window[]>((all, one) => addSpan(all, one), []);
      const isDone = new Set(secondsOf(done));
      const slices = slicesLeft(spans, width, (logGroup) => (logGroup === 'g0' ? done : []));
      for (const { logGroup, window: whole } of spans) {
        const own = slices.filter(({ logGroups }) => logGroups.includes(logGroup));
        const wanted = secondsOf([whole]).filter((ms) => logGroup !== 'g0' || !isDone.has(ms));
        expect(secondsOf(own.map((slice) => slice.window)).sort()).toEqual(wanted.sort());
      }
    }),
  );
});

test('no slice crosses a boundary of the grid or is wider than requested', () => {
  fc.assert(
    fc.property(groups, widthMs, (spans, width) => {
      for (const slice of slicesLeft(spans, width, () => [])) {
        const { startEpochMs, endEpochMs } = slice.window;
        expect(Math.floor(startEpochMs / width)).toBe(Math.floor((endEpochMs - 1) / width));
      }
    }),
  );
});

test('log groups with the same window share a slice', () => {
  const whole = { startEpochMs: midnight, endEpochMs: midnight + dayMs };
  const later = { ...whole, startEpochMs: midnight + 10 * 3_600_000 + secondMs };
  const spans = [
    { logGroup: 'a', window: whole },
    { logGroup: 'b', window: later },
    { logGroup: 'c', window: whole },
  ];
  const slices = slicesLeft(spans, dayMs / 2, () => []);
  expect(slices.map(({ logGroups }) => logGroups)).toEqual([
    ['a', 'c'],
    ['a', 'b', 'c'],
    ['a', 'b', 'c'],
  ]);
});

test.each([
  ['an hour', 3_600_000, 0, 60_000],
  ['a day', dayMs, 0, 1_800_000],
  ['thirty days', 30 * dayMs, 0, 12 * 3_600_000],
  ['ninety days', 90 * dayMs, 0, dayMs],
  ['thirty days of a terabyte', 30 * dayMs, 1e12, 3 * 3_600_000],
  ['ten seconds', 10_000, 0, 60_000],
])('%s is read in slices of a moderate width', (_what, rangeMs, bytes, expected) => {
  const range = { startEpochMs: midnight, endEpochMs: midnight + rangeMs };
  expect(sliceWidthMs(range, bytes)).toBe(expected);
});

test('more slices than a state can have are refused before they are created', () => {
  const days = (count: number) => ({
    startEpochMs: midnight - count * dayMs,
    endEpochMs: midnight,
  });
  expect(() => checkSliceCount(days(90), secondMs)).toThrow(
    'the range has 7,776,000 slices of 1 s, and an audit reads at most 20,000',
  );
  expect(() => checkSliceCount(days(10), 60 * secondMs)).not.toThrow();
  for (const count of [1, 30, 3_650]) {
    const wide = sliceWidthMs(days(count), 1e12);
    expect(() => checkSliceCount(days(count), wide)).not.toThrow();
  }
});
