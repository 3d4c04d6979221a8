import fc from 'fast-check';
import { coverageLines, coverageSpans } from '../../../cli/findings/coverage-spans.ts';
import type { SliceRecord } from '../../../lambda/ledger/marks.ts';

const group = 'airflow-prod-Task';
const range = { fromEpochMs: 0, toEpochMs: 600_000 };

function slice(startMinute: number, endMinute: number, changes: Partial<SliceRecord> = {}) {
  return {
    lane: 'scan',
    logGroup: group,
    startEpochMs: startMinute * 60_000,
    endEpochMs: endMinute * 60_000,
    outcome: 'scanned',
    tickEpochMs: endMinute * 60_000,
    covered: true,
    ...{ rows: 0, bytes: 0, privilegeChanges: 0, suppressedChanges: 0, lateChanges: 0 },
    ...changes,
  } as SliceRecord;
}

function spans(...slices: SliceRecord[]) {
  return coverageSpans(slices, [group], range).map(
    ({ startEpochMs, endEpochMs, state }) =>
      `${startEpochMs / 60_000}-${endEpochMs / 60_000} ${state}`,
  );
}

test('slices that follow each other are one span', () => {
  expect(spans(slice(5, 10), slice(0, 5))).toEqual(['0-10 watched']);
});

test('a span that was read without coverage is blind', () => {
  expect(spans(slice(0, 5), slice(5, 10, { covered: false }))).toEqual([
    '0-5 watched',
    '5-10 blind',
  ]);
});

test('a gap is lost, with its reason', () => {
  const gap = slice(0, 10, { outcome: 'gap', reason: 'retention' });
  expect(coverageSpans([gap], [group], range)).toEqual([
    { logGroup: group, startEpochMs: 0, endEpochMs: 600_000, state: 'lost', reason: 'retention' },
  ]);
});

test('a span without a record is unknown, never watched', () => {
  expect(spans(slice(2, 4), slice(6, 8))).toEqual([
    '0-2 unknown',
    '2-4 watched',
    '4-6 unknown',
    '6-8 watched',
    '8-10 unknown',
  ]);
});

test('a log group without any record is unknown as a whole', () => {
  expect(spans()).toEqual(['0-10 unknown']);
});

test('where two records overlap, the one that claims less counts', () => {
  expect(spans(slice(0, 10), slice(4, 6, { covered: false }))).toEqual([
    '0-4 watched',
    '4-6 blind',
    '6-10 watched',
  ]);
});

test('each moment of the range is in exactly one span, whatever the records are', () => {
  const record = fc
    .tuple(fc.integer({ min: -5, max: 15 }), fc.integer({ min: 1, max: 9 }), fc.boolean())
    .map(([start, minutes, covered]) => slice(start, start + minutes, { covered }));
  fc.assert(
    fc.property(fc.array(record), (records) => {
      const found = coverageSpans(records, [group], range);
      let end = range.fromEpochMs;
      for (const { startEpochMs, endEpochMs } of found) {
        expect(startEpochMs).toBe(end);
        end = endEpochMs;
      }
      expect(end).toBe(range.toEpochMs);
      const watched = (minute: number) =>
        records.some(
          ({ startEpochMs, endEpochMs, covered }) =>
            covered && startEpochMs <= minute * 60_000 && (minute + 1) * 60_000 <= endEpochMs,
        );
      for (const { startEpochMs, endEpochMs, state } of found) {
        if (state !== 'watched') continue;
        for (let minute = startEpochMs / 60_000; minute < endEpochMs / 60_000; minute += 1) {
          expect(watched(minute)).toBe(true);
        }
      }
    }),
  );
});

test('the spans of a group are listed below its name', () => {
  expect(coverageLines(coverageSpans([slice(0, 5)], [group], range))).toEqual([
    group,
    '  1970-01-01 00:00 to 1970-01-01 00:05 UTC  watched',
    '  1970-01-01 00:05 to 1970-01-01 00:10 UTC  unknown',
  ]);
});
