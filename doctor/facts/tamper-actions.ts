import { logGroupArn } from '../../local/aws-place.ts';
import type { StackResource } from '../shapes/service-shapes.ts';

/** Partition, account and Region of a monitor. */
export interface MonitorPlace {
  readonly partition: string;
  readonly region: string;
  readonly accountId: string;
}

/** Requests that change, silence or forge a part of the monitor. */
export interface TamperRequest {
  readonly actions: readonly string[];
  readonly resource: string;
  readonly context?: Readonly<Record<string, string>>;
}

interface Tampering {
  readonly actions: readonly string[];
  /** The ARNs that IAM compares the actions with. */
  readonly arns: (physicalId: string, place: MonitorPlace) => readonly string[];
  readonly context?: Readonly<Record<string, string>>;
}

const of = (service: string, { partition, region, accountId }: MonitorPlace, resource: string) =>
  `arn:${partition}:${service}:${region}:${accountId}:${resource}`;

const lastOf = (path: string) => path.split('/').at(-1) ?? path;

const alarmActions = [
  ...['DeleteAlarms', 'DisableAlarmActions', 'PutMetricAlarm', 'SetAlarmState', 'PutAlarmMuteRule'],
].map((name) => `cloudwatch:${name}`);

/**
 * For each type of resource in the monitor's stack, the actions that change or silence it. A test compares
 * the types with those of the stack's template.
 */
const tampering: Readonly<Record<string, readonly Tampering[]>> = {
  'AWS::CloudWatch::Alarm': [
    { actions: alarmActions, arns: (name, place) => [of('cloudwatch', place, `alarm:${name}`)] },
  ],
  'AWS::CloudFormation::Stack': [
    {
      actions: [
        ...['UpdateStack', 'DeleteStack', 'CreateChangeSet', 'ExecuteChangeSet', 'RollbackStack'],
        ...['CancelUpdateStack', 'ContinueUpdateRollback', 'SetStackPolicy', 'SetAlias'],
        'UpdateTerminationProtection',
      ].map((name) => `cloudformation:${name}`),
      arns: (name, place) => [of('cloudformation', place, `stack/${name}/any`)],
    },
  ],
  'AWS::DynamoDB::Table': [
    {
      actions: [
        ...['DeleteTable', 'UpdateTable', 'UpdateTimeToLive', 'UpdateContinuousBackups'],
        ...['PutItem', 'UpdateItem', 'DeleteItem', 'BatchWriteItem', 'PartiQLInsert'],
        ...['PartiQLUpdate', 'PartiQLDelete', 'PutResourcePolicy', 'DeleteResourcePolicy'],
        'StartBulkPutItems',
      ].map((name) => `dynamodb:${name}`),
      arns: (name, place) => [of('dynamodb', place, `table/${name}`)],
    },
  ],
  'AWS::Events::EventBus': [
    {
      actions: [
        ...['PutEvents', 'DeleteEventBus', 'UpdateEventBus', 'PutPermission', 'RemovePermission'],
      ].map((name) => `events:${name}`),
      arns: (name, place) => [of('events', place, `event-bus/${name}`)],
    },
  ],
  'AWS::Events::Rule': [
    {
      actions: ['DisableRule', 'DeleteRule', 'PutRule', 'PutTargets', 'RemoveTargets'].map(
        (name) => `events:${name}`,
      ),
      arns: (name, place) => [of('events', place, `rule/${lastOf(name)}`)],
    },
  ],
  'AWS::IAM::Role': [
    {
      actions: [
        ...['PutRolePolicy', 'DeleteRolePolicy', 'AttachRolePolicy', 'DetachRolePolicy'],
        ...['DeleteRole', 'UpdateRole', 'UpdateAssumeRolePolicy', 'PutRolePermissionsBoundary'],
      ].map((name) => `iam:${name}`),
      arns: roleArns,
    },
    {
      // A function of one's own with the monitor's role publishes in the monitor's name.
      actions: ['iam:PassRole'],
      arns: roleArns,
      context: { 'iam:PassedToService': 'lambda.amazonaws.com' },
    },
  ],
  'AWS::KMS::Key': [
    {
      actions: [
        ...['DisableKey', 'ScheduleKeyDeletion', 'PutKeyPolicy', 'RevokeGrant'],
        'DeleteImportedKeyMaterial',
      ].map((name) => `kms:${name}`),
      arns: (id, place) => [id.startsWith('arn:') ? id : of('kms', place, `key/${id}`)],
    },
  ],
  'AWS::Lambda::Function': [
    {
      actions: [
        ...['UpdateFunctionCode', 'UpdateFunctionConfiguration', 'DeleteFunction'],
        ...['PutFunctionConcurrency', 'AddPermission', 'RemovePermission'],
        ...['PutFunctionEventInvokeConfig', 'UpdateFunctionEventInvokeConfig'],
        ...['DeleteFunctionEventInvokeConfig', 'PutRuntimeManagementConfig'],
        ...['PutResourcePolicy', 'DeleteResourcePolicy', 'CreateFunctionUrlConfig'],
        // Whoever invokes it makes it publish test findings.
        'InvokeFunction',
      ].map((name) => `lambda:${name}`),
      arns: (name, place) => [of('lambda', place, `function:${name}`)],
    },
  ],
  'AWS::Logs::LogGroup': [
    {
      actions: [
        ...['DeleteLogGroup', 'DeleteLogStream', 'PutRetentionPolicy', 'AssociateKmsKey'],
        ...['DisassociateKmsKey', 'PutDataProtectionPolicy', 'PutTransformer'],
      ].map((name) => `logs:${name}`),
      // IAM checks some actions against the group, and some against its streams.
      arns: (name, place) => {
        const group = logGroupArn(place, name);
        return [group, `${group}:*`, `${group}:log-stream:any`];
      },
    },
  ],
  'AWS::SNS::Topic': [
    {
      actions: [
        ...['Publish', 'DeleteTopic', 'SetTopicAttributes', 'AddPermission', 'RemovePermission'],
        ...['Unsubscribe', 'SetSubscriptionAttributes', 'PutDataProtectionPolicy'],
      ].map((name) => `sns:${name}`),
      arns: (arn) => [arn],
    },
  ],
  'AWS::SQS::Queue': [
    {
      actions: [
        ...['DeleteQueue', 'PurgeQueue', 'SetQueueAttributes', 'ReceiveMessage', 'DeleteMessage'],
        ...['AddPermission', 'RemovePermission', 'StartMessageMoveTask'],
      ].map((name) => `sqs:${name}`),
      arns: (url, place) => [of('sqs', place, lastOf(url))],
    },
  ],
};

function roleArns(name: string, { partition, accountId }: MonitorPlace): string[] {
  return [`arn:${partition}:iam::${accountId}:role/${name}`];
}

/** The types of resources that a request can tamper with. */
export const tamperedTypes: readonly string[] = Object.keys(tampering);

/** What changes, silences or forges a resource of the monitor's stack. */
export function tamperRequests(
  { ResourceType = '', PhysicalResourceId = '' }: StackResource,
  place: MonitorPlace,
): TamperRequest[] {
  const kinds = Object.hasOwn(tampering, ResourceType) ? tampering[ResourceType] : undefined;
  if (PhysicalResourceId === '') return [];
  return (kinds ?? []).flatMap(({ actions, arns, context }) =>
    arns(PhysicalResourceId, place).map((resource) => ({
      actions,
      resource,
      ...(context && { context }),
    })),
  );
}
