import type { Severity } from '../../../lambda/findings/finding.ts';
import {
  type FindingRecord,
  type FoundFinding,
  recordFinding,
} from '../../../lambda/findings/finding-record.ts';
import { sampleFinding } from './sample-finding.ts';

const slice = { sliceKey: 'scan#airflow-prod-Task#1', alertAt: 'medium' } as const;
const laterSlice = { ...slice, sliceKey: 'scan#airflow-prod-Task#2' };

function found(severity: Severity, approved = false): FoundFinding {
  return {
    finding: { ...sampleFinding, severity },
    logGroup: 'airflow-prod-Task',
    streamId: 'stream',
    anchorKey: 'anchor',
    anchorEpochMs: 1_000,
    approved,
  };
}

const notified = (severity: Severity): FindingRecord => ({
  ...recordFinding(undefined, found(severity), slice),
  delivery: { status: 'notified', severity },
});

test.each([
  ['low', { status: 'withheld' }, undefined],
  ['medium', { status: 'pending' }, slice.sliceKey],
  ['critical', { status: 'pending' }, slice.sliceKey],
] as const)('a new finding of severity %s, with alertAt medium', (severity, delivery, counted) => {
  const record = recordFinding(undefined, found(severity), slice);
  expect(record.delivery).toEqual(delivery);
  expect(record.countedIn).toBe(counted);
});

test('an approved finding is kept and counted, and nobody is told', () => {
  expect(recordFinding(undefined, found('critical', true), slice)).toMatchObject({
    approved: true,
    countedIn: slice.sliceKey,
    delivery: { status: 'withheld' },
  });
});

test('a finding that people were told of is not told again while it gets no worse', () => {
  const record = recordFinding(notified('high'), found('high'), laterSlice);
  expect(record.delivery).toEqual({ status: 'notified', severity: 'high' });
  expect(record.countedIn).toBe(slice.sliceKey);
});

test('one that gets worse is told again, as an update', () => {
  const record = recordFinding(notified('high'), found('critical'), laterSlice);
  expect(record.delivery).toEqual({ status: 'pending', told: 'high' });
  expect(record.countedIn).toBe(slice.sliceKey);
});

test.each([
  ['user', { target: 'bob, eve' }],
  ['role', { role: 'Admin, Op' }],
])('one that names another %s than its message did is notified again', (_, names) => {
  const before = { ...sampleFinding, severity: 'high', target: 'bob', role: 'Admin' } as const;
  const known = { ...notified('high'), finding: before };
  const now = { ...found('high'), finding: { ...before, ...names } };
  const record = recordFinding(known, now, laterSlice);
  expect(record.delivery).toEqual({ status: 'pending', told: 'high' });
  // What is derived again before the message is out names nobody new, and still has to go out.
  expect(recordFinding(record, now, laterSlice).delivery).toEqual(record.delivery);
});

test('one that names fewer than its message did is not notified again', () => {
  const known = notified('high');
  const before = { ...known, finding: { ...known.finding, target: 'bob, eve' } };
  const now = { ...found('high'), finding: { ...known.finding, target: 'eve' } };
  expect(recordFinding(before, now, laterSlice).delivery.status).toBe('notified');
});

test('an update that could not be published stays one', () => {
  const pending = recordFinding(notified('medium'), found('high'), laterSlice);
  const record = recordFinding(pending, found('critical'), laterSlice);
  expect(record.delivery).toEqual({ status: 'pending', told: 'medium' });
});

test('one that could not be published yet is still told for the first time', () => {
  const pending = recordFinding(undefined, found('medium'), slice);
  const record = recordFinding(pending, found('critical'), laterSlice);
  expect(record.delivery).toEqual({ status: 'pending' });
});

test('one that turns out to be mild before anybody was told is told to nobody', () => {
  const pending = recordFinding(undefined, found('medium'), slice);
  expect(recordFinding(pending, found('low'), laterSlice).delivery).toEqual({
    status: 'withheld',
  });
});

test('one whose publish is under way stays claimed, whatever is learnt meanwhile', () => {
  const claimed = { status: 'claimed', claimId: 'c', untilEpochMs: 9 } as const;
  const record = { ...recordFinding(undefined, found('medium'), slice), delivery: claimed };
  for (const severity of ['low', 'critical'] as const) {
    expect(recordFinding(record, found(severity), laterSlice).delivery).toEqual(claimed);
  }
});

test('one that was too mild counts in the slice in which it is no longer', () => {
  const mild = recordFinding(undefined, found('low'), slice);
  const record = recordFinding(mild, found('high'), laterSlice);
  expect(record.delivery).toEqual({ status: 'pending' });
  expect(record.countedIn).toBe(laterSlice.sliceKey);
});

test('one that turns out not to be approved counts anew and is told', () => {
  const approved = recordFinding(undefined, found('high', true), slice);
  const record = recordFinding(approved, found('high'), laterSlice);
  expect(record).toMatchObject({ countedIn: laterSlice.sliceKey, approved: false });
  expect(record.delivery).toEqual({ status: 'pending' });
});

