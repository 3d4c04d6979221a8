import {
  type AlarmHistoryItem,
  type CloudWatchClient,
  DescribeAlarmHistoryCommand,
  DescribeAlarmsCommand,
  SetAlarmStateCommand,
  type StateValue,
} from '@aws-sdk/client-cloudwatch';
import { InvokeCommand, type InvokeCommandOutput, type LambdaClient } from '@aws-sdk/client-lambda';
import {
  paginateListSubscriptionsByTopic,
  type SNSClient,
  type Subscription,
} from '@aws-sdk/client-sns';
import { z } from 'zod';
import { cdkCommand, commandNote } from '../../infra/naming/cdk-commands.ts';
import { errorCharactersMax } from '../../lambda/common/log.ts';
import { abridged } from '../../lambda/common/text.ts';
import { testEvent } from '../../lambda/notify/test-finding.ts';
import { callFailure } from '../common/aws-failure.ts';
import type { DeployedMonitor } from '../common/deployed-monitor.ts';
import {
  actionResult,
  judgeAction,
  judgeSubscriptions,
  restoreText,
  type Step,
} from './judge-history.ts';

/** CloudWatch runs an action within seconds of the state change. */
const patienceMs = 60_000;
const pollMs = 2_000;

interface RingShell {
  readonly cloudWatch: Pick<CloudWatchClient, 'send'>;
  readonly nowEpochMs: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}

/**
 * Sets the test alarm to ALARM, waits until its history shows the result of its action, and sets it
 * back to OK in any case.
 */
export async function ringTestAlarm(
  shell: RingShell,
  { testAlarm, alarmTopicArn, environment, configured }: DeployedMonitor,
): Promise<Step[]> {
  const { cloudWatch } = shell;
  const set = (StateValue: StateValue, StateReason: string) =>
    cloudWatch.send(new SetAlarmStateCommand({ AlarmName: testAlarm, StateValue, StateReason }));
  const steps: Step[] = [];
  try {
    const problem = await alarmProblem();
    if (problem !== undefined) {
      const fix = `${restoreText(configured)} puts the alarm back`;
      return [{ step: 'ring', ok: false, detail: problem, fix }];
    }
    const before = newestOf(await history());
    await set('ALARM', 'A test by privilege-monitor send-test: nothing has happened.');
    steps.push({ step: 'ring', ok: true, detail: `alarm ${testAlarm} was set to ALARM` });
    const startedMs = shell.nowEpochMs();
    let result = actionResult(await history(), alarmTopicArn, before);
    while (result === undefined && shell.nowEpochMs() - startedMs < patienceMs) {
      await shell.sleep(pollMs);
      result = actionResult(await history(), alarmTopicArn, before);
    }
    const waitedSeconds = Math.round((shell.nowEpochMs() - startedMs) / 1000);
    steps.push(judgeAction(result, { alarm: testAlarm, environment, configured, waitedSeconds }));
  } catch (error) {
    const permission = `cloudwatch:DescribeAlarms, SetAlarmState and DescribeAlarmHistory on ${testAlarm}`;
    const isRinging = steps.length > 0;
    const step = isRinging ? 'alarm-action' : 'ring';
    steps.push({ step, ok: false, ...callFailure(error, permission) });
    if (!isRinging) return steps;
  }
  return [...steps, await backToOk()];

  /**
   * Why the alarm cannot notify; resets one that is still in ALARM, since only a change has
   * actions.
   */
  async function alarmProblem(): Promise<string | undefined> {
    const { MetricAlarms } = await cloudWatch.send(
      new DescribeAlarmsCommand({ AlarmNames: [testAlarm] }),
    );
    const [alarm] = MetricAlarms ?? [];
    if (alarm === undefined) return `there is no alarm ${testAlarm}`;
    if (alarm.ActionsEnabled === false) return `the actions of alarm ${testAlarm} are disabled`;
    if (!alarm.AlarmActions?.includes(alarmTopicArn)) {
      return `alarm ${testAlarm} has no action for topic ${alarmTopicArn}`;
    }
    if (alarm.StateValue === 'ALARM') await set('OK', 'Left over from an earlier test.');
    return undefined;
  }

  async function history(): Promise<readonly AlarmHistoryItem[]> {
    const { AlarmHistoryItems } = await cloudWatch.send(
      new DescribeAlarmHistoryCommand({
        AlarmName: testAlarm,
        HistoryItemType: 'Action',
        ScanBy: 'TimestampDescending',
        MaxRecords: 20,
      }),
    );
    return AlarmHistoryItems ?? [];
  }

  async function backToOk(): Promise<Step> {
    try {
      await set('OK', 'The test by privilege-monitor send-test is over.');
      return { step: 'back-to-ok', ok: true, detail: `alarm ${testAlarm} was set back to OK` };
    } catch (error) {
      const { detail } = callFailure(error, '');
      const fix = 'nothing: CloudWatch resets it within a minute or two';
      return { step: 'back-to-ok', ok: false, detail, fix };
    }
  }
}

