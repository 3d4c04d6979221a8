import type {
  GetMetricDataCommandInput,
  PutMetricDataCommandInput,
} from '@aws-sdk/client-cloudwatch';
import type {
  GetLogEventsCommandInput,
  StartQueryCommandInput,
} from '@aws-sdk/client-cloudwatch-logs';
import type { BatchWriteItemCommandInput } from '@aws-sdk/client-dynamodb';
import type { PutEventsCommandInput } from '@aws-sdk/client-eventbridge';
import type { PublishBatchCommandInput, PublishCommandInput } from '@aws-sdk/client-sns';
import { type AwsPlace, logGroupArn } from '../../../../local/aws-place.ts';
import type { Access } from './access.ts';
import type { SentCall } from './record-calls.ts';

/** What is known of the function's surroundings once its stack is deployed. */
export interface FunctionSurroundings {
  readonly place: AwsPlace;
  readonly roleArn: string;
  /** The environment's five. */
  readonly logGroups: readonly string[];
  /** The ARN of the key that encrypts a topic or a table, by its ARN. */
  readonly keyOf: (arn: string) => string;
  /** ARNs of keys that the environment's log groups may have. */
  readonly logsKeyArns: readonly string[];
  /** Whether the function has one partition of the table, and no more. @default false */
  readonly isLimitedToPartition?: boolean;
  /** The VPC from which the function calls. @default none */
  readonly vpcId?: string | undefined;
}

type Part = Pick<Access, 'action' | 'resource' | 'context' | 'open'>;

/** The rights that one command of the SDK needs. */
interface CommandRights {
  readonly why: string;
  /**
   * By the command's input, as the Service Authorization Reference says what a request for the action
   * is about.
   */
  readonly needs: (input: object, around: FunctionSurroundings) => readonly Part[];
}

const noResource = (action: string) => (): Part[] => [{ action, resource: '*', context: {} }];

/**
 * A call of KMS that a service makes in the name of its caller, by each name that `kms:ViaService` may
 * have: no source says which of the two it has in China.
 * https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html
 */
export function through(
  service: string,
  keyArn: string,
  action: string,
  { place: { region } }: Pick<FunctionSurroundings, 'place'>,
  context: Readonly<Record<string, string>> = {},
): Part[] {
  const domains = ['amazonaws.com', ...(region.startsWith('cn-') ? ['amazonaws.com.cn'] : [])];
  return domains.map((domain) => ({
    ...{ action, resource: keyArn },
    context: { 'kms:ViaService': `${service}.${region}.${domain}`, ...context },
  }));
}

/** The function's call on the table of the ledger, and the call of DynamoDB on its key. */
function onTable(action: string, tableOf: (input: object) => string): CommandRights['needs'] {
  return (input, around) => {
    const { region, accountId, partition } = around.place;
    const resource = `arn:${partition}:dynamodb:${region}:${accountId}:table/${tableOf(input)}`;
    const context: Part['context'] = around.isLimitedToPartition
      ? { 'dynamodb:LeadingKeys': partitionOf(input) }
      : {};
    return [
      { action, resource, context },
      // https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html
      ...through('dynamodb', around.keyOf(resource), 'kms:Decrypt', around),
    ];
  };
}

interface KeyedInput {
  readonly Key?: { readonly pk?: { readonly S?: string } };
  readonly Item?: { readonly pk?: { readonly S?: string } };
  readonly ExpressionAttributeValues?: { readonly ':pk'?: { readonly S?: string } };
}

/** The partition that a call is about, as DynamoDB tells it to IAM. */
function partitionOf(input: object): string {
  const { Key, Item, ExpressionAttributeValues } = input as KeyedInput;
  const value = Key?.pk ?? Item?.pk ?? ExpressionAttributeValues?.[':pk'];
  if (value?.S === undefined) throw new Error('a call on the table names no partition');
  return value.S;
}

const tableName = (input: object) => String((input as { TableName?: string }).TableName);

const ofStreams =
  'Some calls of CloudWatch Logs are checked against this form of the group’s ARN, which is that of its streams.';
const anyKey =
  'Nobody knows at synthesis which key the log groups have. It can be used through CloudWatch Logs only, and for the five log groups only.';
const aQueryHasNoArn =
  'A query has no ARN. Editions of AWS’s reference differ on whether the call is about the log group or about no resource.';

/** The function's use of the keys that a log group may have, through CloudWatch Logs. */
function decryptingLogs(logGroup: string, around: FunctionSurroundings): Part[] {
  return around.logsKeyArns
    .flatMap((key) =>
      through('logs', key, 'kms:Decrypt', around, {
        'kms:EncryptionContext:aws:logs:arn': logGroup,
      }),
    )
    .map((part) => ({ ...part, open: { name: anyKey, 'longer name': anyKey } }));
}

function publishing(topicArn = '', around: FunctionSurroundings): Part[] {
  // https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
  const key = around.keyOf(topicArn);
  return [
    { action: 'sns:Publish', resource: topicArn, context: {} },
    ...through('sns', key, 'kms:Decrypt', around),
    ...through('sns', key, 'kms:GenerateDataKey', around),
  ];
}

