import fc from 'fast-check';
import { planDelivery } from '../../lambda/delivery-plan.ts';
import { type Severity, severities } from '../../lambda/findings/finding.ts';
import type { Delivery, FindingRecord } from '../../lambda/findings/finding-record.ts';
import { sampleFinding } from './findings/sample-finding.ts';

const nowEpochMs = 1_000_000;
const pending: Delivery = { status: 'pending' };
const claimedUntil = (untilEpochMs: number): Delivery => ({
  status: 'claimed',
  claimId: 'c',
  untilEpochMs,
});

function record(number: number, changes: Partial<FindingRecord> = {}, severity: Severity = 'high') {
  const id = number.toString(16).padStart(32, '0');
  return {
    finding: { ...sampleFinding, id, severity },
    ...{ logGroup: 'airflow-prod-Task', streamId: 'stream', anchorKey: 'a', anchorEpochMs: 0 },
    ...{ approved: false, unknownPublishes: 0, delivery: pending, revision: 1 },
    ...changes,
  };
}

const records = (count: number, changes: Partial<FindingRecord> = {}, from = 0) =>
  Array.from({ length: count }, (_, at) => record(from + at, changes));

function plan(waiting: readonly FindingRecord[], isLookingBack = false) {
  return planDelivery(waiting, { nowEpochMs, isLookingBack });
}

/** How many findings each message tells of, a digest marked by `+`. */
const shape = (waiting: readonly FindingRecord[], isLookingBack = false) =>
  plan(waiting, isLookingBack).map(
    ({ records, isDigest }) => `${records.length}${isDigest ? '+' : ''}`,
  );

test('without a finding there is no message', () => {
  expect(plan([])).toEqual([]);
});

test('up to twenty findings are told one by one, what is more in one digest', () => {
  expect(shape(records(20))).toEqual(Array(20).fill('1'));
  expect(shape(records(25))).toEqual([...Array(20).fill('1'), '5+']);
});

test('the worst come first', () => {
  const waiting = severities.map((severity, at) => record(at, {}, severity));
  const order = plan(waiting).map(({ records: [first] }) => first?.finding.severity);
  expect(order).toEqual(severities.toReversed());
});

test('a finding whose publish may be under way is left alone until its claim has run out', () => {
  expect(shape([record(1, { delivery: claimedUntil(nowEpochMs) })])).toEqual([]);
  expect(shape([record(1, { delivery: claimedUntil(nowEpochMs - 1) })])).toEqual(['1']);
});

test('what the look back found waits until it is done, then is one digest, however little it is', () => {
  const waiting = [...records(2, { initial: true }), record(9)];
  expect(shape(waiting, true)).toEqual(['1']);
  expect(shape(waiting)).toEqual(['1', '2+']);
  expect(shape(records(1, { initial: true }))).toEqual(['1+']);
});

test('a digest has an end: what is beyond it waits for the next tick', () => {
  const waiting = [...records(1_500), ...records(1_200, { initial: true }, 2_000)];
  expect(shape(waiting).slice(20)).toEqual(['1000+', '1000+']);
});

test('a message that tells of a finding which SNS refused is a minimal one, the others are not', () => {
  const minimal = plan([record(1, { minimal: true }), record(2)]).map((message) => message.minimal);
  expect(minimal.toSorted()).toEqual([false, true]);
});

test('no finding is told twice in a tick, and none that is free is left out of a small one', () => {
  const any = fc.record({
    severity: fc.constantFrom(...severities),
    initial: fc.boolean(),
    delivery: fc.constantFrom(pending, claimedUntil(nowEpochMs - 1), claimedUntil(nowEpochMs + 1)),
  });
  fc.assert(
    fc.property(fc.array(any, { maxLength: 60 }), fc.boolean(), (drawn, isLookingBack) => {
      const waiting = drawn.map(({ severity, ...changes }, at) => record(at, changes, severity));
      const told = plan(waiting, isLookingBack).flatMap((message) => message.records);
      const free = waiting.filter(
        ({ delivery, initial }) =>
          !(delivery.status === 'claimed' && delivery.untilEpochMs >= nowEpochMs) &&
          !(initial && isLookingBack),
      );
      expect(new Set(told)).toEqual(new Set(free));
      expect(told).toHaveLength(free.length);
    }),
  );
});
