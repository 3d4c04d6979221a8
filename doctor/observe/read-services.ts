import {
  DescribeTrailsCommand,
  GetEventSelectorsCommand,
  GetTrailStatusCommand,
  LookupEventsCommand,
} from '@aws-sdk/client-cloudtrail';
import {
  DescribeAlarmsCommand,
  GetMetricDataCommand,
  type MetricStat,
} from '@aws-sdk/client-cloudwatch';
import {
  GetPolicyCommand,
  GetPolicyVersionCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  ListAttachedRolePoliciesCommand,
  ListRolePoliciesCommand,
} from '@aws-sdk/client-iam';
import {
  GetBucketEncryptionCommand,
  GetBucketPolicyCommand,
  GetBucketVersioningCommand,
  GetPublicAccessBlockCommand,
} from '@aws-sdk/client-s3';
import { z } from 'zod';
import { isRefused } from '../facts/log-groups.ts';
import {
  type DecryptEvents,
  decryptEventsShape,
  eventSelectorsShape,
  known,
  type MetricAlarm,
  type MetricDataResult,
  metricAlarmShape,
  metricDataResultShape,
  type ObservedTrail,
  type Part,
  trailShape,
  trailStatusShape,
} from '../shapes/log-shapes.ts';
import type { ObservedBucket, ObservedRole } from '../shapes/observation.ts';
import {
  bucketEncryptionShape,
  bucketPolicyShape,
  bucketVersioningShape,
  publicAccessBlockShape,
  type RolePolicy,
  rolePolicyShape,
  roleShape,
} from '../shapes/service-shapes.ts';
import { type Ask, allPages } from './ask.ts';
import type { DoctorClients } from './aws-access.ts';

type CloudWatch = Pick<DoctorClients, 'cloudWatch'>;

export function describeAlarms(
  ask: Ask,
  { cloudWatch }: CloudWatch,
  prefix: string,
): Promise<Part<MetricAlarm[]>> {
  return ask('cloudwatch:DescribeAlarms', z.array(metricAlarmShape), () =>
    allPages(async (NextToken) => {
      const page = await cloudWatch.send(
        new DescribeAlarmsCommand({ AlarmNamePrefix: prefix, NextToken }),
      );
      return { items: page.MetricAlarms, next: page.NextToken };
    }),
  );
}

/** One metric to read; the label identifies its values in the answer. */
interface Reading {
  readonly label: string;
  readonly stat: MetricStat;
}

/** The values of metrics in a span of time; values from several pages are merged by label. */
export function getMetricData(
  ask: Ask,
  { cloudWatch }: CloudWatch,
  readings: readonly Reading[],
  span: { readonly startEpochMs: number; readonly endEpochMs: number },
): Promise<Part<MetricDataResult[]>> {
  return ask('cloudwatch:GetMetricData', z.array(metricDataResultShape), async () => {
    const results = await allPages(async (NextToken) => {
      const page = await cloudWatch.send(
        new GetMetricDataCommand({
          StartTime: new Date(span.startEpochMs),
          EndTime: new Date(span.endEpochMs),
          MetricDataQueries: readings.map(({ label, stat }, at) => ({
            Id: `m${at}`,
            Label: label,
            MetricStat: stat,
          })),
          NextToken,
        }),
      );
      return { items: page.MetricDataResults, next: page.NextToken };
    });
    const byLabel = Map.groupBy(results, ({ Label }) => Label);
    return Array.from(byLabel, ([Label, parts]) => ({
      Label,
      Timestamps: parts.flatMap(({ Timestamps = [] }) => Timestamps),
      Values: parts.flatMap(({ Values = [] }) => Values),
      StatusCode: parts.find(isRefused)?.StatusCode ?? parts.at(-1)?.StatusCode,
    }));
  });
}

type CloudTrail = Pick<DoctorClients, 'cloudTrail'>;

const trailsAnswer = z
  .object({ trailList: z.array(trailShape).default([]) })
  .transform(({ trailList }) => trailList);

