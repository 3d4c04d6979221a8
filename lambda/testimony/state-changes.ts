import { isDefaultGrant } from '../lines/default-permissions.ts';
import { type AirflowState, homepagePermission, type UserState } from '../model/airflow-state.ts';
import type { Severity } from '../model/severity.ts';
import { builtInRoles, isPowerful, strongPermissions } from '../model/strong-permissions.ts';
import type { StateChange } from '../model/testimony.ts';

/** Permissions that a change names; a role can gain hundreds. */
const namedMax = 10;

interface Comparison {
  readonly before: AirflowState;
  readonly after: AirflowState;
  /** Whether Airflow was upgraded between them, which rewrites the roles Op, User and Viewer. */
  readonly isUpgrade: boolean;
  /** `2.10.3`. @default unknown */
  readonly airflowVersion?: string | undefined;
}

/**
 * What changed between two readings of users and roles.
 *
 * Left out is what Airflow writes by itself at any start and with any command: new permissions of Admin, and
 * the home page for custom roles. What Airflow or MWAA do on somebody's behalf is low: roles that IAM decides
 * at a login, access to DAGs that a DAG file gives, and the built-in roles of a new version. It is low only
 * as far as it gives nobody power over users: whoever writes the metadata database can write the time of a
 * login as well, and can wait for a new version.
 *
 * @returns ordered by user and role
 */
export function stateChanges(comparison: Comparison): readonly StateChange[] {
  return [...userChanges(comparison), ...roleChanges(comparison)];
}

type Difference = Omit<StateChange, 'fromEpochMs' | 'toEpochMs'>;

function dated({ before, after }: Comparison, differences: readonly Difference[]): StateChange[] {
  const span = { fromEpochMs: before.startEpochMs, toEpochMs: after.endEpochMs };
  return differences.map((difference) => ({ ...difference, ...span }));
}

function userChanges(comparison: Comparison): StateChange[] {
  const { before, after } = comparison;
  const gone = [...before.users.values()].filter(({ username }) => !after.users.has(username));
  const added = [...after.users.values()].filter(({ username }) => !before.users.has(username));
  const renamed = renamings(gone, added);
  const formerNames = new Set([...renamed.values()].map(({ username }) => username));
  const names = [...new Set([...before.users.keys(), ...after.users.keys()])].sort();
  return dated(
    comparison,
    names.flatMap((name): Difference[] => {
      const now = after.users.get(name);
      const then = before.users.get(name);
      if (now === undefined) {
        return then === undefined || formerNames.has(name) ? [] : removedUser(then);
      }
      return changesOf(comparison, then ?? renamed.get(name), now);
    }),
  );
}

/**
 * By new name, the user of the old one: the REST API shows no id, but what stays is the same. Only where one
 * user who is gone and one who is new have it, and no others: anybody can write an e-mail address.
 */
function renamings(
  gone: readonly UserState[],
  added: readonly UserState[],
): ReadonlyMap<string, UserState> {
  const [goneBy, addedBy] = [usersByMark(gone), usersByMark(added)];
  const renamed = new Map<string, UserState>();
  for (const now of added) {
    const former = sharing(goneBy, now);
    const [only] = former;
    if (only === undefined || former.size !== 1 || sharing(addedBy, only).size !== 1) continue;
    renamed.set(now.username, only);
  }
  return renamed;
}

type UsersByMark = ReadonlyMap<string, readonly UserState[]>;

/** What a user keeps under another name. */
function marksOf({ createdOn, email }: UserState): string[] {
  return [
    ...(createdOn === undefined ? [] : [`created ${createdOn}`]),
    ...(email === '' ? [] : [`email ${email.toLowerCase()}`]),
  ];
}

function usersByMark(users: readonly UserState[]): UsersByMark {
  const byMark = new Map<string, UserState[]>();
  for (const user of users) {
    for (const mark of marksOf(user)) {
      const others = byMark.get(mark);
      if (others === undefined) byMark.set(mark, [user]);
      // Two of them are not one who was renamed: more need not be counted.
      else if (others.length < 2) others.push(user);
    }
  }
  return byMark;
}

