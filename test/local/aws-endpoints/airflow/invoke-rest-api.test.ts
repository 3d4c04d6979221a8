import type { RestAnswer } from '../../../../local/aws-endpoints/airflow/airflow-state.ts';
import { AwsError } from '../../../../local/aws-endpoints/protocol/operation.ts';
import { memoryEngine } from '../memory-engine.ts';
import { endpoints, stopEndpoints } from '../with-endpoints.ts';
import {
  airflowState,
  airflowUser,
  auditor,
  auditorPermissions,
  auditRow,
  localAirflow,
} from './airflow-fixture.ts';

afterEach(stopEndpoints);

async function invoke(
  {
    version = '2.10.3',
    state = airflowState(),
    fault = undefined as RestAnswer | Error | undefined,
  },
  request: object | string,
  name = 'prod',
) {
  const airflow = { prod: localAirflow(version, state, fault && (() => fault)) };
  const { url } = await endpoints({ airflow });
  const response = await fetch(`${url}/restapi/${name}`, {
    method: 'POST',
    body: typeof request === 'string' ? request : JSON.stringify(request),
  });
  return {
    status: response.status,
    type: response.headers.get('x-amzn-errortype'),
    body: await response.json(),
  };
}

const get = (Path: string, QueryParameters?: object) => ({
  ...{ Path, Method: 'GET' },
  ...(QueryParameters && { QueryParameters }),
});

const events = ({ body }: { body: { RestApiResponse: { event_logs: { event: string }[] } } }) =>
  body.RestApiResponse.event_logs.map(({ event }) => event);

test('Airflow 2 answers users with their roles and no ids, roles with their permissions by name', async () => {
  const users = await invoke({}, get('/users'));
  expect(users).toMatchObject({ status: 200, body: { RestApiStatusCode: 200 } });
  expect(users.body.RestApiResponse).toMatchObject({
    total_entries: 3,
    users: [{ username: 'admin', roles: [{ name: 'Admin' }] }, {}, { username: 'bob' }],
  });
  expect(users.body.RestApiResponse.users[0]).not.toHaveProperty('id');
  const { body } = await invoke({}, get('/roles'));
  expect(body.RestApiResponse.roles.map(({ name }: { name: string }) => name)).toEqual([
    'Admin',
    'PrivilegeAuditor',
    'Public',
    'Viewer',
  ]);
  expect(body.RestApiResponse.roles[3].actions).toEqual([
    { action: { name: 'can_read' }, resource: { name: 'DAGs' } },
  ]);
});

test.each([
  ['/users/bob', { username: 'bob' }],
  ['/roles/Viewer', { name: 'Viewer' }],
  ['/eventLogs/2', { event: 'cli_task_run' }],
])('Airflow 2 answers one of a collection, %s', async (path, expected) => {
  const { body } = await invoke({}, get(path));
  expect(body.RestApiResponse).toMatchObject(expected);
});

test.each(['/users', '/roles', '/users/bob', '/auth/fab/v1/users'])(
  'on Airflow 3, %s lies outside the prefix',
  async (path) => {
    const { status, type, body } = await invoke({ version: '3.0.6' }, get(path));
    expect({ status, type }).toEqual({ status: 400, type: 'RestApiClientException' });
    expect(body).toEqual({ RestApiStatusCode: 404, RestApiResponse: { detail: 'Not Found' } });
  },
);

test.each(['2.10.3', '3.0.6'])(
  'whoever lacks a permission is refused by Airflow %s, in its own form inside of MWAA’s error',
  async (version) => {
    const state = airflowState({ roles: { Public: [], PrivilegeAuditor: ['can_read on Users'] } });
    const { status, type, body } = await invoke({ version, state }, get('/eventLogs'));
    expect({ status, type }).toEqual({ status: 400, type: 'RestApiClientException' });
    expect(body.RestApiStatusCode).toBe(403);
    expect(body.RestApiResponse).toEqual(
      version === '3.0.6'
        ? { detail: 'Forbidden' }
        : {
            ...{ detail: null, status: 403, title: 'Forbidden' },
            type: 'https://airflow.apache.org/docs/apache-airflow/2.10.3/stable-rest-api-ref.html#section/Errors/PermissionDenied',
          },
    );
  },
);

test('a caller without a user has the permissions of Public', async () => {
  const users = [airflowUser('bob', ['Viewer'])];
  const open = airflowState({ users, roles: { Public: auditorPermissions } });
  expect((await invoke({ state: open }, get('/users'))).status).toBe(200);
  const closed = airflowState({ users });
  expect((await invoke({ state: closed }, get('/users'))).body.RestApiStatusCode).toBe(403);
});

test('writes are refused', async () => {
  const { body } = await invoke({}, { Path: '/users/bob', Method: 'PATCH', Body: { roles: [] } });
  expect(body.RestApiStatusCode).toBe(403);
});

