import {
  GetQueryResultsCommand,
  type GetQueryResultsResponse,
  StartQueryCommand,
  StopQueryCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { deadlineIn } from '../../../lambda/common/time.ts';
import { QueryError } from '../../../lambda/query/query.ts';
import { runQuery } from '../../../lambda/query/run-query.ts';
import { awsError, countRow, healthyMonitor, windowError } from '../setup/monitor-fixture.ts';

const request = {
  queryString: 'stats count() by @log',
  logGroups: ['airflow-prod-Task', 'airflow-prod-Worker'],
  window: {
    startEpochMs: Date.parse('2026-03-01T08:50:00Z'),
    endEpochMs: Date.parse('2026-03-01T08:55:00Z'),
  },
};
const row = countRow('airflow-prod-Task', 3);
const complete: GetQueryResultsResponse = { status: 'Complete', results: [row] };

async function run(fixture: ReturnType<typeof healthyMonitor>, withinMs = 30_000) {
  const rows: unknown[] = [];
  const deadline = deadlineIn(fixture.timer, withinMs);
  const answer = await runQuery(fixture.shell, request, deadline, {
    take: (page) => {
      rows.push(...page);
      return 'more';
    },
  });
  return { ...answer, rows };
}

function calls({ logs }: ReturnType<typeof healthyMonitor>) {
  return {
    starts: logs.commandCalls(StartQueryCommand).length,
    polls: logs.commandCalls(GetQueryResultsCommand).length,
    stops: logs.commandCalls(StopQueryCommand).length,
  };
}

test('the query has the groups, the seconds of the window and the unchanged text', async () => {
  const fixture = healthyMonitor();
  await run(fixture);
  expect(fixture.logs.commandCalls(StartQueryCommand)[0]?.args[0].input).toEqual({
    queryString: request.queryString,
    logGroupNames: request.logGroups,
    startTime: Date.parse('2026-03-01T08:50:00Z') / 1000,
    endTime: Date.parse('2026-03-01T08:55:00Z') / 1000,
  });
});

test('a complete query returns its rows and bytes, and is not stopped', async () => {
  const fixture = healthyMonitor();
  fixture.logs
    .on(GetQueryResultsCommand)
    .resolves({ ...complete, statistics: { bytesScanned: 77 } });
  expect(await run(fixture)).toEqual({
    ...{ rows: [row], bytesScanned: 77, isCutOff: false, isDoubtful: false },
  });
  expect(calls(fixture)).toEqual({ starts: 1, polls: 1, stops: 0 });
});

test.each([
  [77.5, 78],
  [Number.NaN, 0],
  [-1, 0],
  [1e300, 0],
])(
  'bytes of %d count as %d: the ledger stores whole numbers only',
  async (bytesScanned, counted) => {
    const fixture = healthyMonitor();
    fixture.logs.on(GetQueryResultsCommand).resolves({ ...complete, statistics: { bytesScanned } });
    expect(await run(fixture)).toMatchObject({ rows: [row], bytesScanned: counted });
  },
);

test('the first poll comes within 100 ms, and the waits grow', async () => {
  const fixture = healthyMonitor();
  fixture.logs
    .on(GetQueryResultsCommand)
    .resolvesOnce({ status: 'Scheduled' })
    .resolvesOnce({ status: 'Running' })
    .resolvesOnce({ status: 'Unknown' })
    .resolves(complete);
  await run(fixture);
  const [first = Number.NaN, ...later] = fixture.timer.sleptMs;
  expect(first).toBeLessThanOrEqual(100);
  expect(later).toHaveLength(3);
  expect([...later].sort((a, b) => a - b)).toEqual(later);
});

test.each(['Scheduled', 'Running', 'Unknown'] as const)(
  'rows shown while %s are partial and never used',
  async (status) => {
    const fixture = healthyMonitor();
    const partial = countRow('airflow-prod-Worker', 1);
    fixture.logs
      .on(GetQueryResultsCommand)
      .resolvesOnce({ status, results: [partial] })
      .resolves(complete);
    expect((await run(fixture)).rows).toEqual([row]);
  },
);

test.each(['Failed', 'Cancelled', 'Timeout'] as const)(
  'a query that ends as %s is an error with status and id; it needs no stop',
  async (status) => {
    const fixture = healthyMonitor();
    fixture.logs
      .on(GetQueryResultsCommand)
      .resolves({ status, results: [row], statistics: { bytesScanned: 9 } });
    const failure = run(fixture);
    await expect(failure).rejects.toThrow(`query query-1 ended with status ${status}`);
    await expect(failure).rejects.toMatchObject({ startFailure: undefined, bytesScanned: 9 });
    expect(calls(fixture).stops).toBe(0);
  },
);

test('all pages of a result are read', async () => {
  const fixture = healthyMonitor();
  const second = countRow('airflow-prod-Worker', 1);
  fixture.logs
    .on(GetQueryResultsCommand, { queryId: 'query-1' })
    .resolves({ ...complete, nextToken: 'page-2' })
    .on(GetQueryResultsCommand, { queryId: 'query-1', nextToken: 'page-2' })
    .resolves({ status: 'Complete', results: [second] });
  expect((await run(fixture)).rows).toEqual([row, second]);
});

test('a query that does not end in time is stopped, and its bytes so far are returned', async () => {
  const fixture = healthyMonitor();
  fixture.logs
    .on(GetQueryResultsCommand)
    .resolves({ status: 'Running', results: [row], statistics: { bytesScanned: 5 } });
  const failure = run(fixture, 20_000);
  await expect(failure).rejects.toThrow('did not end within the time of this invocation');
  await expect(failure).rejects.toMatchObject({ bytesScanned: 5, cause: expect.any(Error) });
  expect(fixture.timer.nowMs).toBe(20_000);
  expect(fixture.logs.commandCalls(StopQueryCommand)[0]?.args[0].input.queryId).toBe('query-1');
});

test('endless pages are given up at the deadline', async () => {
  const fixture = healthyMonitor();
  fixture.logs.on(GetQueryResultsCommand).callsFake(async () => {
    fixture.timer.nowMs += 1_000;
    return { ...complete, nextToken: 'again' };
  });
  await expect(run(fixture, 20_000)).rejects.toThrow('within the time');
  expect(calls(fixture).stops).toBe(1);
});

test('a stop that fails does not hide why the query was stopped', async () => {
  const fixture = healthyMonitor();
  fixture.logs.on(GetQueryResultsCommand).resolves({ status: 'Running' });
  fixture.logs.on(StopQueryCommand).rejects(awsError('InvalidParameterException'));
  await expect(run(fixture)).rejects.toThrow('did not end within the time');
  expect(fixture.lines.map(({ decision }) => decision)).toContain('query-not-stopped');
});

test('denied results stop the query and fail with the cause', async () => {
  const fixture = healthyMonitor();
  fixture.logs.on(GetQueryResultsCommand).rejects(awsError('AccessDeniedException'));
  const failure = run(fixture);
  await expect(failure).rejects.toThrow('query query-1 started, but its results cannot be read');
  await expect(failure).rejects.toMatchObject({
    startFailure: undefined,
    cause: { name: 'AccessDeniedException' },
  });
  expect(calls(fixture)).toEqual({ starts: 1, polls: 1, stops: 1 });
});

test.each([
  awsError('ThrottlingException', 'Rate exceeded'),
  awsError('ServiceUnavailableException', 'away', 503),
  awsError('TimeoutError'),
])('a poll that fails with %s is retried, the query is not', async (error) => {
  const fixture = healthyMonitor();
  fixture.logs.on(GetQueryResultsCommand).rejectsOnce(error).resolves(complete);
  expect((await run(fixture)).rows).toEqual([row]);
  expect(calls(fixture)).toEqual({ starts: 1, polls: 2, stops: 0 });
});

test.each([
  awsError('LimitExceededException', 'Account maximum query concurrency limit of [30] reached.'),
  awsError('ThrottlingException', 'Rate exceeded'),
  awsError('ServiceUnavailableException', 'away', 503),
])('a start that fails with %s is retried until it succeeds', async (error) => {
  const fixture = healthyMonitor();
  fixture.logs
    .on(StartQueryCommand)
    .rejectsOnce(error)
    .rejectsOnce(error)
    .rejectsOnce(error)
    .resolves({ queryId: 'query-1' });
  await run(fixture);
  expect(calls(fixture).starts).toBe(4);
});

test('while the account is full, the wait is the same however often it was, and throttling waits grow', async () => {
  const waits = async (error: Error) => {
    const fixture = healthyMonitor();
    const { logs, timer } = fixture;
    logs.on(StartQueryCommand).rejects(error);
    await run(fixture).catch(() => undefined);
    return timer.sleptMs.slice(0, 4);
  };
  const [first = 0, ...full] = await waits(awsError('LimitExceededException'));
  expect(first).toBeGreaterThanOrEqual(3_000);
  expect(first).toBeLessThanOrEqual(6_000);
  expect(full).toEqual([first, first, first]);
  const throttled = await waits(awsError('ThrottlingException'));
  expect(throttled).toEqual(throttled.toSorted((a, b) => a - b));
  expect(throttled.at(-1)).toBeGreaterThan(4 * (throttled[0] ?? 0));
});

test('a start that is throttled until the deadline fails, with the throttling as cause', async () => {
  const fixture = healthyMonitor();
  fixture.logs.on(StartQueryCommand).rejects(awsError('LimitExceededException'));
  await expect(run(fixture)).rejects.toMatchObject({
    name: 'QueryError',
    cause: { name: 'DeadlineError', cause: { name: 'LimitExceededException' } },
  });
  expect(calls(fixture)).toMatchObject({ polls: 0, stops: 0 });
});

test('no query is started after the deadline', async () => {
  const fixture = healthyMonitor();
  await expect(run(fixture, 0)).rejects.toMatchObject({ cause: { name: 'DeadlineError' } });
  expect(calls(fixture).starts).toBe(0);
});

test('a start whose answer was lost is retried once, since it may be billed again', async () => {
  const fixture = healthyMonitor();
  fixture.logs.on(StartQueryCommand).rejects(awsError('TimeoutError'));
  await expect(run(fixture)).rejects.toThrow(QueryError);
  expect(calls(fixture).starts).toBe(2);
});

test('a start that answers without a query id fails', async () => {
  const fixture = healthyMonitor();
  fixture.logs.on(StartQueryCommand).resolves({});
  await expect(run(fixture)).rejects.toMatchObject({
    startFailure: 'other',
    cause: { message: 'StartQuery answered without a queryId' },
  });
});

test.each([
  ['denied', awsError('AccessDeniedException')],
  ['not-found', awsError('ResourceNotFoundException')],
  ['no-data-possible', windowError],
  ['other', awsError('MalformedQueryException', 'unexpected symbol found sort')],
  ['other', awsError('InvalidParameterException')],
])(
  'a start that fails permanently (%s) is not retried, and names groups and cause',
  async (kind, error) => {
    const fixture = healthyMonitor();
    fixture.logs.on(StartQueryCommand).rejects(error);
    const failure = run(fixture);
    await expect(failure).rejects.toMatchObject({
      startFailure: kind,
      cause: { name: error.name },
    });
    await expect(failure).rejects.toThrow('airflow-prod-Task, airflow-prod-Worker');
    expect(calls(fixture)).toEqual({ starts: 1, polls: 0, stops: 0 });
  },
);

test('fewer scanned groups than queried are accepted and logged', async () => {
  const fixture = healthyMonitor();
  fixture.logs
    .on(GetQueryResultsCommand)
    .resolves({ ...complete, statistics: { logGroupsScanned: 1 } });
  await run(fixture);
  expect(fixture.lines).toContainEqual(
    expect.objectContaining({ decision: 'fewer-log-groups-scanned', asked: 2, scanned: 1 }),
  );
});
