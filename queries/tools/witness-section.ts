import {
  loadSession,
  type RecordedVersion,
  type Route,
  recordedVersions,
  routesPack,
  type WitnessedChange,
  witnessedChange,
} from './witness-routes.ts';

/**
 * Hidden changes that show nothing by what they are: a synchronization changes only what every start of
 * Airflow changes, rows deleted from the audit log are a finding of their own, and groups give no right in
 * this version.
 */
const notCounted: ReadonlySet<string> = new Set([
  'cli_quiet_sync_perm',
  'sql_file_log_wipe',
  'sql_file_group',
]);

/** How many changes of a route each witness shows. */
export interface RouteCount {
  readonly route: Route;
  readonly changes: number;
  readonly logs: number;
  readonly auditLog: number;
  readonly snapshot: number;
  readonly joined: number;
  /** With the audit log, but without the snapshot. */
  readonly withoutSnapshot: number;
}

const routes: Readonly<Record<Route, string>> = {
  hidden:
    'a hidden change: output thrown away, SQL in a file, code inside Airflow, a grant at parse time',
  cli: 'a command whose output is in the log (control)',
  ui: "the web interface's forms",
  rest: 'the REST API',
  dag: "a DAG's access_control",
  control: 'nothing that matters: a login, a failed login, a restart, a new DAG file',
};

/** What the logs, the audit log and the snapshot show of the recorded changes, by route. */
export function routeCounts(airflow: RecordedVersion): readonly RouteCount[] {
  const session = loadSession(airflow);
  const pack = routesPack();
  const counted = session.changes.filter(({ id }) => !notCounted.has(id));
  const ofRoute = Map.groupBy(counted, ({ route }) => route);
  return (Object.keys(routes) as Route[]).map((route) => {
    const changes = ofRoute.get(route) ?? [];
    const both = changes.map((change) => witnessedChange(session, change, pack));
    const alone = changes.map((change) =>
      witnessedChange(session, change, pack, { withState: false }),
    );
    const count = (all: readonly WitnessedChange[], shows: (one: WitnessedChange) => boolean) =>
      all.filter(shows).length;
    return {
      route,
      changes: changes.length,
      logs: count(both, showsInLogs),
      auditLog: count(both, ({ rows }) => rows.length > 0),
      snapshot: count(both, ({ changes: seen }) => seen.length > 0),
      joined: count(both, ({ joined }) => joined.length > 0),
      withoutSnapshot: count(alone, ({ joined }) => joined.length > 0),
    };
  });
}

/**
 * Whether a log line tells of the change. Any command may synchronize the access to DAGs as well, whose lines
 * say nothing about what the command was for.
 */
function showsInLogs({ change, logs }: WitnessedChange): boolean {
  const isOfDags = ({ finding }: WitnessedChange['logs'][number]) =>
    finding.detections.every((detection) => detection === 'dag-access-control-changed');
  return logs.some((record) => change.route === 'dag' || !isOfDags(record));
}

/** The section of docs/coverage.md about the second witness. */
export function witnessSection(): string {
  const tables = recordedVersions.map((airflow) => {
    const rows = routeCounts(airflow).map(
      ({ route, changes, logs, auditLog, snapshot, joined, withoutSnapshot }) =>
        `| ${routes[route]} | ${changes} | ${logs} | ${auditLog} | ${snapshot} | ${joined} | ${withoutSnapshot} |`,
    );
    return `Airflow ${airflow}:

| route | changes | logs | audit log | snapshot | joined | logs and audit log |
|---|---|---|---|---|---|---|
${rows.join('\n')}`;
  });
  return `## The second witness

With the second witness, which is off by default and experimental, the monitor also reads Airflow's audit log
and a snapshot of users and roles. Measured on recorded changes of Airflow itself (106, half of them with each
version; nothing was run on AWS): how many of them each shows, and how many findings tell when all are joined.
Left out of the hidden changes: a synchronization, which changes only what every start changes, rows deleted
from the audit log, which have a finding of their own, and groups, which give no right in this version.

${tables.join('\n\n')}

On Airflow 3, users and roles are out of reach of \`InvokeRestApi\`: there the last column is what can be had.
Neither shows a password that SQL replaces, nor a grant by SQL that is taken back before the next reading.`;
}
