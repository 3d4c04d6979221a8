import { minuteMs } from '../../../../lambda/common/time.ts';
import { type Notification, notificationOf } from '../../../../lambda/messages/notification.ts';
import { AlarmEvaluator } from '../../../../local/alarms/alarm-evaluator.ts';
import type { MetricAlarm } from '../../../../local/alarms/metric-alarm.ts';
import { VirtualClock } from '../../../../local/clock.ts';
import type { InvokedMessage } from '../../../../local/demo/run/lambda-messages.ts';
import { replay } from '../../../../local/demo/run/live-through.ts';
import { alarmLabels } from '../../../../local/demo/verdict/log-group-results.ts';
import { MetricRecorder, NotificationRecorder } from '../../../../local/recorders.ts';
import { sampleFinding, sampleSender } from '../../../lambda/setup/sample-finding.ts';

const start = Date.UTC(2026, 10, 22, 5, 45);
const findingsTopicArn = 'arn:aws:sns:us-east-1:000000000000:Findings';
const topicArn = 'arn:aws:sns:us-east-1:000000000000:Alarms';

const errorsAlarm: MetricAlarm = {
  name: 'failing',
  arn: 'arn:aws:cloudwatch:us-east-1:000000000000:alarm:failing',
  region: 'us-east-1',
  accountId: '000000000000',
  description: undefined,
  actionsEnabled: true,
  actions: { ALARM: [topicArn], OK: [], INSUFFICIENT_DATA: [] },
  metric: {
    namespace: 'AWS/Lambda',
    metricName: 'Errors',
    dimensions: { FunctionName: 'Scanner' },
  },
  unit: undefined,
  statistic: 'Sum',
  periodSeconds: 60,
  evaluationPeriods: 1,
  datapointsToAlarm: 1,
  comparisonOperator: 'GreaterThanOrEqualToThreshold',
  threshold: 1,
  treatMissingData: 'notBreaching',
};

/** Two ticks, five minutes apart; by default, the first one fails. */
async function replayTwoTicks(
  errors: readonly (string | undefined)[] = ['Error: no', undefined],
  published: readonly { readonly topicArn: string; readonly notification: Notification }[] = [],
  missed: ReadonlySet<number> = new Set(),
) {
  const endpoints = { metrics: new MetricRecorder(), notifications: new NotificationRecorder() };
  const clock = new VirtualClock(0);
  const clockAtTicks: number[] = [];
  let invocation = 0;
  const invoke = async (): Promise<InvokedMessage> => {
    clockAtTicks.push(clock.nowEpochMs());
    const error = errors[invocation++];
    for (const { topicArn: to, notification } of invocation === 1 ? published : []) {
      endpoints.notifications.record({
        topicArn: to,
        subject: notification.Subject,
        message: notification.Message,
        messageByProtocol: JSON.parse(notification.Message),
        attributes: {},
        messageId: 'message-1',
        publishedEpochMs: clock.nowEpochMs(),
      });
    }
    return {
      type: 'invoked',
      requestId: String(invocation),
      durationMs: 5,
      connections: ['127.0.0.1:1'],
      refusedConnections: [],
      ...(error === undefined ? {} : { error }),
    };
  };
  const replayed = await replay({
    ...{ clock, endpoints, invoke, missed, everyMinutes: 5, functionName: 'Scanner' },
    findingsTopicArn,
    ticks: [start, start + 5 * minuteMs],
    evaluator: new AlarmEvaluator([errorsAlarm], endpoints.metrics),
  });
  return { replayed, endpoints, clockAtTicks };
}

