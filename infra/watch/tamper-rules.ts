import {
  EventField,
  Match,
  Rule,
  type RuleTargetConfig,
  RuleTargetInput,
} from 'aws-cdk-lib/aws-events';
import { Effect, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Duration } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import { runbookLink } from '../../lambda/findings/links.ts';
import { awsSourcePrefix, callDetailType, tamperPattern, tamperRules } from './tamper-patterns.ts';
import type { MonitorParts } from './tampering.ts';

interface TamperRulesProps {
  readonly parts: MonitorParts;
  /** See `tamperRules`. */
  readonly longest: MonitorParts;
  /** Where people are notified. */
  readonly topic: ITopic;
  /** Where a notice goes that SNS refuses; an alarm watches it. */
  readonly undelivered: Queue;
  /** The address of the folder of runbooks. @default - the notice names a file */
  readonly runbookBaseUrl?: string | undefined;
}

/** Where a call names what it is about: a call has some of these. */
const namingFields = [
  ...['alarmName', 'alarmNames[0]', 'muteTargets.alarmNames[0]', 'logGroupName'],
  ...['logGroupIdentifier', 'resourceIdentifier', 'logStreamName', 'topicArn', 'subscriptionArn'],
  ...['resourceArn', 'functionName', 'roleName', 'tableName', 'keyId', 'queueUrl'],
  ...['name', 'rule', 'stackName', 'changeSetName', 'stackRefactorId', 'trailName'],
  ...['policyType', 'sourceArn', 'typeName', 'identifier'],
];

const runbook = 'docs/runbooks/monitor-changed.md';

const field = (path: string) => EventField.fromPath(`$.detail.${path}`);

/**
 * The mail about a call. A field that the event does not have is left out of the text. The user agent is
 * left out: the caller chooses it, and a link in it could be opened.
 */
function noticeText({ mwaaEnvironment }: MonitorParts, runbookBaseUrl?: string): string {
  const named = namingFields.map((name) => field(`requestParameters.${name}`)).join(' ');
  return [
    `SOMEBODY CHANGED THE PRIVILEGE MONITOR OF MWAA ENVIRONMENT ${mwaaEnvironment}, or tried to.`,
    `What: ${field('eventName')} (${field('eventSource')}) ${named}`,
    `Who: ${field('userIdentity.arn')} ${field('userIdentity.invokedBy')}`,
    `When: ${field('eventTime')}`,
    `From where: ${field('sourceIPAddress')}, Region ${field('awsRegion')}, account ${field('recipientAccountId')}`,
    `Refused by AWS with (empty if the call succeeded): ${field('errorCode')}`,
    'What to do: if nobody here expected this, follow the runbook: privilege changes may go unseen.',
    `Runbook: ${runbookLink(runbookBaseUrl, runbook) ?? runbook}`,
    `Event in CloudTrail: ${field('eventID')}`,
  ].join('\n');
}

/** How long EventBridge retries SNS before the notice goes to the queue. */
const noticeMaxAge = Duration.hours(2);

/**
 * Notifies people when somebody changes or silences a part of the monitor. CloudTrail delivers the calls,
 * so a trail has to record management events of the Region; the doctor checks it.
 */
export class TamperRules extends Construct {
  constructor(scope: Construct, id: string, props: TamperRulesProps) {
    super(scope, id);
    const { parts, longest, topic, undelivered } = props;
    const message = noticeText(parts, props.runbookBaseUrl);
    const rules = tamperRules(parts, longest).map((tamperRule) => {
      const about = tamperRule.subjects.map((one) => one.about).join('; ');
      const { detail } = tamperPattern(tamperRule);
      return new Rule(this, `Rule${tamperRule.number}`, {
        // A fixed name, so that the rules can watch each other.
        ruleName: parts.names.tamperRule(tamperRule.number),
        description: `Reports who changes the privilege monitor of MWAA environment ${parts.mwaaEnvironment}: ${about}`,
        eventPattern: {
          source: Match.prefix(awsSourcePrefix),
          detailType: [callDetailType],
          detail,
        },
        targets: [{ bind: () => noticeTo(topic, undelivered, message) }],
      });
    });
    const sourceArns = rules.map(({ ruleArn }) => ruleArn);
    topic.addToResourcePolicy(
      fromRules('AllowTamperRules', 'sns:Publish', topic.topicArn, sourceArns),
    );
    undelivered.addToResourcePolicy(
      fromRules('AllowTamperRules', 'sqs:SendMessage', undelivered.queueArn, sourceArns),
    );
  }
}

/** CDK's own target would let every rule of the account publish. */
function noticeTo(topic: ITopic, undelivered: Queue, message: string): RuleTargetConfig {
  return {
    arn: topic.topicArn,
    targetResource: topic,
    input: RuleTargetInput.fromMultilineText(message),
    deadLetterConfig: { arn: undelivered.queueArn },
    retryPolicy: { maximumEventAgeInSeconds: noticeMaxAge.toSeconds() },
  };
}

/**
 * AWS's examples of EventBridge with SNS have no condition, and none says that there may be none. If
 * EventBridge did not name the rule, each notice would be refused, go to the queue, and ring its alarm.
 */
function fromRules(
  sid: string,
  action: string,
  resource: string,
  sourceArns: string[],
): PolicyStatement {
  return new PolicyStatement({
    sid,
    effect: Effect.ALLOW,
    principals: [new ServicePrincipal('events.amazonaws.com')],
    actions: [action],
    resources: [resource],
    conditions: { ArnEquals: { 'aws:SourceArn': sourceArns } },
  });
}
