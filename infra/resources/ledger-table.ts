import {
  AttributeType,
  BillingMode,
  type ITable,
  Table,
  TableEncryption,
} from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { RemovalPolicy, Stack } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';

/**
 * What a monitor remembers: how far each log group was read, what was seen there, and what still
 * has to be published.
 *
 * It is deleted with its stack, like everything else. A retained table would be of no use to the
 * next stack, which creates its own, and would cost money until somebody deletes it, with the only
 * key that can read it. For the same reason it has no deletion protection: `cdk destroy` succeeds
 * in one go. After a mistake there is a month: DynamoDB stores a last backup of a table with
 * point-in-time recovery for 35 days, and the key waits for 30 before it is deleted
 * (encryption-key.ts).
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
 * Allows the scanner what it does with its ledger, and nothing else.
 *
 * A caller that reads or writes a table under a customer managed key needs `kms:Decrypt` on that
 * key, since DynamoDB unwraps the table's own key in the caller's name; for all else DynamoDB has
 * grants from when the table was created. CDK's `grantReadWriteData` would also allow scanning the
 * table, and encrypting with the key.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html
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
  role.addToPolicy(
    new PolicyStatement({
      sid: 'ReadTheLedgersKeyThroughDynamoDb',
      actions: ['kms:Decrypt'],
      resources: [key.keyArn],
      conditions: {
        StringEquals: { 'kms:ViaService': `dynamodb.${Stack.of(role).region}.amazonaws.com` },
      },
    }),
  );
}
