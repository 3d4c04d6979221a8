import { CfnSubscription, type ITopic, Topic } from 'aws-cdk-lib/aws-sns';
import { Annotations, Stack, Token } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import { alarmsCondition, topicKeyStatements } from '../config/key-policy.ts';
import { type FindingsSubscriber, severitiesFrom } from '../config/notify-config.ts';
import type { MonitorNames } from '../naming/names.ts';

interface Subscribers {
  readonly findings: readonly FindingsSubscriber[];
  readonly alarms: readonly string[];
}

/** Messages about findings have these attributes, and those of alarms have none. */
const isFinding = { kind: [{ exists: true }] };
const isAlarm = { kind: [{ exists: false }] };

/**
 * A topic that exists already, for findings and alarms, with the mails that are subscribed to it. The CDK
 * cannot change its policy: each synthesis says what it needs.
 *
 * @param about.kmsKeyArn the customer managed key that encrypts it
 */
export function existingTopic(
  scope: Construct,
  names: MonitorNames,
  topicArn: string,
  about: { readonly kmsKeyArn: string | undefined; readonly subscribers: Subscribers },
): ITopic {
  const topic = Topic.fromTopicArn(scope, 'ExistingTopic', topicArn);
  for (const [address, filterPolicy] of filterPolicies(about.subscribers)) {
    new CfnSubscription(scope, `ExistingTopic:${address}`, {
      ...{ topicArn, protocol: 'email', endpoint: address },
      ...(filterPolicy && { filterPolicy }),
    });
  }
  sayWhatItNeeds(scope, names, topicArn, about.kmsKeyArn);
  return topic;
}

/**
 * The filter policy of each address, which tells findings and alarms of one topic apart by their
 * attributes; undefined for one that gets everything. An address has one subscription on a topic, however
 * its letters are written in the lists.
 */
export function filterPolicies({ findings, alarms }: Subscribers): Map<string, object | undefined> {
  const ofFindings = new Map(findings.map((one) => [keyOf(one.address), one.minSeverity]));
  const ofAlarms = new Set(alarms.map(keyOf));
  const addresses = new Map(
    [...alarms, ...findings.map((one) => one.address)].map((address) => [keyOf(address), address]),
  );
  return new Map(
    [...addresses].map(([key, address]): [string, object | undefined] => {
      const getsAlarms = ofAlarms.has(key);
      if (!ofFindings.has(key)) return [address, isAlarm];
      const minSeverity = ofFindings.get(key);
      const wanted =
        minSeverity === undefined ? isFinding : { severity: severitiesFrom(minSeverity) };
      if (!getsAlarms) return [address, wanted];
      return [address, minSeverity === undefined ? undefined : { $or: [wanted, isAlarm] }];
    }),
  );
}

/** A token is compared as it is. */
function keyOf(address: string): string {
  return Token.isUnresolved(address) ? address : address.toLowerCase();
}

/** Without these statements alarms and notices are lost, and only the alarms' history shows it. */
function sayWhatItNeeds(
  scope: Construct,
  names: MonitorNames,
  topicArn: string,
  kmsKeyArn: string | undefined,
): void {
  const [, partition = '', , region = '', account = ''] = topicArn.split(':');
  const home = { partition, region, account };
  const allow = (Sid: string, Service: string, Condition: object) => ({
    ...{ Sid, Effect: 'Allow', Principal: { Service }, Action: 'sns:Publish' },
    ...{ Resource: topicArn, Condition },
  });
  const rules = `arn:${partition}:events:${region}:${account}:rule/${names.tamperRulePrefix}*`;
  const statements = [
    allow(
      'AllowAlarmsOfPrivilegeMonitor',
      'cloudwatch.amazonaws.com',
      alarmsCondition(home, names),
    ),
    allow('AllowRulesOfPrivilegeMonitor', 'events.amazonaws.com', {
      ArnLike: { 'aws:SourceArn': rules },
    }),
  ];
  Annotations.of(Stack.of(scope)).addInfoV2(
    'mwaa-privilege-monitor:topic-policy',
    [
      `notify.existingTopicArn: the policy of ${topicArn} needs these statements:`,
      ...statements.map((statement) => JSON.stringify(statement)),
      ...(kmsKeyArn === undefined
        ? ['and no key of your own may encrypt it: else name that key as existingTopicKmsKeyArn.']
        : [
            `and the policy of ${kmsKeyArn} these:`,
            ...topicKeyStatements(home, names).map((statement) => JSON.stringify(statement)),
            'and one that makes IAM policies of its account count.',
          ]),
      'Whoever may publish there can forge findings: deny it to all but these and the role of the function. `npx privilege-monitor doctor` checks that alarms may publish.',
    ].join('\n'),
  );
}
