import type { Fields } from './parse-fields.ts';

/** Resources by action, as the security manager writes them: `can read on DAG Runs`. */
type Permissions = Readonly<Record<string, readonly string[]>>;

/** What Airflow gives its own three roles; each also has what the role before it has. */
interface Defaults {
  readonly Viewer: Permissions;
  readonly User: Permissions;
  readonly Op: Permissions;
}

/**
 * A release of Airflow, or of its Flask-AppBuilder provider, whose roles have the same defaults.
 */
interface Release {
  /** Versions of Airflow on MWAA that run it, or may; `2.9` means all of 2.9. */
  readonly airflow: readonly string[];
  /** Its security manager's file, and the lines of it that write the log line. */
  readonly file: 'manager.py' | 'override.py';
  readonly lines: readonly [first: number, last: number];
  readonly defaults: Defaults;
}

const before27: Defaults = {
  Viewer: {
    'can edit': ['My Password', 'My Profile'],
    'can read': [
      ...['Audit Logs', 'DAG Code', 'DAG Dependencies', 'DAG Runs', 'DAG Warnings', 'DAGs'],
      ...['Datasets', 'ImportError', 'Jobs', 'My Password', 'My Profile', 'Plugins', 'SLA Misses'],
      ...['Task Instances', 'Task Logs', 'Website', 'XComs'],
    ],
    'menu access': [
      ...['Audit Logs', 'Browse', 'DAG Dependencies', 'DAG Runs', 'DAGs', 'Datasets', 'Docs'],
      ...['Documentation', 'Jobs', 'Plugins', 'SLA Misses', 'Task Instances'],
    ],
  },
  User: {
    'can create': ['DAG Runs', 'Task Instances'],
    'can delete': ['DAG Runs', 'DAGs', 'Task Instances'],
    'can edit': ['DAG Runs', 'DAGs', 'Task Instances'],
  },
  Op: {
    'can create': ['Connections', 'Pools', 'Variables'],
    'can delete': ['Connections', 'Pools', 'Variables', 'XComs'],
    'can edit': ['Connections', 'Pools', 'Variables'],
    'can read': ['Configurations', 'Connections', 'Pools', 'Providers', 'Variables'],
    'menu access': ['Admin', 'Configurations', 'Connections', 'Pools', 'Variables', 'XComs'],
  },
};

const of27 = changed(before27, {
  Viewer: [{ 'can read': ['Cluster Activity'], 'menu access': ['Cluster Activity'] }],
});

const of28 = changed(of27, {
  Viewer: [{ 'can read': ['Pools'] }],
  Op: [{ 'menu access': ['Providers'] }],
});

const of29 = changed(of28, {
  Viewer: [{}, { 'can read': ['Audit Logs'], 'menu access': ['Audit Logs'] }],
  User: [{ 'can create': ['Datasets'] }],
  Op: [{ 'can create': ['Datasets'], 'can delete': ['Datasets'] }],
});

/** Provider 1.1 to 1.5. */
const of210 = changed(of29, {
  Viewer: [{}, { 'can read': ['Plugins'], 'menu access': ['Plugins'] }],
  Op: [{ 'can read': ['Plugins'], 'menu access': ['Plugins'] }],
});

/** Provider 2.0 to 2.3. */
const of30 = changed(of210, {
  Viewer: [
    {
      'can read': ['Asset Aliases', 'Assets', 'Backfills', 'Configurations', 'DAG Versions'],
      'menu access': ['Assets'],
    },
    { 'can read': ['Datasets'], 'menu access': ['Datasets'] },
  ],
  User: [{ 'can create': ['Assets'] }, { 'can create': ['Datasets'] }],
  Op: [
    {
      'can create': ['Assets', 'Backfills'],
      'can delete': ['Assets', 'Backfills'],
      'can edit': ['Backfills'],
    },
    { 'can create': ['Datasets'], 'can delete': ['Datasets'], 'can read': ['Configurations'] },
  ],
});

/** Provider 2.4 to 3.1; no version on MWAA has what 3.2 adds. */
const of306 = changed(of30, {
  Viewer: [{ 'can read': ['HITL Detail'] }, { 'can read': ['Configurations'] }],
  User: [{ 'can edit': ['HITL Detail'] }],
  Op: [{ 'can read': ['Configurations'], 'menu access': ['HITL Detail'] }],
});

