import type { Server } from 'node:http';
import { CreateTableCommand, DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import dynalite from 'dynalite';

/**
 * An empty DynamoDB in this process. It never closes an idle connection: on a busy machine it would do so
 * just when the client, which repeats nothing, sends its next request.
 */
export function localDynamo(): Server {
  const server = dynalite({ createTableMs: 0 });
  server.keepAliveTimeout = 0;
  return server;
}

/** Creates a table with the keys of the ledger in the stack's template. */
export async function createLedgerTable(endpoint: string, tableName: string): Promise<void> {
  const client = new DynamoDBClient({
    endpoint,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  await client.send(
    new CreateTableCommand({
      TableName: tableName,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
      AttributeDefinitions: [
        { AttributeName: 'pk', AttributeType: 'S' },
        { AttributeName: 'sk', AttributeType: 'S' },
      ],
    }),
  );
  await untilActive(client, tableName);
  client.destroy();
}

/** Until then the table is not found; even with no time to create it, it is created a little later. */
async function untilActive(client: DynamoDBClient, tableName: string): Promise<void> {
  const describe = new DescribeTableCommand({ TableName: tableName });
  let status: string | undefined;
  while (status !== 'ACTIVE') {
    const { Table } = await client.send(describe);
    status = Table?.TableStatus;
  }
}
