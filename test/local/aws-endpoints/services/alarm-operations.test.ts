import {
  CloudWatchClient,
  DescribeAlarmHistoryCommand,
  DescribeAlarmsCommand,
  SetAlarmStateCommand,
  type StateValue,
} from '@aws-sdk/client-cloudwatch';
import { ListSubscriptionsByTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import type { AwsEndpointsOptions } from '../../../../local/aws-endpoints/aws-endpoints.ts';
import { baseAlarm } from '../../alarms/base-alarm.ts';
import { clientFor, endpoints, now, stopEndpoints } from '../with-endpoints.ts';

afterEach(stopEndpoints);

const topicArn = 'arn:aws:sns:us-east-1:000000000000:alarms';
const alarm = baseAlarm({
  name: 'test',
  actions: { ALARM: [topicArn], OK: [], INSUFFICIENT_DATA: [] },
});

async function start(changes: Partial<AwsEndpointsOptions> = {}) {
  const started = await endpoints({ alarms: [alarm], ...changes });
  const client = new CloudWatchClient(clientFor(started));
  const set = (StateValue: StateValue, AlarmName = 'test') =>
    client.send(new SetAlarmStateCommand({ AlarmName, StateValue, StateReason: 'a test' }));
  const history = async () => {
    const { AlarmHistoryItems = [] } = await client.send(
      new DescribeAlarmHistoryCommand({ AlarmName: 'test', HistoryItemType: 'Action' }),
    );
    return AlarmHistoryItems;
  };
  return { started, client, set, history };
}

test('an alarm set to ALARM runs its actions and records them in its history', async () => {
  const { started, set, history } = await start();
  await set('ALARM');
  expect(started.notifications.all()).toMatchObject([
    { topicArn, subject: 'ALARM: "test" in US East (N. Virginia)', publishedEpochMs: now },
  ]);
  expect(await history()).toMatchObject([
    { HistorySummary: `Successfully executed action ${topicArn}`, Timestamp: new Date(now) },
  ]);
});

test('an alarm that already is in a state does nothing', async () => {
  const { started, set, history } = await start();
  for (const state of ['OK', 'ALARM', 'ALARM'] as const) await set(state);
  expect(started.notifications.all()).toHaveLength(1);
  expect(await history()).toHaveLength(1);
});

test('a topic to which alarms cannot publish receives nothing, and only the history shows the error', async () => {
  const error = 'CloudWatch Alarms does not have authorization to access the key';
  const { started, client, set, history } = await start({
    brokenTopics: new Map([[topicArn, error]]),
  });
  await set('ALARM');
  expect(started.notifications.all()).toEqual([]);
  const [item] = await history();
  expect(item?.HistorySummary).toBe(
    `Failed to execute action ${topicArn}. Received error: "${error}"`,
  );
  expect(JSON.parse(item?.HistoryData ?? '')).toMatchObject({ actionState: 'Failed', error });
  const { MetricAlarms } = await client.send(new DescribeAlarmsCommand({ AlarmNames: ['test'] }));
  expect(MetricAlarms).toMatchObject([{ StateValue: 'ALARM', AlarmActions: [topicArn] }]);
});

test('disabled actions are not executed', async () => {
  const { started, set, history } = await start({ alarms: [{ ...alarm, actionsEnabled: false }] });
  await set('ALARM');
  expect([started.notifications.all(), await history()]).toEqual([[], []]);
});

test('an alarm that does not exist cannot be set', async () => {
  const { set } = await start();
  await expect(set('ALARM', 'other')).rejects.toMatchObject({
    name: expect.stringContaining('ResourceNotFound'),
  });
});

test('a topic lists its own subscriptions, including pending ones', async () => {
  const subscription = {
    ...{ topicArn, protocol: 'email', endpoint: 'a@example.com' },
    subscriptionArn: 'PendingConfirmation',
  };
  const { started } = await start({
    subscriptions: [subscription, { ...subscription, topicArn: `${topicArn}-2` }],
  });
  const client = new SNSClient(clientFor(started));
  const { Subscriptions } = await client.send(
    new ListSubscriptionsByTopicCommand({ TopicArn: topicArn }),
  );
  expect(Subscriptions).toEqual([
    {
      TopicArn: topicArn,
      Protocol: 'email',
      Endpoint: 'a@example.com',
      SubscriptionArn: 'PendingConfirmation',
      Owner: '000000000000',
    },
  ]);
});