describe('replay', () => {
  test('the clock stands at the tick while the monitor runs', async () => {
    const { clockAtTicks } = await replayTwoTicks();
    expect(clockAtTicks).toEqual([start, start + 5 * minuteMs]);
  });

  test('alarms are evaluated every minute, not only at ticks', async () => {
    const { replayed } = await replayTwoTicks();
    expect(replayed.changes.map(({ newState, epochMs }) => [newState, epochMs])).toEqual([
      ['ALARM', start + minuteMs],
      // Until then the value is within the evaluation range, which is wider than one period.
      ['OK', start + 4 * minuteMs],
    ]);
  });

  test('a failed run counts as an error of the function, and its alarm notifies its topic once', async () => {
    const { replayed, endpoints } = await replayTwoTicks();
    expect(replayed.ticks).toMatchObject([{ error: 'Error: no' }, {}]);
    expect(replayed.notifications).toMatchObject([
      { alarmName: 'failing', state: 'ALARM', topicArn, atEpochMs: start + minuteMs },
    ]);
    expect(endpoints.notifications.all()).toMatchObject([
      { topicArn, publishedEpochMs: start + minuteMs },
    ]);
  });

  test('findings of one tick come in the same order, whatever the order of their messages', async () => {
    const severities = ['medium', 'critical', 'high', 'critical'] as const;
    const notifications = severities.map((severity, at) => ({
      topicArn: findingsTopicArn,
      notification: notificationOf(
        { ...sampleFinding, severity, id: String(at).repeat(32) },
        sampleSender,
      ),
    }));
    const inOrder = [1, 3, 2, 0].map((at) => String(at).repeat(32));
    const idsOf = async (published: typeof notifications) =>
      (await replayTwoTicks(undefined, published)).replayed.findings.map(
        ({ published: one }) => 'id' in one && one.id,
      );
    expect(await idsOf(notifications)).toEqual(inOrder);
    expect(await idsOf(notifications.toReversed())).toEqual(inOrder);
  });

  test('messages of the findings topic are read as people and machines receive them', async () => {
    const notification = notificationOf(sampleFinding, sampleSender);
    const { replayed } = await replayTwoTicks(undefined, [
      { topicArn: 'arn:aws:sns:us-east-1:000000000000:Other', notification },
      { topicArn: findingsTopicArn, notification },
    ]);
    expect(replayed.findings).toEqual([
      {
        atEpochMs: start,
        subject: notification.Subject,
        email: expect.stringContaining('DO FIRST'),
        published: { ...sampleFinding, ...sampleSender, kind: 'finding' },
      },
    ]);
  });

  test('a message of the findings topic that is not a finding fails the run', async () => {
    const notification = {
      ...notificationOf(sampleFinding, sampleSender),
      Message: '{"default":"{}"}',
    };
    const run = replayTwoTicks(undefined, [{ topicArn: findingsTopicArn, notification }]);
    await expect(run).rejects.toThrow(
      'the message message-1 of the findings topic is neither a finding',
    );
  });

  test('a missed tick invokes nothing, but the alarms are still evaluated', async () => {
    const { replayed, clockAtTicks, endpoints } = await replayTwoTicks(
      undefined,
      [],
      new Set([start]),
    );
    expect(clockAtTicks).toEqual([start + 5 * minuteMs]);
    expect(replayed.ticks).toMatchObject([{ missed: true, durationMs: 0 }, { error: 'Error: no' }]);
    expect(replayed.changes.map(({ newState, epochMs }) => [newState, epochMs])).toEqual([
      ['OK', start + minuteMs],
      ['ALARM', start + 6 * minuteMs],
      ['OK', start + 9 * minuteMs],
    ]);
    const errors = endpoints.metrics.series().find(({ metricName }) => metricName === 'Errors');
    expect(errors?.points.map(({ startEpochMs }) => startEpochMs)).toEqual([start + 5 * minuteMs]);
  });

  test('runs without an error notify nobody', async () => {
    const { replayed } = await replayTwoTicks([undefined, undefined]);
    expect(replayed.notifications).toEqual([]);
  });
});

describe('alarmLabels', () => {
  test.each([
    ['lose their common first words', ['a-b-x', 'a-b-y-z'], ['x', 'y-z']],
    ['lose whole words only', ['a-bar', 'a-baz'], ['bar', 'baz']],
    ['do not change when nothing is shared', ['x', 'a-y'], ['x', 'a-y']],
    ['do not change when there is only one', ['a-b-x'], ['a-b-x']],
  ])('labels %s', (_, names, labels) => {
    expect(alarmLabels(names)).toEqual(labels);
  });
});
