import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SNSClient } from '@aws-sdk/client-sns';
import { sendTestCommand } from '../../../cli/send-test/send-test-command.ts';
import { namesFor } from '../../../infra/naming/names.ts';
import { InvalidInputError } from '../../../lambda/common/parse-input.ts';
import { publishedTestSchema } from '../../../lambda/model/finding.ts';
import { createEntry } from '../../../lambda/tick/create-entry.ts';
import type {
  AwsEndpoints,
  AwsEndpointsOptions,
} from '../../../local/aws-endpoints/aws-endpoints.ts';
import { healthyMonitor } from '../../lambda/setup/monitor-fixture.ts';
import { baseAlarm } from '../../local/alarms/base-alarm.ts';
import { clientFor, endpoints, stopEndpoints } from '../../local/aws-endpoints/with-endpoints.ts';
import { runInProcess } from '../run-in-process.ts';

afterEach(stopEndpoints);

const topic = (name: string) => `arn:aws:sns:us-east-1:000000000000:${name}`;
const [findings, alarms] = [topic('Findings'), topic('Alarms')];
const testAlarm = namesFor('prod_airflow').alarms.test;
const outputs = {
  FindingsTopicArn: findings,
  AlarmTopicArn: alarms,
  TestAlarmName: testAlarm,
  LedgerTableName: 'ledger',
  ScannerFunctionName: 'Scanner',
  Other: 'x',
};
const subscription = (topicArn: string, subscriptionArn = `${topicArn}:1`) => ({
  ...{ topicArn, subscriptionArn },
  protocol: 'email',
  endpoint: 'oncall@example.com',
});

/** A working deployed monitor, in an emulated account on this machine. */
const working: Partial<AwsEndpointsOptions> = {
  stacks: { 'MonitorStack-prod-airflow': outputs },
  alarms: [
    baseAlarm({
      name: testAlarm,
      actions: { ALARM: [alarms], OK: [], INSUFFICIENT_DATA: [] },
    }),
  ],
  subscriptions: [subscription(findings), subscription(alarms)],
};

/** The account with the monitor's own function in it, which publishes to its topic. */
async function accountWith(changes: Partial<AwsEndpointsOptions> = {}): Promise<AwsEndpoints> {
  const { monitor } = healthyMonitor();
  let clients: ReturnType<typeof clientFor> | undefined;
  const entry = createEntry(async () => ({
    ...monitor,
    config: { ...monitor.config, mwaaEnvironment: 'prod_airflow', findingsTopicArn: findings },
    sns: new SNSClient(clients ?? {}),
  }));
  const started = await endpoints({
    ...working,
    functions: { Scanner: (event) => entry(event, { getRemainingTimeInMillis: () => 60_000 }) },
    ...changes,
  });
  clients = clientFor(started);
  return started;
}

async function sendTest(
  changes: Partial<AwsEndpointsOptions> = {},
  args: readonly string[] = ['--env', 'prod_airflow'],
) {
  const started = await accountWith(changes);
  const run = await runInProcess(sendTestCommand(), args, awsEnvironment(started));
  return { ...run, published: started.notifications.all() };
}

function awsEnvironment({ url }: AwsEndpoints): NodeJS.ProcessEnv {
  return {
    AWS_ENDPOINT_URL: url,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_CONFIG_FILE: '/nowhere',
    AWS_SHARED_CREDENTIALS_FILE: '/nowhere',
    AWS_EC2_METADATA_DISABLED: 'true',
  };
}

test('with a working monitor, one test finding and one alarm arrive, and each step succeeds', async () => {
  const { exitCode, stdout, stderr, published } = await sendTest();
  expect(stderr).toBe('');
  expect(exitCode).toBe(0);
  expect(published.map(({ topicArn, subject }) => [topicArn, subject])).toEqual([
    [findings, expect.stringMatching(/^\[TEST\] prod_airflow: This is a test/)],
    [alarms, expect.stringMatching(/^ALARM: "mwaa-privilege-monitor-prod_airflow-test"/)],
  ]);
  expect(stdout).toContain('MonitorStack-prod-airflow in us-east-1, account 000000000000');
  expect(stdout.match(/^ok /gm)).toHaveLength(6);
  expect(stdout).toContain('topic findings: email oncall@example.com');
  expect(stdout).not.toContain('FAILED');
});

test('the message is a valid test finding, marked as a test for people and machines', async () => {
  const { published } = await sendTest();
  const [message] = published;
  const json = JSON.parse(message?.messageByProtocol?.default ?? '');
  expect(publishedTestSchema.parse(json)).toMatchObject({
    kind: 'test',
    environment: 'prod_airflow',
    evidence: [],
  });
  expect(message?.messageByProtocol?.email).toMatch(
    /^THIS IS A TEST\.\n[\s\S]*account 000000000000, Region us-east-1/,
  );
  expect(message?.attributes).toMatchObject({ kind: 'test', severity: 'critical' });
});

test('--json prints only the steps', async () => {
  const { exitCode, stdout } = await sendTest({}, ['--env', 'prod_airflow', '--json']);
  expect(exitCode).toBe(0);
  const { ok, environment, steps } = JSON.parse(stdout);
  expect([ok, environment]).toEqual([true, 'prod_airflow']);
  expect(steps.map(({ step }: { step: string }) => step)).toEqual([
    'findings-subscriptions',
    'alarm-subscriptions',
    'publish',
    'ring',
    'alarm-action',
    'back-to-ok',
  ]);
});

