import type { Check } from '../../facts/check.ts';
import type { Facts } from '../../facts/facts.ts';
import {
  alarmArn,
  isDeployed,
  judgeTopics,
  notDeployed,
  topicPlace,
} from '../../facts/monitor-parts.ts';
import { evaluate } from '../../policy/evaluate.ts';
import { judgePolicy } from '../../policy/read-policy.ts';
import { contextOf } from '../../policy/request.ts';
import { awsCommand, shellJson } from '../../shapes/commands.ts';
import { type Fix, fail, type Judgement, pass, toDo, undecided } from '../../shapes/judgement.ts';

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
    'Add the statement that lets alarms of this account publish (for the monitor’s own topic, deploy again instead).',
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
