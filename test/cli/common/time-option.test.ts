import { checkOrder, parseTime, timeRange } from '../../../cli/common/time-options.ts';

describe('parseTime', () => {
  test.each([
    ['2026-11-22', Date.UTC(2026, 10, 22)],
    ['2026-11-22T05:47', Date.UTC(2026, 10, 22, 5, 47)],
    ['2026-11-22 05:47:01', Date.UTC(2026, 10, 22, 5, 47, 1)],
    ['2026-11-22T05:47:01.250Z', Date.UTC(2026, 10, 22, 5, 47, 1, 250)],
    ['2026-11-22T05:47+02:00', Date.UTC(2026, 10, 22, 3, 47)],
    ['1795326420', 1_795_326_420_000],
    ['1795326420123', 1_795_326_420_123],
  ])('%s is parsed as UTC, or in its own zone', (text, epochMs) => {
    expect(parseTime(text)).toBe(epochMs);
  });

  test.each(['', 'yesterday', '2026-02-30', '2026-13-01', '2026-11-22T25:00', '-5', '2026-11-22x'])(
    '%p is refused instead of guessed',
    (text) => {
      expect(() => parseTime(text)).toThrow('It must be a time such as');
    },
  );
});

test.each([
  ['90s', 90_000],
  ['2h', 7_200_000],
  ['1w', 604_800_000],
])('%s as a time is that long ago', (text, agoMs) => {
  const beforeMs = Date.now();
  const epochMs = parseTime(text);
  expect(epochMs).toBeGreaterThanOrEqual(beforeMs - agoMs);
  expect(epochMs).toBeLessThanOrEqual(Date.now() - agoMs);
});

describe('timeRange', () => {
  const logs = { firstEventEpochMs: 5_500, lastEventEpochMs: 9_500 };

  test.each([
    ['everything', {}, 5, 9],
    ['whole seconds at both ends', { from: 6_500, to: 7_500 }, 6, 7],
    ['from a given time on', { from: 6_500 }, 6, 9],
    ['as far back as asked from the last event', { last: 3_000 }, 6, 9],
    ['as far back as asked from a given end', { last: 1_000, to: 7_500 }, 6, 7],
    ['nothing, when it starts after the last event', { from: 20_000 }, 20, 20],
    ['nothing, when it ends before the first event', { to: 1_000 }, 1, 1],
  ])('reads %s', (_, options, startEpochSeconds, endEpochSeconds) => {
    expect(timeRange(options, logs)).toEqual({ startEpochSeconds, endEpochSeconds });
  });

  test('an end before the start is refused with both times', () => {
    expect(() => checkOrder({ from: 2_000, to: 1_000 })).toThrow(
      '--to 1970-01-01T00:00:01.000Z is before --from 1970-01-01T00:00:02.000Z',
    );
  });
});
