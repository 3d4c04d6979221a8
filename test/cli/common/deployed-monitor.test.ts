import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { mockClient } from 'aws-sdk-client-mock';
import { findMonitor } from '../../../cli/common/deployed-monitor.ts';
import { UserError } from '../../../cli/common/output.ts';

const cloudFormation = mockClient(CloudFormationClient);

afterAll(() => cloudFormation.restore());
const stack = {
  StackName: 'MonitorStack-prod',
  StackId: 'arn:aws:cloudformation:eu-west-1:111122223333:stack/MonitorStack-prod/id',
  CreationTime: new Date(0),
  StackStatus: 'CREATE_COMPLETE' as const,
  Outputs: [
    { OutputKey: 'FindingsTopicArn', OutputValue: 'arn:findings' },
    { OutputKey: 'AlarmTopicArn', OutputValue: 'arn:alarms' },
    { OutputKey: 'TestAlarmName', OutputValue: 'mwaa-privilege-monitor-prod-airflow-test' },
    { OutputKey: 'LedgerTableName', OutputValue: 'ledger' },
    { OutputKey: 'ScannerFunctionName', OutputValue: 'Scanner-1' },
  ],
};

beforeEach(() => {
  cloudFormation.reset();
  cloudFormation.on(DescribeStacksCommand).resolves({ Stacks: [stack] });
});

const find = (account?: string, sought: { name: string; file?: string } = { name: 'prod' }) =>
  findMonitor(new CloudFormationClient({}), { ...sought, account });

test("a monitor's topics, alarm, function, account and Region are from its stack", async () => {
  expect(await find('111122223333')).toEqual({
    stack: 'MonitorStack-prod',
    account: '111122223333',
    region: 'eu-west-1',
    environment: 'prod-airflow',
    // Options would have given the stack the name of its MWAA environment.
    configured: { kind: 'file', stack: 'MonitorStack-prod' },
    findingsTopicArn: 'arn:findings',
    alarmTopicArn: 'arn:alarms',
    testAlarm: 'mwaa-privilege-monitor-prod-airflow-test',
    ledgerTable: 'ledger',
    scannerFunction: 'Scanner-1',
  });
});

test('credentials for another account than in the file are refused', async () => {
  await expect(find('999988887777')).rejects.toThrow(
    "these credentials are for account 111122223333, which has stack MonitorStack-prod; the environment's file says account 999988887777",
  );
});

test.each([
  ['ExpiredToken', 'no valid AWS credentials were found: said by AWS'],
  ['UnrecognizedClientException', 'no valid AWS credentials were found: said by AWS'],
  ['AccessDenied', 'these credentials may not call cloudformation:DescribeStacks: said by AWS'],
])('%s is an error that the user can fix', async (name, expected) => {
  const error = Object.assign(new Error('said by AWS'), { name });
  cloudFormation.on(DescribeStacksCommand).rejects(error);
  const failure = await find().catch((thrown: unknown) => thrown);
  expect(failure).toBeInstanceOf(UserError);
  expect(String(failure)).toContain(expected);
});

test('any other error is not reported as bad input', async () => {
  cloudFormation.on(DescribeStacksCommand).rejects(new TypeError('x is not a function'));
  await expect(find()).rejects.toThrow(TypeError);
});

test.each([
  ['a file', { name: 'prod-airflow', file: 'prod' }, 'npx cdk deploy MonitorStack-prod'],
  [
    'options',
    { name: 'prod' },
    'npx cdk deploy -c mwaaEnvironment=prod -c email=ADDRESS, with every -c of the last deployment',
  ],
])('a stack of another version is deployed as it was configured: by %s', async (_, sought, fix) => {
  cloudFormation.on(DescribeStacksCommand).resolves({ Stacks: [{ ...stack, Outputs: [] }] });
  await expect(find(undefined, sought)).rejects.toThrow(
    `stack MonitorStack-prod has no output FindingsTopicArn, AlarmTopicArn, TestAlarmName, LedgerTableName, ScannerFunctionName: it was deployed by another version; run ${fix}`,
  );
});

test('a stack whose name two environments could have is tested for its own only', async () => {
  await expect(find(undefined, { name: 'prod_airflow' })).rejects.toThrow(
    'stack MonitorStack-prod-airflow watches MWAA environment prod-airflow, not prod_airflow: give --env prod-airflow',
  );
});

test('a misspelt name comes with the name that is meant', async () => {
  cloudFormation
    .on(DescribeStacksCommand)
    .rejects(new Error('Stack with id MonitorStack-production-wset does not exist'));
  await expect(
    findMonitor(new CloudFormationClient({}), {
      name: 'production-wset',
      otherNames: ['production-west', 'staging'],
    }),
  ).rejects.toThrow(
    'there is no stack MonitorStack-production-wset in this account and Region (did you mean production-west?); deploy it first:',
  );
});

describe('a monitor in the stack of an app', () => {
  /** As the CDK names them, for a construct of that path. */
  const inApp = (path: string, environment: string) =>
    stack.Outputs.map(({ OutputKey, OutputValue }, index) => ({
      OutputKey: `${path}${OutputKey}0A1B2C3${index}`,
      OutputValue: OutputValue.replace('prod-airflow', environment).replace('arn:', `arn:${path}:`),
    }));
  const Outputs = [
    { OutputKey: 'BucketName', OutputValue: 'bucket' },
    ...inApp('Monitor', 'prod'),
    ...inApp('MonitorTest', 'test'),
  ];
  const inStack = (name: string, sought: object = {}) =>
    findMonitor(new CloudFormationClient({}), { name, stack: 'Platform', ...sought });

  beforeEach(() => {
    cloudFormation.on(DescribeStacksCommand).rejects(new Error('does not exist'));
    cloudFormation
      .on(DescribeStacksCommand, { StackName: 'Platform' })
      .resolves({ Stacks: [{ ...stack, StackName: 'Platform', Outputs }] });
  });

  test('is found by its environment, beside others', async () => {
    await expect(inStack('prod')).resolves.toMatchObject({
      ...{ environment: 'prod', findingsTopicArn: 'arn:Monitor:findings' },
      configured: { kind: 'file', stack: 'Platform' },
    });
    await expect(inStack('test')).resolves.toMatchObject({
      ...{ environment: 'test', findingsTopicArn: 'arn:MonitorTest:findings' },
    });
  });

  test('is found by the environment that its file describes', async () => {
    await expect(inStack('live', { file: 'live', mwaaEnvironment: 'prod' })).resolves.toMatchObject(
      { environment: 'prod', findingsTopicArn: 'arn:Monitor:findings' },
    );
  });

  test('is not another one', async () => {
    await expect(inStack('dev')).rejects.toThrow('stack Platform has no output FindingsTopicArn');
    cloudFormation.on(DescribeStacksCommand).resolves({ Stacks: [stack] });
    await expect(inStack('dev')).rejects.toThrow(
      'stack Platform watches MWAA environment prod-airflow, not dev: give --env prod-airflow',
    );
  });
});
