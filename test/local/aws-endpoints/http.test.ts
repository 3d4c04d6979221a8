import { gzipSync } from 'node:zlib';
import {
  CloudWatchLogsClient,
  DescribeQueriesCommand,
  StartQueryCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { createdEpochMs, memoryEngine } from './memory-engine.ts';
import { clientFor, endpoints, stopEndpoints } from './with-endpoints.ts';

afterEach(stopEndpoints);

async function post(body: BodyInit, headers: Record<string, string>, path = '/') {
  const { url } = await endpoints();
  const response = await fetch(url + path, { method: 'POST', body, headers });
  return { status: response.status, text: await response.text() };
}

const groups = { 'x-amz-target': 'Logs_20140328.DescribeLogGroups' };

test('it listens on 127.0.0.1 only', async () => {
  const { url, port } = await endpoints();
  expect(url).toBe(`http://127.0.0.1:${port}`);
});

test('a port in use gives one clear error', async () => {
  const { port } = await endpoints();
  await expect(endpoints({ port })).rejects.toThrow(
    `cannot listen on port ${port} of 127.0.0.1: it is in use; choose another port, or 0 for a free one`,
  );
});

test('the port is free again after close', async () => {
  const first = await endpoints();
  await fetch(first.url);
  await first.close();
  expect((await endpoints({ port: first.port })).port).toBe(first.port);
});

test('a connection can be reused after any idle time', async () => {
  const { url } = await endpoints();
  const { headers } = await fetch(url);
  expect(headers.get('connection')).toBe('keep-alive');
  // Node's server announces here after how many seconds it closes an idle connection.
  expect(headers.get('keep-alive')).toBeNull();
});

test('GET / lists the supported operations', async () => {
  const { url } = await endpoints();
  const response = await fetch(url);
  expect(response.status).toBe(200);
  expect(await response.text()).toContain('StartQuery, GetQueryResults, StopQuery');
});

test.each([
  ['GET', '/nowhere'],
  ['POST', '/'],
  ['POST', '/service/GraniteServiceVersion20100801/operation/PutMetricData'],
  ['DELETE', '/environments/prod'],
])('%s %s is answered with the supported operations', async (method, path) => {
  const { url } = await endpoints();
  const response = await fetch(url + path, { method });
  expect(response.status).toBe(404);
  expect(await response.text()).toContain(`Nothing is served for ${method} ${path}.`);
});

test('an unsupported operation is refused with the list of supported ones', async () => {
  const client = new CloudWatchLogsClient(clientFor(await endpoints()));
  await expect(client.send(new DescribeQueriesCommand({}))).rejects.toMatchObject({
    name: 'UnknownOperationException',
    message: expect.stringContaining(
      'DescribeQueries is not answered here; supported: StartQuery, GetQueryResults',
    ),
    $metadata: { httpStatusCode: 400 },
  });
});

test.each([
  [
    'an unknown service',
    '{}',
    { 'x-amz-target': 'Kinesis_20131202.PutRecord' },
    'UnknownOperation',
  ],
  [
    'DynamoDB where there is no table',
    '{}',
    { 'x-amz-target': 'DynamoDB_20120810.PutItem' },
    'UnknownOperation',
  ],
  ['a body that is not JSON', '{', groups, 'SerializationException'],
  ['a body that is not an object', '[]', groups, 'InvalidParameterException'],
  ['a body that is not gzip', 'x', { ...groups, 'content-encoding': 'gzip' }, 'gzip body cannot'],
  [
    'an unknown encoding',
    'x',
    { ...groups, 'content-encoding': 'br' },
    'encoding br is not supported',
  ],
  ['a body over 16 MB', 'x'.repeat(16_800_000), groups, 'RequestEntityTooLarge'],
  [
    'a gzip body that grows beyond the limit',
    new Uint8Array(gzipSync(Buffer.alloc(40_000_000))),
    { ...groups, 'content-encoding': 'gzip' },
    'gzip body cannot be read',
  ],
  [
    'a form for another service',
    'Action=GetCallerIdentity&Version=2011-06-15',
    { 'content-type': 'application/x-www-form-urlencoded' },
    'UnknownOperationException',
  ],
] as const)('%s is refused without a retry', async (_what, body, headers, expected) => {
  const { status, text } = await post(body, headers);
  expect(status).toBeGreaterThanOrEqual(400);
  expect(status).toBeLessThan(500);
  expect(text).toContain(expected);
});

test('a bug of the engine is reported to its owner, and to the client as an error without retry', async () => {
  const bug = new TypeError('x is not a function');
  const told: unknown[] = [];
  const engine = memoryEngine(() => Promise.reject(bug));
  const started = await endpoints({ engine, onInternalError: (...all) => told.push(all) });
  const client = new CloudWatchLogsClient({ ...clientFor(started), maxAttempts: 3 });
  const request = new StartQueryCommand({
    logGroupName: 'airflow-prod-Task',
    startTime: createdEpochMs / 1000,
    endTime: createdEpochMs / 1000,
    queryString: 'fields @message',
  });
  await expect(client.send(request)).rejects.toMatchObject({
    name: 'InternalFailure',
    message: 'StartQuery failed: x is not a function',
    $metadata: { httpStatusCode: 400, attempts: 1 },
  });
  expect(told).toEqual([[bug, 'StartQuery']]);
});

test('a client that disconnects in the middle does no harm', async () => {
  const { url, port } = await endpoints();
  const { connect } = await import('node:net');
  const socket = connect(port, '127.0.0.1');
  socket.write('POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nhalf');
  const closed = new Promise((resolve) => socket.on('close', resolve));
  socket.end();
  socket.destroy();
  await closed;
  expect((await fetch(url)).status).toBe(200);
});
