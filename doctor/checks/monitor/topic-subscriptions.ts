import type { Check } from '../../facts/check.ts';
import type { Facts } from '../../facts/facts.ts';
import { alarmTopics, findingsTopic, isDeployed, notDeployed } from '../../facts/monitor-parts.ts';
import { awsCommand } from '../../shapes/commands.ts';
import {
  fail,
  type Judgement,
  judge,
  pass,
  toDo,
  unanswered,
  warn,
} from '../../shapes/judgement.ts';

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
          ? [fail('no alarm has a topic to notify', redeploy(facts))]
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

function redeploy({ observed }: Facts) {
  return toDo(
    'Deploy the monitor again.',
    `npx cdk deploy -c mwaaEnvironment=${observed.mwaaEnvironment} -c email=ADDRESS`,
  );
}