/** Every trail that covers the Region, including those of other Regions and of the organization. */
export async function observeTrails(
  ask: Ask,
  { cloudTrail }: CloudTrail,
): Promise<Part<ObservedTrail[]>> {
  const trails = await ask('cloudtrail:DescribeTrails', trailsAnswer, () =>
    cloudTrail.send(new DescribeTrailsCommand({ includeShadowTrails: true })),
  );
  if (trails.kind !== 'known') return trails;
  const observed = trails.value.map(async (trail) => {
    const name = trail.TrailARN ?? trail.Name;
    const [status, selectors] = await Promise.all([
      ask('cloudtrail:GetTrailStatus', trailStatusShape, () =>
        cloudTrail.send(new GetTrailStatusCommand({ Name: name })),
      ),
      ask('cloudtrail:GetEventSelectors', eventSelectorsShape, () =>
        cloudTrail.send(new GetEventSelectorsCommand({ TrailName: name })),
      ),
    ]);
    return { trail, status, selectors };
  });
  return known(await Promise.all(observed));
}

/** LookupEvents returns 50 events per page, and allows two calls a second. */
const lookupPagesMax = 20;

/** The newest Decrypt events in a span of time, as far back as `lookupPagesMax` pages reach. */
export function lookUpDecrypts(
  ask: Ask,
  { cloudTrail }: CloudTrail,
  span: { readonly startEpochMs: number; readonly endEpochMs: number },
): Promise<Part<DecryptEvents>> {
  return ask('cloudtrail:LookupEvents', decryptEventsShape, async () => {
    const events = [];
    let NextToken: string | undefined;
    for (let page = 1; page <= lookupPagesMax; page += 1) {
      const answer = await cloudTrail.send(
        new LookupEventsCommand({
          LookupAttributes: [{ AttributeKey: 'EventName', AttributeValue: 'Decrypt' }],
          StartTime: new Date(span.startEpochMs),
          EndTime: new Date(span.endEpochMs),
          NextToken,
        }),
      );
      events.push(...(answer.Events ?? []));
      NextToken = answer.NextToken;
      if (NextToken === undefined) return { events, sinceEpochMs: span.startEpochMs };
    }
    // The newest come first: the last one shows how far back they reach.
    const oldest = events.at(-1)?.EventTime?.getTime() ?? span.endEpochMs;
    return { events, sinceEpochMs: oldest };
  });
}

type Iam = Pick<DoctorClients, 'iam'>;

const roleAnswer = z.object({ Role: roleShape }).transform(({ Role }) => Role);
const names = z.array(z.string());
const versionAnswer = z
  .object({ Policy: z.object({ DefaultVersionId: z.string() }) })
  .transform(({ Policy }) => Policy.DefaultVersionId);
const documentAnswer = z
  .object({ PolicyVersion: z.object({ Document: z.string() }) })
  .transform(({ PolicyVersion }) => PolicyVersion.Document);

/** A role with all of its policies; one unreadable policy makes `policies` a missing part. */
export async function observeRole(ask: Ask, clients: Iam, RoleName: string): Promise<ObservedRole> {
  const [role, inline, attached] = await Promise.all([
    ask('iam:GetRole', roleAnswer, () => clients.iam.send(new GetRoleCommand({ RoleName }))),
    inlinePolicies(ask, clients, RoleName),
    attachedPolicies(ask, clients, RoleName),
  ]);
  return {
    role,
    policies: inline.kind !== 'known' ? inline : together(inline.value, attached),
    boundary: role.kind === 'known' ? await boundaryOf(ask, clients, role.value) : role,
  };
}

function together(inline: RolePolicy[], attached: Part<RolePolicy[]>): Part<RolePolicy[]> {
  return attached.kind === 'known' ? known([...inline, ...attached.value]) : attached;
}

async function inlinePolicies(
  ask: Ask,
  { iam }: Iam,
  RoleName: string,
): Promise<Part<RolePolicy[]>> {
  const listed = await ask('iam:ListRolePolicies', names, () =>
    allPages(async (Marker) => {
      const page = await iam.send(new ListRolePoliciesCommand({ RoleName, Marker }));
      return { items: page.PolicyNames, next: page.Marker };
    }),
  );
  return eachOf(listed, (PolicyName) =>
    ask('iam:GetRolePolicy', rolePolicyShape, async () => {
      const answer = await iam.send(new GetRolePolicyCommand({ RoleName, PolicyName }));
      return { name: PolicyName, document: answer.PolicyDocument };
    }),
  );
}

