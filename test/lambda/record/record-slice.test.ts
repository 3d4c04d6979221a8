import { isDue } from '../../../lambda/record/record-slice.ts';

const waiting = {
  logGroup: 'airflow-prod-Task',
  streamId: '0'.repeat(32),
  fromEpochMs: 1_000_000,
  untilEpochMs: 1_180_000,
  derivedEpochMs: 1_010_000,
  formerFromEpochMs: 1_000_000,
};

test('the next slice of a few seconds does not derive a stream without new lines again', () => {
  expect(isDue(waiting, 1_010_000, 1_017_000)).toBe(false);
});

test.each([
  ['a minute after it was last derived', { derived: 1_010_000, from: 1_063_000, to: 1_070_000 }],
  ['when its wait ends', { derived: 1_178_000, from: 1_178_000, to: 1_180_001 }],
  [
    'when the slice that derived it is read again',
    { derived: 1_010_000, from: 1_005_000, to: 1_008_000 },
  ],
])('a stream without new lines is derived again %s', (_, { derived, from, to }) => {
  expect(isDue({ ...waiting, derivedEpochMs: derived }, from, to)).toBe(true);
});
