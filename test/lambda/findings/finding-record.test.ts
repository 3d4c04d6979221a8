import type { Severity } from '../../../lambda/findings/finding.ts';
import { type FindingRecord, recordFinding } from '../../../lambda/findings/finding-record.ts';
import { sampleFinding } from './sample-finding.ts';

const tick = { tickEpochMs: 300_000, alertAt: 'medium' } as const;
const laterTick = { ...tick, tickEpochMs: 600_000 };

function found(severity: Severity, approved = false) {
  return { finding: { ...sampleFinding, severity }, logGroup: 'airflow-prod-Task', approved };
}

const notified = (severity: Severity): FindingRecord => ({
  ...recordFinding(undefined, found(severity), tick),
  delivery: { status: 'notified', severity },
});

test.each([
  ['low', { status: 'withheld' }, undefined],
  ['medium', { status: 'pending', update: false }, tick.tickEpochMs],
  ['critical', { status: 'pending', update: false }, tick.tickEpochMs],
] as const)('a new finding of severity %s, with alertAt medium', (severity, delivery, counted) => {
  const record = recordFinding(undefined, found(severity), tick);
  expect(record.delivery).toEqual(delivery);
  expect(record.countedTickEpochMs).toBe(counted);
});

test('an approved finding is kept and counted, and nobody is told', () => {
  expect(recordFinding(undefined, found('critical', true), tick)).toMatchObject({
    approved: true,
    countedTickEpochMs: tick.tickEpochMs,
    delivery: { status: 'withheld' },
  });
});

test('a finding that people were told of is not told again while it gets no worse', () => {
  const record = recordFinding(notified('high'), found('high'), laterTick);
  expect(record.delivery).toEqual({ status: 'notified', severity: 'high' });
  expect(record.countedTickEpochMs).toBe(tick.tickEpochMs);
});

test('one that gets worse is told again, as an update', () => {
  const record = recordFinding(notified('high'), found('critical'), laterTick);
  expect(record.delivery).toEqual({ status: 'pending', update: true });
  expect(record.countedTickEpochMs).toBe(tick.tickEpochMs);
});

test('an update that could not be published stays one', () => {
  const pending = recordFinding(notified('medium'), found('high'), laterTick);
  const record = recordFinding(pending, found('critical'), laterTick);
  expect(record.delivery).toEqual({ status: 'pending', update: true });
});

test('one that could not be published yet is still told for the first time', () => {
  const pending = recordFinding(undefined, found('medium'), tick);
  const record = recordFinding(pending, found('critical'), laterTick);
  expect(record.delivery).toEqual({ status: 'pending', update: false });
});

test('one that was too mild counts in the tick in which it is no longer', () => {
  const mild = recordFinding(undefined, found('low'), tick);
  const record = recordFinding(mild, found('high'), laterTick);
  expect(record.delivery).toEqual({ status: 'pending', update: false });
  expect(record.countedTickEpochMs).toBe(laterTick.tickEpochMs);
});

test('one that turns out not to be approved counts anew and is told', () => {
  const approved = recordFinding(undefined, found('high', true), tick);
  const record = recordFinding(approved, found('high'), laterTick);
  expect(record).toMatchObject({ countedTickEpochMs: laterTick.tickEpochMs, approved: false });
  expect(record.delivery).toEqual({ status: 'pending', update: false });
});

test('a finding shows its latest state, and when it was first found', () => {
  const first = recordFinding(undefined, found('medium'), tick);
  const later = { ...sampleFinding, title: 'more', detectedAt: '2026-03-01T10:00:00.000Z' };
  const record = recordFinding(first, { ...found('medium'), finding: later }, laterTick);
  expect(record.finding.title).toBe('more');
  expect(record.finding.detectedAt).toBe(sampleFinding.detectedAt);
});
