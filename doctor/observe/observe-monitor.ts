import {
  DescribeStackResourcesCommand,
  DescribeStacksCommand,
} from '@aws-sdk/client-cloudformation';
import { GetTopicAttributesCommand, ListSubscriptionsByTopicCommand } from '@aws-sdk/client-sns';
import { z } from 'zod';
import { alarmNames, everyPart, namesFor } from '../../infra/naming/names.ts';
import { metricDefinitions, metricNamespace } from '../../lambda/metrics/metric-definitions.ts';
import { alarmTopics, deployedWitness, findingsTopic } from '../facts/monitor-parts.ts';
import { known, mapPart, type Part } from '../shapes/log-shapes.ts';
import type { Observed, ObservedTopic } from '../shapes/observation.ts';
import {
  type DeployedStack,
  type StackResource,
  stackResourceShape,
  stackShape,
  subscriptionShape,
  topicAttributesShape,
} from '../shapes/service-shapes.ts';
import { type Ask, allPages, byName, lookbackMinutes, type ObserveOptions, recent } from './ask.ts';
import type { DoctorClients } from './aws-access.ts';
import { describeAlarms, getMetricData, observeRole } from './read-services.ts';

const resourcesAnswer = z
  .object({ StackResources: z.array(stackResourceShape).default([]) })
  .transform(({ StackResources }) => StackResources);
const stacksAnswer = z
  .object({ Stacks: z.array(stackShape).min(1) })
  .transform(({ Stacks }) => Stacks[0] ?? null);

interface ObservedStack {
  /** Null when the resource belongs to none. */
  readonly stack: Part<DeployedStack | null>;
  readonly resources: Part<StackResource[]>;
}

/** The stack that a resource belongs to, with all its resources. */
async function stackOf(
  ask: Ask,
  { cloudFormation }: Pick<DoctorClients, 'cloudFormation'>,
  PhysicalResourceId: string,
): Promise<ObservedStack> {
  const resources = await ask(
    'cloudformation:DescribeStackResources',
    resourcesAnswer,
    async () => {
      try {
        return await cloudFormation.send(new DescribeStackResourcesCommand({ PhysicalResourceId }));
      } catch (error) {
        if (isWithoutStack(error)) return {};
        throw error;
      }
    },
  );
  if (resources.kind !== 'known') return { stack: resources, resources };
  const StackName = resources.value[0]?.StackName;
  if (StackName === undefined) return { stack: known(null), resources };
  const stack = await ask('cloudformation:DescribeStacks', stacksAnswer, () =>
    cloudFormation.send(new DescribeStacksCommand({ StackName })),
  );
  return { stack, resources };
}

/** Matches "Stack for … does not exist". */
function isWithoutStack(error: unknown): boolean {
  return (
    error instanceof Error &&
    error.name === 'ValidationError' &&
    error.message.includes('does not exist')
  );
}

const attributesAnswer = z
  .object({ Attributes: topicAttributesShape })
  .transform(({ Attributes }) => Attributes);

async function observeTopic(
  ask: Ask,
  { sns }: Pick<DoctorClients, 'sns'>,
  TopicArn: string,
): Promise<ObservedTopic> {
  const [attributes, subscriptions] = await Promise.all([
    ask('sns:GetTopicAttributes', attributesAnswer, () =>
      sns.send(new GetTopicAttributesCommand({ TopicArn })),
    ),
    ask('sns:ListSubscriptionsByTopic', z.array(subscriptionShape), () =>
      allPages(async (NextToken) => {
        const page = await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn, NextToken }));
        return { items: page.Subscriptions, next: page.NextToken };
      }),
    ),
  ]);
  return { attributes, subscriptions };
}

/** The deployed monitor of an environment, found by the fixed names of its alarms. */
export async function observeMonitor(
  ask: Ask,
  clients: DoctorClients,
  options: ObserveOptions,
): Promise<Observed['monitor']> {
  const { prefix } = namesFor(options.mwaaEnvironment);
  const own = new Set<string | undefined>(alarmNames(options.mwaaEnvironment, everyPart));
  const [found, heartbeat] = await Promise.all([
    describeAlarms(ask, clients, `${prefix}-`),
    heartbeatOf(ask, clients, options),
  ]);
  const alarms = mapPart(found, (all) => all.filter(({ AlarmName }) => own.has(AlarmName)));
  const { stack, resources } = await stackOfAlarms(ask, clients, alarms);
  const monitor = { alarms, stack, resources, heartbeat, topics: {} };
  const ringing = alarmTopics({ monitor });
  const findings = findingsTopic({ monitor });
  const arns = new Set([
    ...(ringing.kind === 'known' ? ringing.value : []),
    ...(findings.kind === 'known' && findings.value !== undefined ? [findings.value] : []),
  ]);
  const witness = deployedWitness({ monitor });
  const roleName = witness.kind === 'known' ? witness.value?.roleName : undefined;
  const [topics, witnessRole] = await Promise.all([
    byName(arns, (arn) => observeTopic(ask, clients, arn)),
    roleName === undefined ? undefined : observeRole(ask, clients, roleName),
  ]);
  return { ...monitor, topics, ...(witnessRole && { witnessRole }) };
}

function stackOfAlarms(
  ask: Ask,
  clients: DoctorClients,
  alarms: Observed['monitor']['alarms'],
): Promise<ObservedStack> {
  if (alarms.kind !== 'known') return Promise.resolve({ stack: alarms, resources: alarms });
  const name = alarms.value[0]?.AlarmName;
  return name === undefined
    ? Promise.resolve({ stack: known(null), resources: known([]) })
    : stackOf(ask, clients, name);
}

function heartbeatOf(
  ask: Ask,
  clients: DoctorClients,
  options: ObserveOptions,
): Promise<Observed['monitor']['heartbeat']> {
  const { name } = metricDefinitions.scanCompleted;
  const lookback = Math.max(lookbackMinutes, 4 * options.expectations.everyMinutes);
  const stat = {
    Metric: {
      Namespace: metricNamespace,
      MetricName: name,
      Dimensions: [{ Name: 'Environment', Value: options.mwaaEnvironment }],
    },
    Period: 60,
    Stat: 'Maximum',
  };
  return getMetricData(ask, clients, [{ label: name, stat }], recent(options, lookback));
}
