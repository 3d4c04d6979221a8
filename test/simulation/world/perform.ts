import type {
  GetMetricDataCommandInput,
  PutMetricDataCommandInput,
} from '@aws-sdk/client-cloudwatch';
import type {
  GetLogEventsCommandInput,
  GetQueryResultsCommandInput,
  StartQueryCommandInput,
  StopQueryCommandInput,
} from '@aws-sdk/client-cloudwatch-logs';
import type { PutEventsCommandInput } from '@aws-sdk/client-eventbridge';
import type { PublishBatchCommandInput, PublishCommandInput } from '@aws-sdk/client-sns';
import { dayMs } from '../../../lambda/common/time.ts';
import type { CallFaultKind, GroupFaultKind, QueryFaultKind } from '../faults/fault-kinds.ts';
import type { Write } from '../services/dynamo.ts';
import { putOnBus } from '../services/event-bus.ts';
import { firstEvents } from '../services/first-events.ts';
import type { QueryCourse, QueryFate } from '../services/insights.ts';
import type { GroupFacts } from '../services/log-groups.ts';
import { environmentAnswer, fetchAnswer } from '../services/mwaa.ts';
import { serviceError } from '../services/service-error.ts';
import { publishToChat, readMessage } from '../services/sns.ts';
import type { Perform } from './calls.ts';
import type { Invocation } from './invocation.ts';
import { storyOf } from './story-of.ts';
import type { World } from './world.ts';

type Fault = CallFaultKind | QueryFaultKind | undefined;

const fates: Partial<Record<NonNullable<Fault>, QueryFate>> = {
  'query-failed': 'Failed',
  'query-timed-out': 'Timeout',
  'query-cancelled': 'Cancelled',
  'query-unknown': 'Unknown',
  'query-never-ends': 'never-ends',
};

/** Performs calls in a world, one at a time, and shows each to the observers. */
export function performer(world: World): Perform {
  return (invocation, { service, operation, step, input, fault }) => {
    world.writes = [];
    const epochMs = world.time.nowEpochMs;
    const about = { epochMs, invocation, service, operation, step, input };
    try {
      const output = execute(world, invocation, service, operation, input, fault);
      if (step === 'move-mark') noteMoves(invocation, world.writes);
      const effect = { ...about, output, writes: world.writes };
      world.chronicle.tell(epochMs, () => storyOf(effect));
      for (const see of world.observers) see(effect);
      return output;
    } catch (cause) {
      const error = cause as Error;
      const effect = { ...about, error, writes: world.writes };
      for (const see of world.observers) see(effect);
      throw cause;
    }
  };
}

function execute(
  world: World,
  invocation: Invocation,
  service: Parameters<Perform>[1]['service'],
  operation: string,
  input: object,
  fault: Fault,
): object {
  const { time, insights, cloudWatch, dynamo, groups, config } = world;
  const { memory, random } = invocation;
  const { nowEpochMs } = time;
  if (service === 'dynamo') {
    return dynamo.execute(operation, input, processedMaxOf(world, invocation, operation, fault));
  }
  switch (operation) {
    case 'GetEnvironment':
      meet(world, ['group-disabled', 'group-above-info']);
      if (arrives(fault)) {
        memory.written = namesOf(groups, ({ enabled, logLevel }) => enabled && logLevel === 'INFO');
      }
      return fetchAnswer(200, environmentAnswer(config.mwaaEnvironment, groups));
    case 'DescribeLogGroups':
      meet(world, ['group-deleted', 'group-gone', 'group-created']);
      if (arrives(fault)) memory.existing = namesOf(groups, ({ exists }) => exists);
      return describeLogGroups(world, input, random.chance(0.2) ? 4 : 50);
    case 'StartQuery':
      return startQuery(world, invocation, input as StartQueryCommandInput, fault);
    case 'GetQueryResults':
      return insights.getQueryResults(input as GetQueryResultsCommandInput, nowEpochMs);
    case 'StopQuery':
      return insights.stopQuery(input as StopQueryCommandInput, nowEpochMs);
    case 'GetLogEvents':
      return firstEvents(input as GetLogEventsCommandInput);
    case 'PutMetricData':
      cloudWatch.putMetricData(input as PutMetricDataCommandInput);
      return {};
    case 'GetMetricData':
      meet(world, ['group-silent']);
      return cloudWatch.getMetricData(input as GetMetricDataCommandInput);
    case 'Publish':
      refuseLongMessage(input as PublishCommandInput);
      world.messages.push(readMessage(input as PublishCommandInput));
      return { MessageId: `message-${world.messages.length}` };
    case 'PublishBatch':
      return publishToChat(world.chatMessages, input as PublishBatchCommandInput, {
        failedMax: fault === 'entries-failed' ? random.int(1, 10) : 0,
      });
    case 'PutEvents':
      return putOnBus(world.busEvents, input as PutEventsCommandInput, {
        failedMax: fault === 'entries-failed' ? random.int(1, 10) : 0,
      });
    default:
      throw new Error(`no simulated service knows ${operation}`);
  }
}

