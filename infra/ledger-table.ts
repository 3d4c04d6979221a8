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
 * What a monitor remembers: how far each log group was read, what was seen there, and whom it has to
 * tell of what.
 *
 * It goes with its stack, like everything else. A table that is kept would be of no use to the next
 * stack, which makes its own and begins anew, and it would cost for ever, with the key that alone can
 * read it; for the same reason nothing guards it from being deleted: `cdk destroy` ends in one go.
 * Whoever destroys by mistake has a month: DynamoDB keeps a last backup of a table that has
 * point-in-time recovery for 35 days, and the key waits for 30 before it is deleted
 * (encryption-key.ts).
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/PointInTimeRecovery_Howitworks.html
 *
 * Its keys and its id within the stack must stay as they are: with others, a deployment would make a
 * new table, and the monitor would have forgotten everything.
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
 * All that the scanner does with its ledger, and nothing else.
 *
 * Whoever reads or writes a table under a customer managed key needs `kms:Decrypt` on it, for the
 * table's own key, which DynamoDB unwraps in the caller's name; what else DynamoDB does with the key
 * it does by grants that it got when the table was made. CDK's `grantReadWriteData` would add the
 * rights to scan the table, and to encrypt with the key.
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