/** Rights by the client's package without `@aws-sdk/client-`, and the command without `Command`. */
export const commandRights: Readonly<Record<string, CommandRights>> = {
  'cloudwatch-logs StartQuery': {
    why: 'searches the five log groups',
    needs: (input, around) => {
      const { logGroupNames = [] } = input as StartQueryCommandInput;
      return logGroupNames.flatMap((name) => {
        const arn = logGroupArn(around.place, name);
        const action = 'logs:StartQuery';
        return [
          { action, resource: arn, context: {} },
          { action, resource: `${arn}:*`, context: {}, open: { form: ofStreams } },
          ...decryptingLogs(arn, around),
        ];
      });
    },
  },
  'cloudwatch-logs GetLogEvents': {
    why: 'sees whom the log of a task names as the owner of its DAG',
    needs: (input, around) => {
      const { logGroupName = '', logStreamName = '' } = input as GetLogEventsCommandInput;
      const arn = logGroupArn(around.place, logGroupName);
      // Which stream a finding will be in is not known: any.
      const streams = [logStreamName, 'any'].map((name) => `${arn}:log-stream:${name}`);
      return [
        ...streams.map((resource) => ({ action: 'logs:GetLogEvents', resource, context: {} })),
        ...decryptingLogs(arn, around),
      ];
    },
  },
  'cloudwatch-logs GetQueryResults': {
    why: 'reads the answer of a query',
    needs: (_input, { place, logGroups }) =>
      ['*', ...logGroups.map((name) => logGroupArn(place, name))].map((resource) => ({
        ...{ action: 'logs:GetQueryResults', resource, context: {} },
        open: Object.fromEntries(
          (['form', 'name', 'longer name', 'account', 'Region'] as const).map((part) => [
            part,
            aQueryHasNoArn,
          ]),
        ),
      })),
  },
  'cloudwatch-logs StopQuery': {
    why: 'stops a query that does not end in time',
    needs: noResource('logs:StopQuery'),
  },
  'cloudwatch-logs DescribeLogGroups': {
    why: 'sees which of the five log groups exist',
    needs: noResource('logs:DescribeLogGroups'),
  },
  'cloudwatch PutMetricData': {
    why: 'publishes the monitor’s metrics',
    needs: (input) => {
      const { Namespace = '' } = input as PutMetricDataCommandInput;
      const context = { 'cloudwatch:namespace': Namespace };
      return [{ action: 'cloudwatch:PutMetricData', resource: '*', context }];
    },
  },
  'cloudwatch GetMetricData': {
    why: 'sees whether events come into the log groups',
    needs: (input) => {
      const { MetricDataQueries = [] } = input as GetMetricDataCommandInput;
      const isOwnAccount = MetricDataQueries.every(({ AccountId }) => AccountId === undefined);
      if (!isOwnAccount) throw new Error('GetMetricData of another account has rights of its own');
      return noResource('cloudwatch:GetMetricData')();
    },
  },
  'dynamodb GetItem': {
    why: 'reads one item of the ledger',
    needs: onTable('dynamodb:GetItem', tableName),
  },
  'dynamodb Query': {
    why: 'reads a range of the ledger',
    needs: onTable('dynamodb:Query', tableName),
  },
  'dynamodb PutItem': {
    why: 'writes positions, findings and the lease',
    needs: onTable('dynamodb:PutItem', tableName),
  },
  'dynamodb DeleteItem': {
    why: 'gives the lease back, and removes what is settled',
    needs: onTable('dynamodb:DeleteItem', tableName),
  },
  'dynamodb BatchWriteItem': {
    why: 'writes the events of a slice',
    needs: (input, around) =>
      Object.keys((input as BatchWriteItemCommandInput).RequestItems ?? {}).flatMap((name) =>
        onTable('dynamodb:BatchWriteItem', () => name)(input, around),
      ),
  },
  'sns Publish': {
    why: 'notifies people of findings',
    needs: (input, around) => publishing((input as PublishCommandInput).TopicArn, around),
  },
  'sns PublishBatch': {
    why: 'sends findings to the chat (only with `notify.chat`)',
    // https://docs.aws.amazon.com/sns/latest/dg/sns-batch-api-actions.html: the right is that of Publish.
    needs: (input, around) => publishing((input as PublishBatchCommandInput).TopicArn, around),
  },
  'eventbridge PutEvents': {
    why: 'puts findings on the event bus (only with `notify.eventBus`)',
    needs: (input) => {
      const { Entries = [] } = input as PutEventsCommandInput;
      return Entries.map(({ EventBusName = '', Source = '', DetailType = '' }) => ({
        ...{ action: 'events:PutEvents', resource: EventBusName },
        context: { 'events:source': Source, 'events:detail-type': DetailType },
      }));
    },
  },
  // MWAA is called without its client, by lambda/aws/mwaa-request.ts.
  'mwaa POST /restapi/{Name}': {
    why: 'reads users, roles and the audit log of Airflow (only the second witness)',
    needs: (input, { place: { partition, region, accountId }, vpcId }) => {
      const { Name } = input as { Name: string };
      const resource = `arn:${partition}:airflow:${region}:${accountId}:role/${Name}/Public`;
      const context: Part['context'] = vpcId === undefined ? {} : { 'aws:SourceVpc': vpcId };
      return [{ action: 'airflow:InvokeRestApi', resource, context }];
    },
  },
  'mwaa GET /environments/{Name}': {
    why: 'sees which log types are enabled',
    needs: (input, { place: { partition, region, accountId } }) => {
      const { Name } = input as { Name: string };
      const resource = `arn:${partition}:airflow:${region}:${accountId}:environment/${Name}`;
      return [{ action: 'airflow:GetEnvironment', resource, context: {} }];
    },
  },
};

/** What a call of the function needs. @throws Error for a call that the table does not list */
export function accessesOf(
  { client, operation, input }: SentCall,
  around: FunctionSurroundings,
): Access[] {
  const by = `${client} ${operation}`;
  const rights = commandRights[by];
  if (rights === undefined) throw new Error(`the function sends ${by}, which commandRights lacks`);
  const caller = { kind: 'role', arn: around.roleArn } as const;
  return rights.needs(input, around).map((part) => ({ ...part, caller, by, why: rights.why }));
}
