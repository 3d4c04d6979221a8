import type { Outcome } from '../model/finding.ts';
import type { Verb } from '../model/verbs.ts';

/** An access-log line. */
interface AccessLine {
  readonly method: string;
  /** With or without its query; percent-encoded as the server logs it. */
  readonly path: string;
  readonly status: number;
}

/** A web request that writes users, roles or groups. */
interface PrivilegeRequest {
  readonly verb: Verb;
  readonly object: 'users' | 'roles' | 'groups' | 'password';
  /** A user or group name (REST), or the number of a record (forms). */
  readonly target?: string;
  /** A role's name (REST). */
  readonly role?: string;
  readonly outcome: Outcome;
}

/**
 * Reads what a request does to users, roles or groups. Only its path counts, decoded once as web
 * servers do; from the query, only the user of a password reset is read.
 *
 * - forms (Flask-AppBuilder's views, under `/auth` on Airflow 3): a redirect answers a write that
 *   worked, 200 shows the form again
 * - Flask-AppBuilder's older model API (`/users/api/update/5`; up to Airflow 3.1)
 * - REST: `/api/v1/users`, `/auth/fab/v1/roles/x`, `/api/v1/security/users/`
 *
 * GET, HEAD and OPTIONS are read as well: a refused view of a form explains a denial.
 *
 * @returns undefined for any other request
 */
export function readPrivilegeRequest(line: AccessLine): PrivilegeRequest | undefined {
  const [rawPath = '', query = ''] = line.path.split('?', 2);
  const segments = decodePath(rawPath)
    .split('/')
    .filter((segment) => segment !== '');
  return readRest(segments, rawPath, line) ?? readForm(segments, query, line);
}

/** The decoded path; a broken escape stays as it is. */
function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path.replace(/%[0-7][0-9a-fA-F]/g, (code) =>
      String.fromCharCode(Number.parseInt(code.slice(1), 16)),
    );
  }
}

type Collection = 'users' | 'roles' | 'groups';

function isCollection(segment: string | undefined): segment is Collection {
  return segment === 'users' || segment === 'roles' || segment === 'groups';
}

const singular = { users: 'user', roles: 'role', groups: 'group' } as const;

function verbOf(action: 'create' | 'change' | 'delete', collection: Collection): Verb {
  return `${action}-${singular[collection]}`;
}

const restActions: Readonly<Record<string, 'create' | 'change' | 'delete'>> = {
  POST: 'create',
  PATCH: 'change',
  PUT: 'change',
  DELETE: 'delete',
};

function readRest(
  segments: readonly string[],
  rawPath: string,
  { method, status }: AccessLine,
): PrivilegeRequest | undefined {
  const action = restActions[method];
  const version = segments.indexOf('v1');
  if (action === undefined || version < 0) return undefined;
  // Flask-AppBuilder's own API identifies roles by number.
  const isByNumber = segments[version + 1] === 'security';
  const collection = segments[isByNumber ? version + 2 : version + 1];
  if (!isCollection(collection)) return undefined;
  const name = restName(rawPath, collection, isByNumber);
  return {
    // POST …/roles/3/permissions changes the role that it names.
    verb: verbOf(action === 'create' && name !== undefined ? 'change' : action, collection),
    object: collection,
    ...(name === undefined
      ? {}
      : collection === 'roles' && !isByNumber
        ? { role: name }
        : { target: name }),
    outcome: apiOutcome(status),
  };
}

/**
 * The name after the collection, decoded. A name may contain a slash: encoded up to Airflow 3.1,
 * decoded by the server since. Flask-AppBuilder's own API has numbers, followed by further paths.
 */
function restName(rawPath: string, collection: string, isByNumber: boolean): string | undefined {
  const segments = rawPath.split('/');
  const version = segments.indexOf('v1');
  const at = segments.findIndex((segment, i) => i > version && decodePath(segment) === collection);
  const rest = at < 0 ? [] : segments.slice(at + 1, isByNumber ? at + 2 : undefined);
  while (rest.at(-1) === '') rest.pop();
  return rest.length === 0 ? undefined : decodePath(rest.join('/'));
}

/** An application may have its own users after such a segment: `/api/v1/variables/users/edit/5`. */
const foreignSegments = new Set(['api', 'v1', 'v2', 'dags', 'static', 'ui']);