const many = (count: number) =>
  airflowState({
    users: [
      airflowUser(auditor, ['PrivilegeAuditor']),
      ...Array.from({ length: count - 1 }, (_, at) => airflowUser(`user${at}`, ['Viewer'])),
    ],
    auditLog: Array.from({ length: count }, (_, at) => auditRow(at + 1, 'cli_users_create', at)),
  });

test('a limit above 100 is lowered to 100 in silence, and the total says so', async () => {
  const { body } = await invoke({ state: many(130) }, get('/users', { limit: 1000 }));
  expect(body.RestApiResponse.users).toHaveLength(100);
  expect(body.RestApiResponse.total_entries).toBe(130);
  const rest = await invoke({ state: many(130) }, get('/users', { limit: 100, offset: 100 }));
  expect(rest.body.RestApiResponse.users).toHaveLength(30);
});

test('without a limit, a page of the audit log has 100 rows on Airflow 2 and 50 on 3', async () => {
  const rows = async (version: string) =>
    (await invoke({ version, state: many(130) }, get('/eventLogs'))).body.RestApiResponse
      .event_logs;
  expect(await rows('2.10.3')).toHaveLength(100);
  expect(await rows('3.0.6')).toHaveLength(50);
});

const two = ['cli_users_manage_role', 'cli_users_create'];

test.each<[string, string, unknown, readonly string[]]>([
  ['names between commas are a list', '2.10.3', two.join(','), two],
  ['a repeated key keeps the last', '2.10.3', two, ['cli_users_create']],
  ['names between commas are one name, of which there is nothing', '3.0.6', two.join(','), []],
  ['a repeated key is a list', '3.0.6', two, two],
])('of included_events, %s on Airflow %s', async (_, version, included_events, expected) => {
  const answer = await invoke({ version }, get('/eventLogs', { included_events }));
  expect(answer.status).toBe(200);
  expect(events(answer)).toEqual(expected);
  expect(answer.body.RestApiResponse).toMatchObject({ total_entries: expected.length });
});

test('a parameter that Airflow does not have is an error on 2 and ignored on 3', async () => {
  const request = get('/eventLogs', { event_pattern: 'cli_users' });
  const refused = await invoke({}, request);
  expect(refused.body).toMatchObject({
    RestApiStatusCode: 400,
    RestApiResponse: { detail: 'Extra query parameter(s) event_pattern not in spec' },
  });
  expect(events(await invoke({ version: '3.0.6' }, request))).toHaveLength(3);
});

test('rows can be ordered by event_log_id from either end; by -id on Airflow 3 only', async () => {
  const newest = await invoke({}, get('/eventLogs', { order_by: '-event_log_id', limit: 1 }));
  expect(events(newest)).toEqual(['cli_users_create']);
  const byId = get('/eventLogs', { order_by: '-id' });
  expect((await invoke({}, byId)).body.RestApiStatusCode).toBe(400);
  expect(events(await invoke({ version: '3.0.6' }, byId))[0]).toBe('cli_users_create');
});

test('after and before are exclusive', async () => {
  const after = '2026-11-22T05:01:00.000Z';
  const before = '2026-11-22T05:03:00+00:00';
  expect(events(await invoke({}, get('/eventLogs', { after, before })))).toEqual(['cli_task_run']);
});

test.each<[string, object, RegExp]>([
  ['a path of more than 64 characters', get(`/${'x'.repeat(64)}`), /Path/],
  ['no method', { Path: '/users' }, /Method/],
  [
    'query parameters that are no object',
    { ...get('/users'), QueryParameters: 'limit=1' },
    /Query/,
  ],
])('MWAA refuses %s itself', async (_, request, reason) => {
  const { status, type, body } = await invoke({}, request);
  expect({ status, type }).toEqual({ status: 400, type: 'ValidationException' });
  expect(body.message).toMatch(reason);
});

test('a body that is not JSON and an unknown environment are errors of MWAA', async () => {
  expect(await invoke({}, '{')).toMatchObject({ status: 400, type: 'ValidationException' });
  expect(await invoke({}, get('/users'), 'other')).toMatchObject({
    ...{ status: 404, type: 'ResourceNotFoundException' },
  });
});

test('faults of MWAA and of the web server can be played', async () => {
  const throttled = new AwsError('ThrottlingException', 'Rate exceeded', { httpStatus: 429 });
  expect(await invoke({ fault: throttled }, get('/users'))).toMatchObject({
    ...{ status: 429, type: 'ThrottlingException', body: { message: 'Rate exceeded' } },
  });
  const down = { status: 502, body: {} };
  expect(await invoke({ fault: down }, get('/users'))).toMatchObject({
    ...{ status: 400, type: 'RestApiServerException', body: { RestApiStatusCode: 502 } },
  });
});

test('GetEnvironment reports the version of an Airflow that is given', async () => {
  const engine = memoryEngine(undefined, ['airflow-prod-Task']);
  const { url } = await endpoints({ engine, airflow: { prod: localAirflow('2.10.3') } });
  const { Environment } = await (await fetch(`${url}/environments/prod`)).json();
  expect(Environment.AirflowVersion).toBe('2.10.3');
});