test('one that an unfinished invocation found counts in the slice that is read in its place', () => {
  const before = recordFinding(undefined, found('high'), slice);
  const record = recordFinding(before, found('high'), { ...laterSlice, isFirstRead: true });
  expect(record.countedIn).toBe(laterSlice.sliceKey);
});

test('a finding shows its latest state, and when and how it was first found', () => {
  const first = recordFinding(undefined, found('medium'), slice);
  const later = {
    ...sampleFinding,
    ...{ id: 'f'.repeat(32), title: 'more', detectedAt: '2026-03-01T10:00:00.000Z', late: true },
  };
  const taken = { ...found('medium'), finding: later, anchorKey: 'other', anchorEpochMs: 5 };
  const record = recordFinding(first, taken, laterSlice);
  expect(record).toMatchObject({ anchorKey: 'anchor', anchorEpochMs: 1_000 });
  expect(record.finding).toMatchObject({
    ...{ title: 'more', id: sampleFinding.id, late: false },
    detectedAt: sampleFinding.detectedAt,
  });
});

describe('evidence', () => {
  const line = (index: number, message = 'a line') => ({
    logGroup: 'airflow-prod-Task',
    logStream: 'stream',
    timestamp: new Date(index * 1000).toISOString(),
    message,
    occurrences: 1,
  });
  const withEvidence = (...evidence: ReturnType<typeof line>[]) => ({
    ...found('high'),
    finding: { ...sampleFinding, evidence },
  });

  test('that was known is never lost', () => {
    const before = recordFinding(undefined, withEvidence(line(1), line(2)), slice);
    const { finding } = recordFinding(before, withEvidence(line(2), line(3)), laterSlice);
    expect(finding.evidence.map(({ timestamp }) => timestamp)).toEqual(
      [1, 2, 3].map((index) => line(index).timestamp),
    );
  });

  test('is kept as the first and the last of many lines', () => {
    const many = Array.from({ length: 1_000 }, (_, index) => line(index));
    const { evidence } = recordFinding(undefined, withEvidence(...many), slice).finding;
    expect(evidence).toHaveLength(100);
    expect([evidence[0], evidence.at(-1)]).toEqual([many[0], many.at(-1)]);
  });

  test('fits into an item, whatever stands in its lines', () => {
    const hostile = Array.from({ length: 100 }, (_, index) => line(index, '\u0001'.repeat(1024)));
    const { evidence } = recordFinding(undefined, withEvidence(...hostile), slice).finding;
    expect(Buffer.byteLength(JSON.stringify(evidence))).toBeLessThan(300_000);
    expect(evidence.length).toBeGreaterThan(10);
  });
});

describe('what is approved', () => {
  const dayMs = 86_400_000;
  const onDay = (day: number) => ({ dayEpochMs: day * dayMs, reasons: ['OPS-1 (platform)'] });
  const approved = (severity: Severity, day: number, changes = {}): FoundFinding => ({
    ...found(severity, true),
    approving: onDay(day),
    finding: { ...sampleFinding, severity, ...changes },
  });
  const first = recordFinding(undefined, approved('high', 1), slice);

  test('is listed on the day that recorded it, and on no other when it is found again', () => {
    expect(first.silenced).toEqual(onDay(1));
    expect(recordFinding(first, approved('high', 2), laterSlice).silenced).toEqual(onDay(1));
    expect(recordFinding(first, approved('medium', 2), laterSlice).silenced).toEqual(onDay(1));
  });

  test('is listed once more when it is worse, or names somebody else', () => {
    const worse = recordFinding(first, approved('critical', 2), laterSlice);
    const target = `${sampleFinding.target}, eve`;
    const more = recordFinding(first, approved('high', 2, { target }), laterSlice);
    expect([worse.silenced, more.silenced]).toEqual([onDay(2), onDay(2)]);
  });

  test('is listed nowhere when it is told after all', () => {
    expect(recordFinding(first, found('high'), laterSlice).silenced).toBeUndefined();
    expect(recordFinding(undefined, found('high'), slice).silenced).toBeUndefined();
  });

  test('is not what is too mild to be told, or what people know already', () => {
    expect(recordFinding(undefined, approved('low', 1), slice).silenced).toBeUndefined();
    expect(
      recordFinding(notified('high'), approved('high', 1), laterSlice).silenced,
    ).toBeUndefined();
  });

  test('is news of what people know, as far as it is approved', () => {
    const known = notified('high');
    const worse = recordFinding(known, approved('critical', 1), laterSlice);
    expect(worse).toMatchObject({
      delivery: { status: 'notified', severity: 'high' },
      silenced: onDay(1),
    });
    const waiting = { ...known, delivery: { status: 'pending', told: 'medium' } } as const;
    expect(recordFinding(waiting, approved('high', 1), laterSlice).silenced).toEqual(onDay(1));
  });
});
