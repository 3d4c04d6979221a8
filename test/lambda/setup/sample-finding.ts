import type { Finding } from '../../../lambda/model/finding.ts';

export const sampleFinding: Finding = {
  schema: 1,
  id: '0123456789abcdef0123456789abcdef',
  environment: 'prod',
  severity: 'critical',
  title: 'bob was given role Admin by DAG grant_admin, task promote',
  detections: ['cli-role-granted'],
  attack: ['T1098.003'],
  actor: { dag: 'grant_admin', run: 'manual', task: 'promote', attempt: 1 },
  target: 'bob',
  role: 'Admin',
  firstSeen: '2026-03-01T08:51:00.000Z',
  lastSeen: '2026-03-01T08:51:02.345Z',
  detectedAt: '2026-03-01T09:00:00.000Z',
  late: false,
  outcome: 'succeeded',
  evidence: [
    {
      logGroup: 'airflow-prod-Task',
      logStream: 'dag_id=grant_admin/run_id=manual/task_id=promote/attempt=1.log',
      timestamp: '2026-03-01T08:51:02.345Z',
      message: 'User "bob" added to role "Admin"',
      occurrences: 1,
    },
  ],
  links: { logStream: 'https://example.com/stream', insights: 'https://example.com/insights' },
  runbook: 'docs/runbooks/role-granted.md',
};

/** The monitor that sends it. */
export const sampleSender = { environment: 'prod', account: '123456789012', region: 'eu-west-1' };
