import {
  type AirflowState,
  type AuditRow,
  type LocalAirflow,
  permissionsOf,
  type RestAnswer,
  type RestRequest,
} from './airflow-state.ts';

/** The major versions whose REST APIs differ. */
type Major = 2 | 3;

export function majorOf({ version }: Pick<LocalAirflow, 'version'>): Major {
  return version.startsWith('2.') ? 2 : 3;
}

/** Airflow's `api.maximum_page_limit`: a larger limit is lowered in silence. */
const pageLimitMax = 100;
/** The page of Airflow 3 without a limit; it has no largest one for the audit log. */
const pageLimitOf3 = 50;

/** A refusal by Airflow, which has a form of its own in each major version. */
class Refusal extends Error {
  readonly status: number;
  readonly title: string;

  constructor(status: number, title: string, message = '') {
    super(message);
    this.status = status;
    this.title = title;
  }
}

/** What the REST API of a version has. */
interface Collection {
  readonly name: 'users' | 'roles' | 'eventLogs';
  readonly permission: string;
  readonly majors: readonly Major[];
}

const collections: readonly Collection[] = [
  // On Airflow 3 users and roles are beside `/api/v2`, where MWAA's prefix does not lead.
  { name: 'users', permission: 'can_read on Users', majors: [2] },
  { name: 'roles', permission: 'can_read on Roles', majors: [2] },
  { name: 'eventLogs', permission: 'can_read on Audit Logs', majors: [2, 3] },
];

/**
 * Answers a call of the REST API as the web server of Airflow 2.10.3 or 3.0.6 does: reads of users, roles
 * and the audit log. Everything else is refused, as it is to whoever may only read these.
 */
export function answerRestRequest(
  { version, caller }: Pick<LocalAirflow, 'version' | 'caller'>,
  state: AirflowState,
  request: RestRequest,
): RestAnswer {
  const major = majorOf({ version });
  try {
    return { status: 200, body: bodyOf(major, state, caller, request) };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { status: error.status, body: refusalBody(error, version) };
  }
}

function bodyOf(major: Major, state: AirflowState, caller: string, request: RestRequest): object {
  const [, name, key] = /^\/([A-Za-z]+)(?:\/([^/]+))?$/.exec(request.path) ?? [];
  const found = collections.find((one) => one.name === name && one.majors.includes(major));
  if (found === undefined) throw new Refusal(404, 'Not Found', 'Not Found');
  if (request.method !== 'GET' || !permissionsOf(state, caller).has(found.permission)) {
    throw new Refusal(403, 'Forbidden', major === 3 ? 'Forbidden' : '');
  }
  if (key !== undefined) return oneOf(found.name, state, decodeURIComponent(key));
  switch (found.name) {
    case 'users':
      return page('users', state.users, only(request.query, sortedBy('id')), major);
    case 'roles':
      return page('roles', rolesOf(state), only(request.query, sortedBy('name')), major);
    default:
      return page('event_logs', ...auditRows(major, state, request.query), major);
  }
}

function oneOf(name: Collection['name'], state: AirflowState, key: string): object {
  const found =
    name === 'users'
      ? state.users.find(({ username }) => username === key)
      : name === 'roles'
        ? rolesOf(state).find((role) => role.name === key)
        : state.auditLog.find(({ event_log_id: id }) => String(id) === key);
  if (found === undefined) throw new Refusal(404, 'Not Found', `${key} was not found`);
  return found;
}

/** Ordered by name; the permissions of a role in no order. */
function rolesOf({ roles }: AirflowState) {
  return Object.keys(roles)
    .toSorted()
    .map((name) => ({
      name,
      actions: (roles[name] ?? []).map((permission) => {
        const [action = '', resource = ''] = permission.split(' on ');
        return { action: { name: action }, resource: { name: resource } };
      }),
    }));
}

type Query = RestRequest['query'];

/** Which order a collection has, and no other that is of use here. */
const sortedBy = (column: string): Readonly<Record<string, string | undefined>> => ({
  limit: undefined,
  offset: undefined,
  order_by: column,
});

/** Users and roles: parameters that Airflow does not have are errors, an order but the usual one too. */
function only(query: Query, known: Readonly<Record<string, string | undefined>>): Query {
  refuseUnknown(query, Object.keys(known));
  if (query.order_by !== undefined && query.order_by !== known.order_by) {
    throw disallowedOrder(query.order_by);
  }
  return query;
}

