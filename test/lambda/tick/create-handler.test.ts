import { PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import {
  DescribeLogGroupsCommand,
  GetQueryResultsCommand,
  StartQueryCommand,
  StopQueryCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { logGroupName } from '../../../lambda/model/log-types.ts';
import { createHandler } from '../../../lambda/tick/create-handler.ts';
import {
  allGroups,
  awsError,
  countRow,
  environment,
  environmentAnswer,
  fakeFetch,
  healthyMonitor,
  invoke,
  invokeAny,
  putValues,
  scheduledEvent,
  windowError,
} from '../setup/monitor-fixture.ts';

type Fixture = ReturnType<typeof healthyMonitor>;
const task = logGroupName(environment, 'Task');
const others = allGroups.filter((logGroup) => logGroup !== task);

function withMwaa(fixture: Fixture, ...answer: Parameters<typeof fakeFetch>) {
  const mwaa = { ...fixture.monitor.mwaa, fetch: fakeFetch(...answer).fetch };
  return { ...fixture.monitor, mwaa };
}

function existing(fixture: Fixture, logGroups: readonly string[]) {
  fixture.logs
    .on(DescribeLogGroupsCommand)
    .resolves({ logGroups: logGroups.map((logGroupName) => ({ logGroupName })) });
}

/** What the documented query counts; there is nothing beyond the window's end. */
function answering(fixture: Fixture, ...rows: ReturnType<typeof countRow>[]) {
  fixture.logs.on(StartQueryCommand).callsFake(async ({ startTime, endTime }) => ({
    queryId: startTime === endTime ? 'beyond' : 'query-1',
  }));
  fixture.logs.on(GetQueryResultsCommand).resolves({
    status: 'Complete',
    results: rows,
    statistics: { bytesScanned: 1000 },
  });
  fixture.logs
    .on(GetQueryResultsCommand, { queryId: 'beyond' })
    .resolves({ status: 'Complete', results: [] });
}

function decisions({ lines }: Fixture) {
  return lines.map(({ decision }) => decision);
}

const allZero = Object.fromEntries(
  allGroups.flatMap((logGroup) => [
    [`AddRoleMatches/${logGroup}`, 0],
    [`LogGroupCovered/${logGroup}`, 1],
  ]),
);
/** The metrics of the environment as a whole when nothing happened, without a pack. */
const ofEnvironment = {
  UndeliveredFindings: 0,
  ScanDoubt: 0,
  DocumentedLag: 300,
  ScanCompleted: 1,
  BytesScanned: 1000,
  DailyBytesScanned: 1000,
};
const quietTick: Record<string, number> = { ...allZero, ...ofEnvironment };

/** Without the numbers of one log group. */
function withoutNumbersOf(logGroup: string): Record<string, number> {
  const { [`AddRoleMatches/${logGroup}`]: _, ...rest } = quietTick;
  return rest;
}

test('a healthy tick without a match puts explicit zeros, coverage, heartbeat and bytes', async () => {
  const fixture = healthyMonitor();
  await invoke(fixture.monitor);
  expect(putValues(fixture.cloudWatch)).toEqual(quietTick);
});

test('the counts of a tick go out in one call, its health in another, both stamped with the tick', async () => {
  const fixture = healthyMonitor();
  await invoke(fixture.monitor, { ...scheduledEvent, time: '2026-03-01T09:00:07Z' });
  const puts = fixture.cloudWatch.commandCalls(PutMetricDataCommand);
  expect(puts).toHaveLength(2);
  const data = puts.flatMap((put) => put.args[0].input.MetricData ?? []);
  expect(new Set(data.map(({ Timestamp }) => Timestamp?.toISOString()))).toEqual(
    new Set(['2026-03-01T09:00:00.000Z']),
  );
});

test('matches are counted per log group', async () => {
  const fixture = healthyMonitor();
  answering(fixture, countRow(task, 112));
  const report = await invoke(fixture.monitor);
  expect(putValues(fixture.cloudWatch)).toEqual({ ...quietTick, [`AddRoleMatches/${task}`]: 112 });
  expect(report).toMatchObject({
    environment: 'prod',
    tick: '2026-03-01T09:00:00.000Z',
    slices: allGroups.map((logGroup) => ({
      ...{ lane: 'documented', logGroup, outcome: 'scanned' },
      ...{ start: '2026-03-01T08:50:00.000Z', end: '2026-03-01T08:55:00.000Z' },
    })),
    scanCompleted: true,
    bytesScanned: 1000,
  });
  expect(report.logGroups).toContainEqual(
    expect.objectContaining({ logGroup: task, covered: true, matches: 112 }),
  );
});

test('a repeated tick reads nothing again and puts the same numbers, whatever the clock shows', async () => {
  const fixture = healthyMonitor();
  answering(fixture, countRow(task, 3));
  const later = { nowEpochMs: () => Date.parse('2026-03-01T09:58:00Z') };
  const { slices, ...first } = await invoke(fixture.monitor);
  const values = putValues(fixture.cloudWatch);
  fixture.cloudWatch.resetHistory();
  expect(await invoke({ ...fixture.monitor, clock: later })).toEqual({ ...first, slices: [] });
  // The count, and what lies beyond its end.
  expect(fixture.logs.commandCalls(StartQueryCommand)).toHaveLength(2);
  expect(values).toMatchObject(putValues(fixture.cloudWatch));
});

test('a tick older than a completed one is a logged no-op', async () => {
  const fixture = healthyMonitor();
  await invoke(fixture.monitor);
  const items = fixture.table.items();
  fixture.cloudWatch.resetHistory();
  const older = { ...scheduledEvent, time: '2026-03-01T08:55:00Z' };
  expect(await invokeAny(fixture.monitor, older)).toEqual({
    ...{ environment: 'prod', tick: '2026-03-01T08:55:00.000Z', skipped: 'old-tick' },
  });
  expect(fixture.lines).toContainEqual(
    expect.objectContaining({ level: 'info', decision: 'tick-skipped', why: 'old-tick' }),
  );
  expect(fixture.table.items()).toEqual(items);
  expect(fixture.cloudWatch.calls()).toEqual([]);
});

test('a tick waits for another one at work, and skips when that takes too long', async () => {
  const fixture = healthyMonitor();
  const untilEpochMs = Date.parse('2026-03-01T09:05:00Z');
  await fixture.table.send(leaseOf('another', untilEpochMs));
  expect(await invokeAny(fixture.monitor)).toMatchObject({ skipped: 'busy' });
  expect(fixture.timer.nowMs).toBeGreaterThan(15_000);
  expect(fixture.logs.calls()).toEqual([]);
});

test('the lease of a killed invocation expires', async () => {
  const fixture = healthyMonitor();
  const untilEpochMs = Date.parse('2026-03-01T09:00:03Z');
  await fixture.table.send(leaseOf('killed', untilEpochMs));
  expect(await invoke(fixture.monitor)).toMatchObject({ scanCompleted: true });
});

function leaseOf(holder: string, untilEpochMs: number): PutItemCommand {
  const item = { pk: 'lease', sk: 'lease', schema: 1, holder, untilEpochMs, writeId: holder };
  return new PutItemCommand({ TableName: 'ledger', Item: marshall(item) });
}

test('a disabled log type is blind and puts no zero, while what was logged before is read', async () => {
  const fixture = healthyMonitor();
  answering(fixture, countRow(task, 2));
  const monitor = withMwaa(fixture, 200, environmentAnswer({ TaskLogs: { Enabled: false } }));
  const report = await invoke(monitor);
  expect(fixture.logs.commandCalls(StartQueryCommand)[0]?.args[0].input.logGroupNames).toEqual(
    allGroups,
  );
  expect(putValues(fixture.cloudWatch)).toEqual({
    ...withoutNumbersOf(task),
    ...{ [`LogGroupCovered/${task}`]: 0, [`AddRoleMatches/${task}`]: 2 },
  });
  expect(report.logGroups).toContainEqual({
    logGroup: task,
    covered: false,
    blind: { cause: 'disabled', detail: 'MWAA does not publish Task logs' },
    matches: 2,
  });
});

test('a disabled log type without a group is not queried, and the others are read as usual', async () => {
  const fixture = healthyMonitor();
  existing(fixture, others);
  await invoke(withMwaa(fixture, 200, environmentAnswer({ TaskLogs: { Enabled: false } })));
  expect(fixture.logs.commandCalls(StartQueryCommand)[0]?.args[0].input.logGroupNames).toEqual(
    others,
  );
  expect(putValues(fixture.cloudWatch)).toEqual({
    ...withoutNumbersOf(task),
    [`LogGroupCovered/${task}`]: 0,
  });
});

test('when MWAA denies, no group is covered: no zero is put, but a match is', async () => {
  const fixture = healthyMonitor();
  answering(fixture, countRow(task, 2));
  await invoke(withMwaa(fixture, 403, {}, 'AccessDeniedException'));
  expect(putValues(fixture.cloudWatch)).toEqual({
    [`AddRoleMatches/${task}`]: 2,
    ...Object.fromEntries(allGroups.map((logGroup) => [`LogGroupCovered/${logGroup}`, 0])),
    ...ofEnvironment,
  });
});

test('when the listing of groups is denied, the five are queried by name and not covered', async () => {
  const fixture = healthyMonitor();
  fixture.logs.on(DescribeLogGroupsCommand).rejects(awsError('AccessDeniedException'));
  const report = await invoke(fixture.monitor);
  expect(fixture.logs.commandCalls(StartQueryCommand)[0]?.args[0].input.logGroupNames).toEqual(
    allGroups,
  );
  expect(report.logGroups.map(({ blind, matches }) => [blind?.cause, matches])).toEqual(
    allGroups.map(() => ['unknown', undefined]),
  );
});

test.each([
  ['missing', awsError('ResourceNotFoundException')],
  ['query-denied', awsError('AccessDeniedException')],
])('a group that turns out %s is blind; the tick is no failure', async (cause, error) => {
  const fixture = healthyMonitor();
  fixture.logs.on(StartQueryCommand).callsFake(async ({ logGroupNames }) => {
    if (logGroupNames.includes(task)) {
      throw error;
    }
    return { queryId: 'query-1' };
  });
  const report = await invoke(fixture.monitor);
  expect(report.scanCompleted).toBe(true);
  expect(report.logGroups.filter(({ covered }) => !covered)).toMatchObject([
    { logGroup: task, blind: { cause } },
  ]);
  expect(putValues(fixture.cloudWatch)).not.toHaveProperty([`AddRoleMatches/${task}`]);
});

test('an environment younger than its first window is no failure, and no zero is invented', async () => {
  const fixture = healthyMonitor();
  fixture.logs.on(StartQueryCommand).rejects(windowError);
  const report = await invoke(fixture.monitor);
  expect(report).toMatchObject({ scanCompleted: true, notified: 0 });
  expect(putValues(fixture.cloudWatch)).toEqual({
    ...Object.fromEntries(allGroups.map((logGroup) => [`LogGroupCovered/${logGroup}`, 1])),
    ...{ ...ofEnvironment, BytesScanned: 0, DailyBytesScanned: 0 },
  });
});

test('where no group can be scanned there is no heartbeat and no failure', async () => {
  const fixture = healthyMonitor();
  existing(fixture, []);
  const report = await invoke(withMwaa(fixture, 404, {}, 'ResourceNotFoundException'));
  expect(report.logGroups.map(({ blind }) => blind?.cause)).toEqual(
    allGroups.map(() => 'environment-not-found'),
  );
  expect(putValues(fixture.cloudWatch)).not.toHaveProperty('ScanCompleted');
  expect(fixture.logs.commandCalls(StartQueryCommand)).toHaveLength(0);
});

test('a failed scan puts coverage 0, neither numbers nor heartbeat, and fails the invocation', async () => {
  const fixture = healthyMonitor();
  fixture.logs.on(GetQueryResultsCommand).resolves({
    status: 'Failed',
    results: [countRow(task, 1)],
    statistics: { bytesScanned: 7 },
  });
  await expect(invoke(fixture.monitor)).rejects.toMatchObject({
    name: 'TickFailedError',
    message: expect.stringMatching(
      /^tick 2026-03-01T09:00:00.000Z of prod: Error: documented query <- QueryError: query query-1 ended with status Failed/,
    ),
  });
  expect(putValues(fixture.cloudWatch)).toEqual({
    ...Object.fromEntries(allGroups.map((logGroup) => [`LogGroupCovered/${logGroup}`, 0])),
    ...{ ScanDoubt: 0, DocumentedLag: 600, UndeliveredFindings: 0 },
    // Once for all groups, then group by group.
    ...{ BytesScanned: 42, DailyBytesScanned: 42 },
  });
});

test('when one group of several fails, the others are published and the invocation fails', async () => {
  const fixture = healthyMonitor();
  const [missing = '', failing = ''] = others;
  fixture.logs.on(StartQueryCommand).callsFake(async ({ logGroupNames, startTime, endTime }) => {
    if (logGroupNames.includes(missing)) {
      throw awsError('ResourceNotFoundException');
    }
    return { queryId: startTime === endTime ? 'beyond' : logGroupNames.join() };
  });
  fixture.logs
    .on(GetQueryResultsCommand, { queryId: failing })
    .resolves({ status: 'Timeout' })
    .on(GetQueryResultsCommand, { queryId: task })
    .resolves({ status: 'Complete', results: [countRow(task, 4)] });
  await expect(invoke(fixture.monitor)).rejects.toThrow('ended with status Timeout');
  const values = putValues(fixture.cloudWatch);
  expect(values).toMatchObject({
    [`AddRoleMatches/${task}`]: 4,
    [`LogGroupCovered/${task}`]: 1,
    [`LogGroupCovered/${missing}`]: 0,
    [`LogGroupCovered/${failing}`]: 0,
  });
  expect(values).not.toHaveProperty([`AddRoleMatches/${failing}`]);
  expect(values).not.toHaveProperty('ScanCompleted');
});

test('a count of a group that was not queried is reported once, and no zero is put', async () => {
  const fixture = healthyMonitor();
  answering(fixture, countRow('airflow-other-Task', 1));
  const report = await invoke(fixture.monitor);
  expect(report).toMatchObject({ scanCompleted: true, notified: 1 });
  const values = putValues(fixture.cloudWatch);
  expect(values).toMatchObject({ ScanCompleted: 1, [`LogGroupCovered/${task}`]: 1 });
  expect(Object.keys(values).filter((name) => name.startsWith('AddRoleMatches'))).toEqual([]);
});

test('metrics that cannot be put fail the invocation, with the cause', async () => {
  const fixture = healthyMonitor();
  fixture.cloudWatch.on(PutMetricDataCommand).rejects(awsError('AccessDeniedException', 'no'));
  await expect(invoke(fixture.monitor)).rejects.toThrow(
    /PutMetricData failed <- AccessDeniedException: no/,
  );
  expect(decisions(fixture)).toContain('tick-failed');
});

test('a failed scan and failed metrics are both reported', async () => {
  const fixture = healthyMonitor();
  fixture.logs.on(GetQueryResultsCommand).resolves({ status: 'Cancelled' });
  fixture.cloudWatch.on(PutMetricDataCommand).rejects(awsError('AccessDeniedException'));
  await expect(invoke(fixture.monitor)).rejects.toThrow(/status Cancelled; .*PutMetricData failed/);
});

test.each([1_000, 10_000, 60_000, 900_000])(
  'a query that hangs is stopped and the rest published within an invocation of %i ms',
  async (remainingMs) => {
    const fixture = healthyMonitor();
    fixture.logs.on(GetQueryResultsCommand).resolves({ status: 'Running' });
    await expect(invoke(fixture.monitor, scheduledEvent, remainingMs)).rejects.toThrow(
      'did not end within the time of this invocation',
    );
    expect(fixture.logs.commandCalls(StopQueryCommand)).toHaveLength(1);
    expect(putValues(fixture.cloudWatch)).toHaveProperty([`LogGroupCovered/${task}`], 0);
    expect(fixture.timer.nowMs).toBeLessThan(remainingMs);
  },
);

test('an MWAA that hangs leaves time for the scan', async () => {
  const fixture = healthyMonitor();
  const fetch = async () => {
    throw Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });
  };
  const mwaa = { ...fixture.monitor.mwaa, fetch };
  const report = await invoke({ ...fixture.monitor, mwaa });
  expect(report.scanCompleted).toBe(true);
  expect(fixture.timer.nowMs).toBeLessThan(15_000);
});

