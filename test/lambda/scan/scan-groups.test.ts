import { GetQueryResultsCommand, StartQueryCommand } from '@aws-sdk/client-cloudwatch-logs';
import { deadlineIn } from '../../../lambda/common/time.ts';
import type { RowSink } from '../../../lambda/query/query.ts';
import { scanGroups } from '../../../lambda/scan/scan-groups.ts';
import {
  allGroups,
  awsError,
  countRow,
  healthyMonitor,
  windowError,
} from '../setup/monitor-fixture.ts';

type Fixture = ReturnType<typeof healthyMonitor>;
const [spoiler = '', ...others] = allGroups;
const window = {
  startEpochMs: Date.parse('2026-03-01T08:50:00Z'),
  endEpochMs: Date.parse('2026-03-01T08:55:00Z'),
};

class Rows implements RowSink {
  readonly rows: unknown[] = [];

  take(rows: readonly unknown[]): 'more' {
    this.rows.push(...rows);
    return 'more';
  }
}

async function scan(fixture: Fixture, logGroups: readonly string[] = allGroups) {
  const request = { queryString: 'stats count() by @log', logGroups, window };
  const deadline = deadlineIn(fixture.timer, 30_000);
  const result = await scanGroups(fixture.shell, request, deadline, () => new Rows());
  return { ...result, rows: result.answers.flatMap(({ sink }) => sink.rows) };
}

/** StartQuery fails for every query of this group; otherwise the query's id names the groups. */
function spoiledBy(fixture: Fixture, logGroup: string, error: Error) {
  fixture.logs.on(StartQueryCommand).callsFake(async ({ logGroupNames }) => {
    if (logGroupNames.includes(logGroup)) {
      throw error;
    }
    return { queryId: logGroupNames.join() };
  });
  fixture.logs.on(GetQueryResultsCommand).callsFake(async ({ queryId }) => ({
    status: 'Complete',
    results: [countRow(queryId, 1)],
    statistics: { bytesScanned: 10 },
  }));
}

function kinds({ outcomes }: Awaited<ReturnType<typeof scan>>) {
  return Object.fromEntries([...outcomes].map(([logGroup, { kind }]) => [logGroup, kind]));
}

const allScanned = Object.fromEntries(allGroups.map((logGroup) => [logGroup, 'scanned']));

test('healthy groups are scanned by one query', async () => {
  const fixture = healthyMonitor();
  expect(kinds(await scan(fixture))).toEqual(allScanned);
  expect(fixture.logs.commandCalls(StartQueryCommand)).toHaveLength(1);
});

test('without a group there is no query', async () => {
  const fixture = healthyMonitor();
  expect(kinds(await scan(fixture, []))).toEqual({});
  expect(fixture.logs.commandCalls(StartQueryCommand)).toHaveLength(0);
});

test.each([
  ['missing', awsError('ResourceNotFoundException')],
  ['query-denied', awsError('AccessDeniedException')],
])('one group that is %s is blind; the others are scanned one by one', async (cause, error) => {
  const fixture = healthyMonitor();
  spoiledBy(fixture, spoiler, error);
  const result = await scan(fixture);
  expect(kinds(result)).toEqual({ ...allScanned, [spoiler]: 'blind' });
  expect(result.outcomes.get(spoiler)).toMatchObject({ cause, error: { cause: error } });
  expect(result.rows).toEqual(others.map((logGroup) => [...countRow(logGroup, 1)]));
  expect(result.bytesScanned).toBe(10 * others.length);
});

test('a group too young for the window is out of reach: it was not scanned, and did not fail', async () => {
  const fixture = healthyMonitor();
  spoiledBy(fixture, spoiler, windowError);
  const result = await scan(fixture);
  expect(kinds(result)).toEqual({ ...allScanned, [spoiler]: 'out-of-reach' });
  expect(result.rows).toHaveLength(others.length);
});

test('a denial that mentions KMS is about the key', async () => {
  const fixture = healthyMonitor();
  spoiledBy(fixture, spoiler, awsError('AccessDeniedException', 'The KMS key is disabled'));
  expect((await scan(fixture)).outcomes.get(spoiler)).toMatchObject({ cause: 'key-unreadable' });
});

