import type { Check } from '../../facts/check.ts';
import type { Facts } from '../../facts/facts.ts';
import { addStatement } from '../../facts/key-policy-commands.ts';
import { alarmsMayUseKey } from '../../facts/key-policy-evaluation.ts';
import { judgeKeyState } from '../../facts/key-state-facts.ts';
import {
  alarmArn,
  alarmTopics,
  isDeployed,
  judgeTopics,
  notDeployed,
  topicPlace,
} from '../../facts/monitor-parts.ts';
import { judgePolicy } from '../../policy/read-policy.ts';
import { awsCommand } from '../../shapes/commands.ts';
import {
  type Fix,
  fail,
  type Judgement,
  judge,
  pass,
  toDo,
  unanswered,
  undecided,
} from '../../shapes/judgement.ts';
import type { ObservedKey } from '../../shapes/observation.ts';

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
    'Add the statement that lets alarms of this account use the key (for the monitor’s own key, deploy again instead).',
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
