import {
  CloudWatchLogsClient,
  GetQueryResultsCommand,
  StartQueryCommand,
  StopQueryCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { QueryShare, Stopper } from '../../../cli/audit/query-share.ts';
import { systemTimer } from '../../../lambda/common/time.ts';

/** A client whose calls the test answers, without a network. */
function watched(
  options: { concurrency?: number; patienceMs?: number } = {},
  answer: (command: string, input: object) => object | Error = () => ({}),
) {
  let nowMs = 0;
  const stopper = new Stopper({ ...systemTimer, monotonicMs: () => nowMs });
  const client = new CloudWatchLogsClient({
    region: 'us-east-1',
    credentials: { accessKeyId: 'x', secretAccessKey: 'y' },
    maxAttempts: 1,
  });
  const share = new QueryShare(stopper, { concurrency: 2, patienceMs: 10_000, ...options });
  share.watch(client);
  let started = 0;
  client.middlewareStack.add(
    (_next, { commandName = '' }) =>
      async ({ input }) => {
        // Time passes between calls.
        nowMs += 4_000;
        const output = answer(commandName, input);
        if (output instanceof Error) throw output;
        if (commandName === 'StartQueryCommand') {
          started += 1;
          return { output: { $metadata: {}, queryId: `q${started}`, ...output }, response: {} };
        }
        return { output: { $metadata: {}, ...output }, response: {} };
      },
    { step: 'initialize', priority: 'low', name: 'answer' },
  );
  const start = () =>
    client.send(
      new StartQueryCommand({ queryString: 'q', logGroupNames: ['g'], startTime: 1, endTime: 2 }),
    );
  return { client, share, stopper, start, count: () => started };
}

/** Runs all pending work that does not wait for anything else. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

test('the number of concurrent queries is limited, and the next starts when one ends', async () => {
  const { client, share, start, count } = watched({ concurrency: 2 }, (command) =>
    command === 'GetQueryResultsCommand' ? { status: 'Complete' } : {},
  );
  const all = [start(), start(), start()];
  await Promise.all(all.slice(0, 2));
  await settled();
  expect(count()).toBe(2);
  expect(share.running).toBe(2);

  await client.send(new GetQueryResultsCommand({ queryId: 'q1' }));
  await all[2];
  expect(count()).toBe(3);
});

test('a running query occupies a slot, a stopped one frees it', async () => {
  const { client, share, start, count } = watched({ concurrency: 1 }, (command) =>
    command === 'GetQueryResultsCommand' ? { status: 'Running' } : {},
  );
  await start();
  const second = start();
  await client.send(new GetQueryResultsCommand({ queryId: 'q1' }));
  await settled();
  expect(count()).toBe(1);
  await client.send(new StopQueryCommand({ queryId: 'q1' }));
  await second;
  expect(share.running).toBe(1);
});

test('a query that cannot be stopped frees its slot and is counted', async () => {
  const denied = Object.assign(new Error('no'), { name: 'AccessDeniedException' });
  const { client, share, start } = watched({ concurrency: 1 }, (command) =>
    command === 'StopQueryCommand' ? denied : {},
  );
  await start();
  const second = start();
  await expect(client.send(new StopQueryCommand({ queryId: 'q1' }))).rejects.toThrow('no');
  await second;
  expect(share.mayRunOn).toBe(1);
});

test('stopping a query is retried while AWS is unavailable', async () => {
  const away = Object.assign(new Error('away'), { name: 'ServiceUnavailableException' });
  let tries = 0;
  const { client, share, start } = watched({}, (command) => {
    if (command !== 'StopQueryCommand') return {};
    tries += 1;
    return tries < 3 ? away : {};
  });
  await start();
  await client.send(new StopQueryCommand({ queryId: 'q1' }));
  expect({ tries, running: share.running, mayRunOn: share.mayRunOn }).toEqual({
    ...{ tries: 3, running: 0, mayRunOn: 0 },
  });
});

test('a query whose start had no answer is counted, since it may be running', async () => {
  const lost = Object.assign(new Error('no answer'), { name: 'TimeoutError' });
  const { share, start } = watched({}, () => lost);
  await expect(start()).rejects.toThrow('no answer');
  expect(share.mayRunOn).toBe(1);
});

test('a query that could not be started does not occupy a slot', async () => {
  let refusals = 3;
  const { start, share } = watched({ concurrency: 1 }, () => {
    refusals -= 1;
    return refusals >= 0 ? new Error('no') : {};
  });
  for (let at = 0; at < 3; at += 1) await expect(start()).rejects.toThrow('no');
  await start();
  expect(share.running).toBe(1);
});

test('a query that waits for a slot does not start after a stop', async () => {
  const { start, stopper, count } = watched({ concurrency: 1 });
  await start();
  const waiting = start();
  stopper.stop('by SIGINT');
  await expect(waiting).rejects.toThrow('no further queries are started');
  expect(count()).toBe(1);
});

test.each([
  [
    'LimitExceededException',
    /for \d+ s \(LimitExceededException: full\): others use up the account’s Logs Insights quota/,
  ],
  [
    'ThrottlingException',
    /for \d+ s \(ThrottlingException: full\): others use up the account’s Logs Insights quota/,
  ],
  ['ServiceUnavailableException', /for \d+ s \(ServiceUnavailableException: full\)$/],
])('%s for longer than its patience stops everything', async (name, reason) => {
  const refusal = Object.assign(new Error('full'), { name });
  const { start, stopper } = watched({ patienceMs: 10_000 }, () => refusal);
  for (let at = 0; at < 3; at += 1) await expect(start()).rejects.toThrow('full');
  expect(stopper.reason).toBeUndefined();
  await expect(start()).rejects.toThrow('full');
  expect(stopper.reason).toMatch(reason);
});

test('an accepted call resets the time of refusals', async () => {
  let calls = 0;
  const refusal = Object.assign(new Error('full'), { name: 'LimitExceededException' });
  const { start, stopper } = watched({ concurrency: 20, patienceMs: 10_000 }, () => {
    calls += 1;
    return calls % 3 === 0 ? {} : refusal;
  });
  for (let at = 0; at < 12; at += 1) await start().catch(() => undefined);
  expect(stopper.reason).toBeUndefined();
});

test('other errors do not stop everything', async () => {
  const refusal = Object.assign(new Error('no'), { name: 'MalformedQueryException' });
  const { start, stopper } = watched({ patienceMs: 1_000 }, () => refusal);
  for (let at = 0; at < 5; at += 1) await expect(start()).rejects.toThrow('no');
  expect(stopper.reason).toBeUndefined();
});