function refuseUnknown(query: Query, known: readonly string[]): void {
  const extra = Object.keys(query).filter((name) => !known.includes(name));
  if (extra.length > 0) {
    throw new Refusal(
      400,
      'Bad Request',
      `Extra query parameter(s) ${extra.join(', ')} not in spec`,
    );
  }
}

function disallowedOrder(order: unknown): Refusal {
  const detail = `Ordering with '${order}' is disallowed or the attribute does not exist on the model`;
  return new Refusal(400, 'Bad Request', detail);
}

const auditParameters = [
  ...['limit', 'offset', 'order_by', 'event', 'owner', 'dag_id', 'task_id', 'before', 'after'],
  ...['included_events', 'excluded_events'],
];

/** The orders that are of use here: by id, which Airflow 3 knows by two names. */
const auditOrders: Readonly<Record<Major, readonly string[]>> = {
  2: ['event_log_id', 'when'],
  3: ['event_log_id', 'when', 'id', 'dttm'],
};

function auditRows(
  major: Major,
  { auditLog }: AirflowState,
  query: Query,
): [rows: readonly AuditRow[], query: Query] {
  // Airflow 3 ignores a parameter that it does not have, without a word.
  if (major === 2) refuseUnknown(query, auditParameters);
  const included = eventNames(major, query.included_events);
  const excluded = eventNames(major, query.excluded_events);
  const text = (name: string) => (query[name] === undefined ? undefined : String(query[name]));
  const [event, owner, dag, task] = ['event', 'owner', 'dag_id', 'task_id'].map(text);
  const [before, after] = [timeOf(query.before), timeOf(query.after)];
  const order = text('order_by') ?? 'event_log_id';
  if (!auditOrders[major].includes(order.replace(/^-/, ''))) throw disallowedOrder(order);
  const rows = auditLog.filter((row) => {
    const whenEpochMs = Date.parse(row.when);
    return (
      (included === undefined || included.includes(row.event)) &&
      (excluded === undefined || !excluded.includes(row.event)) &&
      (event === undefined || event === row.event) &&
      (owner === undefined || owner === row.owner) &&
      (dag === undefined || dag === row.dag_id) &&
      (task === undefined || task === row.task_id) &&
      (before === undefined || whenEpochMs < before) &&
      (after === undefined || whenEpochMs > after)
    );
  });
  return [order.startsWith('-') ? rows.toReversed() : rows, query];
}

/**
 * A list of events: Airflow 2 takes names between commas, and the last of a repeated key; Airflow 3 takes
 * repeated keys, and `a,b` is one name there, of which there are no rows.
 */
function eventNames(major: Major, given: unknown): readonly string[] | undefined {
  if (given === undefined) return undefined;
  const values = [given].flat().map(String);
  return major === 2 ? values.at(-1)?.split(',') : values;
}

function timeOf(given: unknown): number | undefined {
  if (given === undefined) return undefined;
  const epochMs = Date.parse(String(given));
  if (Number.isNaN(epochMs)) {
    throw new Refusal(400, 'Bad Request', `Incorrect datetime argument: ${given}`);
  }
  return epochMs;
}

/** `total_entries` counts all that the filters leave, not the page. */
function page(member: string, all: readonly object[], query: Query, major: Major): object {
  const offset = wholeNumber('offset', query.offset) ?? 0;
  const given = wholeNumber('limit', query.limit);
  const limit =
    major === 3 ? (given ?? pageLimitOf3) : Math.min(given || pageLimitMax, pageLimitMax);
  return { [member]: all.slice(offset, offset + limit), total_entries: all.length };
}

function wholeNumber(name: string, given: unknown): number | undefined {
  if (given === undefined) return undefined;
  if (/^\d+$/.test(String(given))) return Number(given);
  throw new Refusal(
    400,
    'Bad Request',
    `Wrong type, expected 'integer' for query parameter '${name}'`,
  );
}

const anchors: Readonly<Record<number, string>> = {
  400: 'BadRequest',
  403: 'PermissionDenied',
  404: 'NotFound',
};

function refusalBody({ status, title, message }: Refusal, version: string): object {
  if (majorOf({ version }) === 3) return { detail: message };
  const reference = `https://airflow.apache.org/docs/apache-airflow/${version}/stable-rest-api-ref.html`;
  const type = `${reference}#section/Errors/${anchors[status]}`;
  return { detail: message === '' ? null : message, status, title, type };
}
