import { type AlarmKey, alarmDefinitions } from '../../lambda/metrics/metric-definitions.ts';
import { alarmName, alarmTypes, type MonitorNames } from '../config/names.ts';

/** The parts of a deployed monitor, as calls of AWS name them. */
export interface MonitorParts {
  readonly mwaaEnvironment: string;
  readonly names: MonitorNames;
  readonly stackName: string;
  readonly functionName: string;
  readonly roleName: string;
  readonly scheduleName: string;
  readonly tableName: string;
  readonly keyId: string;
  readonly queueNames: readonly string[];
  readonly topicArns: readonly string[];
}

/** What EventBridge compares a field with. */
type Match = string | { readonly prefix: string } | { readonly wildcard: string };

/** Calls of one service that change or silence something. */
interface WatchedCalls {
  /** As `eventSource` names it, without `.amazonaws.com`. */
  readonly service: string;
  /** As `eventName` names them, which for Lambda is the API's name and a date. */
  readonly calls: readonly Match[];
  /** By path below `requestParameters`: what a call names there, in any of these fields. */
  readonly named: Readonly<Record<string, readonly Match[]>>;
}

interface TamperRule {
  /** A part of its name, and its id in the stack. */
  readonly part: string;
  /** For people. */
  readonly about: string;
  readonly watched: readonly WatchedCalls[];
}

/** A name, or an ARN or a URL that ends in it. */
const byName = (name: string): Match[] => [{ wildcard: `*${name}` }];

/** The name of a function, its ARN, and either with a version. */
const byFunctionName = (name: string): Match[] => [{ wildcard: `*${name}*` }];

/** All alarms but the one for tests, whose state `send-test` sets: exact names, or their beginnings. */
function realAlarms(prefix: string): Match[] {
  const keys = Object.keys(alarmDefinitions) as AlarmKey[];
  return keys
    .filter((key) => key !== 'test')
    .map((key) => {
      const name = alarmName(prefix, key);
      return alarmTypes(key).length > 1 ? { prefix: `${name}-` } : name;
    });
}

/**
 * Which calls people are notified of: those that change or silence a part of the monitor, or remove what
 * it reads. A pattern has at most 2,048 characters, so there are several rules.
 *
 * Two limits of CloudTrail and EventBridge: calls of IAM are events of one Region only (us-east-1 in the
 * partition `aws`), and what changes the data in a table or a queue is no management event.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html
 */
