import { countsOf } from '../../../lambda/ledger/slice-counts.ts';
import type { ObservedEvent } from '../../../lambda/model/signal.ts';
import { waitingRecord } from '../setup/delivery-fixture.ts';

const seen: ObservedEvent = {
  ...{ key: 'k', logGroup: 'airflow-prod-Task', logStream: 's', timestamp: 0, occurrences: 1 },
  ...{ message: 'm', signals: [] },
};
const open = waitingRecord(1);
const approved = waitingRecord(2, {}, { approved: true });

function late(record: typeof open): typeof open {
  return { ...record, finding: { ...record.finding, late: true } };
}

/** A slice of the scan that found nothing; tests change one thing. */
function counted(changes: Partial<Parameters<typeof countsOf>[0]> = {}) {
  return countsOf({ lane: 'scan', events: [], findings: [], bytes: 0, ...changes });
}

const zeros = { rows: 0, bytes: 0, privilegeChanges: 0, suppressedChanges: 0, lateChanges: 0 };

test('a slice that found nothing counts zeros, and no matches unless it asked for them', () => {
  expect(counted()).toMatchObject(zeros);
  expect(counted()).not.toHaveProperty('matches');
  expect(counted({ lane: 'documented', matches: 0 })).toMatchObject({ ...zeros, matches: 0 });
});

test.each([
  ['events are rows', { events: [{ seen }, { seen }] }, { rows: 2 }],
  ['bytes are counted as they are', { bytes: 7 }, { bytes: 7 }],
  ['a finding is a privilege change', { findings: [open] }, { privilegeChanges: 1 }],
  ['an approved finding is not', { findings: [approved] }, { suppressedChanges: 1 }],
  [
    'late findings of a sweep are late changes, approved or not',
    { lane: 'far', findings: [late(open), late(approved)] },
    { privilegeChanges: 1, suppressedChanges: 1, lateChanges: 2 },
  ],
  [
    'what a sweep finds in lines that were there in time is not late',
    { lane: 'far', findings: [open] },
    { privilegeChanges: 1, lateChanges: 0 },
  ],
] as const)('%s', (_rule, changes, counts) => {
  expect(counted(changes)).toMatchObject({ ...zeros, ...counts });
});
