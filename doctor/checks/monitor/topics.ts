import type { Check, Facts } from '../../facts/facts.ts';
import { judgeKeyState } from '../../facts/key-facts.ts';
import { addStatement, alarmsMayUseKey } from '../../facts/key-policy-evaluation.ts';
import {
  alarmArn,
  alarmTopics,
  findingsTopic,
  isDeployed,
  judgeTopics,
  notDeployed,
  restoreMonitor,
  topicPlace,
} from '../../facts/monitor-parts.ts';
import { evaluate } from '../../policy/evaluate.ts';
import { contextOf, judgePolicy } from '../../policy/policy-document.ts';
import {
  awsCommand,
  type Fix,
  fail,
  type Judgement,
  judge,
  pass,
  shellJson,
  toDo,
  unanswered,
  undecided,
  warn,
} from '../../shapes/judgement.ts';
import type { ObservedKey } from '../../shapes/observation.ts';

export const topicSubscriptions: Check = {
  id: 'topic-subscriptions',
  area: 'monitor',
  title: 'Each topic has a confirmed subscription',
  meaning: 'SNS sends nothing to a subscription before it is confirmed, and nobody notices.',
  look: (facts) => {
    if (!isDeployed(facts.observed)) return notDeployed;
    return [
      ...judge(alarmTopics(facts.observed), (arns) =>
        arns.length === 0
          ? [
              fail(
                'no alarm has a topic to notify',
                restoreMonitor(
                  facts,
                  'Put the alarms back as the monitor’s template describes them',
                ),
              ),
            ]
          : arns.flatMap((arn) => judgeTopic(facts, 'alarms', arn)),
      ),
      ...judge(findingsTopic(facts.observed), (arn) =>
        arn === undefined
          ? [unanswered('cloudformation:DescribeStacks', 'output FindingsTopicArn')]
          : judgeTopic(facts, 'findings', arn),
      ),
    ];
  },
};

function judgeTopic({ observed }: Facts, what: string, arn: string): readonly Judgement[] {
  const topic = observed.monitor.topics[arn];
  if (topic === undefined) {
    return [unanswered('sns:ListSubscriptionsByTopic', `answer for ${arn}`)];
  }
  return judge(topic.subscriptions, (all) => {
    const confirmed = all.filter(({ SubscriptionArn = '' }) => SubscriptionArn.startsWith('arn:'));
    const pending = all.length - confirmed.length;
    const evidence = `subscriptions to the ${what} topic: ${confirmed.length} confirmed, ${pending} waiting for confirmation`;
    const ask = toDo(
      'Subscribe, which also sends the confirmation mail again, and confirm by the link in that mail.',
      awsCommand(
        observed,
        'sns subscribe',
        `--topic-arn ${arn}`,
        '--protocol email --notification-endpoint ADDRESS',
      ),
    );
    if (confirmed.length === 0) return [fail(evidence, ask)];
    return [pending > 0 ? warn(evidence, ask) : pass(evidence)];
  });
}

export const topicPolicy: Check = {
  id: 'topic-policy',
  area: 'monitor',
  title: 'The topic lets CloudWatch alarms publish',
  meaning: 'Otherwise alarms notify nobody, and only the alarm’s history shows it.',
  look: (facts) => {
    if (!isDeployed(facts.observed)) return notDeployed;
    return judgeTopics(facts.observed, 'alarms', (attributes, arn) => {
      const fix = allowAlarms(facts, arn);
      const { Policy } = attributes;
      if (Policy === undefined) return [fail(`${arn} has no policy`, fix)];
      return judgePolicy(Policy, `the policy of ${arn}`, (policy) => {
        const { outcome } = evaluate([policy], {
          principal: { kind: 'service', name: 'cloudwatch.amazonaws.com' },
          action: 'sns:Publish',
          resource: arn,
          context: contextOf({
            'aws:SourceAccount': topicPlace(arn).account,
            'aws:SourceOwner': topicPlace(arn).account,
            'aws:SourceArn': alarmArn(facts.observed, arn),
            'aws:SecureTransport': 'true',
          }),
        });
        return [judgeOutcome(outcome, arn, fix)];
      });
    });
  },
};

function judgeOutcome(outcome: string, arn: string, fix: Fix): Judgement {
  if (outcome === 'allowed') return pass(`${arn} lets cloudwatch.amazonaws.com publish`);
  return outcome === 'unknown'
    ? undecided(
        `whether ${arn} lets cloudwatch.amazonaws.com publish cannot be determined from its conditions`,
        fix,
      )
    : fail(`${arn} does not let cloudwatch.amazonaws.com publish`, fix);
}

