import { createHash } from 'node:crypto';
import { z } from 'zod';
import { insightsQueryLink, logGroupLink } from '../../lambda/findings/links.ts';
import { type Finding, findingSchema, severities } from '../../lambda/model/finding.ts';
import { placeShape } from '../../lambda/model/finding-schema.ts';
import { logGroupName, logTypes } from '../../lambda/model/log-types.ts';
import type { Notification } from '../../lambda/notify/notification.ts';
import { placeText, type Sender } from '../../lambda/notify/sender.ts';
import { subjectOf } from '../../lambda/notify/subject.ts';

/** A test finding as it is published: all members of a finding, and its own kind. */
export const publishedTestSchema = z.strictObject({
  ...findingSchema.shape,
  ...placeShape,
  kind: z.literal('test'),
});

export type PublishedTest = z.infer<typeof publishedTestSchema>;

export interface TestSubject extends Sender {
  readonly nowEpochMs: number;
}

/**
 * A finding that states that nothing has happened. It has the highest severity, so that it also
 * reaches subscribers who filter by severity.
 */
export function testFinding({
  environment,
  account,
  region,
  nowEpochMs,
}: TestSubject): PublishedTest {
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
export function testNotification(finding: PublishedTest): Notification {
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
