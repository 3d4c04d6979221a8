import { DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import { localPlace } from '../../local/aws-place.ts';

/** How many publishes of unknown outcome the ledger has counted, by finding id. */
export async function countedUnknownPublishes(
  endpoint: string,
  tableName: string,
): Promise<Map<string, number>> {
  const client = new DynamoDBClient({
    endpoint,
    region: localPlace.region,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  const counts = new Map<string, number>();
  for await (const { Items = [] } of paginateScan({ client }, { TableName: tableName })) {
    for (const { sk, data } of Items) {
      if (!sk?.S?.startsWith('finding#') || data?.S === undefined) continue;
      const { finding, unknownPublishes } = JSON.parse(data.S);
      counts.set(finding.id, unknownPublishes);
    }
  }
  client.destroy();
  return counts;
}
