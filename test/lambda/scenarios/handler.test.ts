import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { handler } from '../../../lambda/handler.ts';
import { MemoryTable } from '../setup/memory-table.ts';
import {
  allGroups,
  countRow,
  documentedPlan,
  environmentAnswer,
  runtimeConfig,
  scheduledEvent,
} from '../setup/monitor-fixture.ts';

const task = 'airflow-prod-Task';
const variablesBefore = { ...process.env };
const requests: { target: string; service: string | undefined; body: unknown }[] = [];
let server: Server;
let taskRoot = '';

const answers: Record<string, unknown> = {
  'GET /environments/prod': environmentAnswer(),
  'Logs_20140328.DescribeLogGroups': {
    logGroups: allGroups.map((logGroupName) => ({ logGroupName })),
  },
  'Logs_20140328.StartQuery': { queryId: 'query-1' },
  'Logs_20140328.GetQueryResults': {
    status: 'Complete',
    results: [countRow(task, 3)],
    statistics: { bytesScanned: 12, logGroupsScanned: 5 },
  },
  'GraniteServiceVersion20100801.PutMetricData': {},
  'GraniteServiceVersion20100801.GetMetricData': {
    MetricDataResults: allGroups.map((_, at) => ({ Id: `g${at}`, Values: [1] })),
  },
};
const table = new MemoryTable();

/** The answers of the services; DynamoDB is a table in memory. */
async function answerOf(target: string, body: unknown): Promise<unknown> {
  // A count of what lies beyond the window's end finds nothing.
  const isCount = /\.(?:StartQuery|GetQueryResults)$/.test(target);
  const {
    startTime = 0,
    endTime = 1,
    queryId = '',
  } = (body ?? {}) as Record<string, string | number>;
  if (isCount && startTime === endTime) return { queryId: 'beyond' };
  if (isCount && queryId === 'beyond') return { status: 'Complete', results: [] };
  const operation = /^DynamoDB_20120810\.(\w+)$/.exec(target)?.[1];
  if (operation === undefined) return answers[target];
  return table.send({ constructor: { name: operation }, input: body as object });
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks = await request.toArray();
  return Buffer.concat(chunks).toString();
}

beforeAll(async () => {
  server = createServer(async (request, response) => {
    const text = await textOf(request);
    const target = `${request.headers['x-amz-target'] ?? `${request.method} ${request.url}`}`;
    const service = /Credential=id\/\d{8}\/eu-west-1\/(\w+)\/aws4_request/;
    const body: unknown = text === '' ? undefined : JSON.parse(text);
    requests.push({
      target,
      service: service.exec(request.headers.authorization ?? '')?.[1],
      body,
    });
    const answer = await answerOf(target, body);
    response.statusCode = answer === undefined ? 400 : 200;
    response.setHeader('content-type', 'application/x-amz-json-1.1');
    response.end(JSON.stringify(answer ?? { __type: 'UnknownOperationException' }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  taskRoot = await mkdtemp(join(tmpdir(), 'task-root-'));
  await writeFile(join(taskRoot, 'scan-plan.json'), JSON.stringify(documentedPlan));
  Object.assign(process.env, {
    MONITOR_CONFIG: JSON.stringify(runtimeConfig),
    LAMBDA_TASK_ROOT: taskRoot,
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'id',
    AWS_SECRET_ACCESS_KEY: 'secret',
    AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  });
});

afterAll(async () => {
  jest.restoreAllMocks();
  process.env = variablesBefore;
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await rm(taskRoot, { recursive: true });
});

test('over the wire, a tick is signed calls with the window in and the counts out', async () => {
  const stdout = jest.spyOn(process.stdout, 'write').mockReturnValue(true);
  // The event alone sets the time: the clock of the machine that runs this test is years away.
  const report = await handler(scheduledEvent, { getRemainingTimeInMillis: () => 30_000 });
  expect(report).toMatchObject({ scanCompleted: true, bytesScanned: 12 });

  const others = requests.filter(({ service }) => service !== 'dynamodb');
  expect(requests.length - others.length).toBeGreaterThan(10);
  expect(others.map(({ target, service }) => `${service} ${target}`).sort()).toEqual([
    'airflow GET /environments/prod',
    'logs Logs_20140328.DescribeLogGroups',
    'logs Logs_20140328.GetQueryResults',
    'logs Logs_20140328.GetQueryResults',
    'logs Logs_20140328.StartQuery',
    'logs Logs_20140328.StartQuery',
    // What came in lately, and in the last days.
    'monitoring GraniteServiceVersion20100801.GetMetricData',
    'monitoring GraniteServiceVersion20100801.GetMetricData',
    'monitoring GraniteServiceVersion20100801.PutMetricData',
    'monitoring GraniteServiceVersion20100801.PutMetricData',
  ]);
  const bodyOf = (operation: string) =>
    requests.find(({ target }) => target.endsWith(operation))?.body;
  expect(bodyOf('.StartQuery')).toEqual({
    queryString: 'stats count() by @log',
    logGroupNames: allGroups,
    startTime: Date.parse('2026-03-01T08:50:00Z') / 1000,
    endTime: Date.parse('2026-03-01T08:55:00Z') / 1000,
  });
  expect(bodyOf('.PutMetricData')).toMatchObject({
    Namespace: 'MwaaPrivilegeMonitor',
    MetricData: expect.arrayContaining([
      expect.objectContaining({
        MetricName: 'AddRoleMatches',
        Timestamp: Date.parse(scheduledEvent.time) / 1000,
        Value: 3,
      }),
    ]),
  });
  const lines = stdout.mock.calls.map(([line]) => JSON.parse(String(line)));
  expect(lines.at(-1)).toMatchObject({ decision: 'tick-finished' });
});
