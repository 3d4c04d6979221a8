import type { PolicyDocument } from '../../../../doctor/policy/policy-document.ts';
import { eventSource, findingDetailType } from '../../../../lambda/messages/finding-event.ts';
import type { AwsPlace } from '../../../../local/aws-place.ts';
import type { DeployedResource, DeployedTemplates } from '../../deployed-templates.ts';
import type { AccessRequest, Caller } from '../policy/decide.ts';
import type { Access, Forbidden } from './access.ts';
import { type FunctionSurroundings, through } from './function-accesses.ts';

export const serviceCaller = (name: string): Caller => ({ kind: 'service', name });

const useKey = ['kms:Decrypt', 'kms:GenerateDataKey'] as const;

/** AWS documents a wildcard in place of the one action of the family that is used. */
export function ofFamily(action: string): Pick<Access, 'open'> {
  return action === 'kms:GenerateDataKey'
    ? { open: { action: 'AWS documents the right as `kms:GenerateDataKey*`.' } }
    : {};
}

/** The ARN of the key of a topic, queue or table, if it is encrypted with a key of the templates. */
export function findKey(deployed: DeployedTemplates, encryptedArn: string): string | undefined {
  const resource = ['AWS::SNS::Topic', 'AWS::SQS::Queue', 'AWS::DynamoDB::Table']
    .flatMap((type) => deployed.all(type))
    .find(({ arn }) => arn === encryptedArn);
  const { SSESpecification, KmsMasterKeyId } = (resource?.properties ?? {}) as {
    readonly SSESpecification?: { readonly KMSMasterKeyId?: unknown };
    readonly KmsMasterKeyId?: unknown;
  };
  const given = KmsMasterKeyId ?? SSESpecification?.KMSMasterKeyId;
  return deployed.all('AWS::KMS::Key').find(({ name, arn }) => given === arn || given === name)
    ?.arn;
}

/** The same for resources that must have such a key; each is looked up once. */
export function keyFinder(deployed: DeployedTemplates): (arn: string) => string {
  const found = new Map<string, string>();
  return (arn) => {
    const key = found.get(arn) ?? findKey(deployed, arn);
    if (key === undefined) throw new Error(`${arn} is encrypted with no key of the templates`);
    found.set(arn, key);
    return key;
  };
}

interface Target {
  readonly Arn: string;
  readonly DeadLetterConfig?: { readonly Arn: string };
}

/**
 * What EventBridge does for a rule: it calls its targets, and a queue if a target refuses. It is not
 * documented whether EventBridge names the rule to KMS, so it must be allowed without.
 *
 * @throws Error for a target of a kind that is not listed here
 */
export function accessesOfRule(
  { logicalId, arn = '', properties }: DeployedResource,
  keyOf: (arn: string) => string,
): Access[] {
  const about = {
    caller: serviceCaller('events.amazonaws.com'),
    by: `EventBridge, rule ${withoutHash(logicalId)}`,
  };
  const asRule = (action: string, resource: string, why: string): Access => ({
    ...{ ...about, action, resource, why },
    context: { 'aws:SourceArn': arn },
  });
  const encrypting = (target: string, why: string): Access[] =>
    useKey.map((action) => ({
      ...{ ...about, action, resource: keyOf(target), context: {}, why },
      open: { 'key aws:SourceArn': sourceUnknown },
    }));
  const calling = (target: string): Access[] => {
    switch (target.split(':')[2]) {
      case 'lambda':
        return [asRule('lambda:InvokeFunction', target, 'starts a tick')];
      case 'sns':
        return [asRule('sns:Publish', target, reports), ...encrypting(target, reports)];
      default:
        throw new Error(
          `the rule ${logicalId} has a target that no table of rights has: ${target}`,
        );
    }
  };
  return ((properties.Targets ?? []) as Target[]).flatMap(({ Arn, DeadLetterConfig }) => {
    const queue = DeadLetterConfig?.Arn;
    return [
      ...calling(Arn),
      ...(queue === undefined
        ? []
        : [asRule('sqs:SendMessage', queue, keeps), ...encrypting(queue, keeps)]),
    ];
  });
}

const reports = 'reports a change of the monitor';
const keeps = 'keeps what the target refused';
const sourceUnknown =
  'EventBridge was seen to drop what it cannot encrypt when the key’s policy names a source. The policies of queue and topic name the rule.';

