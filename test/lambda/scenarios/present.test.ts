import { presentFinding } from '../../../lambda/findings/present.ts';
import { findingSchema } from '../../../lambda/model/finding.ts';
import { change, detections, event } from '../setup/sample-change.ts';

const context = {
  environment: 'prod',
  region: 'eu-west-1',
  detections,
  detectedAtEpochMs: Date.UTC(2026, 10, 22, 6),
};

describe('a finding', () => {
  test('is the published JSON, schema 1', () => {
    const finding = presentFinding(change(), {
      ...context,
      airflow: { host: 'airflow.example.com', version: '2.10.3' },
    });
    expect(findingSchema.parse(finding)).toEqual(finding);
    expect(finding).toMatchObject({
      schema: 1,
      id: '0123456789abcdef0123456789abcdef',
      environment: 'prod',
      severity: 'critical',
      title: 'bob was given role Admin by DAG grant_admin, task promote',
      actor: { dag: 'grant_admin', task: 'promote', attempt: 1 },
      target: 'bob',
      role: 'Admin',
      firstSeen: '2026-11-22T05:50:01.362Z',
      lastSeen: '2026-11-22T05:50:01.362Z',
      detectedAt: '2026-11-22T06:00:00.000Z',
      late: false,
      outcome: 'succeeded',
      links: {
        airflow: expect.stringContaining('https://airflow.example.com/dags/grant_admin/'),
        logStream: expect.stringMatching(/^https:\/\/eu-west-1\./),
      },
    });
  });

  test('has the runbook of the worst detection, and the techniques of all', () => {
    const finding = presentFinding(change(), context);
    expect(finding.detections).toEqual(['cli-role-granted', 'privilege-command-run']);
    expect(finding.runbook).toBe('docs/runbooks/role-granted.md');
    expect(finding.attack).toEqual(['T1059.004', 'T1098.003']);
  });

  test('has all its evidence in the order of time, and spans it', () => {
    const lines = [3, 1, 2].map((second) =>
      event({ key: `line-${second}`, timestamp: second * 1000, message: `${second}` }),
    );
    const finding = presentFinding(change({ evidence: lines, anchorKey: 'line-3' }), context);
    expect(finding.evidence.map(({ message }) => message)).toEqual(['1', '2', '3']);
    expect(finding.firstSeen).toBe('1970-01-01T00:00:01.000Z');
    expect(finding.lastSeen).toBe('1970-01-01T00:00:03.000Z');
  });

  test('has no target, role or Airflow link if unknown', () => {
    const finding = presentFinding(change({ targets: [], roles: [] }), context);
    expect(finding).not.toHaveProperty('target');
    expect(finding).not.toHaveProperty('role');
    expect(finding.links).not.toHaveProperty('airflow');
  });

  test('names several users in one field', () => {
    expect(presentFinding(change({ targets: ['bob', 'eve'] }), context).target).toBe('bob, eve');
  });

  test('holds no secret that was read as a name', () => {
    const finding = presentFinding(
      change({ targets: ['postgres://bob:Fake-pw-1@host/db'] }),
      context,
    );
    expect(JSON.stringify(finding)).not.toContain('Fake-pw');
  });

  test('of an unknown detection still has a title and a runbook', () => {
    const finding = presentFinding(change({ detections: ['gone'], verb: undefined }), context);
    expect(findingSchema.parse(finding)).toEqual(finding);
  });

  test('that arrived after its time was scanned is late', () => {
    expect(presentFinding(change(), { ...context, foundBy: 'late' }).late).toBe(true);
  });
});
