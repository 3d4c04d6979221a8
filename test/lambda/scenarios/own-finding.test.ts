import fc from 'fast-check';
import {
  isOwnDetection,
  type OwnFinding,
  ownDetections,
  ownRecord,
} from '../../../lambda/findings/own-finding.ts';
import { findingSchema } from '../../../lambda/model/finding.ts';
import { severities } from '../../../lambda/model/severity.ts';

const surroundings = {
  environment: 'prod',
  region: 'eu-west-1',
  tickEpochMs: Date.parse('2026-03-01T09:00:00Z'),
};
const gap: OwnFinding = {
  detection: 'coverage-gap',
  identity: ['airflow-prod-Task', 7],
  severity: 'high',
  title: 'log group airflow-prod-Task was not read',
  logGroups: ['airflow-prod-Task', 'airflow-prod-Worker'],
  startEpochMs: Date.parse('2026-03-01T07:00:00Z'),
  endEpochMs: Date.parse('2026-03-01T08:00:00Z'),
};
const idOf = (changes: Partial<OwnFinding>, tickEpochMs = surroundings.tickEpochMs) =>
  ownRecord({ ...gap, ...changes }, { ...surroundings, tickEpochMs }).finding.id;

test('a finding about the monitor itself is always sent and counts in no metric', () => {
  for (const severity of severities) {
    const record = ownRecord({ ...gap, severity }, surroundings);
    expect(record).toMatchObject({ delivery: { status: 'pending' }, approved: false, revision: 0 });
    expect(record).not.toHaveProperty('countedIn');
  }
});

test('it has its time span, the tick that found it, its log group and its runbook', () => {
  const { finding, logGroup } = ownRecord(gap, surroundings);
  expect(logGroup).toBe('airflow-prod-Task');
  expect(finding).toMatchObject({
    detections: ['coverage-gap'],
    firstSeen: '2026-03-01T07:00:00.000Z',
    lastSeen: '2026-03-01T08:00:00.000Z',
    detectedAt: '2026-03-01T09:00:00.000Z',
    outcome: 'unknown',
    evidence: [],
    runbook: 'docs/runbooks/coverage-gap.md',
  });
  expect(decodeURIComponent(finding.links.logStream)).toMatch(/log-group\/airflow-prod-Task$/);
});

test('its id depends only on what it is about', () => {
  expect(idOf({ title: 'more', endEpochMs: gap.endEpochMs + 1, severity: 'low' })).toBe(idOf({}));
  expect(idOf({}, surroundings.tickEpochMs + 300_000)).toBe(idOf({}));
  expect(idOf({ identity: ['airflow-prod-Task', 8] })).not.toBe(idOf({}));
  expect(idOf({ detection: 'log-flood' })).not.toBe(idOf({}));
});

test('it is in the same place of the ledger whenever it is found', () => {
  const place = (changes: Partial<OwnFinding>) => {
    const { streamId, anchorEpochMs } = ownRecord({ ...gap, ...changes }, surroundings);
    return { streamId, anchorEpochMs };
  };
  expect(place({ startEpochMs: 1, endEpochMs: 2 })).toEqual(place({}));
});

test('it conforms to the published schema', () => {
  const title = fc.string({ unit: 'binary', minLength: 1, maxLength: 50 });
  const group = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(fc.constantFrom(...ownDetections), title, group, (detection, text, logGroup) => {
      const own = { ...gap, detection, title: text, logGroups: [logGroup] };
      expect(findingSchema.safeParse(ownRecord(own, surroundings).finding).error).toBeUndefined();
    }),
  );
});

test('lost logs have an ATT&CK technique, a flood of logs has none', () => {
  const attack = (detection: OwnFinding['detection']) =>
    ownRecord({ ...gap, detection }, surroundings).finding.attack;
  expect(attack('coverage-gap')).toEqual(['T1562.008']);
  expect(attack('coverage-changed')).toEqual(['T1562.008']);
  expect(attack('unreadable-item')).toEqual(['T1562.008']);
  for (const detection of ['log-flood', 'unreadable-row', 'change-flood'] as const) {
    expect(attack(detection)).toEqual([]);
  }
});

test('only detections about the monitor itself are its own', () => {
  expect(ownDetections.every(isOwnDetection)).toBe(true);
  expect(isOwnDetection('cli-role-granted')).toBe(false);
  expect(isOwnDetection(undefined)).toBe(false);
});
