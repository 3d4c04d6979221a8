import fc from 'fast-check';
import { dayMs, minuteMs, startOfDay } from '../../../lambda/common/time.ts';
import { addedToDay, type DayBytes, totalOfDay } from '../../../lambda/ledger/day-bytes.ts';
import { bytesOfMark, type Mark, type SliceRecord } from '../../../lambda/ledger/marks.ts';

const midnight = Date.parse('2026-03-02T00:00:00Z');
const today: DayBytes = { dayEpochMs: midnight, bytes: 7 };

test('the first bytes begin the day of their tick', () => {
  expect(addedToDay(undefined, midnight + 5 * minuteMs, 7)).toEqual(today);
});

test('the tick at midnight begins a new day', () => {
  expect(addedToDay(today, midnight + dayMs - minuteMs, 3).bytes).toBe(10);
  expect(addedToDay(today, midnight + dayMs, 3)).toEqual({
    dayEpochMs: midnight + dayMs,
    bytes: 3,
  });
});

test('a tick of the day before, retried after midnight, adds to the new day', () => {
  expect(addedToDay(today, midnight - 5 * minuteMs, 3)).toEqual({ ...today, bytes: 10 });
});

test('ticks in order: the parts of a day have every byte of its ticks once', () => {
  const tick = fc.record({ minute: fc.nat({ max: 4 * 1440 }), bytes: fc.nat({ max: 1000 }) });
  fc.assert(
    fc.property(fc.array(tick, { minLength: 1 }), (ticks) => {
      const inOrder = ticks
        .map(({ minute, bytes }) => ({ epochMs: midnight + minute * minuteMs, bytes }))
        .sort((a, b) => a.epochMs - b.epochMs);
      let total: DayBytes | undefined;
      for (const { epochMs, bytes } of inOrder) total = addedToDay(total, epochMs, bytes);
      const lastDay = startOfDay(inOrder.at(-1)?.epochMs ?? 0);
      const ofLastDay = inOrder.filter(({ epochMs }) => startOfDay(epochMs) === lastDay);
      const bytes = ofLastDay.reduce((sum, one) => sum + one.bytes, 0);
      expect(total).toEqual({ dayEpochMs: lastDay, bytes });
    }),
  );
});

const yesterday: DayBytes = { dayEpochMs: midnight - dayMs, bytes: 100 };

test.each<[what: string, parts: DayBytes[], total: number | undefined]>([
  ['nothing is known', [], undefined],
  ['two parts', [today, { ...today, bytes: 2 }], 9],
  ['a part has not read yet on this day', [yesterday, today], 7],
  ['nothing was read yet on this day', [yesterday], 0],
  [
    'a part is already a day further',
    [today, { ...today, dayEpochMs: midnight + dayMs }],
    undefined,
  ],
])('the total of a day when %s', (_, parts, total) => {
  expect(totalOfDay(parts, midnight + 5 * minuteMs)).toBe(total);
});

const claim = { tickEpochMs: midnight + 10 * minuteMs, bytes: 3 } as SliceRecord;
const mark: Mark = { lane: 'scan', logGroup: 'g', positionEpochMs: 1, sinceEpochMs: 0 };
const moved = { ...mark, scannedDayEpochMs: midnight, scannedDayBytes: 7 };

test.each<[what: string, mark: Mark, bytes: DayBytes | undefined]>([
  ['that never read', mark, undefined],
  ['that has moved', moved, today],
  ['with a claim that is not finished', { ...moved, claim }, { ...today, bytes: 10 }],
  ['with its first claim', { ...mark, claim }, { ...today, bytes: 3 }],
])('a mark %s', (_, one, bytes) => {
  expect(bytesOfMark(one)).toEqual(bytes);
});
