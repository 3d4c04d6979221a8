import type { Mark, SliceRecord } from '../../../lambda/ledger/marks.ts';
import { assertClaimed, isClaimed } from '../../../lambda/record/claims.ts';

const mark: Mark = {
  ...{ lane: 'near', logGroup: 'airflow-prod-Task', positionEpochMs: 1, sinceEpochMs: 0 },
};
const claim: SliceRecord = {
  ...{ lane: 'near', logGroup: 'airflow-prod-Task', startEpochMs: 1, endEpochMs: 2 },
  ...{ outcome: 'scanned', tickEpochMs: 9, covered: true, rows: 0, bytes: 0 },
  ...{ privilegeChanges: 0, suppressedChanges: 0, lateChanges: 0 },
};

test('a mark is claimed while its slice is not finished', () => {
  expect(isClaimed({ ...mark, claim })).toBe(true);
  expect(isClaimed({ ...mark, claim: undefined })).toBe(false);
  expect(isClaimed(mark)).toBe(false);
});

test('a successful claim is returned with its mark', () => {
  expect(assertClaimed(mark, { ...mark, claim })).toEqual({ ...mark, claim });
});

test('a failed claim names the lane and group that another run has moved', () => {
  for (const after of [undefined, mark]) {
    expect(() => assertClaimed(mark, after)).toThrow(
      'the mark of airflow-prod-Task in lane near was moved by another run',
    );
  }
});
