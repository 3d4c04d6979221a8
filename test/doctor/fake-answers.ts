import { detectionTexts, planTexts } from '../../doctor/observe/observe-queries.ts';
import type { MetricDataResult, Part, QueryTrial } from '../../doctor/shapes/log-shapes.ts';
import type { Observed, ObservedKey } from '../../doctor/shapes/observation.ts';
import { logTypes } from '../../lambda/model/log-types.ts';
import { type Answer, serviceError } from './fake-aws.ts';
import { fixturePlan } from './fixture-plan.ts';

/** Answers each call from an observation, in small pages and with the SDK's date objects. */
export function answersOf(observed: Observed): Answer {
  const { monitor, executionRole, buckets, keys } = observed;
  const bucketOf = ({ Bucket }: Input) => there(buckets[text(Bucket)], 'NoSuchBucket');
  const topicOf = ({ TopicArn }: Input) => there(monitor.topics[text(TopicArn)], 'NotFound');
  const keyOf = ({ KeyId }: Input): ObservedKey => there(keys[text(KeyId)], 'NotFoundException');
  const { witnessRole } = monitor;
  const isWitness = ({ RoleName }: Input) =>
    witnessRole?.role.kind === 'known' && witnessRole.role.value.RoleName === RoleName;
  const role = (input: Input) =>
    there(isWitness(input) ? witnessRole : executionRole, 'NoSuchEntity');
  const policies = (input: Input) => answered(role(input).policies);
  const trailOf = (name: unknown) =>
    there(
      answered(observed.trails).find(({ trail }) => trail.TrailARN === name),
      'TrailNotFoundException',
    );
  const answers: Readonly<Record<string, (input: Input) => unknown>> = {
    'airflow:GetEnvironment': () => ({ Environment: answered(observed.environment) }),
    'logs:DescribeLogGroups': ({ nextToken }) =>
      page('logGroups', 'nextToken', answered(observed.logGroups), nextToken),
    'logs:DescribeSubscriptionFilters': ({ logGroupName, nextToken }) =>
      page(
        'subscriptionFilters',
        'nextToken',
        answered(
          there(observed.subscriptionFilters[text(logGroupName)], 'ResourceNotFoundException'),
        ),
        nextToken,
      ),
    'logs:StartQuery': ({ queryString }) => {
      const text = texts.find((one) => one.queryString === queryString);
      const { start } = trialOf(
        ({ kind, detections }) =>
          kind === text?.kind && detections.join() === text.detections.join(),
      );
      const answer = answered(start);
      if ('refused' in answer) throw serviceError('MalformedQueryException', answer.refused);
      return answer;
    },
    'logs:GetQueryResults': ({ queryId }) => {
      const { end } = trialOf(({ start }) => {
        const answer = start.kind === 'known' ? start.value : {};
        return 'queryId' in answer && answer.queryId === queryId;
      });
      return { ...answered(there(end, 'ResourceNotFoundException')), results: [] };
    },
    'logs:StopQuery': () => ({ success: true }),
    'cloudwatch:DescribeAlarms': ({ NextToken }) =>
      page('MetricAlarms', 'NextToken', answered(monitor.alarms), NextToken),
    'cloudwatch:GetMetricData': (input) => metricData(observed, input),
    'kms:DescribeKey': (input) => {
      const { DeletionDate, ...rest } = answered(keyOf(input).metadata);
      return {
        KeyMetadata: { ...rest, ...(DeletionDate && { DeletionDate: new Date(DeletionDate) }) },
      };
    },
    'kms:GetKeyPolicy': (input) => ({ Policy: answered(keyOf(input).policy) }),
    'kms:GetKeyRotationStatus': () => answered(there(observed.rotation, 'NotFoundException')),
    'kms:ListGrants': ({ Marker }) => {
      const all = answered(there(observed.grants, 'NotFoundException'));
      const answer = page('Grants', 'NextMarker', all, Marker);
      return { ...answer, Truncated: 'NextMarker' in answer };
    },
    'iam:GetRole': (input) => ({
      Role: {
        ...answered(role(input).role),
        ...(answered(role(input).boundary) !== null && {
          PermissionsBoundary: { PermissionsBoundaryArn: boundaryArn },
        }),
      },
    }),
    'iam:ListRolePolicies': (input) => {
      const { Marker } = input;
      const names = policies(input).flatMap(({ name }) => (name.startsWith('arn:') ? [] : [name]));
      return page('PolicyNames', 'Marker', names, Marker);
    },
    'iam:ListAttachedRolePolicies': (input) => {
      const { Marker } = input;
      const arns = policies(input).flatMap(({ name }) => (name.startsWith('arn:') ? [name] : []));
      return page(
        'AttachedPolicies',
        'Marker',
        arns.map((PolicyArn) => ({ PolicyArn })),
        Marker,
      );
    },
    'iam:GetRolePolicy': (input) => ({ PolicyDocument: documentOf(input.PolicyName) }),
    'iam:GetPolicy': () => ({ Policy: { DefaultVersionId: 'v7' } }),
    'iam:GetPolicyVersion': ({ PolicyArn, VersionId }) => {
      if (VersionId !== 'v7') throw serviceError('NoSuchEntity');
      const isBoundary = PolicyArn === boundaryArn;
      const Document = isBoundary
        ? answered(there(executionRole, 'NoSuchEntity').boundary)
        : documentOf(PolicyArn);
      return { PolicyVersion: { Document } };
    },
    's3:GetBucketVersioning': (input) => answered(bucketOf(input).versioning),
    's3:GetBucketPublicAccessBlock': (input) => ({
      PublicAccessBlockConfiguration: answered(bucketOf(input).publicAccessBlock),
    }),
    's3:GetBucketPolicy': (input) => {
      const answer = answered(bucketOf(input).policy);
      if (answer.Policy === undefined) throw serviceError('NoSuchBucketPolicy');
      return answer;
    },
    's3:GetEncryptionConfiguration': (input) => ({
      ServerSideEncryptionConfiguration: answered(bucketOf(input).encryption),
    }),
    'sns:GetTopicAttributes': (input) => ({ Attributes: answered(topicOf(input).attributes) }),
    'sns:ListSubscriptionsByTopic': (input) =>
      page('Subscriptions', 'NextToken', answered(topicOf(input).subscriptions), input.NextToken),
    'cloudformation:DescribeStackResources': () => {
      const stack = answered(monitor.stack);
      if (stack === null) throw serviceError('ValidationError', 'Stack for x does not exist');
      return { StackResources: answered(monitor.resources) };
    },
    'cloudformation:DescribeStacks': () => ({ Stacks: [answered(monitor.stack)] }),
    'cloudtrail:DescribeTrails': () => ({
      trailList: answered(observed.trails).map(({ trail }) => trail),
    }),
    'cloudtrail:GetTrailStatus': ({ Name }) => answered(trailOf(Name).status),
    'cloudtrail:GetEventSelectors': ({ TrailName }) => answered(trailOf(TrailName).selectors),
    'cloudtrail:LookupEvents': ({ NextToken }) => {
      const events = answered(observed.decryptEvents).events.map(({ EventTime = 0, ...event }) => ({
        ...event,
        EventTime: new Date(EventTime),
      }));
      return page('Events', 'NextToken', events, NextToken);
    },
  };
  function trialOf(isIt: (trial: QueryTrial) => boolean): QueryTrial {
    const { trials = [] } = answered(observed.queries) ?? {};
    return there(trials.find(isIt), 'ResourceNotFoundException');
  }
  function documentOf(wanted: unknown): string {
    const roles = [executionRole, witnessRole].filter((one) => one !== undefined);
    return there(
      roles
        .flatMap(({ policies: part }) => (part.kind === 'known' ? part.value : []))
        .find(({ name }) => name === wanted),
      'NoSuchEntity',
    ).document;
  }
  return ({ action, input }) => {
    const answer = answers[action];
    if (answer === undefined) throw new Error(`the fake has no answer for ${action}`);
    return answer(input);
  };
}

