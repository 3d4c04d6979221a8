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
  readonly topicNames: readonly string[];
  /** The monitor's own event bus, if it has one. */
  readonly busName?: string | undefined;
}

/** What EventBridge compares a field with. */
export type Match =
  | string
  | { readonly prefix: string }
  | { readonly wildcard: string }
  | { readonly exists: false };

/** Calls of one service that change or silence something. */
interface WatchedCalls {
  /** As `eventSource` names it, without `.amazonaws.com`. */
  readonly service: string;
  /** As `eventName` names them, which for Lambda is the API's name and a date. */
  readonly calls: readonly Match[];
  /**
   * By path below `requestParameters`: what a call names there, in any of these fields.
   *
   * @default the call counts whatever it names
   */
  readonly named?: Readonly<Record<string, readonly Match[]>>;
}

/** Calls about one part of the monitor. */
export interface TamperSubject {
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

/** Rules on the bus are other people's, and not watched. */
function busSubject(busName: string): TamperSubject {
  return {
    part: 'bus',
    about: 'its event bus',
    watched: [
      {
        service: 'events',
        calls: ['DeleteEventBus', 'UpdateEventBus', 'PutPermission', 'RemovePermission'],
        named: { name: [busName], eventBusName: [busName] },
      },
    ],
  };
}

/** What watches the rules, and must not be in the same rule. */
export const guard = 'guard';
export const guarded = 'rules';

/**
 * Which calls people are notified of: those that change or silence a part of the monitor, or remove what
 * it reads.
 *
 * Two limits of CloudTrail and EventBridge: calls of IAM are events of one Region only (us-east-1 in the
 * partition `aws`), and what changes the data in a table or a queue is no management event.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html
 */
export function tamperSubjects(parts: MonitorParts): TamperSubject[] {
  const { names, topicNames } = parts;
  // Those of environment `prod` also match the names of `prod-2`: a notice too many, never one too few.
  const anyAlarm: Match[] = [{ prefix: `${names.prefix}-` }];
  const topics = topicNames.flatMap(byName);
  const subscriptions = topicNames.map((name): Match => ({ wildcard: `*${name}:*` }));
  const rules: WatchedCalls = {
    service: 'events',
    calls: ['DisableRule', 'DeleteRule', 'PutRule', 'RemoveTargets', 'PutTargets'],
    named: {
      name: [parts.scheduleName, { prefix: names.tamperRulePrefix }],
      rule: [parts.scheduleName, { prefix: names.tamperRulePrefix }],
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
            topicArn: topics,
            resourceArn: topics,
            subscriptionArn: subscriptions,
          },
        },
      ],
    },
    ...(parts.busName === undefined ? [] : [busSubject(parts.busName)]),
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
      part: guarded,
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
        {
          // The ARN of a change set does not name the stack, and may be given alone.
          service: 'cloudformation',
          calls: ['ExecuteChangeSet'],
          named: { stackName: [{ exists: false }] },
        },
      ],
    },
    // A rule that is disabled does not report it, so another rule has to watch the one above.
    { part: guard, about: 'its rules', watched: [rules] },
    {
      part: 'trails',
      about: 'the trails that feed these notices',
      watched: [
        {
          service: 'cloudtrail',
          calls: ['StopLogging', 'DeleteTrail', 'UpdateTrail', 'PutEventSelectors'],
        },
      ],
    },
  ];
}