/** What CloudWatch does for an alarm, for each of its actions. */
export function accessesOfAlarm(
  { name, properties }: DeployedResource,
  { place, keyOf }: Pick<FunctionSurroundings, 'place' | 'keyOf'>,
): Access[] {
  const { partition, region, accountId } = place;
  const about = {
    caller: serviceCaller('cloudwatch.amazonaws.com'),
    by: `CloudWatch, alarm ${name}`,
    why: 'notifies people of an alarm',
    context: {
      'aws:SourceArn': `arn:${partition}:cloudwatch:${region}:${accountId}:alarm:${name}`,
      'aws:SourceAccount': accountId,
    },
  };
  const topics = ['AlarmActions', 'OKActions', 'InsufficientDataActions'].flatMap((kind) =>
    [properties[kind] ?? []].flat().map(String),
  );
  return [...new Set(topics)].flatMap((topic): Access[] => {
    const resource = keyOf(topic);
    return [
      { ...about, action: 'sns:Publish', resource: topic },
      ...useKey.map((action) => ({ ...about, action, resource, ...ofFamily(action) })),
    ];
  });
}

/** What CloudWatch Logs does with the key of a log group, as AWS documents it for its key policy. */
export function accessesOfLogGroup(
  { name, properties }: DeployedResource,
  place: FunctionSurroundings['place'],
): Access[] {
  if (properties.KmsKeyId === undefined) return [];
  const { partition, region, accountId } = place;
  const arn = `arn:${partition}:logs:${region}:${accountId}:log-group:${name}`;
  const about = {
    caller: serviceCaller(`logs.${region}.amazonaws.com`),
    by: `CloudWatch Logs, ${name}`,
    why: 'encrypts a log group',
    context: { 'kms:EncryptionContext:aws:logs:arn': arn },
  };
  return ['Encrypt', 'Decrypt', 'ReEncryptFrom', 'ReEncryptTo', 'GenerateDataKey'].map(
    (action) => ({
      ...{ ...about, action: `kms:${action}`, ...ofFamily(`kms:${action}`) },
      resource: String(properties.KmsKeyId),
    }),
  );
}

interface FunctionProperties {
  readonly Role: string;
  readonly LoggingConfig: { readonly LogGroup: string };
  readonly VpcConfig?: object;
}

/** What Lambda does for a function: takes its role, writes its log, reports runs that failed. */
function accessesOfFunction(
  { name, properties }: DeployedResource,
  deployed: DeployedTemplates,
  around: FunctionSurroundings,
): Access[] {
  const { place, keyOf } = around;
  const { LoggingConfig, Role: roleArn, VpcConfig } = properties as unknown as FunctionProperties;
  const role: Caller = { kind: 'role', arn: roleArn };
  const { partition, region, accountId } = place;
  const stream = `arn:${partition}:logs:${region}:${accountId}:log-group:${LoggingConfig.LogGroup}:log-stream:2026/11/22/[$LATEST]0`;
  const { DestinationConfig } = deployed.one(
    'AWS::Lambda::EventInvokeConfig',
    (one) => one.properties.FunctionName === name,
  ).properties as {
    readonly DestinationConfig: { readonly OnFailure: { readonly Destination: string } };
  };
  const queue = DestinationConfig.OnFailure.Destination;
  const ofLog = {
    caller: role,
    by: 'Lambda, in the function’s role',
    why: 'writes the function’s log',
  };
  const ofQueue = { caller: role, by: ofLog.by, why: 'reports runs that failed' };
  return [
    {
      ...{ caller: serviceCaller('lambda.amazonaws.com'), by: 'Lambda', why: 'runs the function' },
      ...{ action: 'sts:AssumeRole', resource: roleArn, context: {} },
    },
    { ...ofLog, action: 'logs:CreateLogStream', resource: stream, context: {} },
    { ...ofLog, action: 'logs:PutLogEvents', resource: stream, context: {} },
    { ...ofQueue, action: 'sqs:SendMessage', resource: queue, context: {} },
    ...useKey.flatMap((action) =>
      through('sqs', keyOf(queue), action, around).map((part) => ({ ...ofQueue, ...part })),
    ),
    ...(VpcConfig === undefined ? [] : attachingActions).map((action) => ({
      ...{ caller: role, by: ofLog.by, why: 'attaches the function to its VPC' },
      ...{ action, resource: '*', context: {} },
    })),
  ];
}

