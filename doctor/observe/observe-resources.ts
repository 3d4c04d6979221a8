import {
  DescribeLogGroupsCommand,
  DescribeSubscriptionFiltersCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import {
  DescribeKeyCommand,
  GetKeyPolicyCommand,
  GetKeyRotationStatusCommand,
  ListGrantsCommand,
} from '@aws-sdk/client-kms';
import { z } from 'zod';
import { hourMs } from '../../lambda/common/time.ts';
import { historyHours, historyUntil } from '../../lambda/coverage/group-silence.ts';
import { logGroupName, logTypes } from '../../lambda/model/log-types.ts';
import {
  logGroupShape,
  type Part,
  type SubscriptionFilter,
  subscriptionFilterShape,
} from '../shapes/log-shapes.ts';
import type { Observed, ObservedKey } from '../shapes/observation.ts';
import {
  defaultEncryption,
  type Grant,
  grantShape,
  type KeyRotation,
  keyMetadataShape,
  keyRotationShape,
  type MwaaEnvironment,
} from '../shapes/service-shapes.ts';
import { type Ask, allPages, byName, lookbackMinutes, type ObserveOptions, recent } from './ask.ts';
import type { DoctorClients } from './aws-access.ts';
import { getMetricData } from './read-services.ts';

type Kms = Pick<DoctorClients, 'kms'>;

const describeShape = z
  .object({ KeyMetadata: keyMetadataShape })
  .transform(({ KeyMetadata }) => KeyMetadata);
const policyShape = z.object({ Policy: z.string() }).transform(({ Policy }) => Policy);

/** @param name key ID, ARN or alias; only DescribeKey accepts an alias, so it is called first */
async function observeKey(ask: Ask, { kms }: Kms, name: string): Promise<ObservedKey> {
  const metadata = await ask('kms:DescribeKey', describeShape, () =>
    kms.send(new DescribeKeyCommand({ KeyId: name })),
  );
  const KeyId = (metadata.kind === 'known' ? metadata.value.Arn : undefined) ?? name;
  const policy = await ask('kms:GetKeyPolicy', policyShape, () =>
    kms.send(new GetKeyPolicyCommand({ KeyId, PolicyName: 'default' })),
  );
  return { metadata, policy };
}

function getKeyRotation(ask: Ask, { kms }: Kms, KeyId: string): Promise<Part<KeyRotation>> {
  return ask('kms:GetKeyRotationStatus', keyRotationShape, () =>
    kms.send(new GetKeyRotationStatusCommand({ KeyId })),
  );
}

function listGrants(ask: Ask, { kms }: Kms, KeyId: string): Promise<Part<Grant[]>> {
  return ask('kms:ListGrants', z.array(grantShape), () =>
    allPages(async (Marker) => {
      const page = await kms.send(new ListGrantsCommand({ KeyId, Marker }));
      return { items: page.Grants, next: page.Truncated === false ? undefined : page.NextMarker };
    }),
  );
}

type OwnKey = Pick<Observed, 'rotation' | 'grants'> & {
  readonly keys: Readonly<Record<string, ObservedKey>>;
};

/**
 * The environment's key. KMS returns rotation and grants for an ID or ARN only, not for an alias.
 */
export async function observeOwnKey(
  ask: Ask,
  clients: DoctorClients,
  { KmsKey }: MwaaEnvironment,
): Promise<OwnKey> {
  if (KmsKey === undefined) return { keys: {} };
  const key = await observeKey(ask, clients, KmsKey);
  const name = (key.metadata.kind === 'known' ? key.metadata.value.Arn : undefined) ?? KmsKey;
  const [rotation, grants] = await Promise.all([
    getKeyRotation(ask, clients, name),
    listGrants(ask, clients, name),
  ]);
  return { keys: { [KmsKey]: key }, rotation, grants };
}

/** The keys that log groups, topics and buckets use, and the one that the monitor is to use, except those already known. */
export function observeOtherKeys(
  ask: Ask,
  clients: DoctorClients,
  {
    logGroups,
    topics,
    buckets,
    kmsKeyArn,
  }: Pick<Observed, 'logGroups' | 'buckets'> &
    Pick<Observed['monitor'], 'topics'> & { readonly kmsKeyArn: string | undefined },
  alreadyKnown: Readonly<Record<string, ObservedKey>>,
): Promise<Record<string, ObservedKey>> {
  const names = new Set([
    ...keysOfGroups(logGroups),
    ...keysOfTopics(topics),
    ...keysOfBuckets(buckets),
    ...(kmsKeyArn === undefined ? [] : [kmsKeyArn]),
  ]);
  for (const name of Object.keys(alreadyKnown)) names.delete(name);
  return byName(names, (name) => observeKey(ask, clients, name));
}

function keysOfGroups(logGroups: Observed['logGroups']): string[] {
  return logGroups.kind === 'known'
    ? logGroups.value.flatMap(({ kmsKeyId }) => kmsKeyId ?? [])
    : [];
}

function keysOfBuckets(buckets: Observed['buckets']): string[] {
  return Object.values(buckets).flatMap(({ encryption }) =>
    encryption.kind === 'known' ? (defaultEncryption(encryption.value).KMSMasterKeyID ?? []) : [],
  );
}

function keysOfTopics(topics: Observed['monitor']['topics']): string[] {
  return Object.values(topics).flatMap(({ attributes }) => {
    const key = attributes.kind === 'known' ? attributes.value.KmsMasterKeyId : undefined;
    return key === undefined || key === '' ? [] : [key];
  });
}

type Logs = Pick<DoctorClients, 'logs'>;

/** The log groups with an environment's prefix: `prod` also finds those of `prod-2`. */
export function describeLogGroups<Group>(
  ask: Ask,
  { logs }: Logs,
  mwaaEnvironment: string,
  shape: z.ZodType<Group>,
): Promise<Part<Group[]>> {
  const logGroupNamePrefix = `airflow-${mwaaEnvironment}-`;
  return ask('logs:DescribeLogGroups', z.array(shape), () =>
    allPages(async (nextToken) => {
      const page = await logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix, nextToken }));
      return { items: page.logGroups, next: page.nextToken };
    }),
  );
}

