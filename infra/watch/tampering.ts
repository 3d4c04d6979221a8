import { type AlarmKey, alarmDefinitions } from '../../lambda/metrics/metric-definitions.ts';
import { alarmName, type MonitorNames } from '../naming/names.ts';

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
  readonly topicArns: readonly string[];
  /** The second witness, if there is one. */
  readonly witness?:
    | {
        readonly functionName: string;
        readonly roleName: string;
        readonly scheduleName: string;
      }
    | undefined;
  /** The monitor's own event bus, if it has one. */
  readonly busName?: string | undefined;
}

/**
 * What EventBridge compares a field with. It refuses a rule as "too complex" if a field is compared with
 * several wildcards, and does not say where the limit is: three patterns of two asterisks are known to
 * be accepted, and four to be refused. So a wildcard is used only where neither a prefix nor a suffix will do.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
 */
export type Match =
  | string
  | { readonly prefix: string }
  | { readonly suffix: string }
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
  /**
   * Whether they count as well if CloudFormation makes them. No deployment of the monitor does, but anybody's
   * own stack may hold a resource that silences the monitor, such as a mute rule for its alarms.
   *
   * @default they do not: a deployment of the monitor makes them
   */
  readonly evenByCloudFormation?: true;
}

/** Calls about one part of the monitor. */
export interface TamperSubject {
  readonly part: string;
  /** For people. */
  readonly about: string;
  readonly watched: readonly WatchedCalls[];
}

/** A name, or an ARN or a URL that ends in it. */
const byName = (name: string): Match => ({ suffix: name });

/** The name of a function, its ARN, and either with a version. */
const byFunctionName = (name: string): Match[] => [byName(name), { wildcard: `*${name}:*` }];

/**
 * All alarms but the one for tests, whose state `send-test` sets: how their names begin, as far as it takes
 * to differ from its name.
 */