test('a refused event makes no call to AWS', async () => {
  const fixture = healthyMonitor();
  await expect(invoke(fixture.monitor, { time: 'now' })).rejects.toThrow('field "source"');
  await expect(
    invoke(fixture.monitor, { ...scheduledEvent, time: '2026-03-01T10:00:00Z' }),
  ).rejects.toThrow('field "time"');
  expect(fixture.logs.calls()).toHaveLength(0);
  expect(fixture.cloudWatch.calls()).toHaveLength(0);
  expect(decisions(fixture)).toEqual(['event-refused', 'event-refused']);
});

test('every line of the log names its decision, time, environment and tick', async () => {
  const fixture = healthyMonitor();
  await invoke(fixture.monitor);
  for (const line of fixture.lines) {
    expect(line).toMatchObject({
      level: expect.stringMatching(/^(info|warn|error)$/),
      time: '2026-03-01T09:00:04.000Z',
      environment: 'prod',
      tick: '2026-03-01T09:00:00.000Z',
      decision: expect.any(String),
    });
  }
  expect(decisions(fixture)).toEqual([
    'tick-started',
    'monitoring-begins',
    'query-started',
    'query-complete',
    'metrics-put',
    ...allGroups.map(() => 'slice-recorded'),
    ...allGroups.map(() => 'log-group-covered'),
    'metrics-put',
    'tick-finished',
  ]);
});

