import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CloudWatchLogsClient, GetQueryResultsCommand } from '@aws-sdk/client-cloudwatch-logs';
import fc from 'fast-check';
import {
  limitResponses,
  ResponseTooLargeError,
  responseBytesMax,
} from '../../../lambda/aws/call-aws.ts';
import { deadlineIn } from '../../../lambda/common/time.ts';
import { runQuery } from '../../../lambda/query/run-query.ts';
import { credentials, healthyMonitor } from '../setup/monitor-fixture.ts';

const request = {
  queryString: 'the pack',
  logGroups: ['airflow-prod-Task'],
  window: { startEpochMs: 0, endEpochMs: 60_000 },
};

/** A complete query whose rows have these sizes; a page larger than `responseBytes` is refused. */
function answering(sizes: readonly number[], responseBytes: number) {
  const fixture = healthyMonitor();
  const inputs: { maxItems: number; nextToken?: string }[] = [];
  fixture.logs.on(GetQueryResultsCommand).callsFake(async (input) => {
    inputs.push(input);
    const from = Number(input.nextToken ?? 0);
    const page = sizes.slice(from, from + input.maxItems);
    if (page.reduce((sum, size) => sum + size, 0) > responseBytes) {
      throw new ResponseTooLargeError('too large');
    }
    const next = from + input.maxItems;
    return {
      status: 'Complete',
      results: page.map((_, at) => [{ field: 'row', value: String(from + at) }]),
      ...(next < sizes.length && { nextToken: String(next) }),
    };
  });
  const rows: string[] = [];
  const read = async (enoughAt = Number.POSITIVE_INFINITY) => {
    const deadline = deadlineIn(fixture.timer, 600_000);
    const answer = await runQuery(fixture.shell, request, deadline, {
      take: (page) => {
        for (const row of page) rows.push(JSON.stringify(row));
        return rows.length >= enoughAt ? 'enough' : 'more';
      },
    });
    return { ...answer, rows: rows.map((row) => Number(JSON.parse(row)[0].value)) };
  };
  return { ...fixture, inputs, read };
}

const count = (length: number) => Array.from({ length }, (_, at) => at);

test('10,000 ordinary rows are ten pages: GetQueryResults allows ten calls a second', async () => {
  const { read, inputs } = answering(
    count(10_000).map(() => 1_000),
    8_000_000,
  );
  const { rows, isCutOff } = await read();
  expect(rows).toEqual(count(10_000));
  expect(isCutOff).toBe(false);
  expect(inputs).toHaveLength(10);
});

test('large rows after small ones make the pages smaller, and no row is taken twice', async () => {
  const sizes = [...count(1_500).map(() => 100), ...count(60).map(() => 500_000)];
  const { read, inputs } = answering(sizes, 8_000_000);
  expect((await read()).rows).toEqual(count(sizes.length));
  const byToken = Map.groupBy(inputs, ({ maxItems }) => maxItems);
  expect([...byToken.keys()]).toEqual([1_000, 125, 15]);
});

test('an answer ends at a row that would take hundreds of small pages to reach again', async () => {
  const sizes = [...count(1_500).map(() => 100), ...count(60).map(() => 1_000_000)];
  const { read, inputs } = answering(sizes, 8_000_000);
  const { rows, isCutOff } = await read();
  expect(isCutOff).toBe(true);
  expect(rows.length).toBeGreaterThanOrEqual(1_000);
  expect(inputs.length).toBeLessThan(250);
});

test('whatever the sizes of the rows, each that fits a response is taken once, in order', async () => {
  const size = fc.oneof(fc.integer({ min: 1, max: 10 }), fc.integer({ min: 1, max: 1_000 }));
  await fc.assert(
    fc.asyncProperty(fc.array(size, { maxLength: 150 }), async (sizes) => {
      const { rows, isCutOff } = await answering(sizes, 1_000).read();
      expect(rows).toEqual(count(sizes.length));
      expect(isCutOff).toBe(false);
    }),
    { numRuns: 50 },
  );
});

test('a row that is too large for any response ends the answer, which is cut off before it', async () => {
  const { read, lines } = answering([1, 1, 5_000], 1_000);
  expect(await read()).toMatchObject({ rows: [0, 1], isCutOff: true });
  expect(lines.map(({ decision }) => decision)).toContain('row-too-large');
});

test('a first row that is too large ends the answer as well, so that it is not retried for ever', async () => {
  const { read, lines } = answering([5_000, 1], 1_000);
  expect(await read()).toMatchObject({ rows: [], isCutOff: true });
  expect(lines.map(({ decision }) => decision)).toContain('row-too-large');
});

test('a sink that has enough ends the reading of pages', async () => {
  const { read, inputs } = answering(
    count(5_000).map(() => 1),
    8_000_000,
  );
  expect(await read(2_000)).toMatchObject({ isCutOff: true });
  expect(inputs).toHaveLength(2);
});

test('an answer of very many small pages is cut off instead of using up the rate limit', async () => {
  const sizes = [...count(1).map(() => 1_000), ...count(1_000).map(() => 600)];
  const { read, inputs } = answering(sizes, 1_000);
  expect(await read()).toMatchObject({ isCutOff: true });
  expect(inputs.length).toBeLessThan(250);
});

describe('a response of CloudWatch Logs', () => {
  let server: Server;
  let respond: { readonly body: string; readonly announced: boolean };

  beforeAll(async () => {
    server = createServer((_, response) => {
      const { body, announced } = respond;
      if (announced) response.setHeader('content-length', Buffer.byteLength(body));
      response.setHeader('content-type', 'application/x-amz-json-1.1');
      response.end(body);
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  });

  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  });

  async function ask(bytes: number, announced: boolean, limit = 10_000) {
    const row = [{ field: '@message', value: 'x'.repeat(bytes) }];
    respond = { body: JSON.stringify({ status: 'Complete', results: [row] }), announced };
    const { port } = server.address() as AddressInfo;
    const endpoint = `http://127.0.0.1:${port}`;
    const client = new CloudWatchLogsClient({
      ...{ region: 'eu-west-1', credentials, endpoint, maxAttempts: 1 },
    });
    limitResponses(client, limit);
    try {
      return await client.send(new GetQueryResultsCommand({ queryId: 'q' }));
    } finally {
      client.destroy();
    }
  }

  test.each([true, false])('is read below the limit (length announced: %p)', async (announced) => {
    const { results } = await ask(9_000, announced);
    expect(results?.[0]?.[0]?.value).toHaveLength(9_000);
  });

  test.each([true, false])('is refused above it (length announced: %p)', async (announced) => {
    await expect(ask(2_000_000, announced)).rejects.toThrow(ResponseTooLargeError);
  });

  test('is refused above 10 MB if no other limit is given', async () => {
    await expect(ask(10_000_000, true, responseBytesMax)).rejects.toThrow(ResponseTooLargeError);
  });
});
