import {
  CloudWatchLogsClient,
  GetQueryResultsCommand,
  StartQueryCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { InsightsEngine } from '../../../local/insights-engine/engine.ts';
import { readLogs } from '../../../local/log-readers/read-logs.ts';
import { clientFor, endpoints, stopEndpoints } from './with-endpoints.ts';

const day = Date.parse('2026-11-22T00:00:00Z') / 1000;
const groups = ['DAGProcessing', 'Scheduler', 'Task', 'WebServer', 'Worker'].map(
  (logType) => `airflow-Prod-${logType}`,
);

let engine: InsightsEngine;
let client: CloudWatchLogsClient;

beforeAll(async () => {
  engine = await InsightsEngine.open();
  await engine.load(readLogs('local/demo/sessions/airflow-2.10.3.ndjson.gz'));
  const clock = { nowEpochMs: () => (day + 86_400) * 1000 };
  client = new CloudWatchLogsClient(clientFor(await endpoints({ engine, clock })));
});

afterAll(async () => {
  await stopEndpoints();
  engine.close();
});

async function ask(queryString: string, logGroupNames = groups) {
  const window = { startTime: day, endTime: day + 86_399 };
  const { queryId } = await client.send(
    new StartQueryCommand({ queryString, logGroupNames, ...window }),
  );
  let answer = await client.send(new GetQueryResultsCommand({ queryId }));
  while (answer.status === 'Running') {
    answer = await client.send(new GetQueryResultsCommand({ queryId }));
  }
  return answer;
}

test('the documented query counts a recorded session over HTTP', async () => {
  const { status, results, statistics } = await ask(
    'fields @log, @timestamp, @message | filter @message like "add-role" | stats count() by @log',
  );
  expect(status).toBe('Complete');
  expect(statistics).toMatchObject({ recordsScanned: 12_827, logGroupsScanned: 5 });
  const counts = results?.map((row) => row.map(({ value }) => value)).sort();
  expect(counts).toEqual([
    ['000000000000:airflow-Prod-DAGProcessing', '321'],
    ['000000000000:airflow-Prod-Scheduler', '87'],
    ['000000000000:airflow-Prod-Task', '112'],
    ['000000000000:airflow-Prod-WebServer', '19'],
    ['000000000000:airflow-Prod-Worker', '19'],
  ]);
});

test.each([
  ['fields @message | fliter x = 1', { startCharOffset: 18, endCharOffset: 24 }],
  ['fields nosuch(@message) as x', { startCharOffset: 7, endCharOffset: 13 }],
])('%s is malformed, with its position', async (query, location) => {
  await expect(ask(query)).rejects.toMatchObject({
    name: 'MalformedQueryException',
    queryCompileError: { location },
  });
});
