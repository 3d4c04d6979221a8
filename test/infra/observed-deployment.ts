import { tamperedTypes } from '../../doctor/facts/tamper-actions.ts';
import { known } from '../../doctor/shapes/log-shapes.ts';
import type { Observed } from '../../doctor/shapes/observation.ts';
import { logGroupName, logTypes } from '../../lambda/model/log-types.ts';
import { logGroupArn } from '../../local/aws-place.ts';
import type { DeployedTemplates } from './deployed-templates.ts';
import {
  observedBucket,
  observedKey,
  observedRole,
  observedTopic,
  undecided,
} from './observed-parts.ts';

/** Observes nothing but the name: all that is then known comes from the templates. */
export function nothingObserved(mwaaEnvironment: string, region: string): Observed {
  return {
    mwaaEnvironment,
    region,
    nowEpochMs: Date.UTC(2026, 10, 22),
    environment: undecided,
    logGroups: undecided,
    queries: undecided,
    subscriptionFilters: {},
    incomingEvents: undecided,
    incomingHours: undecided,
    keys: {},
    rotation: undecided,
    grants: undecided,
    buckets: {},
    monitor: {
      ...{ alarms: undecided, stack: undecided, resources: undecided, heartbeat: undecided },
      topics: {},
    },
    trails: undecided,
    decryptEvents: undecided,
  };
}

/**
 * What the doctor would observe once the stacks are deployed. What templates do not decide comes
 * from `base`: grants, events, heartbeat, confirmed subscriptions, trails, times.
 */
export function observedDeployment(deployed: DeployedTemplates, base: Observed): Observed {
  const environment = deployed.one('AWS::MWAA::Environment').properties;
  const key = deployed.one('AWS::KMS::Key', ({ arn }) => arn === environment.KmsKey);
  const logGroups = observedLogGroups(deployed, base);
  return {
    ...base,
    environment: known(observedEnvironment(deployed, base)),
    logGroups: known(logGroups),
    subscriptionFilters: Object.fromEntries(
      logGroups.map(({ logGroupName }) => [logGroupName, known(filtersOn(deployed, logGroupName))]),
    ),
    keys: Object.fromEntries(deployed.all('AWS::KMS::Key').map(observedKey)),
    rotation: known({ KeyRotationEnabled: key.properties.EnableKeyRotation === true }),
    executionRole: observedRole(
      deployed,
      deployed.one('AWS::IAM::Role', ({ arn }) => arn === environment.ExecutionRoleArn),
    ),
    buckets: {
      [String(environment.SourceBucketArn).split(':').at(-1) ?? '']: observedBucket(
        deployed,
        deployed.one('AWS::S3::Bucket', ({ arn }) => arn === environment.SourceBucketArn),
      ),
    },
    monitor: observedMonitor(deployed, base),
    trails: trailsOf(base, String(environment.SourceBucketArn)),
  };
}

/** The base's trails, of which one records who writes to the deployed bucket instead of the base's. */
function trailsOf({ trails, environment }: Observed, bucketArn: string): Observed['trails'] {
  if (environment.kind !== 'known') return trails;
  const { SourceBucketArn = '' } = environment.value;
  return JSON.parse(JSON.stringify(trails).replaceAll(`${SourceBucketArn}/`, `${bucketArn}/`));
}

function observedEnvironment(deployed: DeployedTemplates, base: Observed) {
  const { properties } = deployed.one('AWS::MWAA::Environment');
  const { partition, region, accountId } = deployed.place;
  const logging = properties.LoggingConfiguration as Record<string, object>;
  const modules = logTypes.map((logType) => {
    // The API's `DagProcessingLogs` is the group `…-DAGProcessing`, its `WebserverLogs`
    // `…-WebServer`.
    const module = Object.keys(logging).find(
      (name) => name.toLowerCase() === `${logType}logs`.toLowerCase(),
    );
    const group = logGroupArn(deployed.place, logGroupName(base.mwaaEnvironment, logType));
    return [module, { ...logging[module ?? ''], CloudWatchLogGroupArn: group }];
  });
  return {
    ...(base.environment.kind === 'known' && base.environment.value),
    ...properties,
    Arn: `arn:${partition}:airflow:${region}:${accountId}:environment/${properties.Name}`,
    LoggingConfiguration: Object.fromEntries(modules),
  };
}

function observedLogGroups(deployed: DeployedTemplates, base: Observed) {
  const before = base.logGroups.kind === 'known' ? base.logGroups.value : [];
  return deployed
    .all('AWS::Logs::LogGroup')
    .filter(({ name }) => name.startsWith(`airflow-${base.mwaaEnvironment}-`))
    .map(({ name, properties }) => ({
      creationTime: before.find(({ logGroupName }) => logGroupName === name)?.creationTime,
      logGroupName: name,
      logGroupClass: String(properties.LogGroupClass ?? 'STANDARD'),
      ...(properties.DataProtectionPolicy !== undefined && { dataProtectionStatus: 'ACTIVATED' }),
      retentionInDays: Number(properties.RetentionInDays),
      kmsKeyId: String(properties.KmsKeyId),
    }));
}

function filtersOn(deployed: DeployedTemplates, logGroup: string) {
  return deployed
    .all('AWS::Logs::SubscriptionFilter')
    .filter(({ properties }) => properties.LogGroupName === logGroup)
    .map(({ name, properties }) => ({
      filterName: name,
      destinationArn: String(properties.DestinationArn),
    }));
}

function observedMonitor(deployed: DeployedTemplates, base: Observed): Observed['monitor'] {
  const [{ subscriptions } = { subscriptions: undecided }] = Object.values(base.monitor.topics);
  const stack = base.monitor.stack.kind === 'known' ? base.monitor.stack.value : null;
  return {
    ...base.monitor,
    alarms: known(
      deployed.all('AWS::CloudWatch::Alarm').map(({ properties }) => ({
        AlarmName: String(properties.AlarmName),
        ActionsEnabled: properties.ActionsEnabled !== false,
        AlarmActions: properties.AlarmActions as string[] | undefined,
        // A new alarm has no data yet.
        StateValue: 'INSUFFICIENT_DATA',
      })),
    ),
    resources: known(
      tamperedTypes.flatMap((ResourceType) =>
        deployed.all(ResourceType).map(({ name, arn }) => ({
          ResourceType,
          PhysicalResourceId: ResourceType === 'AWS::SNS::Topic' ? (arn ?? name) : name,
        })),
      ),
    ),
    stack: known({
      ...stack,
      Outputs: ['AlarmTopicArn', 'FindingsTopicArn'].map((name) => ({
        OutputKey: name,
        OutputValue: deployed.output(name),
      })),
    }),
    topics: Object.fromEntries(
      deployed.all('AWS::SNS::Topic').map((topic) => observedTopic(deployed, topic, subscriptions)),
    ),
  };
}