async function attachedPolicies(
  ask: Ask,
  clients: Iam,
  RoleName: string,
): Promise<Part<RolePolicy[]>> {
  const listed = await ask('iam:ListAttachedRolePolicies', names, () =>
    allPages(async (Marker) => {
      const page = await clients.iam.send(
        new ListAttachedRolePoliciesCommand({ RoleName, Marker }),
      );
      return { items: page.AttachedPolicies?.map(({ PolicyArn }) => PolicyArn), next: page.Marker };
    }),
  );
  return eachOf(listed, async (arn) => {
    const document = await managedPolicy(ask, clients, arn);
    return document.kind === 'known' ? known({ name: arn, document: document.value }) : document;
  });
}

async function boundaryOf(
  ask: Ask,
  clients: Iam,
  { PermissionsBoundary }: z.output<typeof roleShape>,
): Promise<Part<string | null>> {
  const arn = PermissionsBoundary?.PermissionsBoundaryArn;
  return arn === undefined ? known(null) : managedPolicy(ask, clients, arn);
}

async function managedPolicy(ask: Ask, { iam }: Iam, PolicyArn: string): Promise<Part<string>> {
  const version = await ask('iam:GetPolicy', versionAnswer, () =>
    iam.send(new GetPolicyCommand({ PolicyArn })),
  );
  if (version.kind !== 'known') return version;
  return ask('iam:GetPolicyVersion', documentAnswer, () =>
    iam.send(new GetPolicyVersionCommand({ PolicyArn, VersionId: version.value })),
  );
}

async function eachOf(
  listed: Part<string[]>,
  fetchOne: (name: string) => Promise<Part<RolePolicy>>,
): Promise<Part<RolePolicy[]>> {
  if (listed.kind !== 'known') return listed;
  const fetched = await Promise.all(listed.value.map(fetchOne));
  const policies: RolePolicy[] = [];
  for (const part of fetched) {
    if (part.kind !== 'known') return part;
    policies.push(part.value);
  }
  return known(policies);
}

const blockAnswer = z
  .object({ PublicAccessBlockConfiguration: publicAccessBlockShape.default({}) })
  .transform((answer) => answer.PublicAccessBlockConfiguration);
const encryptionAnswer = z
  .object({ ServerSideEncryptionConfiguration: bucketEncryptionShape.default({}) })
  .transform((answer) => answer.ServerSideEncryptionConfiguration);

export async function observeBucket(
  ask: Ask,
  { s3 }: Pick<DoctorClients, 's3'>,
  Bucket: string,
): Promise<ObservedBucket> {
  const [versioning, publicAccessBlock, policy, encryption] = await Promise.all([
    ask('s3:GetBucketVersioning', bucketVersioningShape, () =>
      s3.send(new GetBucketVersioningCommand({ Bucket })),
    ),
    ask('s3:GetBucketPublicAccessBlock', blockAnswer, () =>
      noneFor('NoSuchPublicAccessBlockConfiguration', () =>
        s3.send(new GetPublicAccessBlockCommand({ Bucket })),
      ),
    ),
    ask('s3:GetBucketPolicy', bucketPolicyShape, () =>
      noneFor('NoSuchBucketPolicy', () => s3.send(new GetBucketPolicyCommand({ Bucket }))),
    ),
    ask('s3:GetEncryptionConfiguration', encryptionAnswer, () =>
      noneFor('ServerSideEncryptionConfigurationNotFoundError', () =>
        s3.send(new GetBucketEncryptionCommand({ Bucket })),
      ),
    ),
  ]);
  return { versioning, publicAccessBlock, policy, encryption };
}

/** Returns `{}` for the specific error by which S3 reports that a setting was never made. */
async function noneFor(errorName: string, call: () => Promise<unknown>): Promise<unknown> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof Error && error.name === errorName) return {};
    throw error;
  }
}
