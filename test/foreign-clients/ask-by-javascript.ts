import {
  CloudWatchLogsClient,
  FilterLogEventsCommand,
  GetQueryResultsCommand,
  PutLogEventsCommand,
  StartQueryCommand,
} from '@aws-sdk/client-cloudwatch-logs';

/** Calls one operation by the AWS SDK and prints its answer, for ask_by_boto3.py to compare with. */
const { url, operation, input } = JSON.parse(process.argv[2] ?? '{}');
const client = new CloudWatchLogsClient({
  endpoint: url,
  region: 'us-east-1',
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  maxAttempts: 1,
});

const operations: Readonly<Record<string, () => Promise<object>>> = {
  async query() {
    const { queryId } = await client.send(new StartQueryCommand(input));
    let answer = await client.send(new GetQueryResultsCommand({ queryId }));
    while (answer.status === 'Running') {
      answer = await client.send(new GetQueryResultsCommand({ queryId }));
    }
    return { results: answer.results, statistics: answer.statistics };
  },
  async filter() {
    const { events } = await client.send(new FilterLogEventsCommand(input));
    return { events };
  },
  async put() {
    const { rejectedLogEventsInfo } = await client.send(new PutLogEventsCommand(input));
    return { rejectedLogEventsInfo };
  },
};
console.log(JSON.stringify(await operations[operation]?.()));
