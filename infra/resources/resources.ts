import {
  AttributeType,
  BillingMode,
  type ITable,
  Table,
  TableEncryption,
} from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import { type IKey, Key } from 'aws-cdk-lib/aws-kms';
import { Annotations, Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib/core';
import type { Construct, IConstruct } from 'constructs';
import { homeOfKey, logsKeyStatement, monitorKeyStatements } from '../config/key-policy.ts';
import type { MonitorNames } from '../naming/names.ts';

/**
 * Allows CloudWatch Logs of the key's Region to use the key for these log groups of its account,
 * and for no others ({@link logsKeyStatement}).
 */
export function allowLogs(key: Key, sid: string, logGroupPattern: string): void {
  const statement = logsKeyStatement(Stack.of(key), sid, logGroupPattern);
  key.addToResourcePolicy(PolicyStatement.fromJson(statement));
}

/**
 * Records the reason for one wildcard in a policy below `scope`; a wildcard without a reason stops
 * the synthesis (cdk-nag, AwsSolutions-IAM5).
 */
export function acknowledgeWildcard(
  scope: IConstruct,
  wildcard: { readonly action: string } | { readonly resource: string },
  reason: string,
): void {
  const found =
    'action' in wildcard
      ? `Action::${wildcard.action}`
      : `Resource::${readable(Stack.of(scope).resolve(wildcard.resource))}`;
  Validations.of(scope).acknowledge({ id: `AwsSolutions-IAM5[${found}]`, reason });
}

type Resolved =
  | string
  | { readonly Ref: string }
  | { readonly 'Fn::GetAtt': readonly string[] }
  | { readonly 'Fn::Join': readonly [string, readonly Resolved[]] };

/** A resolved value as cdk-nag writes it in its findings: `arn:<AWS::Partition>:logs:…`. */
function readable(value: Resolved): string {
  if (typeof value === 'string') return value;
  if ('Ref' in value) return `<${value.Ref}>`;
  if ('Fn::GetAtt' in value) return `<${value['Fn::GetAtt'].join('.')}>`;
  const [separator, parts] = value['Fn::Join'];
  return parts.map(readable).join(separator);
}

/**
 * The one key of a monitor, for its topics, its queues, its ledger and its own log group: the stack's
 * own, or one that exists already.
 *
 * A customer managed key, because CloudWatch cannot publish to a topic that is encrypted with the
 * AWS managed `alias/aws/sns`, and then fails silently.
 *
 * @param kmsKeyArn the key to use in place of an own one, whose policy the CDK cannot change
 */
export function encryptionKey(scope: Construct, names: MonitorNames, kmsKeyArn?: string): IKey {
  if (kmsKeyArn !== undefined) return existingKey(scope, names, kmsKeyArn);
  const key = new Key(scope, 'Key', {
    description: `Encrypts the alarms, findings, queues, ledger and logs of ${names.prefix}`,
    enableKeyRotation: true,
    // Only the last backup of the ledger outlives the stack: DynamoDB stores it for 35 days. KMS's
    // longest waiting period leaves most of that time to restore it, and costs nothing.
    removalPolicy: RemovalPolicy.DESTROY,
    pendingWindow: Duration.days(30),
  });
  for (const statement of monitorKeyStatements(Stack.of(scope), names, { isShared: false })) {
    key.addToResourcePolicy(PolicyStatement.fromJson(statement));
  }
  return key;
}

/** Says at each synthesis what the key's policy needs: a deployment without it fails or, worse, does not. */
function existingKey(scope: Construct, names: MonitorNames, kmsKeyArn: string): IKey {
  const statements = monitorKeyStatements(homeOfKey(kmsKeyArn), names, { isShared: true });
  Annotations.of(scope).addInfoV2(
    'mwaa-privilege-monitor:key-policy',
    [
      `kmsKeyArn: the policy of ${kmsKeyArn} needs these statements:`,
      ...statements.map((statement) => JSON.stringify(statement)),
      'and one that makes IAM policies of its account count. `npx privilege-monitor doctor` checks both.',
    ].join('\n'),
  );
  return Key.fromKeyArn(scope, 'Key', kmsKeyArn);
}

/**
 * What a monitor remembers: how far each log group was read, what was seen there, and what still
 * has to be published.
 *
 * It is deleted with its stack, like everything else. A retained table would be of no use to the
 * next stack, which creates its own, and would cost money until somebody deletes it, with the only
 * key that can read it. For the same reason it has no deletion protection: `cdk destroy` succeeds
 * in one go. After a mistake there is a month: DynamoDB stores a last backup of a table with
 * point-in-time recovery for 35 days, and the key waits for 30 before it is deleted
 * ({@link encryptionKey}).
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/PointInTimeRecovery_Howitworks.html
 *
 * Its keys and its id within the stack must not change: a deployment would create a new table, and
 * the monitor would have forgotten everything.
 */
export function ledgerTable(scope: Construct, key: IKey): Table {
  return new Table(scope, 'Ledger', {
    partitionKey: { name: 'pk', type: AttributeType.STRING },
    sortKey: { name: 'sk', type: AttributeType.STRING },
    billingMode: BillingMode.PAY_PER_REQUEST,
    encryption: TableEncryption.CUSTOMER_MANAGED,
    encryptionKey: key,
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    timeToLiveAttribute: 'expiresAt',
    removalPolicy: RemovalPolicy.DESTROY,
    deletionProtection: false,
  });
}

/**
 * Services as `kms:ViaService` names them. No source says which of the two names they have in China;
 * elsewhere no service has the second.
 */
export function servicesOf({ region }: Stack, ...services: readonly string[]): string[] {
  return services.flatMap((service) =>
    ['amazonaws.com', 'amazonaws.com.cn'].map((domain) => `${service}.${region}.${domain}`),
  );
}

/**
 * Allows the scanner what it does with its ledger, and nothing else. CDK's `grantReadWriteData` would
 * also allow scanning the table, and encrypting with the key.
 */
export function allowLedger(role: Role, table: ITable, key: IKey): void {
  role.addToPolicy(
    new PolicyStatement({
      sid: 'RememberInTheLedger',
      actions: [
        'dynamodb:GetItem',
        'dynamodb:Query',
        'dynamodb:PutItem',
        'dynamodb:DeleteItem',
        'dynamodb:BatchWriteItem',
      ],
      resources: [table.tableArn],
    }),
  );
  allowLedgersKey(role, key);
}

/**
 * A caller that reads or writes a table under a customer managed key needs `kms:Decrypt` on that
 * key, since DynamoDB unwraps the table's own key in the caller's name; for all else DynamoDB has
 * grants from when the table was created.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html
 */
export function allowLedgersKey(role: Role, key: IKey): void {
  role.addToPolicy(
    new PolicyStatement({
      sid: 'ReadTheLedgersKeyThroughDynamoDb',
      actions: ['kms:Decrypt'],
      resources: [key.keyArn],
      conditions: {
        StringEquals: { 'kms:ViaService': servicesOf(Stack.of(role), 'dynamodb') },
      },
    }),
  );
}