test('after a refusal with another name the groups are queried one by one: one can be the cause', async () => {
  const fixture = healthyMonitor();
  spoiledBy(fixture, spoiler, awsError('InvalidOperationException', 'not this group'));
  expect(kinds(await scan(fixture))).toEqual({ ...allScanned, [spoiler]: 'failed' });
});

test('a deadline under throttling has the refusal as its cause, and no group is queried alone', async () => {
  const fixture = healthyMonitor();
  const throttled = awsError('LimitExceededException', 'Account maximum query concurrency');
  spoiledBy(fixture, spoiler, throttled);
  const { outcomes } = await scan(fixture);
  for (const logGroup of allGroups) {
    expect(outcomes.get(logGroup)).toMatchObject({
      kind: 'failed',
      error: { cause: { name: 'DeadlineError', cause: throttled } },
    });
  }
});

test('groups that are queried one by one are never more than two queries at once', async () => {
  const fixture = healthyMonitor();
  spoiledBy(fixture, spoiler, awsError('ResourceNotFoundException'));
  const { logs } = fixture.monitor;
  const send = logs.send.bind(logs);
  const running = new Set<string>();
  let mostAtOnce = 0;
  Object.assign(logs, {
    send: async (command: object, ...rest: never[]) => {
      const answer = await Reflect.apply(send, logs, [command, ...rest]);
      if (command instanceof StartQueryCommand) running.add(answer.queryId);
      mostAtOnce = Math.max(mostAtOnce, running.size);
      if (command instanceof GetQueryResultsCommand) running.delete(command.input.queryId ?? '');
      return answer;
    },
  });
  await scan(fixture);
  expect(mostAtOnce).toBe(2);
});

test('after a failed query the groups are queried one by one, since one can be the cause', async () => {
  const fixture = healthyMonitor();
  spoiledBy(fixture, '', awsError('never'));
  fixture.logs
    .on(GetQueryResultsCommand, { queryId: allGroups.join() })
    .resolves({ status: 'Failed', statistics: { bytesScanned: 7 } });
  fixture.logs.on(GetQueryResultsCommand, { queryId: spoiler }).resolves({ status: 'Failed' });
  const result = await scan(fixture);
  expect(kinds(result)).toEqual({ ...allScanned, [spoiler]: 'failed' });
  expect(result.bytesScanned).toBe(7 + 10 * others.length);
});

test('queries that scanned fewer groups than were queried are counted', async () => {
  const fixture = healthyMonitor();
  fixture.logs
    .on(GetQueryResultsCommand)
    .resolves({ status: 'Complete', results: [], statistics: { logGroupsScanned: 4 } });
  expect(await scan(fixture)).toMatchObject({ doubts: 1 });
});

test('a query that does not compile fails all groups and is not run again', async () => {
  const fixture = healthyMonitor();
  const error = awsError('MalformedQueryException', 'unexpected symbol found sort');
  fixture.logs.on(StartQueryCommand).rejects(error);
  expect(new Set(Object.values(kinds(await scan(fixture))))).toEqual(new Set(['failed']));
  expect(fixture.logs.commandCalls(StartQueryCommand)).toHaveLength(1);
});

test('denied results are not about one group, so the scan is not split', async () => {
  const fixture = healthyMonitor();
  fixture.logs.on(GetQueryResultsCommand).rejects(awsError('AccessDeniedException'));
  expect(new Set(Object.values(kinds(await scan(fixture))))).toEqual(new Set(['failed']));
  expect(fixture.logs.commandCalls(StartQueryCommand)).toHaveLength(1);
});

test('when groups are scanned one by one, one whose query fails does not affect the rest', async () => {
  const fixture = healthyMonitor();
  spoiledBy(fixture, spoiler, awsError('ResourceNotFoundException'));
  const [failing = ''] = others;
  fixture.logs.on(GetQueryResultsCommand, { queryId: failing }).resolves({ status: 'Failed' });
  expect(kinds(await scan(fixture))).toEqual({
    ...allScanned,
    [spoiler]: 'blind',
    [failing]: 'failed',
  });
});

test('the bytes of a query that failed count too', async () => {
  const fixture = healthyMonitor();
  fixture.logs
    .on(GetQueryResultsCommand)
    .resolves({ status: 'Timeout', statistics: { bytesScanned: 42 } });
  expect((await scan(fixture)).bytesScanned).toBe(42);
});