/** https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions */
const attachingActions = [
  ...['CreateNetworkInterface', 'DescribeNetworkInterfaces', 'DescribeSubnets'],
  ...['DeleteNetworkInterface', 'AssignPrivateIpAddresses', 'UnassignPrivateIpAddresses'],
].map((action) => `ec2:${action}`);

/** A function that is attached to a VPC has the right to attach, and must not use it itself. */
export function forbiddenToCode(deployed: DeployedTemplates): Forbidden[] {
  return deployed.all('AWS::Lambda::Function').flatMap(({ arn = '', properties }) => {
    const { Role, VpcConfig } = properties as unknown as FunctionProperties;
    if (VpcConfig === undefined) return [];
    return attachingActions.map((action) => ({
      ...{ caller: { kind: 'role', arn: Role } as const, action, resource: '*' },
      context: { 'lambda:SourceFunctionArn': arn },
      why: 'the code of a function attaches nothing',
    }));
  });
}

/** What a deployed monitor's services do, as its templates say. */
export function serviceAccesses(
  deployed: DeployedTemplates,
  around: FunctionSurroundings,
): Access[] {
  return [
    ...deployed
      .all('AWS::Lambda::Function')
      .flatMap((one) => accessesOfFunction(one, deployed, around)),
    ...deployed.all('AWS::Events::Rule').flatMap((rule) => accessesOfRule(rule, around.keyOf)),
    ...deployed.all('AWS::CloudWatch::Alarm').flatMap((alarm) => accessesOfAlarm(alarm, around)),
    ...deployed
      .all('AWS::Logs::LogGroup')
      .flatMap((group) => accessesOfLogGroup(group, around.place)),
  ];
}

/** A logical id without the hash that CDK appends. */
export function withoutHash(logicalId: string): string {
  return logicalId.replace(/[0-9A-F]{8}$/, '');
}

/** Allows everything: the policy of an administrator, or a permissions boundary that limits nothing. */
export const everything: PolicyDocument = {
  statements: [{ Effect: 'Allow', Action: ['*'], Resource: ['*'] }],
};

/** Somebody whose own policies allow everything. */
export function administrator({ partition, accountId }: AwsPlace): Caller {
  return { kind: 'role', arn: `arn:${partition}:iam::${accountId}:role/Admin`, own: [everything] };
}

/** What an administrator must be able to do with each kind of resource, also while repairing it. */
const administration = {
  'AWS::KMS::Key': ['kms:PutKeyPolicy', 'kms:ScheduleKeyDeletion', 'kms:CreateGrant'],
  'AWS::SNS::Topic': ['sns:SetTopicAttributes', 'sns:Subscribe', 'sns:DeleteTopic'],
  'AWS::SQS::Queue': ['sqs:PurgeQueue', 'sqs:ReceiveMessage', 'sqs:SetQueueAttributes'],
} as const;

/** What stays with administrators, whom IAM allows everything. */
export function administered(deployed: DeployedTemplates): AccessRequest[] {
  return Object.entries(administration).flatMap(([type, actions]) =>
    deployed.all(type).flatMap(({ arn = '' }) =>
      actions.map((action) => ({
        ...{ caller: administrator(deployed.place), action, resource: arn, context: {} },
      })),
    ),
  );
}

/** Nobody forges a message of the monitor, not even an administrator of the account. */
export function forbiddenToAll(deployed: DeployedTemplates): Forbidden[] {
  const caller = administrator(deployed.place);
  const why = 'nobody forges a message of the monitor';
  const buses = deployed.all('AWS::Events::EventBus').map(({ arn = '' }) => ({
    ...{ caller, why, action: 'events:PutEvents', resource: arn },
    context: { 'events:source': eventSource, 'events:detail-type': findingDetailType },
  }));
  const topics = deployed.all('AWS::SNS::Topic').map(({ arn = '' }) => ({
    ...{ caller, why, action: 'sns:Publish', resource: arn, context: {} },
  }));
  return [...topics, ...buses];
}
