import {
  PublishCommand,
  paginateListSubscriptionsByTopic,
  type SNSClient,
  type Subscription,
} from '@aws-sdk/client-sns';
import { callFailure } from '../shared/aws-failure.ts';
import type { DeployedMonitor } from './find-monitor.ts';
import { judgeSubscriptions } from './judge-subscriptions.ts';
import { type RingShell, ringTestAlarm } from './ring-test-alarm.ts';
import type { Step } from './step.ts';
import { testFinding, testNotification } from './test-finding.ts';

export interface TestShell extends RingShell {
  readonly sns: SNSClient;
}

/**
 * Tests whether findings and alarms of a monitor reach people: checks the subscriptions, publishes
 * a test finding, and triggers the test alarm. A failed step does not prevent the others.
 *
 * @param onStep called after each step
 */
export async function testNotifications(
  shell: TestShell,
  monitor: DeployedMonitor,
  onStep: (step: Step) => void,
): Promise<Step[]> {
  const steps: Step[] = [];
  const add = (step: Step) => {
    steps.push(step);
    onStep(step);
  };
  const { findingsTopicArn, alarmTopicArn, stack } = monitor;
  add(await subscriptionsOf('findings-subscriptions', 'findings', findingsTopicArn));
  add(await subscriptionsOf('alarm-subscriptions', 'alarms', alarmTopicArn));
  add(await publishTest());
  for (const step of await ringTestAlarm(shell, monitor)) add(step);
  return steps;

  async function subscriptionsOf(
    step: Step['step'],
    topic: string,
    topicArn: string,
  ): Promise<Step> {
    try {
      const subscriptions: Subscription[] = [];
      const pages = paginateListSubscriptionsByTopic({ client: shell.sns }, { TopicArn: topicArn });
      for await (const page of pages) subscriptions.push(...(page.Subscriptions ?? []));
      return judgeSubscriptions(step, topic, subscriptions, stack);
    } catch (error) {
      const permission = `sns:ListSubscriptionsByTopic on ${topicArn}`;
      return { step, ok: false, ...callFailure(error, permission) };
    }
  }

  async function publishTest(): Promise<Step> {
    const step = 'publish';
    const finding = testFinding({ ...monitor, nowEpochMs: shell.nowEpochMs() });
    try {
      const { MessageId } = await shell.sns.send(
        new PublishCommand({ TopicArn: findingsTopicArn, ...testNotification(finding) }),
      );
      const detail = `a test finding was published to topic findings (message ${MessageId}, finding ${finding.id})`;
      return { step, ok: true, detail };
    } catch (error) {
      return { step, ok: false, ...callFailure(error, `sns:Publish on ${findingsTopicArn}`) };
    }
  }
}
