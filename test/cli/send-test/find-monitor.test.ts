import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { mockClient } from 'aws-sdk-client-mock';
import { findMonitor } from '../../../cli/send-test/find-monitor.ts';
import { UserError } from '../../../cli/user-error.ts';

const cloudFormation = mockClient(CloudFormationClient);
const stack = {
  StackName: 'MonitorStack-prod',
  StackId: 'arn:aws:cloudformation:eu-west-1:111122223333:stack/MonitorStack-prod/id',
  CreationTime: new Date(0),
  StackStatus: 'CREATE_COMPLETE' as const,
  Outputs: [
    { OutputKey: 'FindingsTopicArn', OutputValue: 'arn:findings' },
    { OutputKey: 'AlarmTopicArn', OutputValue: 'arn:alarms' },
    { OutputKey: 'TestAlarmName', OutputValue: 'mwaa-privilege-monitor-prod-airflow-test' },
  ],
};

beforeEach(() => {
  cloudFormation.reset();
  cloudFormation.on(DescribeStacksCommand).resolves({ Stacks: [stack] });
});

const find = (account?: string) =>
  findMonitor(new CloudFormationClient({}), 'MonitorStack-prod', account);

test("a monitor is known by its stack's outputs, where the stack is", async () => {
  expect(await find('111122223333')).toEqual({
    stack: 'MonitorStack-prod',
    account: '111122223333',
    region: 'eu-west-1',
    environment: 'prod-airflow',
    findingsTopicArn: 'arn:findings',
    alarmTopicArn: 'arn:alarms',
    testAlarm: 'mwaa-privilege-monitor-prod-airflow-test',
  });
});

test('credentials of another account than the file names are refused', async () => {
  await expect(find('999988887777')).rejects.toThrow(
    "is in account 111122223333, where these credentials lead; the environment's file says 999988887777",
  );
});

test.each([
  ['ExpiredToken', 'there are no AWS credentials that work: said by AWS'],
  ['UnrecognizedClientException', 'there are no AWS credentials that work: said by AWS'],
  ['AccessDenied', 'these credentials may not call cloudformation:DescribeStacks: said by AWS'],
])('%s is something the user can put right', async (name, expected) => {
  const error = Object.assign(new Error('said by AWS'), { name });
  cloudFormation.on(DescribeStacksCommand).rejects(error);
  const failure = await find().catch((thrown: unknown) => thrown);
  expect(failure).toBeInstanceOf(UserError);
  expect(String(failure)).toContain(expected);
});

test('any other error is not taken for bad input', async () => {
  cloudFormation.on(DescribeStacksCommand).rejects(new TypeError('x is not a function'));
  await expect(find()).rejects.toThrow(TypeError);
});