test.each([
  ['2026-03-01T09:00:00Z', undefined, false],
  ['2026-03-01T08:59:00Z', undefined, true],
  ['2026-03-01T08:59:00Z', 4, false],
  ['2026-03-01T09:00:00Z', 4, true],
])(
  'a tick at %s, every five minutes from minute %p on: off schedule is %s',
  async (time, offsetMinutes, off) => {
    const fixture = healthyMonitor();
    const config = {
      ...fixture.monitor.config,
      ...(offsetMinutes !== undefined && { offsetMinutes }),
    };
    await invoke({ ...fixture.monitor, config }, { ...scheduledEvent, time });
    expect(decisions(fixture).includes('tick-off-schedule')).toBe(off);
  },
);

test('a run waits for its second before it does anything, and has the rest of its time', async () => {
  const { monitor, timer } = healthyMonitor();
  const config = { ...monitor.config, delaySeconds: 7 };
  const startedMs = timer.nowMs;
  let firstCallMs: number | undefined;
  const { logs } = monitor;
  const send = logs.send.bind(logs);
  Object.assign(logs, {
    send: async (...sent: never[]) => {
      firstCallMs ??= timer.nowMs - startedMs;
      return Reflect.apply(send, logs, sent);
    },
  });
  await invoke({ ...monitor, config });
  expect(timer.sleptMs[0]).toBe(7_000);
  expect(firstCallMs).toBeGreaterThanOrEqual(7_000);
});

test('the monitor is loaded once, at the first invocation; a failed load is retried', async () => {
  const { monitor } = healthyMonitor();
  let loads = 0;
  const handler = createHandler(async () => {
    loads += 1;
    if (loads === 1) {
      throw new Error('no plan');
    }
    return monitor;
  });
  const context = { getRemainingTimeInMillis: () => 60_000 };
  expect(loads).toBe(0);
  await expect(handler(scheduledEvent, context)).rejects.toThrow('no plan');
  await handler(scheduledEvent, context);
  await handler(scheduledEvent, context);
  expect(loads).toBe(2);
});