function describeSubscriptionFilters(
  ask: Ask,
  { logs }: Logs,
  logGroupName: string,
): Promise<Part<SubscriptionFilter[]>> {
  return ask('logs:DescribeSubscriptionFilters', z.array(subscriptionFilterShape), () =>
    allPages(async (nextToken) => {
      const page = await logs.send(
        new DescribeSubscriptionFiltersCommand({ logGroupName, nextToken }),
      );
      return { items: page.subscriptionFilters, next: page.nextToken };
    }),
  );
}

/** The environment's log groups and their subscription filters. */
export async function observeLogGroups(ask: Ask, clients: DoctorClients, mwaaEnvironment: string) {
  const logGroups = await describeLogGroups(ask, clients, mwaaEnvironment, logGroupShape);
  const there = new Set(
    logGroups.kind === 'known' ? logGroups.value.map((group) => group.logGroupName) : [],
  );
  const own = logTypes.map((logType) => logGroupName(mwaaEnvironment, logType));
  const subscriptionFilters = await byName(
    own.filter((name) => there.has(name)),
    (name) => describeSubscriptionFilters(ask, clients, name),
  );
  return { logGroups, subscriptionFilters };
}

/**
 * The number of events each log group received, by minute and by hour, from metrics (no scan cost).
 */
export async function observeIncoming(
  ask: Ask,
  clients: DoctorClients,
  options: ObserveOptions,
): Promise<Pick<Observed, 'incomingEvents' | 'incomingHours'>> {
  const lookback = Math.max(lookbackMinutes, 2 * options.expectations.silentAfterMinutes);
  const untilEpochMs = historyUntil(options.nowEpochMs);
  const hours = { startEpochMs: untilEpochMs - historyHours * hourMs, endEpochMs: untilEpochMs };
  const [incomingEvents, incomingHours] = await Promise.all([
    getMetricData(ask, clients, readings(options, 60), recent(options, lookback)),
    getMetricData(ask, clients, readings(options, hourMs / 1000), hours),
  ]);
  return { incomingEvents, incomingHours };
}

function readings({ mwaaEnvironment }: ObserveOptions, periodSeconds: number) {
  return logTypes.map((logType) => {
    const label = logGroupName(mwaaEnvironment, logType);
    return {
      label,
      stat: {
        Metric: {
          Namespace: 'AWS/Logs',
          MetricName: 'IncomingLogEvents',
          Dimensions: [{ Name: 'LogGroupName', Value: label }],
        },
        Period: periodSeconds,
        Stat: 'Sum',
      },
    };
  });
}
