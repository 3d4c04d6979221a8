import type { IncomingMessage, ServerResponse } from 'node:http';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import dynalite from 'dynalite';
import { localPlace } from '../aws-place.ts';

/** A DynamoDB in memory, which answers the requests that it is handed. */
export interface DynamoServer {
  answer(request: IncomingMessage, response: ServerResponse): void;
}

/** It listens to no port of its own: requests come by the one endpoint of all services. */
export function dynamoServer(): DynamoServer {
  const server = dynalite({ createTableMs: 0 });
  return {
    answer: (request, response) => {
      server.emit('request', request, response);
    },
  };
}

export function isDynamoRequest({ headers }: IncomingMessage): boolean {
  return String(headers['x-amz-target'] ?? '').startsWith('DynamoDB_');
}

/** Makes the ledger's table as the stack's template has it. */
export async function createLedgerTable(endpoint: string, tableName: string): Promise<void> {
  const client = new DynamoDBClient({
    endpoint,
    region: localPlace.region,
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
  client.destroy();
}
