import fc from 'fast-check';
import { dayMs } from '../../../lambda/common/time.ts';
import type { Mark } from '../../../lambda/ledger/marks.ts';
import { floodFinding, gapFinding, gapOf } from '../../../lambda/record/gaps.ts';

const at = (text: string) => Date.parse(`2026-03-${text}Z`);
const tick = at('10T09:00:00');
const mark: Mark = {
  lane: 'scan',
  logGroup: 'airflow-prod-Task',
  positionEpochMs: at('05T08:00:00'),
  sinceEpochMs: at('01T00:00:00'),
};

test('nothing is lost of a group that keeps everything since before the position', () => {
  expect(gapOf(mark, { createdEpochMs: at('01T00:00:00') }, tick)).toBeUndefined();
  expect(gapOf(mark, {}, tick)).toBeUndefined();
  expect(gapOf(mark, { retentionDays: 30 }, tick)).toBeUndefined();
});

test('everything before the second in which a group was created again is lost', () => {
  expect(gapOf(mark, { createdEpochMs: at('06T10:00:00.900') }, tick)).toEqual({
    mark,
    endEpochMs: at('06T10:00:00'),
    reason: 'created-later',
  });
});

test('everything older than the retention is lost', () => {
  expect(gapOf(mark, { createdEpochMs: 0, retentionDays: 3 }, tick)).toEqual({
    mark,
    endEpochMs: at('07T09:00:00'),
    reason: 'retention',
  });
});

test('of both reasons, the one that loses more is reported', () => {
  const facts = { createdEpochMs: at('08T00:00:00'), retentionDays: 3 };
  expect(gapOf(mark, facts, tick)).toMatchObject({ reason: 'created-later' });
  expect(gapOf(mark, { ...facts, retentionDays: 1 }, tick)).toMatchObject({ reason: 'retention' });
});

test('a gap ends on a whole second after the position; all the rest can be read', () => {
  const facts = fc.record({
    createdEpochMs: fc.integer({ min: at('01T00:00:00'), max: tick }),
    retentionDays: fc.option(fc.integer({ min: 1, max: 30 }), { nil: undefined }),
  });
  fc.assert(
    fc.property(facts, ({ createdEpochMs, retentionDays }) => {
      const gap = gapOf(mark, { createdEpochMs, retentionDays }, tick);
      const from = gap?.endEpochMs ?? mark.positionEpochMs;
      expect(from % 1000).toBe(0);
      expect(from).toBeGreaterThanOrEqual(Math.floor(createdEpochMs / 1000) * 1000);
      expect(from).toBeGreaterThanOrEqual(tick - (retentionDays ?? 365) * dayMs);
      if (gap !== undefined) expect(from).toBeGreaterThan(mark.positionEpochMs);
    }),
  );
});

test('a gap is reported with its group, exact span and reason', () => {
  const own = gapFinding({ mark, endEpochMs: at('07T09:00:00'), reason: 'retention' });
  expect(own).toMatchObject({
    detection: 'coverage-gap',
    severity: 'high',
    title:
      'log group airflow-prod-Task was not read from 2026-03-05T08:00:00.000Z to 2026-03-07T09:00:00.000Z and never can be: that is older than the retention of the log group',
    startEpochMs: mark.positionEpochMs,
    endEpochMs: at('07T09:00:00'),
  });
});

test('a gap that is found again and has grown keeps its identity', () => {
  const one = gapFinding({ mark, endEpochMs: at('07T09:00:00'), reason: 'retention' });
  const grown = gapFinding({ mark, endEpochMs: at('07T09:05:00'), reason: 'created-later' });
  expect(grown.identity).toEqual(one.identity);
});

test('floods of one hour are one finding; another hour or group has its own', () => {
  const identity = (group: string, second: string) => floodFinding(group, at(second), 10).identity;
  const first = identity('a', '05T08:00:00');
  expect(identity('a', '05T08:59:59')).toEqual(first);
  expect(identity('a', '05T09:00:00')).not.toEqual(first);
  expect(identity('b', '05T08:00:00')).not.toEqual(first);
});

test('a flood is critical, and names the second that overflowed and how many lines were read', () => {
  const own = floodFinding('airflow-prod-Task', at('05T08:00:07'), 10_000);
  expect(own).toMatchObject({
    severity: 'critical',
    startEpochMs: at('05T08:00:07'),
    endEpochMs: at('05T08:00:08'),
  });
  expect(own.title).toContain(
    'in one second at 2026-03-05T08:00:07.000Z than can be read: 10000 were read',
  );
});