function readForm(
  segments: readonly string[],
  query: string,
  { method, status }: AccessLine,
): PrivilegeRequest | undefined {
  if (!/^(?:GET|HEAD|OPTIONS|TRACE|POST|PUT|PATCH|DELETE)$/.test(method)) return undefined;
  const last = segments.length - 1;
  if (segments[last - 1] === 'resetpassword' && segments[last] === 'form') {
    const target = new URLSearchParams(query).get('pk');
    return {
      verb: 'reset-password',
      object: 'password',
      ...(target === null ? {} : { target }),
      outcome: formOutcome(status),
    };
  }
  for (let at = Math.min(last, 3); at >= 0; at -= 1) {
    const request = readFormAt(segments, at, { method, status });
    if (request !== undefined) return request;
  }
  return undefined;
}

/**
 * @param at index of the segment that may be the collection: `/users/api/column/edit/roles` is
 *   about users
 */
function readFormAt(
  segments: readonly string[],
  at: number,
  { method, status }: Pick<AccessLine, 'method' | 'status'>,
): PrivilegeRequest | undefined {
  const collection = segments[at];
  if (!isCollection(collection)) return undefined;
  if (segments.slice(0, at).some((segment) => foreignSegments.has(segment))) return undefined;
  const [action, second, third] = segments.slice(at + 1);
  const isModelApi = action === 'api';
  const verb = isModelApi
    ? modelApiVerb(method, second, third, collection)
    : formVerb(action, second, collection);
  if (verb === undefined) return undefined;
  const target = isModelApi ? third : action === 'action' ? third : second;
  return {
    verb,
    object: collection,
    ...(target === undefined ? {} : { target }),
    outcome: isModelApi ? apiOutcome(status) : formOutcome(status),
  };
}

function formVerb(
  action: string | undefined,
  pk: string | undefined,
  collection: Collection,
): Verb | undefined {
  switch (action) {
    case 'add':
      return pk === undefined ? verbOf('create', collection) : undefined;
    case 'edit':
      return pk === undefined ? undefined : verbOf('change', collection);
    case 'delete':
      return pk === undefined ? undefined : verbOf('delete', collection);
    // Copies or deletes several records; which ones is in the body.
    case 'action_post':
    case 'action':
      return verbOf('change', collection);
    default:
      return undefined;
  }
}

function modelApiVerb(
  method: string,
  action: string | undefined,
  detail: string | undefined,
  collection: Collection,
): Verb | undefined {
  // The choices of a form: without permission for the form, they are refused like the form itself.
  if (action === 'column' && detail === 'add') return verbOf('create', collection);
  if (action === 'column' && detail === 'edit') return verbOf('change', collection);
  if (method === 'POST' && action === 'create') return verbOf('create', collection);
  if (method === 'PUT' && action === 'update') return verbOf('change', collection);
  if (method === 'DELETE' && action === 'delete') return verbOf('delete', collection);
  return undefined;
}

function formOutcome(status: number): Outcome {
  if (status >= 300 && status < 400) return 'succeeded';
  return status === 401 || status === 403 ? 'denied' : 'failed';
}

function apiOutcome(status: number): Outcome {
  if (status >= 200 && status < 300) return 'succeeded';
  return status === 401 || status === 403 ? 'denied' : 'failed';
}

/** How a request reached the web server. */
type WebRoute = 'REST API' | 'web interface';

/** Requests in gunicorn's and uvicorn's access lines, and in Airflow's own since 3.2. */
const requestLines = [
  /"(?:GET|POST|PUT|PATCH|DELETE) ([^ "]+)/,
  /\bmethod\W{1,5}(?:GET|POST|PUT|PATCH|DELETE)\b.{0,200}\bpath\W{1,5}([^\s"',]+)/,
];

/**
 * Reads the route from an access line; undefined when it is none. REST lives under `/api/v1` and,
 * for FAB's part, `/auth/fab/v1` (Airflow 2.8 on); everything else is the web interface.
 */
export function webRouteOf(message: string): WebRoute | undefined {
  for (const pattern of requestLines) {
    const path = pattern.exec(message)?.[1]?.split('?')[0];
    if (path !== undefined) return /\/v\d+(?:\/|$)/.test(path) ? 'REST API' : 'web interface';
  }
  return undefined;
}
