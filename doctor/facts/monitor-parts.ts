import {
  type ConfiguredBy,
  cdkCommand,
  commandNote,
  configuredBy,
} from '../../infra/naming/cdk-commands.ts';
import { monitorOutputs } from '../../infra/naming/monitor-outputs.ts';
import { namesFor, type Parts, partsOf } from '../../infra/naming/names.ts';
import { type Fix, type Judgement, judge, toDo, unanswered } from '../shapes/judgement.ts';
import { mapPart, type Part } from '../shapes/log-shapes.ts';
import type { Observed } from '../shapes/observation.ts';
import type { TopicAttributes } from '../shapes/service-shapes.ts';

import type { Facts } from './facts.ts';

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
export function findingsTopic(monitored: Monitored): Part<string | undefined> {
  return mapPart(outputsOf(monitored), (outputs) => outputs.get('FindingsTopicArn'));
}

function outputsOf({ monitor }: Monitored): Part<ReturnType<typeof monitorOutputs>> {
  const alarms = monitor.alarms.kind === 'known' ? monitor.alarms.value : [];
  return mapPart(monitor.stack, (stack) =>
    monitorOutputs(stack?.Outputs ?? [], (value) =>
      alarms.some(({ AlarmName }) => AlarmName === value),
    ),
  );
}

/** A second witness, as the stack's outputs say that it is deployed. */
export interface DeployedWitness {
  readonly roleName: string;
  readonly airflowVersion: string;
  /** Whether it reads users and roles. */
  readonly snapshot: boolean;
  /** The VPC that it is attached to. */
  readonly vpcId: string | undefined;
}

/** The second witness of the monitor; undefined when the stack has none. */
export function deployedWitness(monitored: Monitored): Part<DeployedWitness | undefined> {
  return mapPart(outputsOf(monitored), (outputs) => {
    const roleName = outputs.get('WitnessRoleName');
    if (roleName === undefined) return undefined;
    const vpcId = outputs.get('WitnessVpcId');
    return {
      roleName,
      airflowVersion: outputs.get('WitnessAirflowVersion') ?? '',
      snapshot: outputs.get('WitnessSnapshot') === 'true',
      vpcId: vpcId === 'none' ? undefined : vpcId,
    };
  });
}

/** What the monitor has, or is to have by its file, beside what all have. */
export function partsOfMonitor({ observed, expectations }: Facts): Parts {
  const witness = deployedWitness(observed);
  const isThere = witness.kind === 'known' && witness.value !== undefined;
  return partsOf({ witness: isThere || expectations.hasWitness ? {} : undefined });
}

function configurationOf({ observed, expectations }: Facts): ConfiguredBy {
  const { stack } = observed.monitor;
  const deployed = stack.kind === 'known' ? stack.value?.StackName : undefined;
  return configuredBy(observed.mwaaEnvironment, { file: expectations.file, stack: deployed });
}

/** Creates or updates the monitor's stack; `what` has no full stop. */
export function deployMonitor(facts: Facts, what: string): Fix {
  const by = configurationOf(facts);
  return toDo(`${what}${commandNote(by)}.`, cdkCommand('deploy', by));
}

/** Puts back what was changed or deleted by hand, for which a plain deployment changes nothing. */
export function restoreMonitor(facts: Facts, what: string): Fix {
  const by = configurationOf(facts);
  return toDo(`${what}${commandNote(by)}.`, cdkCommand('restore', by));
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
