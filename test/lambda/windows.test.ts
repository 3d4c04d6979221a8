import fc from 'fast-check';
import { dividesHourOrDay } from '../../lambda/runtime-config.ts';
import { queryTimes, windowOfTick } from '../../lambda/windows.ts';

const tick = Date.parse('2026-03-01T09:00:00Z');
const everyMinutes = fc.integer({ min: 1, max: 1440 }).filter(dividesHourOrDay);
const settleMinutes = fc.integer({ min: 0, max: 60 });
const firstTick = fc
  .integer({ min: 25_000_000, max: 45_000_000 })
  .map((minutes) => minutes * 60_000);

test('a window is one period long and ends a settle time before the tick', () => {
  expect(windowOfTick(tick, { everyMinutes: 5, settleMinutes: 3 })).toEqual({
    startEpochMs: Date.parse('2026-03-01T08:52:00Z'),
    endEpochMs: Date.parse('2026-03-01T08:57:00Z'),
  });
});

test('StartQuery gets whole seconds with the last second inside', () => {
  const window = windowOfTick(tick, { everyMinutes: 1, settleMinutes: 0 });
  expect(queryTimes(window)).toEqual({
    startTime: Date.parse('2026-03-01T08:59:00Z') / 1000,
    endTime: Date.parse('2026-03-01T08:59:59Z') / 1000,
  });
});

test('the windows of consecutive ticks tile the timeline: every second is read exactly once', () => {
  fc.assert(
    fc.property(firstTick, everyMinutes, settleMinutes, (first, every, settle) => {
      const config = { everyMinutes: every, settleMinutes: settle };
      const ticks = [0, 1, 2, 3].map((index) => first + index * every * 60_000);
      const spans = ticks.map((one) => queryTimes(windowOfTick(one, config)));
      for (const { startTime, endTime } of spans) {
        expect(Number.isSafeInteger(startTime)).toBe(true);
        expect(endTime - startTime + 1).toBe(every * 60);
      }
      expect(spans.slice(1).map(({ startTime }) => startTime)).toEqual(
        spans.slice(0, -1).map(({ endTime }) => endTime + 1),
      );
    }),
  );
});

test('a window is over when its tick comes', () => {
  fc.assert(
    fc.property(firstTick, everyMinutes, settleMinutes, (one, every, settle) => {
      const config = { everyMinutes: every, settleMinutes: settle };
      expect(windowOfTick(one, config).endEpochMs).toBeLessThanOrEqual(one);
    }),
  );
});
