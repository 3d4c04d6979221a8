import { isAllRefused, type KnownTexts } from '../../../lambda/model/refused-texts.ts';
import { refusalFindings } from '../../../lambda/scan/refusal-findings.ts';

const tickEpochMs = Date.parse('2026-03-01T09:00:00Z');
const subject = {
  planHash: 'plan 1',
  detections: [
    { id: 'cli-role-granted', title: 'Airflow CLI granted a role' },
    { id: 'sql', title: 'SQL on privilege tables' },
  ],
  logGroups: ['airflow-prod-Task'],
  sinceEpochMs: tickEpochMs - 600_000,
  refusedSince: new Map<string, number>(),
  triedEpochMs: tickEpochMs,
  tickEpochMs,
};
const message = 'unexpected symbol found ( at line 1';
const one: KnownTexts = {
  refused: [{ id: 'sql', message, excerpt: 'characters 40 to 43: (?P' }],
  accepted: [['add-role', 'cli-role-granted']],
  ...{ open: [], isSettled: true },
};

test("a refused detection is reported with its name, AWS's words, their place, and what goes on", () => {
  const [finding, ...more] = refusalFindings(one, subject);
  expect(more).toEqual([]);
  expect(finding).toMatchObject({ detection: 'detection-refused', severity: 'high' });
  for (const part of [
    'sql (SQL on privilege tables)',
    'its events have not been searched for since 2026-03-01T08:50:00.000Z',
    '1 other detection goes on',
    message,
    'at characters 40 to 43: (?P',
  ]) {
    expect(finding?.title).toContain(part);
  }
});

test('the finding stays the same until another day, plan or detection', () => {
  const identityOf = (known: KnownTexts, changes: Partial<typeof subject> = {}) =>
    refusalFindings(known, { ...subject, ...changes }).map(({ identity }) => identity);
  const later = { sinceEpochMs: tickEpochMs, tickEpochMs: tickEpochMs + 86_400_000 };
  expect(identityOf(one, later)).toEqual(identityOf(one));
  const again = { ...later, triedEpochMs: later.tickEpochMs };
  expect(identityOf(one, again)).not.toEqual(identityOf(one));
  expect(identityOf(one, { planHash: 'plan 2' })).not.toEqual(identityOf(one));
  const other = { ...one, refused: [{ id: 'cli-role-granted', message }] };
  expect(identityOf(other)).not.toEqual(identityOf(one));
});

test('a later day says since when its events are not searched for, and when that was last tried', () => {
  const [finding] = refusalFindings(one, {
    ...subject,
    sinceEpochMs: tickEpochMs + 86_000_000,
    refusedSince: new Map([['sql', subject.sinceEpochMs]]),
    triedEpochMs: tickEpochMs + 86_400_000,
    tickEpochMs: tickEpochMs + 86_400_000,
  });
  expect(finding).toMatchObject({
    startEpochMs: subject.sinceEpochMs,
    title: expect.stringContaining(
      'its events have not been searched for since 2026-03-01T08:50:00.000Z (last tried at 2026-03-02T09:00:00.000Z)',
    ),
  });
});

test('the need for several texts is reported once per plan', () => {
  const known = { ...one, refused: [], accepted: [['add-role', 'sql'], ['cli-role-granted']] };
  const again = { ...subject, triedEpochMs: tickEpochMs + 86_400_000 };
  const identities = [subject, again].map((each) => refusalFindings(known, each)[0]?.identity);
  expect(identities[0]).toEqual(identities[1]);
});

test('a refused pack is one finding, critical, however many detections it has', () => {
  const known = {
    ...one,
    refused: subject.detections.map(({ id }) => ({ id, message })),
    accepted: [['add-role']],
  };
  expect(refusalFindings(known, subject)).toMatchObject([
    {
      severity: 'critical',
      title: expect.stringMatching(/all 2 detections.*AWS says: unexpected/),
    },
  ]);
  expect(isAllRefused(known, subject.detections)).toBe(true);
  expect(isAllRefused(one, subject.detections)).toBe(false);
});

test('detections that are accepted only in several queries are reported, because of their cost', () => {
  const known = { ...one, refused: [], accepted: [['add-role', 'sql'], ['cli-role-granted']] };
  expect(refusalFindings(known, subject)).toMatchObject([
    { severity: 'low', title: expect.stringContaining('only as 2 queries (2 + 1)') },
  ]);
});

test.each<[string, KnownTexts]>([
  [
    'everything is accepted',
    { ...one, refused: [], accepted: [['add-role', 'cli-role-granted', 'sql']] },
  ],
  ['the search goes on', { ...one, accepted: [['add-role']], open: [['cli-role-granted']] }],
])('nothing is reported when %s', (_, known) => {
  expect(refusalFindings(known, subject)).toEqual([]);
});

test("AWS's words cannot deceive, and are cut before the rest", () => {
  const hostile = { id: 'sql', message: `\u202egnp.exe\n${'x'.repeat(5_000)}` };
  const [finding] = refusalFindings({ ...one, refused: [hostile] }, subject);
  expect(finding?.title).toContain('AWS says: \\u{202e}gnp.exe\\nxxx');
  expect(finding?.title.length).toBeLessThanOrEqual(1_000);
});
