import { createHash } from 'node:crypto';
import type { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import type { SNSClient } from '@aws-sdk/client-sns';
import * as z from 'zod/mini';
import type { CallShell } from '../aws/call-aws.ts';
import { parseInput, valueAt } from '../common/parse-input.ts';
import type { Clock, Deadline } from '../common/time.ts';
import { insightsQueryLink, logGroupLink, runbookLink } from '../findings/links.ts';
import { chatNotification } from '../messages/chat-message.ts';
import { eventOf } from '../messages/finding-event.ts';
import type { Notification } from '../messages/notification.ts';
import { placeText, type Sender, senderOf, subjectOf } from '../messages/subject.ts';
import type { PublishedTest } from '../model/finding.ts';
import { logGroupName, logTypes } from '../model/log-types.ts';
import { severities } from '../model/severity.ts';
import type { RuntimeConfig } from '../plan/runtime-config.ts';
import { publishChat } from './publish-chat.ts';
import { putEvents } from './put-events.ts';
import { publish } from './send-message.ts';

/**
 * What `privilege-monitor send-test` invokes the function with: nobody but the function may publish to
 * the findings topic.
 */
export const testEvent = { source: 'mwaa-privilege-monitor', 'detail-type': 'Send Test' } as const;

const testEventSchema = z.strictObject({
  source: z.literal(testEvent.source),
  'detail-type': z.literal(testEvent['detail-type']),
});

/** Whether an event claims to ask for a test finding. */
export function isTestEvent(event: unknown): boolean {
  return valueAt(event, ['source']) === testEvent.source;
}

/** What the invocation returns after a test event. */
export interface TestReport {
  readonly environment: string;
  readonly test: {
    readonly findingId: string;
    readonly messageId: string;
  };
}

/**
 * Publishes a test finding. It takes nothing from the event, so a caller cannot choose a word of the
 * message.
 *
 * @throws InvalidInputError when the event has other fields than a test event, or the error of SNS
 *   or of the event bus
 */
export async function publishTest(
  shell: CallShell & {
    readonly sns: SNSClient;
    readonly events: EventBridgeClient;
    readonly config: RuntimeConfig;
    readonly clock: Clock;
  },
  event: unknown,
  deadline: Deadline,
): Promise<TestReport> {
  parseInput(testEventSchema, event, 'test event');
  const { mwaaEnvironment, findingsTopicArn, eventBusArn, chatTopicArn, runbookBaseUrl } =
    shell.config;
  const sender = { ...senderOf(mwaaEnvironment, findingsTopicArn), runbookBaseUrl };
  const finding = testFinding(sender, shell.clock.nowEpochMs());
  const messageId = await publish(shell, testNotification(finding, runbookBaseUrl), deadline);
  const sent = { findingId: finding.id, messageId };
  shell.log('info', 'test-published', { id: finding.id, messageId });
  const beside = [
    ...(eventBusArn === undefined
      ? []
      : await putEvents(shell, eventBusArn, [eventOf(finding)], deadline)),
    ...(chatTopicArn === undefined
      ? []
      : await publishChat(
          shell,
          chatTopicArn,
          [chatNotification(finding, sender, { step: nothingToDo })],
          deadline,
        )),
  ];
  const refused = beside.find(({ error }) => error !== undefined);
  if (refused !== undefined) {
    throw new Error(`the event bus or the chat topic did not take the test: ${refused.error}`);
  }
  return { environment: mwaaEnvironment, test: sent };
}

/**
 * A finding that states that nothing has happened. It has the highest severity, so that it also
 * reaches subscribers who filter by severity.
 */
function testFinding({ environment, account, region }: Sender, nowEpochMs: number): PublishedTest {
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
    outcome: 'unknown',
    evidence: [],
    links: {
      logStream: logGroupLink(region, logGroups[0] ?? ''),
      insights: insightsQueryLink(span, logGroups, 'stats count() by @log'),
    },
    runbook: 'docs/runbooks/send-test.md',
  };
}

/** What the channel is told to do first. */
const nothingToDo = 'Nothing: somebody tested whether findings reach this channel.';

/** The SNS message: a mail for people and JSON for everything else, as for findings. */
function testNotification(
  finding: PublishedTest,
  runbookBaseUrl: string | undefined,
): Notification {
  const subject = subjectOf(`[TEST] ${finding.environment}: ${finding.title}`);
  const text = (value: string) => ({ DataType: 'String' as const, StringValue: value });
  const { kind, severity, environment, detections } = finding;
  return {
    Subject: subject,
    Message: JSON.stringify({
      default: JSON.stringify(finding),
      email: mailText(finding, runbookLink(runbookBaseUrl, finding.runbook) ?? finding.runbook),
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

function mailText(
  { title, account, region, detectedAt, id }: PublishedTest,
  shownRunbook: string,
): string {
  return [
    'THIS IS A TEST.',
    '',
    `${title}.`,
    `The monitor is in ${placeText({ account, region })}.`,
    `Somebody ran "privilege-monitor send-test" at ${detectedAt} to test whether findings reach you.`,
    'They do. You should also receive a mail from the test alarm.',
    '',
    'DO FIRST',
    'Nothing. If none of you ran the test, look in CloudTrail for who called SetAlarmState on the test alarm.',
    `Runbook: ${shownRunbook}`,
    '',
    `Finding ${id} of MWAA Privilege Monitor`,
    '',
  ].join('\n');
}
