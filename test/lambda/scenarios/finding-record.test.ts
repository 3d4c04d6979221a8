import {
  type FindingRecord,
  type FoundFinding,
  recordFinding,
} from '../../../lambda/findings/finding-record.ts';
import type { Severity } from '../../../lambda/model/severity.ts';
import { sampleFinding } from '../setup/sample-finding.ts';

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

test('an approved finding is stored and counted, and nobody is notified', () => {
  expect(recordFinding(undefined, found('critical', true), slice)).toMatchObject({
    approved: true,
    countedIn: slice.sliceKey,
    delivery: { status: 'withheld' },
  });
});

test('a finding that was sent is not sent again unless it gets worse', () => {
  const record = recordFinding(notified('high'), found('high'), laterSlice);
  expect(record.delivery).toEqual({ status: 'notified', severity: 'high' });
  expect(record.countedIn).toBe(slice.sliceKey);
});

test('a finding that gets worse is sent again, as an update', () => {
  const record = recordFinding(notified('high'), found('critical'), laterSlice);
  expect(record.delivery).toEqual({ status: 'pending', told: 'high' });
  expect(record.countedIn).toBe(slice.sliceKey);
});

test.each([
  ['user', { target: 'bob, eve' }],
  ['role', { role: 'Admin, Op' }],
])('a finding that names another %s than its message is sent again', (_, names) => {
  const before = { ...sampleFinding, severity: 'high', target: 'bob', role: 'Admin' } as const;
  const known = { ...notified('high'), finding: before };
  const now = { ...found('high'), finding: { ...before, ...names } };
  const record = recordFinding(known, now, laterSlice);
  expect(record.delivery).toEqual({ status: 'pending', told: 'high' });
  // Derived again before the message is sent, it names nobody new but still has to be sent.
  expect(recordFinding(record, now, laterSlice).delivery).toEqual(record.delivery);
});

test('a finding that names fewer than its message is not sent again', () => {
  const known = notified('high');
  const before = { ...known, finding: { ...known.finding, target: 'bob, eve' } };
  const now = { ...found('high'), finding: { ...known.finding, target: 'eve' } };
  expect(recordFinding(before, now, laterSlice).delivery.status).toBe('notified');
});

test('an update that could not be published stays an update', () => {
  const pending = recordFinding(notified('medium'), found('high'), laterSlice);
  const record = recordFinding(pending, found('critical'), laterSlice);
  expect(record.delivery).toEqual({ status: 'pending', told: 'medium' });
});

test('a finding that could not be published yet is still sent as new', () => {
  const pending = recordFinding(undefined, found('medium'), slice);
  const record = recordFinding(pending, found('critical'), laterSlice);
  expect(record.delivery).toEqual({ status: 'pending' });
});

test('a finding that turns out to be mild before it is sent is not sent', () => {
  const pending = recordFinding(undefined, found('medium'), slice);
  expect(recordFinding(pending, found('low'), laterSlice).delivery).toEqual({
    status: 'withheld',
  });
});

test('a finding whose publish is under way stays claimed, whatever is learnt meanwhile', () => {
  const claimed = { status: 'claimed', claimId: 'c', untilEpochMs: 9 } as const;
  const record = { ...recordFinding(undefined, found('medium'), slice), delivery: claimed };
  for (const severity of ['low', 'critical'] as const) {
    expect(recordFinding(record, found(severity), laterSlice).delivery).toEqual(claimed);
  }
});

test('a finding that was too mild counts in the slice in which it becomes severe enough', () => {
  const mild = recordFinding(undefined, found('low'), slice);
  const record = recordFinding(mild, found('high'), laterSlice);
  expect(record.delivery).toEqual({ status: 'pending' });
  expect(record.countedIn).toBe(laterSlice.sliceKey);
});

test('a finding that turns out not to be approved is counted again and sent', () => {
  const approved = recordFinding(undefined, found('high', true), slice);
  const record = recordFinding(approved, found('high'), laterSlice);
  expect(record).toMatchObject({ countedIn: laterSlice.sliceKey, approved: false });
  expect(record.delivery).toEqual({ status: 'pending' });
});

