import { namesFor } from '../../infra/config/names.ts';
import { type Judgement, judge, unanswered } from '../shapes/judgement.ts';
import { mapPart, type Part } from '../shapes/log-shapes.ts';
import type { Observed } from '../shapes/observation.ts';
import type { TopicAttributes } from '../shapes/service-shapes.ts';

type Monitored = Pick<Observed, 'monitor'>;

export const notDeployed = 'no monitor is deployed for this environment';

/**
 * False only if AWS returned no alarms: a monitor that the doctor may not see counts as deployed.
 */
export function isDeployed({ monitor }: Monitored): boolean {
  return monitor.alarms.kind !== 'known' || monitor.alarms.value.length > 0;
}

/** The ARNs of the topics that the monitor's alarms notify; empty when it is not deployed. */
export function alarmTopics({ monitor }: Monitored): Part<string[]> {
  return mapPart(monitor.alarms, (alarms) => {
    const actions = alarms.flatMap(({ AlarmActions = [] }) => AlarmActions);
    return [...new Set(actions)].filter((arn) => arn.split(':')[2] === 'sns');
  });
}

/** The ARN of the topic for findings; undefined when the stack has no such output. */
export function findingsTopic({ monitor }: Monitored): Part<string | undefined> {
  return mapPart(
    monitor.stack,
    (stack) =>
      stack?.Outputs?.find(({ OutputKey }) => OutputKey === 'FindingsTopicArn')?.OutputValue,
  );
}

/** Judges the attributes of the topics of a deployed monitor. */
export function judgeTopics(
  observed: Monitored,
  which: 'alarms' | 'all',
  judgeOne: (attributes: TopicAttributes, arn: string) => readonly Judgement[],
): readonly Judgement[] {
  const ofTopic = (arn: string) => {
    const topic = observed.monitor.topics[arn];
    return topic === undefined
      ? [unanswered('sns:GetTopicAttributes', `answer for ${arn}`)]
      : judge(topic.attributes, (attributes) => judgeOne(attributes, arn));
  };
  return [
    ...judge(alarmTopics(observed), (arns) =>
      arns.length === 0
        ? [unanswered('cloudwatch:DescribeAlarms', 'topic to notify')]
        : arns.flatMap(ofTopic),
    ),
    ...(which === 'all'
      ? judge(findingsTopic(observed), (arn) =>
          arn === undefined
            ? [unanswered('cloudformation:DescribeStacks', 'output FindingsTopicArn')]
            : ofTopic(arn),
        )
      : []),
  ];
}

/** Partition, Region and account of a topic, which are also those of the alarms that notify it. */
export function topicPlace(arn: string) {
  const [, partition = '', , region = '', account = ''] = arn.split(':');
  return { partition, region, account };
}

/** The ARN of one of the monitor's alarms: they all notify the same topic. */
export function alarmArn({ mwaaEnvironment }: Pick<Observed, 'mwaaEnvironment'>, topicArn: string) {
  const { partition, region, account } = topicPlace(topicArn);
  const { alarms } = namesFor(mwaaEnvironment);
  return `arn:${partition}:cloudwatch:${region}:${account}:alarm:${alarms.silent}`;
}