/** The newest time by CloudWatch's own clock, from which this machine's may differ. */
function newestOf(items: readonly AlarmHistoryItem[]): number {
  return Math.max(0, ...items.map(({ Timestamp }) => Timestamp?.getTime() ?? 0));
}

interface TestShell extends RingShell {
  readonly sns: SNSClient;
  readonly lambda: Pick<LambdaClient, 'send'>;
}

/** What the function returns after a test event. */
const testReport = z.object({
  test: z.object({ findingId: z.string(), messageId: z.string() }),
});

/** What a runtime returns after an error. */
const functionError = z.object({ errorType: z.string(), errorMessage: z.string() }).partial();

/** The function's answer to a test event as a step. */
function judgeInvocation(
  { Payload, FunctionError }: Pick<InvokeCommandOutput, 'Payload' | 'FunctionError'>,
  { configured, environment, scannerFunction, findingsTopicArn }: DeployedMonitor,
): Step {
  const step = 'publish';
  const said = Payload === undefined ? '' : new TextDecoder().decode(Payload);
  const answer = asJson(said);
  const report = testReport.safeParse(answer);
  if (FunctionError === undefined && report.success) {
    const { messageId, findingId } = report.data.test;
    const detail = `the monitor published a test finding to topic findings (message ${messageId}, finding ${findingId})`;
    return { step, ok: true, detail };
  }
  const { errorType = 'Error', errorMessage = said } = functionError.safeParse(answer).data ?? {};
  const detail = `function ${scannerFunction} did not publish a test finding: ${errorType}: ${abridged(errorMessage, errorCharactersMax)}`;
  const fix = /scheduled event: field "source"/.test(errorMessage)
    ? `its version does not know send-test; run ${cdkCommand('deploy', configured)}${commandNote(configured)}`
    : `if ${findingsTopicArn} exists, its policy, its key or the function's role was changed: ${restoreText(configured)} puts back key and role, and npx privilege-monitor doctor --env ${environment} shows the commands for the policy (topic-policy)`;
  return { step, ok: false, detail, fix };
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * Tests whether findings and alarms of a monitor reach people: checks the subscriptions, has the
 * monitor publish a test finding, and triggers the test alarm. A failed step does not prevent the others.
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
  const { findingsTopicArn, alarmTopicArn, region } = monitor;
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
      return judgeSubscriptions(step, topic, subscriptions, { topicArn, region });
    } catch (error) {
      const permission = `sns:ListSubscriptionsByTopic on ${topicArn}`;
      return { step, ok: false, ...callFailure(error, permission) };
    }
  }

  async function publishTest(): Promise<Step> {
    const { scannerFunction } = monitor;
    try {
      const answer = await shell.lambda.send(
        new InvokeCommand({ FunctionName: scannerFunction, Payload: JSON.stringify(testEvent) }),
      );
      return judgeInvocation(answer, monitor);
    } catch (error) {
      const permission = `lambda:InvokeFunction on ${scannerFunction}`;
      return { step: 'publish', ok: false, ...callFailure(error, permission) };
    }
  }
}