/** A caller whose answer was lost learned nothing. */
function arrives(fault: Fault): boolean {
  return fault !== 'lost-on-the-way-back' && fault !== 'killed-after-effect';
}

/** Part of a batch may always be left unprocessed; that does not count as a fault. */
const partlyChance = 0.1;
const partlyMax = 3;

function processedMaxOf(
  { callFaults }: World,
  { random }: Invocation,
  operation: string,
  fault: Fault,
): number | undefined {
  if (fault === 'unprocessed-items') return 0;
  if (operation !== 'BatchWriteItem' || callFaults.isOver || !random.chance(partlyChance)) {
    return undefined;
  }
  return random.int(0, partlyMax);
}

function noteMoves({ moved }: Invocation, writes: readonly Write[]): void {
  for (const { sk } of writes) {
    const [, lane, logGroup] = sk.split('#');
    if (lane === 'scan' && logGroup !== undefined) moved.add(logGroup);
  }
}

function startQuery(
  world: World,
  invocation: Invocation,
  input: StartQueryCommandInput,
  fault: Fault,
): object {
  const { insights, time } = world;
  const { memory } = invocation;
  const asked = new Set(input.logGroupNames);
  meet(world, ['group-denied', 'group-key-unreadable', 'group-emptied'], (logGroup) =>
    asked.has(logGroup),
  );
  try {
    const answer = insights.startQuery(input, time.nowEpochMs, courseOf(world, invocation, fault));
    memory.queries.push(insights.query(answer.queryId));
    return answer;
  } catch (error) {
    const [only, ...others] = input.logGroupNames ?? [];
    if (only !== undefined && others.length === 0) memory.refused.add(only);
    throw error;
  }
}

/** https://docs.aws.amazon.com/sns/latest/api/API_Publish.html: a message has at most 256 KB. */
const messageBytesMax = 262_144;

function refuseLongMessage({ Message = '' }: PublishCommandInput): void {
  if (Buffer.byteLength(Message) > messageBytesMax) {
    throw serviceError('InvalidParameterException', 'Invalid parameter: Message too long');
  }
}

/** Counts the faults of log groups that a call meets. */
function meet(
  { groups, groupFaults, strikes, time }: World,
  kinds: readonly GroupFaultKind[],
  isAsked: (logGroup: string) => boolean = () => true,
): void {
  for (const [index, { name }] of [...groups.values()].entries()) {
    for (const fault of groupFaults.of(index)) {
      if (!kinds.includes(fault.kind) || !isAsked(name)) continue;
      strikes.countOnce(fault.kind, fault.id);
      const isForDays = fault.kind === 'group-denied' && time.nowEpochMs - fault.fromMs >= dayMs;
      if (isForDays) strikes.countOnce('group-denied-for-days', fault.id);
    }
  }
}

function namesOf(
  groups: World['groups'],
  isSuch: (facts: GroupFacts) => boolean,
): ReadonlySet<string> {
  return new Set([...groups.values()].filter(({ facts }) => isSuch(facts)).map(({ name }) => name));
}

/** The existing groups, a few per page, one of them of an environment with a longer name. */
function describeLogGroups(
  { groups }: World,
  { nextToken = '0' }: { nextToken?: string },
  pageGroups: number,
): object {
  const all = [
    { logGroupName: 'airflow-prod-2-Task', creationTime: 0 },
    ...[...groups.values()]
      .filter(({ facts }) => facts.exists)
      .map(({ name, facts }) => ({
        logGroupName: name,
        creationTime: facts.createdEpochMs,
        retentionInDays: facts.retentionDays,
      })),
  ];
  const from = Number(nextToken);
  const to = from + pageGroups;
  return { logGroups: all.slice(from, to), ...(to < all.length && { nextToken: String(to) }) };
}

function courseOf(
  { schedule: { settings } }: World,
  { random }: Invocation,
  fault: Fault,
): QueryCourse {
  return {
    fate: (fault && fates[fault]) ?? 'Complete',
    waitsMs: random.int(0, 60),
    runsMs: random.chance(0.1) ? random.int(200, 6_000) : random.int(20, 150),
    pageRows: random.pick([10, 10_000, 10_000]),
    groupsDoubtful: random.chance(settings.doubtfulPermille / 1000) ? 1 : 0,
  };
}
