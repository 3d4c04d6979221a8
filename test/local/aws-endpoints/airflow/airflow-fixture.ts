import type {
  AirflowState,
  AirflowUser,
  AuditRow,
  LocalAirflow,
} from '../../../../local/aws-endpoints/airflow/airflow-state.ts';

export const auditor = 'assumed-role/monitor';

export const auditorPermissions = [
  'can_read on Users',
  'can_read on Roles',
  'can_read on Audit Logs',
];

export function airflowUser(username: string, roles: readonly string[]): AirflowUser {
  return {
    ...{ username, email: `${username}@example.com`, first_name: username, last_name: 'Example' },
    ...{ active: true, created_on: '2026-11-01T08:00:00', changed_on: '2026-11-01T08:00:00' },
    ...{ last_login: null, login_count: null, fail_login_count: null },
    roles: roles.map((name) => ({ name })),
  };
}

export function auditRow(id: number, event: string, minute: number, command = ''): AuditRow {
  return {
    event_log_id: id,
    when: new Date(Date.parse('2026-11-22T05:00:00Z') + minute * 60_000).toISOString(),
    ...{ event, owner: 'airflow', dag_id: null, task_id: null },
    extra: JSON.stringify({ host_name: 'worker', full_command: command }),
  };
}

/** Whom MWAA calls Airflow as, an administrator and bob; three rows of the audit log. */
export function airflowState(changes: Partial<AirflowState> = {}): AirflowState {
  return {
    users: [
      airflowUser('admin', ['Admin']),
      airflowUser(auditor, ['Public', 'PrivilegeAuditor']),
      airflowUser('bob', ['Viewer']),
    ],
    roles: {
      Viewer: ['can_read on DAGs'],
      PrivilegeAuditor: auditorPermissions,
      Public: [],
      Admin: ['can_read on Users', 'can_edit on Users'],
    },
    auditLog: [
      auditRow(1, 'cli_users_manage_role', 1, "['airflow', 'users', 'add-role', '-u', 'bob']"),
      auditRow(2, 'cli_task_run', 2),
      auditRow(3, 'cli_users_create', 3),
    ],
    ...changes,
  };
}

export function localAirflow(
  version: string,
  state: AirflowState = airflowState(),
  fault?: LocalAirflow['fault'],
): LocalAirflow {
  return { version, caller: auditor, stateAt: () => state, ...(fault && { fault }) };
}