function allowAlarms({ observed }: Facts, arn: string): Fix {
  const statement = {
    Sid: 'AllowAlarms',
    Effect: 'Allow',
    Principal: { Service: 'cloudwatch.amazonaws.com' },
    Action: 'sns:Publish',
    Resource: arn,
    Condition: { StringEquals: { 'aws:SourceAccount': topicPlace(arn).account } },
  };
  return toDo(
    'Add the statement that lets alarms of this account publish: no deployment puts it back, since CloudFormation does not read the policies of topics.',
    awsCommand(
      observed,
      'sns get-topic-attributes',
      `--topic-arn ${arn}`,
      '--query Attributes.Policy --output text > topic-policy.json',
    ),
    `jq --argjson add ${shellJson(statement)} '.Statement += [$add]' topic-policy.json > new-topic-policy.json`,
    awsCommand(
      observed,
      'sns set-topic-attributes',
      `--topic-arn ${arn}`,
      '--attribute-name Policy --attribute-value file://new-topic-policy.json',
    ),
  );
}

const actions = ['kms:Decrypt', 'kms:GenerateDataKey'] as const;

export const topicKey: Check = {
  id: 'topic-key',
  area: 'monitor',
  title: 'The topics’ key lets CloudWatch alarms publish',
  meaning:
    'An alarm cannot publish to a topic whose key CloudWatch may not use, and fails silently. The key that AWS manages for SNS is such a key.',
  look: (facts) => {
    if (!isDeployed(facts.observed)) return notDeployed;
    const ringing = alarmTopics(facts.observed);
    return judgeTopics(facts.observed, 'all', ({ KmsMasterKeyId: key }, arn) => {
      const isForAlarms = ringing.kind === 'known' && ringing.value.includes(arn);
      if (key === undefined || key === '') return [pass(`${arn} is not encrypted with a key`)];
      if (/(^|:)alias\/aws\/sns$/.test(key)) {
        return isForAlarms
          ? [
              fail(
                `${arn} is encrypted with ${key}, which CloudWatch cannot use`,
                ownKey(facts, arn),
              ),
            ]
          : [pass(`${arn} is encrypted with ${key}`)];
      }
      const observedKey = facts.observed.keys[key];
      if (observedKey === undefined) return [unanswered('kms:DescribeKey', `answer for ${key}`)];
      return judgeOwnKey(facts, { key, observedKey, topicArn: arn, isForAlarms });
    });
  },
};

interface TopicKey {
  readonly key: string;
  readonly observedKey: ObservedKey;
  readonly topicArn: string;
  readonly isForAlarms: boolean;
}

function judgeOwnKey(
  facts: Facts,
  { key, observedKey, topicArn, isForAlarms }: TopicKey,
): readonly Judgement[] {
  const { observed } = facts;
  const state = judge(observedKey.metadata, (metadata) => [
    judgeKeyState(observed, `the key of ${topicArn}`, metadata, key),
  ]);
  if (!isForAlarms) return state;
  const { metadata } = observedKey;
  if (metadata.kind === 'known' && metadata.value.KeyManager === 'AWS') {
    return [
      fail(
        `${topicArn} is encrypted with ${key}, an AWS managed key that CloudWatch cannot use`,
        ownKey(facts, topicArn),
      ),
    ];
  }
  const arn = (metadata.kind === 'known' ? metadata.value.Arn : undefined) ?? key;
  const place = { ...topicPlace(topicArn), keyArn: arn };
  const fix = toDo(
    'Add the statement that lets alarms of this account use the key.',
    ...addStatement(place, {
      Sid: 'AllowCloudWatchAlarmsToPublish',
      Effect: 'Allow',
      Principal: { Service: 'cloudwatch.amazonaws.com' },
      Action: ['kms:Decrypt', 'kms:GenerateDataKey*'],
      Resource: '*',
      Condition: { StringEquals: { 'aws:SourceAccount': place.account } },
    }),
  );
  return [
    ...state,
    ...judge(observedKey.policy, (text) =>
      judgePolicy(text, `the policy of ${key}`, (policy) => {
        const outcomes = actions.map(
          (action) => alarmsMayUseKey(policy, place, alarmArn(observed, topicArn), action).outcome,
        );
        if (outcomes.every((outcome) => outcome === 'allowed')) {
          return [pass(`the key of ${topicArn} lets cloudwatch.amazonaws.com use it`)];
        }
        const isRefused = outcomes.some((one) => one === 'denied' || one === 'not-allowed');
        return [
          isRefused
            ? fail(
                `the key of ${topicArn}, ${key}, does not let cloudwatch.amazonaws.com use it`,
                fix,
                restoreMonitor(
                  facts,
                  'Or, if it is the monitor’s own key, put it back as the monitor’s template describes it',
                ),
              )
            : undecided(
                `whether ${key} lets cloudwatch.amazonaws.com use it cannot be determined from its conditions`,
                fix,
              ),
        ];
      }),
    ),
  ];
}

function ownKey({ observed }: Facts, topicArn: string): Fix {
  return toDo(
    'Encrypt the topic with a key of your own, whose policy lets cloudwatch.amazonaws.com decrypt and generate data keys.',
    awsCommand(
      observed,
      'sns set-topic-attributes',
      `--topic-arn ${topicArn}`,
      '--attribute-name KmsMasterKeyId --attribute-value KEY_ARN',
    ),
  );
}
