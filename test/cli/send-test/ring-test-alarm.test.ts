import {
  CloudWatchClient,
  DescribeAlarmHistoryCommand,
  DescribeAlarmsCommand,
  type MetricAlarm,
  SetAlarmStateCommand,
} from '@aws-sdk/client-cloudwatch';
import { mockClient } from 'aws-sdk-client-mock';
import type { DeployedMonitor } from '../../../cli/common/deployed-monitor.ts';
import { ringTestAlarm } from '../../../cli/send-test/test-notifications.ts';

const cloudWatch = mockClient(CloudWatchClient);

afterAll(() => cloudWatch.restore());
const monitor: DeployedMonitor = {
  stack: 'MonitorStack-prod',
  account: '111122223333',
  region: 'eu-west-1',
  environment: 'prod',
  configured: { kind: 'file', stack: 'MonitorStack-prod' },
  findingsTopicArn: 'arn:findings',
  alarmTopicArn: 'arn:alarms',
  testAlarm: 'monitor-test',
  ledgerTable: 'ledger',
  scannerFunction: 'scanner',
};
const alarm: MetricAlarm = { AlarmActions: ['arn:alarms'], ActionsEnabled: true, StateValue: 'OK' };
const entry = (second: number) => ({
  HistoryItemType: 'Action' as const,
  HistorySummary: 'Successfully executed action arn:alarms',
  Timestamp: new Date(second * 1_000),
});

beforeEach(() => {
  cloudWatch.reset();
  cloudWatch.on(DescribeAlarmsCommand).resolves({ MetricAlarms: [alarm] });
  cloudWatch.on(SetAlarmStateCommand).resolves({});
  cloudWatch.on(DescribeAlarmHistoryCommand).resolves({ AlarmHistoryItems: [] });
});

/** Runs the test alarm with a clock that only sleeps advance. */
async function ring() {
  let nowEpochMs = 0;
  const steps = await ringTestAlarm(
    {
      cloudWatch: new CloudWatchClient({}),
      nowEpochMs: () => nowEpochMs,
      sleep: async (ms) => {
        nowEpochMs += ms;
      },
    },
    monitor,
  );
  return { steps: steps.map(({ step, ok }) => [step, ok]), details: steps, waitedMs: nowEpochMs };
}

const states = () =>
  cloudWatch
    .commandCalls(SetAlarmStateCommand)
    .map(({ args: [{ input }] }) => [input.StateValue, input.StateReason]);

test('it waits for an entry that is newer than all earlier ones by CloudWatch’s clock', async () => {
  cloudWatch
    .on(DescribeAlarmHistoryCommand)
    .resolvesOnce({ AlarmHistoryItems: [entry(5)] })
    .resolvesOnce({ AlarmHistoryItems: [entry(5)] })
    .resolvesOnce({ AlarmHistoryItems: [entry(5)] })
    .resolves({ AlarmHistoryItems: [entry(6), entry(5)] });
  const { steps, waitedMs } = await ring();
  expect(steps).toEqual([
    ['ring', true],
    ['alarm-action', true],
    ['back-to-ok', true],
  ]);
  expect(waitedMs).toBe(4_000);
  expect(states()).toEqual([
    ['ALARM', expect.stringContaining('A test')],
    ['OK', expect.stringContaining('test')],
  ]);
});

test('without an entry it gives up after a minute and resets the alarm', async () => {
  const { steps, waitedMs } = await ring();
  expect(steps).toEqual([
    ['ring', true],
    ['alarm-action', false],
    ['back-to-ok', true],
  ]);
  expect(waitedMs).toBe(60_000);
});

test('an alarm still in ALARM is set to OK first, since only a change has actions', async () => {
  cloudWatch
    .on(DescribeAlarmsCommand)
    .resolves({ MetricAlarms: [{ ...alarm, StateValue: 'ALARM' }] });
  await ring();
  expect(states().map(([state]) => state)).toEqual(['OK', 'ALARM', 'OK']);
});

test.each<[string, MetricAlarm[], string]>([
  ['does not exist', [], 'there is no alarm monitor-test'],
  ['has its actions disabled', [{ ...alarm, ActionsEnabled: false }], 'are disabled'],
  ['has no action', [{ ...alarm, AlarmActions: [] }], 'has no action for topic arn:alarms'],
])('an alarm that %s is not set to ALARM', async (_, MetricAlarms, expected) => {
  cloudWatch.on(DescribeAlarmsCommand).resolves({ MetricAlarms });
  const { steps, details } = await ring();
  expect(steps).toEqual([['ring', false]]);
  expect(details[0]?.detail).toContain(expected);
  expect(details[0]?.fix).toBe(
    'npx cdk deploy --revert-drift MonitorStack-prod puts the alarm back',
  );
  expect(states()).toEqual([]);
});

test('a denied SetAlarmState names the required permissions', async () => {
  const denied = Object.assign(new Error('not authorized'), { name: 'AccessDenied' });
  cloudWatch.on(SetAlarmStateCommand).rejects(denied);
  const { steps, details } = await ring();
  expect(steps).toEqual([['ring', false]]);
  expect(details[0]?.fix).toContain('SetAlarmState');
});

test('a denied history still resets the alarm', async () => {
  const denied = Object.assign(new Error('not authorized'), { name: 'AccessDenied' });
  cloudWatch
    .on(DescribeAlarmHistoryCommand)
    .resolvesOnce({ AlarmHistoryItems: [] })
    .rejects(denied);
  const { steps } = await ring();
  expect(steps).toEqual([
    ['ring', true],
    ['alarm-action', false],
    ['back-to-ok', true],
  ]);
});
