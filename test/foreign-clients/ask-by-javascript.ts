import {
  CloudWatchLogsClient,
  GetQueryResultsCommand,
  StartQueryCommand,
} from '@aws-sdk/client-cloudwatch-logs';

/** Asks one query by the AWS SDK and prints its answer, for ask_by_boto3.py to compare with. */
const { url, ...query } = JSON.parse(process.argv[2] ?? '{}');
const client = new CloudWatchLogsClient({
  endpoint: url,
  region: 'us-east-1',
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  maxAttempts: 1,
});
const { queryId } = await client.send(new StartQueryCommand(query));
let answer = await client.send(new GetQueryResultsCommand({ queryId }));
while (answer.status === 'Running') {
  answer = await client.send(new GetQueryResultsCommand({ queryId }));
}
console.log(JSON.stringify({ results: answer.results, statistics: answer.statistics }));
