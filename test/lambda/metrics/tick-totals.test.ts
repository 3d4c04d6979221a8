import fc from 'fast-check';
import type { SliceRecord } from '../../../lambda/ledger/marks.ts';
import { tickTotals } from '../../../lambda/metrics/tick-totals.ts';
import { type Lane, lanes } from '../../../lambda/model/windows.ts';

const tickEpochMs = Date.parse('2026-03-01T09:00:00Z');
const task = 'airflow-prod-Task';

function slice(changes: Partial<SliceRecord> = {}): SliceRecord {
  return {
    ...{ lane: 'scan', logGroup: task, startEpochMs: 0, endEpochMs: 60_000 },
    ...{ outcome: 'scanned', tickEpochMs, covered: true },
    ...{ rows: 0, bytes: 10, matches: 0 },
    ...{ privilegeChanges: 0, suppressedChanges: 0, lateChanges: 0 },
    ...changes,
  };
}

/** Since version 3 of the ledger the documented query has a lane of its own. */
const counted = (changes: Partial<SliceRecord> = {}) => slice({ lane: 'documented', ...changes });

/** A slice of the pack alone. */
function sweep(lane: Lane, changes: Partial<SliceRecord> = {}): SliceRecord {
  const { matches: _, ...record } = slice({ lane, ...changes });
  return record;
}

const totals = (...records: SliceRecord[]) => tickTotals(tickEpochMs, records);
const numbersOf = (...records: SliceRecord[]) => {
  const { addRoleMatches, privilegeChanges } = totals(...records);
  return { matches: addRoleMatches.get(task), privilegeChanges: privilegeChanges.get(task) };
};

test('the slices of a tick are added up, per log group where the metric is', () => {
  const other = 'airflow-prod-Worker';
  const result = totals(
    slice({ matches: 1, privilegeChanges: 2, suppressedChanges: 3 }),
    slice({ startEpochMs: 60_000, matches: 10, privilegeChanges: 20 }),
    slice({ logGroup: other, matches: 100, privilegeChanges: 200 }),
    sweep('near', { privilegeChanges: 1_000, lateChanges: 1_000 }),
  );
  expect(result).toMatchObject({
    tickEpochMs,
    addRoleMatches: new Map([
      [task, 11],
      [other, 100],
    ]),
    privilegeChanges: new Map([
      [task, 1_022],
      [other, 200],
    ]),
    suppressedChanges: 3,
    lateChanges: 1_000,
    bytesScanned: 40,
  });
});

test('a scan of a covered group gives a zero', () => {
  expect(numbersOf(slice())).toEqual({ matches: 0, privilegeChanges: 0 });
});

test.each<[string, SliceRecord[]]>([
  ['no slice', []],
  ['a scan of a group that is not covered', [slice({ covered: false })]],
  ['a gap', [slice({ outcome: 'gap', reason: 'retention', covered: false })]],
  ['a gap alone, even in a covered group', [sweep('scan', { outcome: 'gap' })]],
  ['sweeps alone', [sweep('near'), sweep('far')]],
  ['a scan of which a part was not covered', [slice(), slice({ startEpochMs: 1, covered: false })]],
])('there is no zero after %s', (_, records) => {
  expect(numbersOf(...records)).toEqual({ matches: undefined, privilegeChanges: undefined });
});

test('what was found counts in every lane, covered or not', () => {
  const found = { privilegeChanges: 1 };
  expect(numbersOf(slice({ ...found, matches: 2, covered: false }))).toEqual({
    matches: 2,
    privilegeChanges: 1,
  });
  expect(numbersOf(sweep('far', found))).toEqual({ matches: undefined, privilegeChanges: 1 });
  expect(numbersOf(sweep('scan', { ...found, outcome: 'gap' }))).toEqual({
    matches: undefined,
    privilegeChanges: 1,
  });
});

test('a gap beside a covered scan leaves its zero', () => {
  expect(numbersOf(slice(), sweep('scan', { outcome: 'gap', covered: false }))).toEqual({
    matches: 0,
    privilegeChanges: 0,
  });
});

describe('with a lane of its own for the documented query', () => {
  test('its slices give its zero, and the scan’s slices give the zero of the findings', () => {
    expect(numbersOf(counted(), sweep('scan'))).toEqual({ matches: 0, privilegeChanges: 0 });
    expect(numbersOf(counted())).toEqual({ matches: 0, privilegeChanges: undefined });
    expect(numbersOf(sweep('scan'))).toEqual({ matches: undefined, privilegeChanges: 0 });
  });

  test('an uncovered slice of one lane leaves the zero of the other', () => {
    expect(numbersOf(counted({ covered: false }), sweep('scan'))).toEqual({
      ...{ matches: undefined, privilegeChanges: 0 },
    });
    expect(numbersOf(counted(), sweep('scan', { covered: false }))).toEqual({
      ...{ matches: 0, privilegeChanges: undefined },
    });
  });

  test('a slice whose count could not be read spoils the zero, not the sum', () => {
    const unread = sweep('documented', { startEpochMs: 60_000 });
    expect(numbersOf(counted(), unread).matches).toBeUndefined();
    expect(numbersOf(counted({ matches: 2 }), unread).matches).toBe(2);
  });

  test('in the tick of an upgrade, the counts of both kinds of slices are added up', () => {
    expect(numbersOf(slice({ matches: 2 }), counted({ matches: 3 })).matches).toBe(5);
    expect(numbersOf(slice(), counted()).matches).toBe(0);
    expect(numbersOf(slice({ covered: false }), counted()).matches).toBeUndefined();
  });

  test('without a slice of the pack, what only the pack finds has no zero', () => {
    expect(totals(counted())).toMatchObject({
      ...{ suppressedChanges: undefined, lateChanges: undefined, bytesScanned: 10 },
    });
    expect(totals(counted(), sweep('near'))).toMatchObject({
      suppressedChanges: 0,
      lateChanges: 0,
    });
  });
});

test('a running total only grows when a slice is added', () => {
  const count = fc.nat({ max: 5 });
  const drawn = fc
    .record({
      lane: fc.constantFrom(...lanes),
      logGroup: fc.constantFrom('a', 'b'),
      outcome: fc.constantFrom('scanned' as const, 'gap' as const),
      covered: fc.boolean(),
      matches: fc.option(count, { nil: undefined }),
      ...{ privilegeChanges: count, suppressedChanges: count, lateChanges: count, bytes: count },
    })
    .map((changes) => slice(changes));
  fc.assert(
    fc.property(fc.array(drawn, { maxLength: 8 }), (records) => {
      for (const at of records.keys()) {
        const before = totals(...records.slice(0, at));
        const after = totals(...records.slice(0, at + 1));
        for (const [name, earlier] of Object.entries(before)) {
          const later = after[name as keyof typeof after];
          if (typeof earlier !== 'object') {
            expect(later ?? 0).toBeGreaterThanOrEqual(earlier ?? 0);
            continue;
          }
          const byGroup = later as typeof earlier;
          for (const [group, number] of earlier) {
            // A zero may turn out to be none: then there is no number any more.
            expect(byGroup.get(group) ?? number).toBeGreaterThanOrEqual(number);
            if (number > 0) expect(byGroup.has(group)).toBe(true);
          }
        }
      }
    }),
  );
});
