import { type Audit, exitCodeOf, notSeen } from '../../../cli/audit/audit-report.ts';
import { refusalsOf, totalsOf } from '../../../cli/audit/audit-state.ts';
import type { Finding } from '../../../lambda/model/finding.ts';
import type { KnownTexts } from '../../../lambda/model/refused-texts.ts';
import type { Severity } from '../../../lambda/model/severity.ts';

const window = { startEpochMs: Date.UTC(2026, 10, 22), endEpochMs: Date.UTC(2026, 10, 23) };
const logGroup = 'airflow-prod-Task';
const clean: Audit = {
  ...{ mwaaEnvironment: 'prod', range: window, unread: [], refused: [], blind: [] },
  groups: { spans: [{ logGroup, window }], gone: [], before: [], missing: [] },
  totals: totalsOf({ readings: [] }),
  ...{ findings: [], approved: [] },
};

function finding(severity: Severity): Finding {
  const seen = new Date(window.startEpochMs).toISOString();
  return {
    ...{ schema: 1, id: severity, environment: 'prod', severity, title: 't', detections: ['d'] },
    ...{ attack: [], actor: {}, firstSeen: seen, lastSeen: seen, detectedAt: seen, late: false },
    ...{
      outcome: 'succeeded',
      evidence: [],
      links: { logStream: 'l', insights: 'i' },
      runbook: 'r',
    },
  };
}

test('the exit code is 0 if everything was read and nothing found', () => {
  expect(notSeen(clean)).toEqual([]);
  expect(exitCodeOf(clean, 'medium')).toBe(0);
});

test('a finding counts from the given severity on', () => {
  const found = { ...clean, findings: [finding('low'), finding('high')] };
  expect(exitCodeOf(found, 'high')).toBe(1);
  expect(exitCodeOf(found, 'critical')).toBe(0);
});

test('an approved change does not affect the exit code', () => {
  expect(exitCodeOf({ ...clean, approved: [finding('critical')] }, 'low')).toBe(0);
});

test('a time before the group was created is not a gap', () => {
  const groups = { ...clean.groups, before: [{ logGroup, window }] };
  expect(exitCodeOf({ ...clean, groups }, 'medium')).toBe(0);
});

const incomplete: readonly [string, Partial<Audit>, RegExp][] = [
  ['a log group is missing', { groups: { ...clean.groups, missing: ['g'] } }, /^g does not exist/],
  [
    'events have expired',
    { groups: { ...clean.groups, gone: [{ logGroup, window }] } },
    /expired by the group's retention/,
  ],
  [
    'something was not read',
    { unread: [{ lane: 'pack', logGroup, window, reason: 'why' }] },
    /^airflow-prod-Task from 2026-11-22 00:00:00 to 2026-11-23 00:00:00: not read for the detections: why/,
  ],
  [
    'the log level hides privilege changes',
    { blind: [{ logGroup, detail: 'log level is ERROR' }] },
    /may not show privilege changes: log level is ERROR/,
  ],
  [
    'AWS refuses a detection',
    { refused: [{ who: 'detection d', reason: 'why' }] },
    /^detection d: not searched: why/,
  ],
  [
    'a second has too many matches',
    { totals: { ...clean.totals, floods: [{ logGroup, window }] } },
    /more lines match in this second than can be read/,
  ],
  [
    'rows cannot be read',
    { totals: { ...clean.totals, unreadable: [{ logGroup, count: 2, problem: 'has no @log' }] } },
    /^2 result rows of airflow-prod-Task could not be read: the first has no @log/,
  ],
  [
    'CloudWatch Logs has no data for a time',
    { totals: { ...clean.totals, outOfReach: [{ logGroup, window }] } },
    /has no data for that time/,
  ],
  [
    'a zero is not certain',
    { totals: { ...clean.totals, unsure: new Set([logGroup]) } },
    /its zero is not certain/,
  ],
];

test.each(incomplete)(
  '%s: a warning says so, and the exit code is 2 despite any finding',
  (_what, change, sentence) => {
    const audit = { ...clean, ...change };
    expect(notSeen(audit)).toEqual([expect.stringMatching(sentence)]);
    expect(exitCodeOf(audit, 'medium')).toBe(2);
    expect(exitCodeOf({ ...audit, findings: [finding('high')] }, 'medium')).toBe(2);
  },
);

test('refused detections are listed one by one, or together if all are refused', () => {
  const detections = ['a', 'b'].map((id) => ({ id }));
  const refused = ['add-role', 'a', 'b'].map((id) => ({ id, message: 'no' }));
  const texts = { refused, accepted: [], open: [], isSettled: true };
  const who = (change: Partial<KnownTexts>) =>
    refusalsOf({ texts: { ...texts, ...change } }, { detections }).map((one) => one.who);
  expect(who({})).toEqual(['all 2 detections']);
  expect(who({ refused: refused.slice(1), accepted: [['add-role']] })).toEqual([
    'all 2 detections',
  ]);
  expect(who({ refused: refused.slice(1, 2), accepted: [['add-role', 'b']] })).toEqual([
    'detection a',
  ]);
  expect(who({ refused: refused.slice(0, 2), open: [['b']] })).toEqual([
    'detection add-role',
    'detection a',
    'detection b',
  ]);
  expect(refusalsOf({}, { detections })).toEqual([]);
});
