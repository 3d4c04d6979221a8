import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readRuntimeEnvironment } from '../../../lambda/runtime-environment.ts';
import { documentedPlan, runtimeConfig } from '../setup/monitor-fixture.ts';

let taskRoot = '';
const config = runtimeConfig;
const plan = documentedPlan;

beforeAll(async () => {
  taskRoot = await mkdtemp(join(tmpdir(), 'task-root-'));
});
beforeEach(() => writePlan(JSON.stringify(plan)));
afterAll(() => rm(taskRoot, { recursive: true }));

function writePlan(text: string): Promise<void> {
  return writeFile(join(taskRoot, 'scan-plan.json'), text);
}

function read(changes: Record<string, string | undefined> = {}) {
  return readRuntimeEnvironment({
    MONITOR_CONFIG: JSON.stringify(config),
    LAMBDA_TASK_ROOT: taskRoot,
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'id',
    AWS_SECRET_ACCESS_KEY: 'secret',
    AWS_SESSION_TOKEN: 'token',
    ...changes,
  });
}

function readConfig(changes: Record<string, unknown>) {
  return read({ MONITOR_CONFIG: JSON.stringify({ ...config, ...changes }) });
}

test('configuration, plan, region, credentials and endpoint are read', async () => {
  expect(await read()).toEqual({
    config,
    plan,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'id', secretAccessKey: 'secret', sessionToken: 'token' },
    mwaaEndpoint: 'https://api.airflow.eu-west-1.amazonaws.com',
  });
});

test.each([
  'MONITOR_CONFIG',
  'LAMBDA_TASK_ROOT',
  'AWS_REGION',
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
])('%s must be set', async (name) => {
  await expect(read({ [name]: undefined })).rejects.toThrow(
    `environment variable ${name}: must be set`,
  );
  await expect(read({ [name]: '' })).rejects.toThrow(`environment variable ${name}: must be set`);
});

test('Regions in China have their own domain', async () => {
  expect((await read({ AWS_REGION: 'cn-north-1' })).mwaaEndpoint).toBe(
    'https://api.airflow.cn-north-1.amazonaws.com.cn',
  );
});

test('a configured endpoint gets no host prefix, and one for MWAA takes precedence', async () => {
  const AWS_ENDPOINT_URL = 'http://127.0.0.1:1';
  const AWS_ENDPOINT_URL_MWAA = 'http://127.0.0.1:2';
  expect((await read({ AWS_ENDPOINT_URL })).mwaaEndpoint).toBe(AWS_ENDPOINT_URL);
  expect((await read({ AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_MWAA })).mwaaEndpoint).toBe(
    AWS_ENDPOINT_URL_MWAA,
  );
});

test('an endpoint that is not a URL is rejected', async () => {
  await expect(read({ AWS_ENDPOINT_URL: 'localhost' })).rejects.toThrow(
    'environment variable AWS_ENDPOINT_URL: must be a URL, got "localhost"',
  );
});

test.each([
  ['an unknown field', { everyMinute: 5 }, /MONITOR_CONFIG: Unrecognized key: "everyMinute"/],
  ['no environment', { mwaaEnvironment: undefined }, /field "mwaaEnvironment": .*got nothing/],
  ['an empty environment', { mwaaEnvironment: '' }, /field "mwaaEnvironment": .*got ""/],
  ['a period of none', { everyMinutes: 0 }, /field "everyMinutes": .*>=1.*got 0/],
  ['a fraction', { everyMinutes: 1.5 }, /field "everyMinutes": .*int.*got 1.5/],
  ['a text for a number', { settleMinutes: '5' }, /field "settleMinutes": .*number.*got "5"/],
  ['a period that drifts', { everyMinutes: 7 }, /field "everyMinutes": must divide 60.*got 7/],
  ['hours that drift', { everyMinutes: 300 }, /field "everyMinutes": must divide 60.*got 300/],
])('a configuration with %s is rejected with field and value', async (_, changes, message) => {
  await expect(readConfig(changes)).rejects.toThrow(message);
});

test.each([1, 5, 60, 120, 1440])('a period of %i minutes is accepted', async (everyMinutes) => {
  expect((await readConfig({ everyMinutes })).config.everyMinutes).toBe(everyMinutes);
});

test('a configuration that is not JSON is rejected', async () => {
  await expect(read({ MONITOR_CONFIG: '{' })).rejects.toThrow(
    'environment variable MONITOR_CONFIG: is not JSON',
  );
});

test.each([
  ['is no JSON', 'stats', /scan-plan\.json: is not JSON/],
  ['is of another schema', '{"schema":2}', /scan-plan\.json: field "schema": .*got 2/],
  ['has no query', '{"schema":1}', /field "documentedQuery": .*got nothing/],
])('a scan plan that %s is rejected', async (_, text, message) => {
  await writePlan(text);
  await expect(read()).rejects.toThrow(message);
});

test('an invalid program of a regexp is rejected with its field, the problem and the text seen', async () => {
  const condition = { field: 'message', like: 'a', program: 'AgAA' };
  const candidates = [{ id: 'one', filter: 'x', condition: { and: [condition] } }];
  await writePlan(JSON.stringify({ ...plan, candidates }));
  await expect(read()).rejects.toThrow(
    'field "candidates[0].condition.and[0].program": must be the program of a regexp, but the version at byte 0 is 2, and must be from 1 to 1, got "AgAA"',
  );
});

test('a missing scan plan is reported with its path', async () => {
  await expect(read({ LAMBDA_TASK_ROOT: '/nowhere' })).rejects.toThrow(
    'scan plan /nowhere/scan-plan.json: cannot be read',
  );
});

test('a topic without an account is rejected', async () => {
  await expect(readConfig({ eventBusArn: 'findings' })).rejects.toThrow(
    'environment variable MONITOR_CONFIG: field "eventBusArn": must be the ARN of an event bus, got "findings"',
  );
  await expect(readConfig({ findingsTopicArn: 'Findings' })).rejects.toThrow(
    'environment variable MONITOR_CONFIG: field "findingsTopicArn": must be the ARN of an SNS topic, got "Findings"',
  );
});