test("a key that denies CloudWatch is found in the alarm's history and shown with a fix", async () => {
  const error =
    'CloudWatch Alarms does not have authorization to access the SNS topic encryption key.';
  const { exitCode, stdout, published } = await sendTest({
    brokenTopics: new Map([[alarms, error]]),
  });
  expect(exitCode).toBe(1);
  expect(stdout).toContain(`could not publish it: ${error}`);
  expect(stdout).toContain('kms:Decrypt and kms:GenerateDataKey*');
  expect(stdout).toContain('was set back to OK');
  expect(published.map(({ topicArn }) => topicArn)).toEqual([findings]);
});

test.each([
  ['no subscription', [subscription(alarms)], 'topic findings: there are no subscriptions'],
  [
    'an unconfirmed subscription',
    [subscription(findings, 'PendingConfirmation'), subscription(alarms)],
    'email oncall@example.com has not confirmed and receives nothing',
  ],
])('%s is a failure, and the rest is tested nevertheless', async (_, subscriptions, expected) => {
  const { exitCode, stdout, published } = await sendTest({ subscriptions });
  expect(exitCode).toBe(1);
  expect(stdout).toContain(expected);
  expect(stdout.match(/^FAILED /gm)).toHaveLength(1);
  expect(published).toHaveLength(2);
});

test('a deleted topic fails its steps, not the others', async () => {
  const { exitCode, stdout, published } = await sendTest({ topicArns: [alarms] });
  expect(exitCode).toBe(1);
  expect(stdout.match(/^FAILED .*NotFound/gm)).toHaveLength(2);
  expect(published.map(({ topicArn }) => topicArn)).toEqual([alarms]);
});

test.each<[string, Partial<AwsEndpointsOptions>, readonly string[], string]>([
  ['no environment', {}, [], "required option '--env <name>' not specified"],
  [
    'a name that no stack can have',
    {},
    ['--env', 'prod/airflow'],
    '--env: must begin with a letter and have at most 80 letters, digits, "-" and "_" (got "prod/airflow")',
  ],
  [
    'an environment that is not deployed',
    {},
    ['--env', 'other'],
    'there is no stack MonitorStack-other',
  ],
  [
    'a stack of an older version',
    {
      stacks: {
        'MonitorStack-prod-airflow': { FindingsTopicArn: findings, AlarmTopicArn: alarms },
      },
    },
    ['--env', 'prod_airflow'],
    'has no output TestAlarmName, LedgerTableName, ScannerFunctionName: it was deployed by another version',
  ],
])('%s is bad input, and nothing is published', async (_, changes, args, expected) => {
  const { exitCode, stderr, published } = await sendTest(changes, args);
  expect(stderr).toContain(expected);
  expect(stderr.trim().split('\n')).toHaveLength(1);
  expect(exitCode).toBe(2);
  expect(published).toEqual([]);
});

test('credentials are from the given profile', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'send-test-'));
  const file = join(directory, 'credentials');
  writeFileSync(file, '[ops]\naws_access_key_id = ops\naws_secret_access_key = x\n');
  const { url } = await accountWith();
  const args = ['--env', 'prod_airflow', '--profile'];
  const environment = {
    ...{ AWS_ENDPOINT_URL: url, AWS_REGION: 'us-east-1', AWS_EC2_METADATA_DISABLED: 'true' },
    ...{ AWS_CONFIG_FILE: '/nowhere', AWS_SHARED_CREDENTIALS_FILE: file },
    ...{ AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' },
  };
  const [ops, nobody] = [
    await runInProcess(sendTestCommand(), [...args, 'ops'], environment),
    await runInProcess(sendTestCommand(), [...args, 'nobody'], environment),
  ];
  rmSync(directory, { recursive: true });
  expect(ops).toMatchObject({ exitCode: 0, stderr: '' });
  expect(nobody.stderr).toMatch(/^error: no valid AWS credentials were found: .*\n$/);
});

test.each<[string, AwsEndpointsOptions['functions'], string]>([
  ['a function that was deleted', {}, 'Function not found: Scanner'],
  [
    'a function of an older version',
    {
      Scanner: async () => {
        throw new InvalidInputError(
          'scheduled event: field "source": must be "aws.events", got "x"',
        );
      },
    },
    'its version does not know send-test; run npx cdk deploy ',
  ],
  [
    'a function that answers something else',
    { Scanner: async () => ({ skipped: 'busy' }) },
    'did not publish a test finding: Error: {"skipped":"busy"}',
  ],
])('%s fails its step, not the others', async (_, functions, expected) => {
  const { exitCode, stdout, published } = await sendTest({ functions });
  expect(exitCode).toBe(1);
  expect(stdout).toContain(expected);
  expect(stdout.match(/^FAILED /gm)).toHaveLength(1);
  expect(published.map(({ topicArn }) => topicArn)).toEqual([alarms]);
});

test('missing credentials are one error line', async () => {
  const started = await endpoints(working);
  const { exitCode, stderr } = await runInProcess(sendTestCommand(), ['--env', 'prod_airflow'], {
    ...awsEnvironment(started),
    AWS_ACCESS_KEY_ID: '',
    AWS_SECRET_ACCESS_KEY: '',
  });
  expect(stderr).toMatch(/^error: no valid AWS credentials were found: .*\n$/);
  expect(exitCode).toBe(2);
  expect(started.notifications.all()).toEqual([]);
});