function realAlarms(prefix: string): Match[] {
  const test = alarmName(prefix, 'test');
  const keys = Object.keys(alarmDefinitions) as AlarmKey[];
  const beginnings = keys
    .filter((key) => key !== 'test')
    .map((key) => {
      const name = alarmName(prefix, key);
      const differsAt = [...name].findIndex((letter, at) => letter !== test[at]);
      return name.slice(0, differsAt + 1);
    });
  return [...new Set(beginnings)].map((beginning) => ({ prefix: beginning }));
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

/** Calls that change a function, or who may call it. */
const functionCalls: readonly Match[] = [
  ...['UpdateFunction', 'DeleteFunction', 'PutFunction', 'AddPermission'],
  ...['RemovePermission', 'PutRuntime', 'CreateFunctionUrl'],
  ...['PutResourcePolicy', 'DeleteResourcePolicy'],
].map((prefix) => ({ prefix }));

const roleCalls: readonly Match[] = [
  ...['AttachRolePolicy', 'DetachRolePolicy', 'PutRolePolicy', 'DeleteRolePolicy'],
  ...['DeleteRole', 'UpdateRole', 'UpdateAssumeRolePolicy'],
  ...['PutRolePermissionsBoundary', 'DeleteRolePermissionsBoundary'],
];

const ruleCalls: readonly Match[] = [
  ...['DisableRule', 'DeleteRule', 'PutRule', 'RemoveTargets', 'PutTargets'],
];

/** Its log is left out: what it saw is in the table. */
function witnessSubject({
  functionName,
  roleName,
  scheduleName,
}: NonNullable<MonitorParts['witness']>): TamperSubject {
  return {
    part: 'witness',
    about: 'its second witness',
    watched: [
      {
        service: 'lambda',
        calls: functionCalls,
        named: {
          functionName: byFunctionName(functionName),
          resourceArn: [byName(functionName)],
        },
      },
      { service: 'iam', calls: roleCalls, named: { roleName: [roleName] } },
      {
        service: 'events',
        calls: ruleCalls,
        named: { name: [scheduleName], rule: [scheduleName] },
      },
      {
        service: 'cloudcontrolapi',
        calls: ['UpdateResource', 'DeleteResource'],
        named: { identifier: [functionName, roleName, scheduleName].map(byName) },
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
  const { names, topicArns } = parts;
  const topics = parts.topicNames.map(byName);
  // Those of environment `prod` also match the names of `prod-2`: a notice too many, never one too few.
  const anyAlarm: Match[] = [{ prefix: `${names.prefix}-` }];
  const subscriptions = topicArns.map((arn): Match => ({ prefix: `${arn}:` }));
  const queues = parts.queueNames.map(byName);
  const theFive: Match = { prefix: `airflow-${parts.mwaaEnvironment}-` };
  const groupNames: Match[] = [names.scannerLogGroup, theFive];
  /** With or without `:*` at the end. */
  const groupArns: Match[] = [
    byName(names.scannerLogGroup),
    byName(`${names.scannerLogGroup}:*`),
    { wildcard: `*:airflow-${parts.mwaaEnvironment}-*` },
  ];
  const rules: WatchedCalls = {
    service: 'events',
    calls: ruleCalls,
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
          calls: ['DeleteAlarms', 'DisableAlarmActions', 'PutMetricAlarm', 'PutCompositeAlarm'],
          named: { alarmName: anyAlarm, alarmNames: anyAlarm },
        },
        {
          service: 'monitoring',
          calls: ['PutAlarmMuteRule'],
          named: { 'muteTargets.alarmNames': anyAlarm },
          evenByCloudFormation: true,
        },
        {
          // A key on all metrics of the account: while it is disabled, no alarm is evaluated.
          service: 'monitoring',
          calls: ['AssociateDatasetKmsKey'],
          evenByCloudFormation: true,
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
            ...['DeleteLogGroup', 'PutRetentionPolicy', 'AssociateKmsKey', 'DisassociateKmsKey'],
            ...['PutSubscriptionFilter', 'DeleteSubscriptionFilter', 'PutResourcePolicy'],
          ],
          named: {
            logGroupName: groupNames,
            // A key on the results of all queries of the account: whoever may not use it reads none.
            resourceIdentifier: [...groupArns, byName(':query-result:*')],
            resourceArn: groupArns,
          },
        },
      ],
    },
    {
      part: 'lines',
      about: 'the lines in these log groups',
      watched: [
        {
          service: 'logs',
          calls: [
            ...['DeleteLogStream', 'PutDataProtectionPolicy', 'PutTransformer'],
            'PutLogGroupDeletionProtection',
          ],
          named: { logGroupName: groupNames, logGroupIdentifier: [...groupArns, theFive] },
          evenByCloudFormation: true,
        },
        {
          // A policy of the account masks or transforms the lines of every log group, and names none.
          service: 'logs',
          calls: ['PutAccountPolicy'],
          named: { policyType: ['DATA_PROTECTION_POLICY', 'TRANSFORMER_POLICY'] },
          evenByCloudFormation: true,
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
    ...(parts.witness === undefined ? [] : [witnessSubject(parts.witness)]),
    {
      part: 'function',
      about: 'its function and the function’s role',
      watched: [
        {
          service: 'lambda',
          calls: functionCalls,
          named: {
            functionName: byFunctionName(parts.functionName),
            resourceArn: [byName(parts.functionName)],
          },
        },
        {
          service: 'iam',
          calls: roleCalls,
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
            ...['PutResourcePolicy', 'DeleteResourcePolicy', 'StartBulkPutItems'],
          ],
          named: {
            tableName: [byName(parts.tableName)],
            resourceArn: [byName(parts.tableName)],
          },
        },
        {
          service: 'kms',
          calls: [
            ...['DisableKey', 'ScheduleKeyDeletion', 'PutKeyPolicy', 'RevokeGrant'],
            'DeleteImportedKeyMaterial',
          ],
          named: { keyId: [byName(parts.keyId)] },
        },
        {
          service: 'sqs',
          calls: [
            ...['DeleteQueue', 'PurgeQueue', 'SetQueueAttributes'],
            ...['AddPermission', 'RemovePermission', 'StartMessageMoveTask'],
          ],
          named: { queueUrl: queues, sourceArn: queues },
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
            // With an alias, the next call need not name the stack.
            ...['ContinueUpdateRollback', 'SetAlias'],
          ],
          named: { stackName: [parts.stackName, { wildcard: `*:stack/${parts.stackName}/*` }] },
          // So it updates a nested stack, or one that somebody imported into a stack set.
          evenByCloudFormation: true,
        },
        {
          // The ARN of a change set does not name the stack, and may be given alone. The id of a refactoring,
          // which moves resources from one stack to another, names none either.
          service: 'cloudformation',
          calls: ['ExecuteChangeSet', 'ExecuteStackRefactor'],
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
          evenByCloudFormation: true,
        },
      ],
    },
    {
      // It runs CloudFormation's handlers, whose calls may look like CloudFormation's.
      part: 'cloud-control',
      about: 'any of these by AWS Cloud Control API',
      watched: [
        {
          service: 'cloudcontrolapi',
          calls: ['UpdateResource', 'DeleteResource'],
          named: {
            identifier: [
              ...anyAlarm,
              { wildcard: `*/${names.tamperRulePrefix}*` },
              ...groupNames,
              ...[parts.functionName, parts.roleName, parts.scheduleName].map(byName),
              ...[parts.tableName, parts.keyId].map(byName),
              ...queues,
              // Also their subscriptions and policies.
              ...topicArns.map((arn): Match => ({ prefix: arn })),
            ],
          },
        },
      ],
    },
  ];
}
