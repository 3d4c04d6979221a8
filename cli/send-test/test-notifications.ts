import { createHash } from 'node:crypto';
import {
  type AlarmHistoryItem,
  type CloudWatchClient,
  DescribeAlarmHistoryCommand,
  DescribeAlarmsCommand,
  SetAlarmStateCommand,
  type StateValue,
} from '@aws-sdk/client-cloudwatch';
import {
  PublishCommand,
  paginateListSubscriptionsByTopic,
  type SNSClient,
  type Subscription,
} from '@aws-sdk/client-sns';
import { z } from 'zod';
import { insightsQueryLink, logGroupLink } from '../../lambda/findings/links.ts';
import { type Finding, findingSchema, placeShape, severities } from '../../lambda/model/finding.ts';
import { logGroupName, logTypes } from '../../lambda/model/log-types.ts';
import type { Notification } from '../../lambda/notify/notification.ts';
import { placeText, type Sender, subjectOf } from '../../lambda/notify/subject.ts';
import { callFailure } from '../common/aws-failure.ts';
import type { DeployedMonitor } from '../common/deployed-monitor.ts';
import {
  actionResult,
  judgeAction,
  judgeSubscriptions,
  restoreText,
  type Step,
} from './judge-history.ts';

/** A test finding as it is published: all members of a finding, and its own kind. */
export const publishedTestSchema = z.strictObject({
  ...findingSchema.shape,
  ...placeShape,
  kind: z.literal('test'),
});

type PublishedTest = z.infer<typeof publishedTestSchema>;

interface TestSubject extends Sender {
  readonly nowEpochMs: number;
}

/**
 * A finding that states that nothing has happened. It has the highest severity, so that it also
 * reaches subscribers who filter by severity.
 */
function testFinding({ environment, account, region, nowEpochMs }: TestSubject): PublishedTest {
  const now = new Date(nowEpochMs).toISOString();
  const logGroups = logTypes.map((logType) => logGroupName(environment, logType));
  const span = { region, firstEpochMs: nowEpochMs, lastEpochMs: nowEpochMs };
  return {
    schema: 1,
    kind: 'test',
    id: createHash('sha256').update(`test ${environment} ${now}`).digest('hex').slice(0, 32),
    ...{ environment, account, region },
    severity: severities.at(-1) ?? 'critical',
    title: `This is a test of the privilege monitor of ${environment}: nothing has happened`,
    detections: ['test'],
    attack: [],
    actor: {},
    firstSeen: now,
    lastSeen: now,
    detectedAt: now,
    late: false,
    outcome: 'unknown' satisfies Finding['outcome'],
    evidence: [],
    links: {
      logStream: logGroupLink(region, logGroups[0] ?? ''),
      insights: insightsQueryLink(span, logGroups, 'stats count() by @log'),
    },
    runbook: 'docs/runbooks/send-test.md',
  };
}

/** The SNS message: a mail for people and JSON for everything else, as for findings. */
function testNotification(finding: PublishedTest): Notification {
  const subject = subjectOf(`[TEST] ${finding.environment}: ${finding.title}`);
  const text = (value: string) => ({ DataType: 'String' as const, StringValue: value });
  const { kind, severity, environment, detections } = finding;
  return {
    Subject: subject,
    Message: JSON.stringify({
      default: JSON.stringify(finding),
      email: mailText(finding),
      sms: subject,
    }),
    MessageStructure: 'json',
    MessageAttributes: {
      kind: text(kind),
      severity: text(severity),
      environment: text(environment),
      detections: { DataType: 'String.Array', StringValue: JSON.stringify(detections) },
    },
  };
}

function mailText({ title, account, region, detectedAt, id, runbook }: PublishedTest): string {
  return [
    'THIS IS A TEST.',
    '',
    `${title}.`,
    `The monitor is in ${placeText({ account, region })}.`,
    `Somebody ran "privilege-monitor send-test" at ${detectedAt} to test whether findings reach you.`,
    'They do. You should also receive a mail from the test alarm.',
    '',
    'DO FIRST',
    'Nothing. If none of you ran the test, find out in CloudTrail who called Publish on this topic.',
    `Runbook: ${runbook}`,
    '',
    `Finding ${id} of MWAA Privilege Monitor`,
    '',
  ].join('\n');
}

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
