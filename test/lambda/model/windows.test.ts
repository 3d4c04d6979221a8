import fc from 'fast-check';
import { beyondEnd, halves, queryTimes, windowTimes } from '../../../lambda/model/windows.ts';

const startEpochMs = Date.parse('2026-03-01T08:59:00Z');
const windows = fc
  .tuple(
    fc.integer({ min: 1_500_000_000, max: 2_500_000_000 }),
    fc.integer({ min: 1, max: 90_000 }),
  )
  .map(([start, seconds]) => ({
    startEpochMs: start * 1000,
    endEpochMs: (start + seconds) * 1000,
  }));

test('StartQuery gets the end of a window itself: an earlier one might leave out its last second', () => {
  expect(queryTimes({ startEpochMs, endEpochMs: startEpochMs + 60_000 })).toEqual({
    startTime: Date.parse('2026-03-01T08:59:00Z') / 1000,
    endTime: Date.parse('2026-03-01T09:00:00Z') / 1000,
  });
});

test('the part that a query reads beyond a window is queried with its end as start and end', () => {
  const { startTime, endTime } = queryTimes(beyondEnd({ startEpochMs: 0, endEpochMs: 60_000 }));
  expect([startTime, endTime]).toEqual([60, 60]);
});

test('the halves of a window tile it: every second is read exactly once', () => {
  fc.assert(
    fc.property(windows, (window) => {
      const parts = halves(window);
      const seconds = (window.endEpochMs - window.startEpochMs) / 1000;
      if (parts === undefined) {
        expect(seconds).toBe(1);
        return;
      }
      const [first, second] = parts.map(queryTimes);
      expect(first?.startTime).toBe(queryTimes(window).startTime);
      expect(second?.startTime).toBe(first?.endTime);
      expect(second?.endTime).toBe(queryTimes(window).endTime);
    }),
  );
});

test('a window is shown in ISO 8601', () => {
  expect(windowTimes({ startEpochMs, endEpochMs: startEpochMs + 1000 })).toEqual({
    start: '2026-03-01T08:59:00.000Z',
    end: '2026-03-01T08:59:01.000Z',
  });
});