export function tamperRules(parts: MonitorParts): TamperRule[] {
  const { names, topicArns } = parts;
  // Those of environment `prod` also match the names of `prod-2`: a notice too many, never one too few.
  const anyAlarm: Match[] = [{ prefix: `${names.prefix}-` }];
  const subscriptions = topicArns.map((arn): Match => ({ prefix: `${arn}:` }));
  const rules: WatchedCalls = {
    service: 'events',
    calls: ['DisableRule', 'DeleteRule', 'PutRule', 'RemoveTargets', 'PutTargets'],
    named: {
      name: [parts.scheduleName, { prefix: names.tamperRule('') }],
      rule: [parts.scheduleName, { prefix: names.tamperRule('') }],
    },
  };
  return [
    {
      part: 'alarms',
      about: 'its alarms',
      watched: [
        {
          service: 'monitoring',
          calls: [
            'DeleteAlarms',
            'DisableAlarmActions',
            'PutMetricAlarm',
            'PutCompositeAlarm',
            'PutAlarmMuteRule',
          ],
          named: {
            alarmName: anyAlarm,
            alarmNames: anyAlarm,
            'muteTargets.alarmNames': anyAlarm,
          },
        },
      ],
    },
    {
      part: 'states',
      about: 'the states of its alarms',
      watched: [
        {
          service: 'monitoring',
          calls: ['SetAlarmState'],
          named: { alarmName: realAlarms(names.prefix) },
        },
      ],
    },
    {
      part: 'logs',
      about: 'its log group and the five that it reads',
      watched: [
        {
          service: 'logs',
          calls: [
            ...['DeleteLogGroup', 'DeleteLogStream', 'PutRetentionPolicy', 'AssociateKmsKey'],
            ...['DisassociateKmsKey', 'PutSubscriptionFilter', 'DeleteSubscriptionFilter'],
            ...['PutDataProtectionPolicy', 'PutTransformer', 'PutLogGroupDeletionProtection'],
          ],
          named: Object.fromEntries(
            ['logGroupName', 'logGroupIdentifier', 'resourceIdentifier'].map((field) => [
              field,
              [
                { wildcard: `*${names.scannerLogGroup}*` },
                { wildcard: `*airflow-${parts.mwaaEnvironment}-*` },
              ],
            ]),
          ),
        },
      ],
    },
    {
      part: 'topics',
      about: 'its topics and who is subscribed to them',
      watched: [
        {
          service: 'sns',
          calls: [
            ...['DeleteTopic', 'SetTopicAttributes', 'AddPermission', 'RemovePermission'],
            ...['Unsubscribe', 'SetSubscriptionAttributes', 'PutDataProtectionPolicy'],
          ],
          named: {
            topicArn: topicArns,
            resourceArn: topicArns,
            subscriptionArn: subscriptions,
          },
        },
      ],
    },
    {
      part: 'function',
      about: 'its function and the function’s role',
      watched: [
        {
          service: 'lambda',
          calls: [
            ...['UpdateFunction', 'DeleteFunction', 'PutFunction', 'AddPermission'],
            ...['RemovePermission', 'PutResourcePolicy', 'DeleteResourcePolicy', 'PutRuntime'],
          ].map((prefix) => ({ prefix })),
          named: {
            functionName: byFunctionName(parts.functionName),
            resourceArn: byFunctionName(parts.functionName),
          },
        },
        {
          service: 'iam',
          calls: [
            ...['AttachRolePolicy', 'DetachRolePolicy', 'PutRolePolicy', 'DeleteRolePolicy'],
            ...['DeleteRole', 'UpdateRole', 'UpdateAssumeRolePolicy'],
            ...['PutRolePermissionsBoundary', 'DeleteRolePermissionsBoundary'],
          ],
          named: { roleName: [parts.roleName] },
        },
      ],
    },
    {
      part: 'stores',
      about: 'its table, key and queues',
      watched: [
        {
          service: 'dynamodb',
          calls: [
            ...['DeleteTable', 'UpdateTable', 'UpdateTimeToLive', 'UpdateContinuousBackups'],
            ...['PutResourcePolicy', 'DeleteResourcePolicy'],
          ],
          named: {
            tableName: byName(parts.tableName),
            resourceArn: byName(parts.tableName),
          },
        },
        {
          service: 'kms',
          calls: ['DisableKey', 'ScheduleKeyDeletion', 'PutKeyPolicy', 'RevokeGrant'],
          named: { keyId: byName(parts.keyId) },
        },
        {
          service: 'sqs',
          calls: [
            ...['DeleteQueue', 'PurgeQueue', 'SetQueueAttributes'],
            ...['AddPermission', 'RemovePermission'],
          ],
          named: { queueUrl: parts.queueNames.flatMap(byName) },
        },
      ],
    },
    {
      part: 'rules',
      about: 'its rules and its stack',
      watched: [
        rules,
        {
          service: 'cloudformation',
          calls: [
            ...['UpdateStack', 'DeleteStack', 'ExecuteChangeSet', 'RollbackStack'],
            ...['CancelUpdateStack', 'SetStackPolicy', 'UpdateTerminationProtection'],
          ],
          named: { stackName: [parts.stackName, { wildcard: `*:stack/${parts.stackName}/*` }] },
        },
      ],
    },
    // A rule that is disabled does not report it, so the rule above has a second one that watches it.
    { part: 'guard', about: 'its rules', watched: [rules] },
  ];
}

/**
 * The event pattern of a rule, without the source.
 *
 * What CloudFormation does is left out: an update of the stack is one call of a person or a pipeline,
 * which is reported, and dozens of calls of CloudFormation. Its address cannot be forged either.
 */
export function tamperPattern({ watched }: Pick<TamperRule, 'watched'>) {
  const detail = watched.map(({ service, calls, named }) => ({
    eventSource: [`${service}.amazonaws.com`],
    eventName: calls,
    requestParameters: anyOf(
      Object.entries(named).map(([path, matches]) => nested(path.split('.'), matches)),
    ),
  }));
  return {
    detailType: ['AWS API Call via CloudTrail'],
    detail: {
      sourceIPAddress: [{ 'anything-but': 'cloudformation.amazonaws.com' }],
      ...anyOf(detail),
    },
  };
}

function anyOf(patterns: readonly object[]): object {
  const [only] = patterns;
  return patterns.length === 1 && only !== undefined ? only : { $or: patterns };
}

function nested([first = '', ...rest]: readonly string[], matches: readonly Match[]): object {
  return { [first]: rest.length === 0 ? matches : nested(rest, matches) };
}
