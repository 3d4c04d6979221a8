import { CloudWatchLogsClient, GetLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import type { Finding } from '../../../lambda/model/finding.ts';
import { dagOwnersIn, readDagOwners } from '../../../lambda/notify/dag-owners.ts';
import { FakeClient } from '../setup/fake-client.ts';
import { sampleFinding } from '../setup/sample-finding.ts';

/** As Airflow 2.10.3 wrote it in a recorded session. */
const line = (owner: string, dag = 'grant_admin') =>
  `[2026-11-22T05:47:54.131+0000] {taskinstance.py:3132} INFO - Exporting env vars: AIRFLOW_CTX_DAG_OWNER='${owner}' AIRFLOW_CTX_DAG_ID='${dag}' AIRFLOW_CTX_TASK_ID='promote' AIRFLOW_CTX_TRY_NUMBER='1'`;
/** As Airflow up to 2.6 writes it: one event of several lines. */
const older =
  '[2022-08-16, 10:54:46 UTC] {{taskinstance.py:1397}} INFO - Exporting the following env vars:\nAIRFLOW_CTX_DAG_OWNER=data team\nAIRFLOW_CTX_DAG_ID=grant_admin\nAIRFLOW_CTX_TASK_ID=promote';

const { fake, client } = FakeClient.of(CloudWatchLogsClient);
const enough = { remainingMs: () => 60_000 };
const logged: string[] = [];
const shell = { logs: client, log: (_: string, message: string) => void logged.push(message) };
const ask = (findings: readonly Finding[], within = enough) =>
  readDagOwners(shell, findings, within);
const findingIn = (logStream: string, id = sampleFinding.id): Finding => ({
  ...sampleFinding,
  id,
  evidence: sampleFinding.evidence.map((one) => ({ ...one, logStream })),
});

beforeEach(() => {
  fake.reset();
  logged.length = 0;
});

test.each([
  ['the line of Airflow 2.7 and later', [line('data')], ['data']],
  ['the lines of Airflow up to 2.6', [older], ['data team']],
  [
    'an owner with an apostrophe, which Python writes between quotes',
    [line('x').replace("'x'", `"o'brien"`)],
    ["o'brien"],
  ],
  ['no such line', ['Running command: airflow users add-role'], []],
  ['an owner of another DAG', [line('data', 'other')], []],
  ['a line that its author printed as well', [line('data'), line('ceo')], ['data', 'ceo']],
  ['what Airflow masked', [line('***')], []],
  ['a secret', [line('postgres://bob:Fake-pw-1@host/db')], []],
  ['an owner without end', [line('data').replace("'data'", "'data").replaceAll("' ", ' ')], []],
])('reads the owner: %s', (_, messages, owners) => {
  expect(dagOwnersIn(messages, 'grant_admin')).toEqual(owners);
});

test('a log that names many owners gives three, and none of them is longer than a name', () => {
  const messages = ['a', 'b', 'c', 'd', 'x'.repeat(201)].map((owner) => line(owner));
  expect(dagOwnersIn(messages, 'grant_admin')).toEqual(['a', 'b', 'c']);
});

test('findings of one log stream cost one call, which reads the beginning of that stream', async () => {
  fake.on(GetLogEventsCommand).resolves({ events: [{ message: line('data') }] });
  const owners = await ask([sampleFinding, { ...sampleFinding, id: 'f'.repeat(32) }]);
  expect([...owners.values()]).toEqual([['data'], ['data']]);
  const calls = fake.commandCalls(GetLogEventsCommand);
  expect(calls.map(({ args }) => args[0].input)).toEqual([
    {
      logGroupName: 'airflow-prod-Task',
      logStreamName: 'dag_id=grant_admin/run_id=manual/task_id=promote/attempt=1.log',
      startFromHead: true,
      limit: 50,
    },
  ]);
});

test('a call that fails costs the owner, and nothing else', async () => {
  const denied = Object.assign(new Error('no'), { name: 'AccessDeniedException' });
  fake.on(GetLogEventsCommand).resolves({ events: [{ message: line('data') }] });
  fake.on(GetLogEventsCommand, { logStreamName: 'a' }).rejects(denied);
  const owners = await ask([findingIn('a', 'a'), findingIn('b', 'b')]);
  expect([...owners]).toEqual([['b', ['data']]]);
  expect(logged).toEqual(['dag-owner-not-read']);
});

test('at most ten streams are asked in one delivery', async () => {
  fake.on(GetLogEventsCommand).resolves({});
  await ask(Array.from({ length: 30 }, (_, at) => findingIn(`stream ${at}`)));
  expect(fake.commandCalls(GetLogEventsCommand)).toHaveLength(10);
});

test.each([
  ['without a DAG', { ...sampleFinding, actor: {} }],
  ['without evidence', { ...sampleFinding, evidence: [] }],
  [
    'of the web server',
    {
      ...sampleFinding,
      evidence: sampleFinding.evidence.map((one) => ({
        ...one,
        logGroup: 'airflow-prod-WebServer',
      })),
    },
  ],
] as const)('nobody is asked about a finding %s', async (_, finding) => {
  await ask([finding]);
  expect(fake.calls()).toHaveLength(0);
});

test('with less than a second left, nobody is asked', async () => {
  await ask([sampleFinding], { remainingMs: () => 900 });
  expect(fake.calls()).toHaveLength(0);
});
