import type { PolicyDocument } from '../../../doctor/policy/policy-document.ts';
import type { AwsPlace } from '../../../local/aws-place.ts';
import type { DeployedResource, DeployedTemplates } from '../deployed-templates.ts';
import { type Access, type Forbidden, keyAccess } from './access.ts';
import type { AccessRequest, Caller } from './decide.ts';
import { type FunctionSurroundings, through } from './function-accesses.ts';

const service = (name: string): Caller => ({ kind: 'service', name });

const useKey = ['kms:Decrypt', 'kms:GenerateDataKey'] as const;

/** Why a service may use the family `kms:GenerateDataKey*`. */
const family = 'AWS documents the family of actions for this service, with a wildcard.';

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

/** What EventBridge does for a rule: it calls its targets, and a queue if a target refuses. */
export function accessesOfRule(
  { name, arn = '', properties }: DeployedResource,
  keyOf: (arn: string) => string,
): Access[] {
  const caller = service('events.amazonaws.com');
  const context = { 'aws:SourceArn': arn };
  const open = {
    'key aws:SourceArn':
      'EventBridge was seen to drop what it cannot encrypt when the key’s policy names a source. The policies of queue and topic name the rule.',
  };
  const encrypting = (target: string, by: string, why: string) =>
    keyAccess({ caller, by, why }, keyOf(target), useKey, context, open).flatMap((access) => [
      access,
      // It is not documented whether EventBridge names the rule to KMS.
      { ...access, context: {} },
    ]);
  return ((properties.Targets ?? []) as Target[]).flatMap(({ Arn, DeadLetterConfig }) => {
    const queue = DeadLetterConfig?.Arn;
    const kind = Arn.split(':')[2];
    const by = `EventBridge, rule ${withoutHash(name)}`;
    const targeted: Access[] =
      kind === 'lambda'
        ? [
            {
              ...{ caller, by, why: 'starts a tick' },
              ...{ action: 'lambda:InvokeFunction', resource: Arn, context },
            },
          ]
        : kind === 'sns'
          ? [
              {
                ...{ caller, by, why: 'reports a change of the monitor' },
                ...{ action: 'sns:Publish', resource: Arn, context },
              },
              ...encrypting(Arn, by, 'reports a change of the monitor'),
            ]
          : unknownTarget(name, Arn);
    const why = 'keeps what the target refused';
    const kept: Access[] =
      queue === undefined
        ? []
        : [
            { ...{ caller, by, why }, ...{ action: 'sqs:SendMessage', resource: queue, context } },
            ...encrypting(queue, by, why),
          ];
    return [...targeted, ...kept];
  });
}

function unknownTarget(name: string, arn: string): never {
  throw new Error(`the rule ${name} has a target of a kind that has no table of rights: ${arn}`);
}

/** What CloudWatch does for an alarm, for each of its actions. */
export function accessesOfAlarm(
  { name, properties }: DeployedResource,
  { place, keyOf }: Pick<FunctionSurroundings, 'place' | 'keyOf'>,
): Access[] {
  const { partition, region, accountId } = place;
  const source = {
    'aws:SourceArn': `arn:${partition}:cloudwatch:${region}:${accountId}:alarm:${name}`,
    'aws:SourceAccount': accountId,
  };
  const about = {
    caller: service('cloudwatch.amazonaws.com'),
    by: `CloudWatch, alarm ${name}`,
    why: 'notifies people of an alarm',
  };
  const { AlarmActions, OKActions, InsufficientDataActions } = properties;
  const topics = new Set(
    [AlarmActions ?? [], OKActions ?? [], InsufficientDataActions ?? []].flat(),
  );
  return [...topics]
    .map(String)
    .flatMap((topic): Access[] => [
      { ...about, action: 'sns:Publish', resource: topic, context: source },
      ...keyAccess(about, keyOf(topic), useKey, source, { action: family }),
    ]);
}

/** What CloudWatch Logs does with the key of a log group, as AWS documents it for its key policy. */
function accessesOfLogGroup(
  { name, properties }: DeployedResource,
  place: FunctionSurroundings['place'],
): Access[] {
  if (properties.KmsKeyId === undefined) return [];
  const { partition, region, accountId } = place;
  const arn = `arn:${partition}:logs:${region}:${accountId}:log-group:${name}`;
  const about = {
    caller: service(`logs.${region}.amazonaws.com`),
    by: `CloudWatch Logs, ${name}`,
    why: 'encrypts a log group',
    context: { 'kms:EncryptionContext:aws:logs:arn': arn },
    open: { action: family },
  };
  return ['Encrypt', 'Decrypt', 'ReEncryptFrom', 'ReEncryptTo', 'GenerateDataKey'].map(
    (action) => ({
      ...{ ...about, action: `kms:${action}` },
      resource: String(properties.KmsKeyId),
    }),
  );
}

/** What Lambda does for the function: takes its role, writes its log, reports runs that failed. */
function accessesOfFunction(deployed: DeployedTemplates, around: FunctionSurroundings): Access[] {
  const { place, roleArn, keyOf } = around;
  const role: Caller = { kind: 'role', arn: roleArn };
  const { LoggingConfig } = deployed.one('AWS::Lambda::Function').properties as {
    readonly LoggingConfig: { readonly LogGroup: string };
  };
  const { partition, region, accountId } = place;
  const stream = `arn:${partition}:logs:${region}:${accountId}:log-group:${LoggingConfig.LogGroup}:log-stream:2026/11/22/[$LATEST]0`;
  const { DestinationConfig } = deployed.one('AWS::Lambda::EventInvokeConfig').properties as {
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
      ...{ caller: service('lambda.amazonaws.com'), by: 'Lambda', why: 'runs the function' },
      ...{ action: 'sts:AssumeRole', resource: roleArn, context: {} },
    },
    { ...ofLog, action: 'logs:CreateLogStream', resource: stream, context: {} },
    { ...ofLog, action: 'logs:PutLogEvents', resource: stream, context: {} },
    { ...ofQueue, action: 'sqs:SendMessage', resource: queue, context: {} },
    ...useKey.flatMap((action) =>
      through('sqs', keyOf(queue), action, around).map((part) => ({ ...ofQueue, ...part })),
    ),
  ];
}

/** What a deployed monitor's services do, as its templates say. */
export function serviceAccesses(
  deployed: DeployedTemplates,
  around: FunctionSurroundings,
): Access[] {
  return [
    ...accessesOfFunction(deployed, around),
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
  return deployed.all('AWS::SNS::Topic').map(({ arn = '' }) => ({
    ...{ caller: administrator(deployed.place), why: 'nobody forges a message of the monitor' },
    ...{ action: 'sns:Publish', resource: arn, context: {} },
  }));
}
