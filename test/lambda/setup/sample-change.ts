import type { Change, EvidenceEvent } from '../../../lambda/model/correlation-state.ts';

export const taskStream =
  'dag_id=grant_admin/run_id=scheduled__2026-11-22T05_44_00+00_00/task_id=promote/attempt=1.log';

export function event(changes: Partial<EvidenceEvent> = {}): EvidenceEvent {
  return {
    key: 'anchor',
    logGroup: 'airflow-prod-Task',
    logStream: taskStream,
    timestamp: Date.UTC(2026, 10, 22, 5, 50, 1, 362),
    message: '[…] {subprocess.py:106} INFO - User "bob" added to role "Admin"',
    occurrences: 1,
    ...changes,
  };
}

/** A role granted by a task. */
export function change(changes: Partial<Change> = {}): Change {
  return {
    id: '0123456789abcdef0123456789abcdef',
    anchorKey: 'anchor',
    anchorEpochMs: Date.UTC(2026, 10, 22, 5, 50, 1, 362),
    key: '["grant-role","bob","Admin",""]',
    verb: 'grant-role',
    targets: ['bob'],
    roles: ['Admin'],
    outcome: 'succeeded',
    severity: 'critical',
    detections: ['privilege-command-run', 'cli-role-granted'],
    evidence: [event()],
    closed: false,
    ...changes,
  };
}

/** The same change with its lines in a stream of another kind. */
export function changeIn(place: Partial<EvidenceEvent>, changes: Partial<Change> = {}): Change {
  return change({ evidence: [event(place)], ...changes });
}

export const detections = new Map([
  [
    'cli-role-granted',
    {
      title: 'Airflow CLI granted a role',
      severity: 'high' as const,
      attack: ['T1098.003'],
      runbook: 'docs/runbooks/role-granted.md',
    },
  ],
  [
    'privilege-command-run',
    {
      title: 'A task ran an Airflow command that changes privileges',
      severity: 'medium' as const,
      attack: ['T1059.004', 'T1098.003'],
      runbook: 'docs/runbooks/privilege-command.md',
    },
  ],
]);
