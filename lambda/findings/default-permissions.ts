import type { Fields } from './parse-fields.ts';

/** Resources by action, as the security manager writes them: `can read on DAG Runs`. */
type Permissions = Readonly<Record<string, readonly string[]>>;

/**
 * What Airflow itself gives its roles whenever an application starts and they lack it, in any version that
 * Amazon MWAA runs: 2.4 to 2.11, and 3.0 with its provider of Flask-AppBuilder up to 3.0.
 *
 * Source: VIEWER_PERMISSIONS, USER_PERMISSIONS and OP_PERMISSIONS of apache/airflow, read on 2026-11-28 from
 * 2.4.3, 2.5.1, 2.6.3, 2.7.2 (airflow/www/security.py), 2.8.1 (airflow/auth/managers/fab/security_manager/
 * override.py) and of apache-airflow-providers-fab 1.0.4, 1.1.1, 1.4.1, 1.5.0, 2.0.0, 2.4.3, 3.0.0
 * (airflow/providers/fab/auth_manager/security_manager/override.py).
 *
 * A log does not tell its version, so that this is the union of them. What only some versions have here
 * are resources that the others do not know (Assets, Datasets, Backfills, HITL Detail, Cluster Activity,
 * DAG Versions), and reading Plugins, Pools and Providers: nothing that hands over users, roles,
 * connections or code. The one exception are the audit logs, which {@link auditLogs} are for.
 *
 * Airflow 2.7 and earlier wrote these lines as well, its images for MWAA with names.
 */
const viewer: Permissions = {
  'can edit': ['My Password', 'My Profile'],
  'can read': [
    ...['Asset Aliases', 'Assets', 'Backfills', 'Cluster Activity', 'DAG Code', 'DAG Dependencies'],
    ...[
      'DAG Runs',
      'DAG Versions',
      'DAG Warnings',
      'DAGs',
      'Datasets',
      'HITL Detail',
      'ImportError',
    ],
    ...['Jobs', 'My Password', 'My Profile', 'Plugins', 'Pools', 'SLA Misses', 'Task Instances'],
    ...['Task Logs', 'Website', 'XComs'],
  ],
  'menu access': [
    ...['Assets', 'Browse', 'Cluster Activity', 'DAG Dependencies', 'DAG Runs', 'DAGs', 'Datasets'],
    ...['Docs', 'Documentation', 'Jobs', 'Plugins', 'SLA Misses', 'Task Instances'],
  ],
};

const user: Permissions = {
  'can create': ['Assets', 'DAG Runs', 'Datasets', 'Task Instances'],
  'can delete': ['DAG Runs', 'DAGs', 'Task Instances'],
  'can edit': ['DAG Runs', 'DAGs', 'HITL Detail', 'Task Instances'],
};

const op: Permissions = {
  'can create': ['Assets', 'Backfills', 'Connections', 'Datasets', 'Pools', 'Variables'],
  'can delete': ['Assets', 'Backfills', 'Connections', 'Datasets', 'Pools', 'Variables', 'XComs'],
  'can edit': ['Backfills', 'Connections', 'Pools', 'Variables'],
  'can read': ['Configurations', 'Connections', 'Plugins', 'Pools', 'Providers', 'Variables'],
  'menu access': [
    ...['Admin', 'Configurations', 'Connections', 'HITL Detail', 'Plugins', 'Pools', 'Providers'],
    ...['Variables', 'XComs'],
  ],
};

/** Each role has what the one before it has; Public has nothing, and a role of one's own no default. */
const defaults: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['Viewer', namesOf(viewer)],
  ['User', namesOf(viewer, user)],
  ['Op', namesOf(viewer, user, op)],
]);

/** Defaults of the three roles up to Airflow 2.8; from 2.9 on only Admin may read what everybody did. */
const auditLogs = new Set(['can read on Audit Logs', 'menu access on Audit Logs']);

/**
 * Where the line of a version comes from that has {@link auditLogs}: manager.py up to 2.7, and lines 1820
 * to 1829 of override.py in 2.8 and in the provider 1.0.1 and 1.0.2. Later ones write it at line 1880 or
 * further down, and those of Airflow 3 above line 1730.
 */
const beforeAuditLogsMoved = /\b(?:manager\.py:\d{1,4}|override\.py:18[0-5]\d)\}/;

/** A place is at the end of what stands before a text. */
const placeCharacters = 60;

/**
 * Whether a line of the security manager gives a role of Airflow's own what it has by default: nothing more
 * than Airflow gives it at the next start anyhow, whoever wrote the line.
 *
 * @param before what stands before the text in its line
 */
export function isDefaultGrant({ did, permission, role }: Fields, before: string): boolean {
  if (did !== 'Added Permission' || permission === undefined || role === undefined) return false;
  const permissions = defaults.get(role);
  if (permissions === undefined) return false;
  if (auditLogs.has(permission)) return beforeAuditLogsMoved.test(before.slice(-placeCharacters));
  return permissions.has(permission);
}

function namesOf(...all: readonly Permissions[]): ReadonlySet<string> {
  return new Set(
    all.flatMap((permissions) =>
      Object.entries(permissions).flatMap(([action, resources]) =>
        resources.map((resource) => `${action} on ${resource}`),
      ),
    ),
  );
}
