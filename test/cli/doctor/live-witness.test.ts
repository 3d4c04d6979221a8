import { readFileSync } from 'node:fs';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { doctorCommand } from '../../../cli/doctor/doctor-command.ts';
import { formOf } from '../../../cli/doctor/live/answer-form.ts';
import type { LiveCheck } from '../../../cli/doctor/live/live-checks.ts';
import { systemTimer } from '../../../lambda/common/time.ts';
import { runWitness } from '../../../lambda/witness/run-witness.ts';
import type { LocalAirflow } from '../../../local/aws-endpoints/airflow/airflow-state.ts';
import { AwsError } from '../../../local/aws-endpoints/protocol/operation.ts';
import { VirtualClock } from '../../../local/clock.ts';
import {
  airflowState,
  airflowUser,
  auditorPermissions,
} from '../../local/aws-endpoints/airflow/airflow-fixture.ts';
import { memoryEngine } from '../../local/aws-endpoints/memory-engine.ts';
import { endpoints, stopEndpoints } from '../../local/aws-endpoints/with-endpoints.ts';
import { runInProcess } from '../run-in-process.ts';

afterEach(stopEndpoints);

const roleName = 'MonitorStack-prod-WitnessRole';
const userName = `assumed-role/${roleName}`;
const table = 'MonitorStack-prod-Ledger';
const topic = 'arn:aws:sns:us-east-1:000000000000:findings';

/** The witness's own user has the custom role; whoever runs the doctor here calls as the same. */
const state = airflowState({
  users: [
    airflowUser('carol.private@example.com', ['Admin']),
    airflowUser(userName, ['Public', 'PrivilegeAuditor']),
  ],
});

interface Case {
  readonly airflow?: Partial<LocalAirflow>;
  /** Hours between the two runs of the witness; none: it never ran. */
  readonly hoursBetween?: number | undefined;
  /** Of the stack, about the witness. */
  readonly outputs?: Readonly<Record<string, string>>;
}

/** An environment whose witness has run twice, and what `doctor --witness` says of it. */
async function doctor(
  {
    airflow = {},
    hoursBetween = 25,
    outputs = { WitnessRoleName: roleName, WitnessVpcId: 'none' },
  }: Case,
  ...args: string[]
) {
  const clock = new VirtualClock(Date.parse('2026-11-20T06:00:00Z'));
  const server: LocalAirflow = {
    ...{ version: '2.10.3', caller: userName, stateAt: () => state },
    webserverAccess: 'PUBLIC_ONLY',
    ...airflow,
  };
  const started = await endpoints({
    ...{ clock, airflow: { prod: server }, tableNames: [table] },
    engine: memoryEngine(undefined, ['airflow-prod-Task']),
    stacks: {
      'MonitorStack-prod': {
        ...{ FindingsTopicArn: topic, AlarmTopicArn: topic, LedgerTableName: table },
        ...{ TestAlarmName: 'mwaa-privilege-monitor-prod-test', ScannerFunctionName: 'Scanner' },
        ...outputs,
      },
    },
  });
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const access = { endpoint: started.url, region: 'us-east-1', credentials };
  const isThree = server.version.startsWith('3');
  const run = () =>
    runWitness(
      {
        config: {
          ...{ mwaaEnvironment: 'prod', ledgerTableName: table, airflowVersion: server.version },
          ...{ auditLog: true, snapshot: !isThree, everyMinutes: 15 },
        },
        dynamo: new DynamoDBClient(access),
        mwaa: { ...access, fetch },
        ...{ clock, timer: systemTimer, random: () => 0.5, newId: () => 'id' },
        writeLine: () => undefined,
      },
      60_000,
    );
  if (hoursBetween > 0) {
    await run();
    clock.set(clock.nowEpochMs() + hoursBetween * 3_600_000);
    await run();
  }
  const finished = await runInProcess(
    doctorCommand(),
    ['--env', 'prod', '--region', 'us-east-1', '--witness', ...args],
    {
      ...{ AWS_ENDPOINT_URL: started.url, AWS_ACCESS_KEY_ID: 'local' },
      ...{ AWS_SECRET_ACCESS_KEY: 'local', AWS_CONFIG_FILE: '/nowhere' },
    },
  );
  const checks = (): LiveCheck[] => JSON.parse(finished.stdout).checks;
  return { finished, of: (id: string) => checks().find((check) => check.id === id), checks };
}