test('a finding of an unfinished invocation counts in the slice that is read instead', () => {
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

  test('is never lost', () => {
    const before = recordFinding(undefined, withEvidence(line(1), line(2)), slice);
    const { finding } = recordFinding(before, withEvidence(line(2), line(3)), laterSlice);
    expect(finding.evidence.map(({ timestamp }) => timestamp)).toEqual(
      [1, 2, 3].map((index) => line(index).timestamp),
    );
  });

  test('is stored as the first and the last of many lines', () => {
    const many = Array.from({ length: 1_000 }, (_, index) => line(index));
    const { evidence } = recordFinding(undefined, withEvidence(...many), slice).finding;
    expect(evidence).toHaveLength(100);
    expect([evidence[0], evidence.at(-1)]).toEqual([many[0], many.at(-1)]);
  });

  test('fits into an item, whatever its lines hold', () => {
    const hostile = Array.from({ length: 100 }, (_, index) => line(index, '\u0001'.repeat(1024)));
    const { evidence } = recordFinding(undefined, withEvidence(...hostile), slice).finding;
    expect(Buffer.byteLength(JSON.stringify(evidence))).toBeLessThan(300_000);
    expect(evidence.length).toBeGreaterThan(10);
  });
});

describe('an approved finding', () => {
  const dayMs = 86_400_000;
  const onDay = (day: number) => ({ dayEpochMs: day * dayMs, reasons: ['OPS-1 (platform)'] });
  const approved = (severity: Severity, day: number, changes = {}): FoundFinding => ({
    ...found(severity, true),
    approving: onDay(day),
    finding: { ...sampleFinding, severity, ...changes },
  });
  const first = recordFinding(undefined, approved('high', 1), slice);

  test('is listed on the day that recorded it only, even if it is found again', () => {
    expect(first.silenced).toEqual(onDay(1));
    expect(recordFinding(first, approved('high', 2), laterSlice).silenced).toEqual(onDay(1));
    expect(recordFinding(first, approved('medium', 2), laterSlice).silenced).toEqual(onDay(1));
  });

  test('is listed again if it gets worse or names somebody else', () => {
    const worse = recordFinding(first, approved('critical', 2), laterSlice);
    const target = `${sampleFinding.target}, eve`;
    const more = recordFinding(first, approved('high', 2, { target }), laterSlice);
    expect([worse.silenced, more.silenced]).toEqual([onDay(2), onDay(2)]);
  });

  test('is not listed if it is sent after all', () => {
    expect(recordFinding(first, found('high'), laterSlice).silenced).toBeUndefined();
    expect(recordFinding(undefined, found('high'), slice).silenced).toBeUndefined();
  });

  test('is not listed if it is too mild to be sent, or was sent already', () => {
    expect(recordFinding(undefined, approved('low', 1), slice).silenced).toBeUndefined();
    expect(
      recordFinding(notified('high'), approved('high', 1), laterSlice).silenced,
    ).toBeUndefined();
  });

  test('is listed for what is new since its message, if that is approved', () => {
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

describe('with an event bus', () => {
  const onBus = { ...slice, sides: ['bus'] as const };
  const sent = (severity: Severity): FindingRecord => ({
    ...notified(severity),
    bus: { status: 'sent', severity, atEpochMs: 1, messageId: 'e' },
  });

  test.each([
    ['low', false, undefined],
    ['medium', false, { status: 'pending' }],
    ['critical', true, undefined],
  ] as const)('a new finding of severity %s, approved: %s', (severity, approved, bus) => {
    expect(recordFinding(undefined, found(severity, approved), onBus).bus).toEqual(bus);
  });

  test('it is sent again only when it got worse or names more, as an update', () => {
    expect(recordFinding(sent('high'), found('high'), onBus).bus).toEqual(sent('high').bus);
    const update = { status: 'pending', told: 'high' };
    expect(recordFinding(sent('high'), found('critical'), onBus).bus).toEqual(update);
    const { finding } = found('high');
    const more = { ...found('high'), finding: { ...finding, target: 'bob, eve' } };
    const waiting = recordFinding(sent('high'), more, onBus);
    expect(waiting.bus).toEqual(update);
    expect(recordFinding(waiting, more, onBus).bus).toEqual(update);
  });

  test('one that people were told of before there was a bus is sent only with news', () => {
    expect(recordFinding(notified('high'), found('high'), onBus).bus).toBeUndefined();
    const worse = recordFinding(notified('high'), found('critical'), onBus);
    expect(worse.bus).toEqual({ status: 'pending' });
  });

  test('one that is approved by now is not sent; it is once no approval covers it', () => {
    const waiting = recordFinding(undefined, found('high'), onBus);
    const approved = recordFinding(waiting, found('high', true), onBus);
    expect(approved.bus).toBeUndefined();
    expect(recordFinding(approved, found('high'), onBus).bus).toEqual({ status: 'pending' });
    const update = recordFinding(sent('high'), found('critical'), onBus);
    const back = recordFinding(update, found('critical', true), onBus);
    expect(back.bus).toEqual({ status: 'sent', severity: 'high' });
  });

  test('it neither waits for people nor do they wait for it', () => {
    const record = recordFinding(sent('high'), found('critical'), slice);
    expect(record).toMatchObject({ delivery: { status: 'pending' }, bus: { status: 'sent' } });
  });
});
