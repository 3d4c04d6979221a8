import fc from 'fast-check';
import { bytesText, timeLeftMs, timeLeftText, volumeOf } from '../../../cli/audit/estimate.ts';
import { costUsd, usdText } from '../../../cli/common/prices.ts';
import { hourMs } from '../../../lambda/common/time.ts';

const hour = (at: number, until = at + 1) => ({
  startEpochMs: at * hourMs,
  endEpochMs: until * hourMs,
});

const metered = {
  periodMs: hourMs,
  values: new Map([
    [0, 600],
    [hourMs, 60],
  ]),
};

test('the bytes of a window include parts of the periods at its ends', () => {
  const volume = volumeOf(new Map([['a', metered]]), new Map());
  expect(volume('a', hour(0, 2))).toBe(660);
  expect(volume('a', hour(0.5, 1.5))).toBe(330);
  expect(volume('a', hour(2, 3))).toBe(0);
});

test('the bytes of adjacent windows add up to those of their range', () => {
  const volume = volumeOf(new Map([['a', metered]]), new Map());
  fc.assert(
    fc.property(fc.double({ min: 0, max: 2, noNaN: true }), (cut) => {
      const parts = volume('a', hour(0, cut)) + volume('a', hour(cut, 2));
      expect(parts).toBeCloseTo(660, 6);
    }),
  );
});

test('without metric values, stored bytes count, spread over the time they were written', () => {
  const stored = new Map([['a', { bytes: 1000, window: hour(0, 10) }]]);
  expect(volumeOf(new Map(), stored)('a', hour(8, 12))).toBe(200);
  const none = new Map([['a', { periodMs: hourMs, values: new Map<number, number>() }]]);
  expect(volumeOf(none, stored)('a', hour(0, 5))).toBe(500);
  expect(volumeOf(new Map([['a', metered]]), stored)('a', hour(0, 10))).toBe(660);
});

test('a cost is calculated per gigabyte', () => {
  expect(costUsd(12e9, 0.005)).toBeCloseTo(0.06);
  expect(usdText(costUsd(12e9, 0.005))).toBe('about 0.06 USD');
  expect(usdText(0.004)).toBe('less than 0.01 USD');
});

test.each([
  [0, '0 bytes'],
  [870_000, '870 kB'],
  [12_400_000_000, '12.4 GB'],
  [3_210_000_000_000, '3.21 TB'],
])('%d bytes are %s', (bytes, text) => {
  expect(bytesText(bytes)).toBe(text);
});

test('the time left is proportional to the work left', () => {
  expect(timeLeftMs({ done: 25, total: 100 }, 60_000)).toBe(180_000);
  expect(timeLeftMs({ done: 100, total: 100 }, 60_000)).toBe(0);
  expect(timeLeftMs({ done: 0, total: 100 }, 60_000)).toBeUndefined();
  expect(timeLeftMs({ done: 1, total: 100 }, 10)).toBeUndefined();
});

test.each([
  [undefined, ''],
  [900, 'about 1 s left'],
  [61_000, 'about 2 min left'],
  [5_400_000, 'about 1.5 h left'],
])('%p ms are shown as "%s"', (ms, text) => {
  expect(timeLeftText(ms)).toBe(text);
});
