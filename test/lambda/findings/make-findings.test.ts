import { createFindingMaker } from '../../../lambda/findings/make-findings.ts';
import { planRegexp } from '../../regexp-programs.ts';
import { change, event } from './sample-change.ts';

const plan = {
  detections: [
    {
      id: 'cli-role-granted',
      title: 'Airflow CLI granted a role',
      severity: 'high' as const,
      raise: [],
      signal: 'outcome' as const,
      verb: 'grant-role' as const,
      parse: [planRegexp('User "([^"]+)" added to role "([^"]+)"', { target: 1, role: 2 })],
      attack: ['T1098.003'],
      runbook: 'docs/runbooks/role-granted.md',
      anchors: ['added to role'],
    },
  ],
};
const approval = {
  ...{ dag: 'grant_admin', verb: ['grant-role' as const], user: ['bob'], role: ['Admin'] },
  ...{ reason: 'OPS-1', owner: 'platform', expires: '2026-12-31' },
};
const options = { config: { mwaaEnvironment: 'prod' }, plan, region: 'eu-west-1' };

describe('a finding maker', () => {
  test('reads signals from the line as it was, and keeps the line around the anchor', () => {
    const message = `${'x'.repeat(4000)} -p Fake-pw-1 User "bob" added to role "Admin"`;
    const observed = createFindingMaker(options).observe({
      ...event({ message }),
      detections: ['cli-role-granted'],
    });
    expect(observed.signals).toMatchObject([{ target: 'bob', role: 'Admin', verb: 'grant-role' }]);
    expect(observed.message).toContain('User "bob" added to role "Admin"');
    expect(observed.message).not.toContain('Fake-pw');
  });

  test('approves nothing unless it is configured', () => {
    expect(createFindingMaker(options).approvedFor(change())).toEqual([]);
    const config = { ...options.config, approvedChanges: [approval] };
    expect(createFindingMaker({ ...options, config }).approvedFor(change())).toEqual([
      'OPS-1 (platform)',
    ]);
  });

  test('names environment and region in what it presents', () => {
    const maker = createFindingMaker({ ...options, airflow: { host: 'airflow.example.com' } });
    const finding = maker.present(change(), 0);
    expect(finding).toMatchObject({ environment: 'prod', detectedAt: '1970-01-01T00:00:00.000Z' });
    expect(finding.links.logStream).toMatch(/^https:\/\/eu-west-1\./);
    expect(finding.links.airflow).toMatch(/^https:\/\/airflow\.example\.com\//);
  });
});
