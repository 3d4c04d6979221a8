import * as z from 'zod/mini';
import { stateCharactersMax } from '../ledger/witness-items.ts';
import {
  auditorPermissions,
  auditorRole,
  homepagePermission,
  type UserState,
} from '../model/airflow-state.ts';
import { type AirflowApi, ReadFailedError } from './airflow-api.ts';

const name = z.string().check(z.minLength(1));
const total = z.int().check(z.minimum(0));

/** The fields that are read; Airflow has more. */
const userSchema = z.object({
  username: name,
  email: z.nullish(z.string()),
  active: z.nullish(z.boolean()),
  roles: z.nullish(z.array(z.object({ name }))),
  created_on: z.nullish(z.string()),
  last_login: z.nullish(z.string()),
});

const usersPageSchema = z.object({ total_entries: total, users: z.array(userSchema) });

const roleSchema = z.object({
  name,
  actions: z.nullish(
    z.array(z.object({ action: z.object({ name }), resource: z.object({ name }) })),
  ),
});

const rolesPageSchema = z.object({ total_entries: total, roles: z.array(roleSchema) });

/** Airflow never gives more, whatever `limit` says. */
const usersPerPage = 100;
/** A page of 10 roles with 300 permissions each has half a megabyte; MWAA passes on 6 MB in 10 seconds. */
const rolesPerPage = 10;
/** 100,000 users, or 10,000 roles. */
const pagesMax = 1_000;

/** A little less than what the scanner reads: the pieces of a state repeat the names of their roles. */
const readCharactersMax = 0.8 * stateCharactersMax;

/** Users and roles as they were read. */
export interface ReadState {
  readonly users: readonly UserState[];
  /** By role, its permissions, sorted. */
  readonly roles: ReadonlyMap<string, readonly string[]>;
}

/** The list was changed while it was read. */
class HalfReadError extends ReadFailedError {}

/**
 * Reads all users and roles, whole or not at all. While somebody adds or deletes a user or role, pages do
 * not fit together: then everything is read once more.
 *
 * @throws ReadFailedError
 */
export async function readState(api: AirflowApi): Promise<ReadState> {
  try {
    return await readOnce(api);
  } catch (error) {
    if (!(error instanceof HalfReadError)) throw error;
    return readOnce(api);
  }
}

async function readOnce(api: AirflowApi): Promise<ReadState> {
  const users = await readPages('/users', usersPerPage, async (query) => {
    const page = await api(usersPageSchema, { path: '/users', query });
    return { total: page.total_entries, items: page.users.map(userOf) };
  });
  const roles = await readPages('/roles', rolesPerPage, async (query) => {
    const page = await api(rolesPageSchema, { path: '/roles', query });
    return { total: page.total_entries, items: page.roles.map(roleOf) };
  });
  const characters = JSON.stringify([users, roles]).length;
  if (characters > readCharactersMax) {
    throw new ReadFailedError('/users and /roles are larger than the witness reads');
  }
  requireUnique(
    '/users',
    users.map(({ username }) => username),
  );
  requireUnique(
    '/roles',
    roles.map(([role]) => role),
  );
  return {
    users: users.toSorted((a, b) => (a.username < b.username ? -1 : 1)),
    roles: new Map(roles.toSorted(([a], [b]) => (a < b ? -1 : 1))),
  };
}

interface Page<T> {
  readonly total: number;
  readonly items: readonly T[];
}

async function readPages<T>(
  path: string,
  limit: number,
  readPage: (query: { limit: number; offset: number }) => Promise<Page<T>>,
): Promise<T[]> {
  const all: T[] = [];
  let expected: number | undefined;
  for (let page = 0; page < pagesMax; page += 1) {
    const { total: totalNow, items } = await largestPage(readPage, limit, all.length);
    expected ??= totalNow;
    all.push(...items);
    const isOver = all.length >= expected;
    if (totalNow !== expected || all.length > expected || (items.length === 0 && !isOver)) {
      throw new HalfReadError(`${path} changed while it was read: it was read in half, twice`);
    }
    if (isOver) return all;
  }
  throw new ReadFailedError(`${path} has more than ${pagesMax * limit} entries`);
}

/** Whoever makes a role decides how long it is: a page that cannot be read is asked for in a tenth. */
async function largestPage<T>(
  readPage: (query: { limit: number; offset: number }) => Promise<Page<T>>,
  limit: number,
  offset: number,
): Promise<Page<T>> {
  try {
    return await readPage({ limit, offset });
  } catch (error) {
    if (!(error instanceof ReadFailedError)) throw error;
    return readPage({ limit: limit / 10, offset });
  }
}

/** An entry that moved from one page to the next is read twice, and another one not at all. */
function requireUnique(path: string, names: readonly string[]): void {
  if (new Set(names).size < names.length) {
    throw new HalfReadError(`${path} changed while it was read: it was read in half, twice`);
  }
}

function userOf(user: z.infer<typeof userSchema>): UserState {
  const { username, email, active, roles, created_on: createdOn, last_login: lastLogin } = user;
  return {
    username,
    email: email ?? '',
    active: active ?? true,
    roles: [...new Set((roles ?? []).map((role) => role.name))].sort(),
    ...(createdOn && { createdOn }),
    ...(lastLogin && { lastLogin }),
  };
}

/** The order of a role's permissions is not documented. */
function roleOf({ name: role, actions }: z.infer<typeof roleSchema>) {
  const permissions = (actions ?? []).map(
    ({ action, resource }) => `${action.name} on ${resource.name}`,
  );
  return [role, [...new Set(permissions)].sort()] as const;
}

/**
 * What is wrong with the role with which the witness reads. Whoever may change it can make the witness
 * blind, or make it a way to more rights than it needs.
 *
 * @returns undefined if it has exactly what it needs; Airflow adds the home page to every custom role
 */
export function auditorProblem(roles: ReadonlyMap<string, readonly string[]>): string | undefined {
  const permissions = roles.get(auditorRole);
  if (permissions === undefined) return `Airflow has no role ${auditorRole}`;
  const needed: readonly string[] = auditorPermissions;
  const missing = needed.filter((permission) => !permissions.includes(permission));
  const others = permissions.filter(
    (permission) => !needed.includes(permission) && permission !== homepagePermission,
  );
  if (missing.length > 0) return `role ${auditorRole} lacks ${missing.join(', ')}`;
  if (others.length === 0) return undefined;
  return `role ${auditorRole} was given ${others.length} more permission${others.length === 1 ? '' : 's'}`;
}