test('on an environment as it is taken for granted, what can be seen there is confirmed', async () => {
  const { checks, finished } = await doctor({}, '--json');
  expect(Object.fromEntries(checks().map(({ id, result }) => [id, result]))).toEqual({
    'auditor-role': 'confirmed',
    'custom-role': 'confirmed',
    'custom-role-stays': 'confirmed',
    'side-effects': 'confirmed',
    'user-name': 'confirmed',
    'private-web-server': 'unknown',
    'users-on-airflow-3': 'unknown',
    lists: 'confirmed',
    errors: 'confirmed',
  });
  expect(finished.exitCode).toBe(2);
});

test('forms are printed, and no name of a user, in either output', async () => {
  for (const args of [[], ['--json']]) {
    const { finished } = await doctor({}, ...args);
    expect(finished.stdout).not.toMatch(/carol|MonitorStack-prod-WitnessRole|add-role/);
    expect(finished.stdout).toContain('assumed-role/ROLE');
    expect(finished.stdout).toMatch(
      /HTTP 200, Airflow 200, \d+ ms: \{RestApiStatusCode: number, RestApiResponse: \{event_logs: \[1 × \{event_log_id: number, when: time, /,
    );
    expect(finished.stdout).toMatch(/HTTP 400, RestApiClientException, Airflow 400/);
  }
});

test('the text names each assumption with its result, and counts them', async () => {
  const { finished } = await doctor({});
  expect(finished.stdout).toContain(
    'confirmed custom-role\n  Assumed: a custom role beside Public counts for InvokeRestApi.\n  Because: the function, which may call as Public alone, has read Airflow.',
  );
  expect(finished.stdout).toContain(
    'prod in us-east-1, Airflow 2.10.3: 9 assumptions: 7 confirmed, 2 unknown',
  );
});

test.each<[string, Case, string, string, RegExp]>([
  [
    'PrivilegeAuditor has more than its permissions',
    {
      airflow: {
        stateAt: () => ({
          ...state,
          roles: { ...state.roles, PrivilegeAuditor: [...auditorPermissions, 'can_edit on Users'] },
        }),
      },
    },
    ...(['auditor-role', 'refuted', /1 more permission/] as const),
  ],
  [
    'PrivilegeAuditor lacks a permission',
    {
      airflow: {
        stateAt: () => ({
          ...state,
          roles: { ...state.roles, PrivilegeAuditor: ['can_read on Roles', 'can_read on Users'] },
        }),
      },
    },
    ...(['auditor-role', 'refuted', /lacks can_read on Audit Logs/] as const),
  ],
  ['the witness never ran', { hoursBetween: 0 }, 'custom-role', 'unknown', /has not run yet/],
  [
    'the function is refused',
    { airflow: { stateAt: () => ({ ...state, roles: { Public: [] } }) } },
    ...(['custom-role', 'unknown', /Airflow refuses the function/] as const),
  ],
  [
    'it was read for an hour',
    { hoursBetween: 1 },
    ...(['custom-role-stays', 'unknown', /read for 1 hours so far/] as const),
  ],
  [
    'the custom role was taken away',
    {
      airflow: {
        stateAt: (epochMs) =>
          epochMs > Date.parse('2026-11-20T08:00:00Z')
            ? { ...state, roles: { Public: [] } }
            : state,
      },
    },
    ...(['custom-role-stays', 'refuted', /is refused now/] as const),
  ],
  [
    'each call leaves a row',
    {
      airflow: {
        stateAt: () => ({
          ...state,
          auditLog: state.auditLog.map((row) => ({ ...row, owner: userName })),
        }),
      },
    },
    ...(['side-effects', 'refuted', /3 rows of its user/] as const),
  ],
  [
    'each session has a user of its own',
    {
      airflow: {
        stateAt: () => ({
          ...state,
          users: [...state.users, airflowUser(`${userName}/session2`, ['Public'])],
        }),
      },
    },
    ...(['user-name', 'refuted', /2 users have the name/] as const),
  ],
  [
    'no user is named by the role',
    { outputs: { WitnessRoleName: 'another-role' } },
    ...(['user-name', 'refuted', /no user has the name/] as const),
  ],
  [
    'a private web server answers this machine',
    { airflow: { webserverAccess: 'PRIVATE_ONLY' } },
    ...(['private-web-server', 'refuted', /unless this machine is in the VPC/] as const),
  ],
  [
    'Airflow 3 shows users nowhere',
    { airflow: { version: '3.0.6' } },
    ...(['users-on-airflow-3', 'confirmed', /leads nowhere \(404\)/] as const),
  ],
  [
    'Airflow 3 shows users',
    {
      airflow: {
        version: '3.0.6',
        fault: ({ path }) =>
          path.startsWith('/auth') ? { status: 200, body: { users: [] } } : undefined,
      },
    },
    ...(['users-on-airflow-3', 'refuted', /users were answered/] as const),
  ],
  [
    'Airflow 3 takes names between commas as one',
    { airflow: { version: '3.0.6' } },
    ...([
      'lists',
      'confirmed',
      /without a filter 3 rows; a list of two events 2 rows; two names between commas 0 rows/,
    ] as const),
  ],
  [
    'refusals have another form',
    {
      airflow: {
        fault: ({ query }) =>
          query.limit === 'many' ? new AwsError('ValidationException', 'limit') : undefined,
      },
    },
    ...(['errors', 'refuted', /another answer; 12 calls at once: 12 × 200/] as const),
  ],
  [
    'calls are throttled',
    {
      airflow: {
        fault: throttleAfter(9),
      },
    },
    ...(['errors', 'confirmed', /ThrottlingException/] as const),
  ],
])('%s: %#', async (_, given, id, result, because) => {
  const { of } = await doctor(given, '--json');
  expect(of(id)).toMatchObject({ result, because: expect.stringMatching(because) });
});

/** Refuses the calls of a burst but the first ones: the only calls that ask for one row without more. */
function throttleAfter(calls: number): NonNullable<LocalAirflow['fault']> {
  let count = 0;
  return ({ path, query }) => {
    if (path !== '/eventLogs' || Object.keys(query).join() !== 'limit' || query.limit !== 1) {
      return undefined;
    }
    count += 1;
    return count > calls
      ? new AwsError('ThrottlingException', 'Rate exceeded', { httpStatus: 429 })
      : undefined;
  };
}

test('a refuted assumption is exit code 1', async () => {
  const { finished } = await doctor({ airflow: { webserverAccess: 'PRIVATE_ONLY' } });
  expect(finished.exitCode).toBe(1);
});

test('without a second witness, and without --env, there is one error', async () => {
  const { finished } = await doctor({ outputs: {} });
  expect(finished.stderr).toMatch(
    /^error: stack MonitorStack-prod has no second witness: set witness/,
  );
  expect(finished.exitCode).toBe(2);
  const nameless = await runInProcess(doctorCommand(), ['--witness']);
  expect(nameless.stderr).toMatch(/--witness needs --env NAME/);
});

test('a form holds fields and types, never what is said', () => {
  const answer = {
    total_entries: 2,
    users: [
      { username: 'carol', last_login: '2026-11-20T06:00:00.123', roles: [{ name: 'Op' }] },
      { username: 'dave', last_login: null, roles: [] },
    ],
    'carol@example.com': true,
  };
  expect(formOf(answer)).toBe(
    '{total_entries: number, users: [2 × {username: text, last_login: time, roles: [1 × {name: text}]} or {username: text, last_login: null, roles: []}], (a name): boolean}',
  );
});

test('the IAM policy for these calls lets nobody call Airflow as another role than Public', () => {
  const policy = JSON.parse(readFileSync('docs/witness-policy.json', 'utf8'));
  const actions = policy.Statement.flatMap(({ Action }: { Action: string | string[] }) => Action);
  expect(actions.toSorted()).toEqual([
    'airflow:GetEnvironment',
    'airflow:InvokeRestApi',
    'cloudformation:DescribeStacks',
    'dynamodb:GetItem',
    'dynamodb:Query',
    'kms:Decrypt',
  ]);
  const rest = policy.Statement.find(
    ({ Action }: { Action: unknown }) => Action === 'airflow:InvokeRestApi',
  );
  expect(rest.Resource).toBe('arn:aws:airflow:*:*:role/*/Public');
});