/**
 * Source: VIEWER_PERMISSIONS, USER_PERMISSIONS, OP_PERMISSIONS and add_permission_to_role, read on
 * 2026-11-29 from apache-airflow 2.4.3, 2.5.1, 2.6.3, 2.7.2, 2.7.3, 2.8.0, 2.8.1, 2.8.4
 * (airflow/www/security.py, airflow/www/fab_security/sqla/manager.py,
 * airflow/auth/managers/fab/security_manager/override.py) and from apache-airflow-providers-fab
 * 1.0.1 to 1.5.4 and 2.0.0 to 3.2.0
 * (airflow/providers/fab/auth_manager/security_manager/override.py). Places: `manager.py` 555 to
 * 567, `override.py` 1820 to 1826, 1880, 1909 to 1983, 1663 to 1691, and from 2.4.1 on 1694 to
 * 1728; lines between them belong to patches that were not read. Airflow's constraints show which
 * provider an image has.
 */
const releases: readonly Release[] = [
  { airflow: ['2.4', '2.5', '2.6'], file: 'manager.py', lines: [561, 9999], defaults: before27 },
  { airflow: ['2.7'], file: 'manager.py', lines: [0, 560], defaults: of27 },
  { airflow: ['2.8'], file: 'override.py', lines: [1800, 1859], defaults: of28 },
  { airflow: ['2.9'], file: 'override.py', lines: [1860, 1899], defaults: of29 },
  { airflow: ['2.9', '2.10', '2.11'], file: 'override.py', lines: [1860, 2100], defaults: of210 },
  { airflow: ['3.0'], file: 'override.py', lines: [1600, 1692], defaults: of30 },
  { airflow: ['3.0', '3.1', '3.2'], file: 'override.py', lines: [1693, 1760], defaults: of306 },
];

const ownRoles = new Set(['Viewer', 'User', 'Op']);

/** By role; for each release when a line is first compared with it, since most logs hold no such line. */
const namesOfReleases = new Map<Release, ReadonlyMap<string, ReadonlySet<string>>>();

/** The default permissions of the roles in a release. */
function permissionsOf(release: Release): ReadonlyMap<string, ReadonlySet<string>> {
  const known = namesOfReleases.get(release);
  if (known !== undefined) return known;
  const { Viewer, User, Op } = release.defaults;
  const names = {
    Viewer: namesOf(Viewer),
    User: namesOf(Viewer, User),
    Op: namesOf(Viewer, User, Op),
  };
  const made = new Map(Object.entries(names));
  namesOfReleases.set(release, made);
  return made;
}

/** How many characters before a match are searched for the line's place. */
const placeCharacters = 60;
const placeOfLine = /\b(?<file>manager|override)\.py:(?<line>\d{1,4})\}/;

/**
 * Whether a line of the security manager gives an Airflow role only what it has by default: no more
 * than Airflow gives it at the next start anyway, whoever caused the line.
 *
 * The place in the line shows the version: Airflow writes it, not its caller. During an upgrade,
 * both versions write. If no known release writes at that place, the version is what MWAA reports;
 * if nothing shows it, the permission has to be a default of every release, so that no real change
 * is skipped.
 *
 * @param before the text before the match in its line
 * @param version of the environment's Airflow: `2.10.3`
 */
export function isDefaultGrant(
  { did, permission, role }: Fields,
  before: string,
  version?: string,
): boolean {
  if (did !== 'Added Permission' || permission === undefined || role === undefined) return false;
  if (!ownRoles.has(role)) return false;
  return releasesOf(before, version).every(
    (release) => permissionsOf(release).get(role)?.has(permission) ?? false,
  );
}

/** The releases that may have written a line: at least one. */
function releasesOf(before: string, version: string | undefined): readonly Release[] {
  const { file, line } = placeOfLine.exec(before.slice(-placeCharacters))?.groups ?? {};
  const byPlace = releases.filter(
    ({ file: own, lines: [first, last] }) =>
      own === `${file}.py` && first <= Number(line) && Number(line) <= last,
  );
  const minor = /^\d+\.\d+/.exec(version ?? '')?.[0] ?? '';
  const byVersion = releases.filter(({ airflow }) => airflow.includes(minor));
  if (byPlace.length === 0) return byVersion.length === 0 ? releases : byVersion;
  const byBoth = byPlace.filter((release) => byVersion.includes(release));
  return byBoth.length === 0 ? byPlace : byBoth;
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

type Changes = Partial<Record<keyof Defaults, readonly [added: Permissions, gone?: Permissions]>>;

/** The defaults of a release, built from those of the previous one. */
function changed(defaults: Defaults, changes: Changes): Defaults {
  const of = (role: keyof Defaults): Permissions => {
    const [added, gone = {}] = changes[role] ?? [{}];
    const actions = new Set([...Object.keys(defaults[role]), ...Object.keys(added)]);
    return Object.fromEntries(
      [...actions].map((action) => [
        action,
        [
          ...(defaults[role][action] ?? []).filter((each) => !gone[action]?.includes(each)),
          ...(added[action] ?? []),
        ],
      ]),
    );
  };
  return { Viewer: of('Viewer'), User: of('User'), Op: of('Op') };
}
