import { expiryWarnings } from '../../../infra/config/expiry-warnings.ts';

const approval = {
  dag: 'promote',
  verb: ['grant-role' as const],
  reason: 'onboarding',
  owner: 'platform',
};
const approvedChanges = [
  { ...approval, expires: '2026-03-02' },
  { ...approval, dag: 'grant_all', expires: '2026-02-28' },
];

test('each expired approval is named, with its place in the list and its expiry', () => {
  const warnings = expiryWarnings({ approvedChanges }, Date.parse('2026-03-01T00:00:00Z'));
  expect(warnings.map(({ text }) => text)).toEqual([
    'approvedChanges[1].expires: the approval of DAG grant_all has expired, and such changes alert again: renew or remove it, got "2026-02-28"',
  ]);
});
