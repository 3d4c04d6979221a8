import { parseTime } from '../../cli/time-option.ts';
import { timeRange } from '../../cli/time-range.ts';

describe('parseTime', () => {
  test.each([
    ['2026-11-22', Date.UTC(2026, 10, 22)],
    ['2026-11-22T05:47', Date.UTC(2026, 10, 22, 5, 47)],
    ['2026-11-22 05:47:01', Date.UTC(2026, 10, 22, 5, 47, 1)],
    ['2026-11-22T05:47:01.250Z', Date.UTC(2026, 10, 22, 5, 47, 1, 250)],
    ['2026-11-22T05:47+02:00', Date.UTC(2026, 10, 22, 3, 47)],
    ['1795326420', 1_795_326_420_000],
    ['1795326420123', 1_795_326_420_123],
  ])('%s is read as UTC, or in the zone that it names', (text, epochMs) => {
    expect(parseTime(text)).toBe(epochMs);
  });

  test.each(['', 'yesterday', '2026-02-30', '2026-13-01', '2026-11-22T25:00', '-5', '2026-11-22x'])(
    '%p is refused, not guessed',
    (text) => {
      expect(() => parseTime(text)).toThrow('It must be a time such as');
    },
  );
});

describe('timeRange', () => {
  test('times within a second mean the whole second at both ends', () => {
    expect(timeRange(1_500, 2_500)).toEqual({ startEpochSeconds: 1, endEpochSeconds: 2 });
  });

  test('an end before the start is refused with both times', () => {
    expect(() => timeRange(2_000, 1_000)).toThrow(
      '--to 1970-01-01T00:00:01.000Z is before --from 1970-01-01T00:00:02.000Z',
    );
  });
});
