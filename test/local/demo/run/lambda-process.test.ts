import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LambdaProcess } from '../../../../local/demo/run/lambda-process.ts';

const tickEpochMs = Date.UTC(2031, 0, 2, 3, 4);
const directory = mkdtempSync(join(tmpdir(), 'lambda-process-'));
const lambdas: LambdaProcess[] = [];

afterEach(async () => {
  await Promise.all(lambdas.splice(0).map((lambda) => lambda.close()));
});
afterAll(() => rmSync(directory, { recursive: true }));

/** Runs a bundle with this source, which logs its own observations. */
async function start(
  bundle: string,
  changes: { endpointUrl?: string; timeoutSeconds?: number } = {},
) {
  const bundleFile = join(directory, `${randomUUID()}.mjs`);
  writeFileSync(bundleFile, bundle);
  const lines: string[] = [];
  const firstLine = Promise.withResolvers<string>();
  const lambda = await LambdaProcess.start({
    bundleFile,
    handlerName: 'handler',
    environment: { AWS_REGION: 'us-east-1', AWS_LAMBDA_FUNCTION_NAME: 'scanner' },
    endpointUrl: 'http://127.0.0.1:9',
    timeoutSeconds: 30,
    startEpochMs: tickEpochMs,
    onLogLine: (line) => {
      lines.push(line);
      firstLine.resolve(line);
    },
    ...changes,
  });
  lambdas.push(lambda);
  return { lambda, lines, firstLine: firstLine.promise };
}

describe('the local Lambda', () => {
  test('gets the scheduled event and the context of Lambda, in virtual time and a clean environment', async () => {
    process.env.AWS_PROFILE = 'from-the-shell';
    const { lambda, firstLine } = await start(`
      export const handler = async (event, context) => console.log(JSON.stringify({
        event, now: new Date().toISOString().slice(0, 16), later: Date.now() >= ${tickEpochMs},
        fixed: new Date(0).getTime(), isDate: new Date() instanceof Date,
        requestId: context.awsRequestId, remaining: context.getRemainingTimeInMillis(),
        environment: Object.keys(process.env).sort() }));`);
    delete process.env.AWS_PROFILE;
    const answer = await lambda.invoke(tickEpochMs);
    const said = JSON.parse(await firstLine);

    expect(answer.error).toBeUndefined();
    expect(said.event).toMatchObject({
      source: 'aws.events',
      'detail-type': 'Scheduled Event',
      time: '2031-01-02T03:04:00Z',
    });
    expect(said).toMatchObject({ now: '2031-01-02T03:04', later: true, fixed: 0, isDate: true });
    expect(said.requestId).toBe(said.event.id);
    expect(said.remaining).toBeGreaterThan(25_000);
    expect(said.remaining).toBeLessThanOrEqual(30_000);
    expect(said.environment).toEqual(['AWS_LAMBDA_FUNCTION_NAME', 'AWS_REGION']);
  });

  test('an error of the handler is the result of that tick, and the next tick runs', async () => {
    const { lambda } = await start(`
      let runs = 0;
      export const handler = async () => { if (++runs === 1) throw new TypeError('first', { cause: new Error('why') }); };`);
    expect((await lambda.invoke(tickEpochMs)).error).toBe('TypeError: first (why)');
    expect((await lambda.invoke(tickEpochMs + 60_000)).error).toBeUndefined();
  });

  test('an invocation that exceeds the timeout is an error', async () => {
    const { lambda } = await start('export const handler = () => new Promise(() => {});', {
      timeoutSeconds: 0.05,
    });
    expect((await lambda.invoke(tickEpochMs)).error).toBe(
      'Error: Task timed out after 0.05 seconds',
    );
  });

  test('a process that ends during an invocation is an error, not an endless wait', async () => {
    const { lambda } = await start('export const handler = () => process.exit(3);');
    await expect(lambda.invoke(tickEpochMs)).rejects.toThrow("the Lambda's process ended (code 3)");
  });

  test.each([
    ['without the handler', 'export const other = 1;', 'exports no function handler'],
    ['that throws when loaded', 'throw new Error("broken bundle");', 'broken bundle'],
  ])('a bundle %s does not start, and the error says why', async (_, bundle, message) => {
    await expect(start(bundle)).rejects.toThrow(message);
  });
});

describe('connections of the local Lambda', () => {
  let trap: Server;
  let allowed: Server;
  let trapped = 0;
  const portOf = (server: Server) => (server.address() as AddressInfo).port;

  beforeAll(async () => {
    trap = createServer((_, response) => response.end()).on('connection', () => trapped++);
    allowed = createServer((_, response) => response.end('hello'));
    for (const server of [trap, allowed]) {
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    }
  });
  afterAll(() => {
    for (const server of [trap, allowed]) server.close().closeAllConnections();
  });

  test.each([
    [
      'node:http',
      (url: string) =>
        `await new Promise((done, fail) => http.get('${url}', done).on('error', fail));`,
    ],
    ['fetch', (url: string) => `await (await fetch('${url}')).text();`],
    ['a name', (url: string) => `await fetch('${url.replace('127.0.0.1', 'localhost')}');`],
    ['TLS', (url: string) => `await fetch('${url.replace('http', 'https')}');`],
    [
      'a socket',
      (url: string) =>
        `await new Promise((done, fail) => net.connect(${new URL(url).port}, '127.0.0.1', done).on('error', fail));`,
    ],
  ])('to anywhere but the endpoint are never made, by %s either', async (_, call) => {
    const { lambda } = await start(
      `import http from 'node:http'; import net from 'node:net';
       export const handler = async () => { ${call(`http://127.0.0.1:${portOf(trap)}`)} };`,
      { endpointUrl: `http://127.0.0.1:${portOf(allowed)}` },
    );
    const answer = await lambda.invoke(tickEpochMs);
    expect(answer.error).toBeDefined();
    expect(answer.refusedConnections).toEqual([
      expect.stringMatching(new RegExp(`^(127\\.0\\.0\\.1|localhost):${portOf(trap)}$`)),
    ]);
    expect(answer.connections).toEqual([]);
    expect(trapped).toBe(0);
  });

  test('to the endpoint are made and listed', async () => {
    const url = `http://127.0.0.1:${portOf(allowed)}`;
    const { lambda } = await start(
      `export const handler = async () => { if (await (await fetch('${url}')).text() !== 'hello') throw new Error('no'); };`,
      { endpointUrl: url },
    );
    const answer = await lambda.invoke(tickEpochMs);
    expect(answer).toMatchObject({
      connections: [`127.0.0.1:${portOf(allowed)}`],
      refusedConnections: [],
    });
    expect(answer.error).toBeUndefined();
  });
});