function sharing(byMark: UsersByMark, user: UserState): ReadonlySet<UserState> {
  return new Set(marksOf(user).flatMap((mark) => byMark.get(mark) ?? []));
}

function removedUser({ username: name, email }: UserState): Difference[] {
  return [{ object: 'user', name, kind: 'removed', severity: 'medium', ...aliases(email) }];
}

function aliases(...names: readonly string[]): { aliases?: readonly string[] } {
  const known = names.filter((name) => name !== '');
  return known.length === 0 ? {} : { aliases: known };
}

/** @param then undefined for a new user; with another name for one who was renamed */
function changesOf(
  comparison: Comparison,
  then: UserState | undefined,
  now: UserState,
): Difference[] {
  const { after } = comparison;
  const permissionsOf = (role: string) => after.roles.get(role);
  const isAlarming = now.roles.some((role) => isPowerful(role, permissionsOf));
  const gained = now.roles.filter((role) => !then?.roles.includes(role));
  const lost = then?.roles.filter((role) => !now.roles.includes(role)) ?? [];
  const isLogin = isDecidedAtLogin(comparison, then, now, [...gained, ...lost]);
  const about = { object: 'user', name: now.username } as const;
  const known = aliases(now.email, ...(then === undefined ? [] : [then.username]));
  const severityOf = (severity: Severity, atLogin: Severity = 'low') =>
    isLogin
      ? ({ severity: atLogin, because: 'login', fullSeverity: severity } as const)
      : { severity };
  const raised: Severity = isAlarming ? 'critical' : 'high';
  const found: Difference[] = [];
  const add = (change: Omit<Difference, 'object' | 'name'>) =>
    found.push({ ...about, ...known, ...change });
  if (then === undefined) add({ kind: 'added', ...severityOf('high') });
  else if (then.username !== now.username) add({ kind: 'renamed', severity: raised });
  if (then !== undefined && then.active !== now.active) {
    if (now.active) add({ kind: 'switched-on', severity: raised });
    else add({ kind: 'switched-off', severity: 'medium' });
  }
  for (const role of gained) {
    const change = isPowerful(role, permissionsOf)
      ? severityOf('critical', 'medium')
      : severityOf('high');
    add({ kind: 'gained-role', role, ...change });
  }
  for (const role of lost) add({ kind: 'lost-role', role, ...severityOf('medium') });
  return found;
}

/**
 * Whether MWAA may have decided the roles: at a login it gives and takes the built-in roles by IAM. A user
 * who did not log in got them in another way.
 */
function isDecidedAtLogin(
  { before, after }: Comparison,
  then: UserState | undefined,
  now: UserState,
  roles: readonly string[],
): boolean {
  if (now.lastLogin === undefined || now.lastLogin === then?.lastLogin) return false;
  if (then !== undefined && then.username !== now.username) return false;
  const loginEpochMs = utcTime(now.lastLogin);
  const isWithin = loginEpochMs >= before.startEpochMs && loginEpochMs <= after.endEpochMs;
  return isWithin && roles.every((role) => builtInRoles.has(role));
}

/** Airflow writes times in UTC, with an offset or without. */
function utcTime(text: string): number {
  return Date.parse(/(?:Z|[+-]\d\d:\d\d)$/.test(text) ? text : `${text}Z`);
}

function roleChanges(comparison: Comparison): StateChange[] {
  const { before, after } = comparison;
  const names = [...new Set([...before.roles.keys(), ...after.roles.keys()])].sort();
  return dated(
    comparison,
    names.flatMap((name): Difference[] => {
      const then = before.roles.get(name);
      const now = after.roles.get(name);
      if (now === undefined) return [{ object: 'role', name, kind: 'removed', severity: 'high' }];
      if (then === undefined) return [addedRole(name, now)];
      return permissionChanges(comparison, name, then, now);
    }),
  );
}