const texts = [...planTexts(fixturePlan), ...detectionTexts(fixturePlan)];

export const boundaryArn = 'arn:aws:iam::111122223333:policy/boundary';

type Input = Readonly<Record<string, unknown>>;

const pageSize = 2;

/** Pages of two items; the token is the index at which the next page begins. */
function page(list: string, token: string, all: readonly unknown[], from: unknown) {
  const start = Number(from ?? 0);
  const end = start + pageSize;
  return { [list]: all.slice(start, end), ...(end < all.length && { [token]: String(end) }) };
}

/** The first page has the first value of each metric, the second page all others. */
function metricData({ incomingEvents, incomingHours, monitor }: Observed, input: Input) {
  const wanted = (input.MetricDataQueries as { Label: string }[]).map(({ Label }) => Label);
  const isLogs = wanted.some((label) => logTypes.some((logType) => label.endsWith(`-${logType}`)));
  const [{ MetricStat } = { MetricStat: { Period: 60 } }] = input.MetricDataQueries as {
    MetricStat: { Period: number };
  }[];
  const incoming = MetricStat.Period === 60 ? incomingEvents : incomingHours;
  const series = answered(isLogs ? incoming : monitor.heartbeat);
  const isFirst = input.NextToken === undefined;
  const part = <T>(values: readonly T[] = []) => (isFirst ? values.slice(0, 1) : values.slice(1));
  const results = series.map(({ Label, Timestamps, Values, StatusCode }: MetricDataResult) => ({
    Label,
    Timestamps: part(Timestamps).map((time) => new Date(time)),
    Values: part(Values),
    ...(StatusCode !== undefined && { StatusCode }),
  }));
  return { MetricDataResults: results, ...(isFirst && { NextToken: 'rest' }) };
}

/** The value of a part; throws the service's error for a missing one. */
function answered<T>(part: Part<T>): T {
  if (part.kind === 'known') return part.value;
  const [name = '', ...message] = part.error.split(': ');
  throw serviceError(name, message.join(': '));
}

function there<T>(value: T | undefined, errorName: string): T {
  if (value === undefined) throw serviceError(errorName);
  return value;
}

function text(value: unknown): string {
  return String(value);
}
