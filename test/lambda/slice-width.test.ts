import { firstWidthMs, nextWidthMs, sliceMinutesAfter } from '../../lambda/slice-width.ts';

const minuteMs = 60_000;
const maxMs = 60 * minuteMs;

test('what was cut off is asked for in twice its width next, never in more than is allowed', () => {
  expect(nextWidthMs(5 * minuteMs, maxMs)).toBe(10 * minuteMs);
  expect(nextWidthMs(45 * minuteMs, maxMs)).toBe(maxMs);
});

test('ticks whose time does not suffice ask for ever less, but for a minute at least', () => {
  let minutes: number | undefined;
  const asked = Array.from({ length: 8 }, () => {
    const widthMs = firstWidthMs(minutes, 60);
    minutes = sliceMinutesAfter(widthMs, true, maxMs);
    return widthMs / minuteMs;
  });
  expect(asked).toEqual([60, 30, 15, 7, 3, 1, 1, 1]);
});

test('once it suffices, the ticks ask for ever more until all is allowed again', () => {
  let minutes: number | undefined = 7;
  const asked = Array.from({ length: 5 }, () => {
    const widthMs = firstWidthMs(minutes, 60);
    minutes = sliceMinutesAfter(widthMs, false, maxMs);
    return widthMs / minuteMs;
  });
  expect(asked).toEqual([7, 14, 28, 56, 60]);
  expect(minutes).toBeUndefined();
});

test('a narrower setting holds at once', () => {
  expect(firstWidthMs(45, 10)).toBe(10 * minuteMs);
});