function addedRole(name: string, permissions: readonly string[]): Difference {
  const isStrong = permissions.some((permission) => strongPermissions.has(permission));
  return {
    ...{ object: 'role', name, kind: 'added' },
    severity: isStrong || name === 'Public' ? 'critical' : 'high',
    ...named(permissions),
  };
}

function permissionChanges(
  { isUpgrade, airflowVersion }: Comparison,
  role: string,
  then: readonly string[],
  now: readonly string[],
): Difference[] {
  const [known, kept] = [new Set(then), new Set(now)];
  const gained = now.filter(
    (permission) =>
      !known.has(permission) &&
      !isBySync(role, permission) &&
      !isDefault(role, permission, airflowVersion),
  );
  const lost = then.filter((permission) => !kept.has(permission));
  const isOfVersion = isUpgrade && role !== 'Public' && builtInRoles.has(role);
  const differences = (kind: 'gained-permissions' | 'lost-permissions', all: readonly string[]) => {
    const about = { object: 'role', name: role, kind } as const;
    const found: Difference[] = [];
    const isOfAirflow = (permission: string) =>
      isOfVersion && (kind === 'lost-permissions' || !strongPermissions.has(permission));
    const ofVersion = all.filter(isOfAirflow);
    if (ofVersion.length > 0) {
      found.push({ ...about, severity: 'low', because: 'upgrade', ...named(ofVersion) });
    }
    const left = all.filter((permission) => !isOfAirflow(permission));
    const ofDags = left.filter(isOnDag);
    const others = left.filter((permission) => !isOnDag(permission));
    if (others.length > 0) {
      found.push({ ...about, severity: permissionSeverity(kind, role, others), ...named(others) });
    }
    if (ofDags.length > 0 && role === 'Public') {
      // Two changes of one kind are told apart by their reason: Public is no less critical by it.
      const severity = permissionSeverity(kind, role, ofDags);
      found.push({ ...about, severity, because: 'dag-access', ...named(ofDags) });
    } else if (ofDags.length > 0) {
      found.push({ ...about, severity: 'low', because: 'dag-access', ...named(ofDags) });
    }
    return found;
  };
  return [...differences('gained-permissions', gained), ...differences('lost-permissions', lost)];
}

/** What Airflow writes at any start, whoever caused it. Public is never among the roles that it touches. */
function isBySync(role: string, permission: string): boolean {
  return role === 'Admin' || (permission === homepagePermission && !builtInRoles.has(role));
}

/** Whether Airflow gives it to that role of its own by itself, at any start, if somebody took it away. */
function isDefault(role: string, permission: string, airflowVersion: string | undefined): boolean {
  const spoken = permission.replace(/^\w+/, (action) => action.replaceAll('_', ' '));
  return isDefaultGrant({ did: 'Added Permission', permission: spoken, role }, '', airflowVersion);
}

/** Whether a permission is one on a DAG, which a DAG file may give. */
export function isOnDag(permission: string): boolean {
  return / on DAG(?: Run)?:/.test(permission);
}

function permissionSeverity(
  kind: 'gained-permissions' | 'lost-permissions',
  role: string,
  permissions: readonly string[],
): Severity {
  if (kind === 'lost-permissions') return 'high';
  const isStrong = permissions.some((permission) => strongPermissions.has(permission));
  return isStrong || role === 'Public' ? 'critical' : 'high';
}

/** The strong ones first: they are why somebody has to look. */
function named(permissions: readonly string[]) {
  if (permissions.length === 0) return { permissionCount: 0 };
  const isStrong = (permission: string) => strongPermissions.has(permission);
  const ordered = [
    ...permissions.filter(isStrong),
    ...permissions.filter((permission) => !isStrong(permission)),
  ];
  return { permissions: ordered.slice(0, namedMax), permissionCount: permissions.length };
}
