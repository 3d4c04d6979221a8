import { DescribeLogGroupsCommand, GetQueryResultsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { allGroups, invoke, putValues, scheduledEvent } from '../setup/monitor-fixture.ts';
import { command, grant, monitorWith, published, task, tickAt } from '../setup/pack-fixture.ts';

const others = allGroups.filter((logGroup) => logGroup !== task);
type Fixture = ReturnType<typeof monitorWith>;

function spansOf(report: Awaited<ReturnType<typeof tickAt>>, logGroup = task) {
  return report.slices
    .filter((slice) => slice.logGroup === logGroup && slice.lane === 'scan')
    .map(({ start, end, outcome }) => [start.slice(11, 16), end.slice(11, 16), outcome]);
}

function withConfig(fixture: Fixture, changes: object): Fixture {
  const config = { ...fixture.monitor.config, ...changes };
  return { ...fixture, monitor: { ...fixture.monitor, config } };
}

function describing(fixture: Fixture, facts: Record<string, object>) {
  fixture.logs.on(DescribeLogGroupsCommand).resolves({
    logGroups: allGroups.map((logGroupName) => ({
      ...{ logGroupName, creationTime: 0 },
      ...facts[logGroupName],
    })),
  });
}

test('one tick catches up with an outage in slices of an hour, oldest first', async () => {
  const fixture = monitorWith([grant('bob', '2026-03-01T09:30:00.000')]);
  await tickAt(fixture, '08:00');
  fixture.cloudWatch.resetHistory();
  const report = await tickAt(fixture, '11:00');
  expect(spansOf(report)).toEqual([
    ['07:55', '08:55', 'scanned'],
    ['08:55', '09:55', 'scanned'],
    ['09:55', '10:55', 'scanned'],
  ]);
  expect(published(fixture)).toMatchObject([{ target: 'bob', late: false }]);
  expect(putValues(fixture.cloudWatch)).toMatchObject({
    [`PrivilegeChanges/${task}`]: 1,
    ScanLag: 300,
  });
});

test('a slice that runs out of time is read by the next tick and is not a failure', async () => {
  const fixture = monitorWith([grant('bob', '2026-03-01T10:30:00.000')]);
  await tickAt(fixture, '08:00');
  // Each answer takes 15 of the 60 seconds.
  const { monitor, timer } = fixture;
  const { logs } = monitor;
  const send = logs.send.bind(logs);
  Object.assign(logs, {
    send: async (command: object, ...rest: never[]) => {
      if (command instanceof GetQueryResultsCommand) timer.nowMs += 15_000;
      return Reflect.apply(send, logs, [command, ...rest]);
    },
  });
  const report = await tickAt(fixture, '11:00');
  expect(report).toMatchObject({ scanCompleted: true, scanLagSeconds: 3600 * 2 + 300 });
  expect(spansOf(report)).toEqual([['07:55', '08:55', 'scanned']]);
  await tickAt(fixture, '11:05');
  await tickAt(fixture, '11:10');
  expect(published(fixture)).toMatchObject([{ target: 'bob' }]);
});

test('a slice that always runs out of time is halved from tick to tick', async () => {
  const fixture = monitorWith([]);
  await tickAt(fixture, '06:00');
  const widths: number[] = [];
  fixture.logs.on(GetQueryResultsCommand).callsFake(async ({ queryId }) => {
    const { start = 0, end = 0 } = fixture.asked[Number(queryId.split(' ')[1])] ?? {};
    const minutes = (end - start) / 60;
    if (queryId.startsWith('pack')) widths.push(minutes);
    // Only a quarter of an hour can be read in time.
    return minutes > 15 ? { status: 'Running' } : { status: 'Complete', results: [] };
  });
  for (const time of ['11:00', '11:05']) {
    await expect(tickAt(fixture, time)).rejects.toThrow('did not end within the time');
  }
  const report = await tickAt(fixture, '11:10');
  expect(report.scanCompleted).toBe(true);
  expect([...new Set(widths)].slice(0, 3)).toEqual([60, 30, 15]);
});

test('groups at the same position share a query; one that is behind is queried alone', async () => {
  const fixture = monitorWith([]);
  await tickAt(fixture, '08:55');
  fixture.missing.add(task);
  await tickAt(fixture, '09:00');
  fixture.missing.clear();
  fixture.asked.length = 0;
  await tickAt(fixture, '09:05');
  expect(fixture.asked.map(({ logGroups }) => logGroups)).toEqual([[task], others]);
});

test('after an answer that is cut off the rest is read next, and nothing is lost', async () => {
  const users = Array.from({ length: 30 }, (_, index) => `u${index}`);
  const fixture = monitorWith(
    users.map((user, index) => grant(user, `2026-03-01T08:5${index % 5}:${10 + index}.000`)),
    { packRowsMax: 10 },
  );
  await tickAt(fixture, '08:55');
  const report = await tickAt(fixture, '09:00');
  expect(spansOf(report).length).toBeGreaterThan(3);
  const told = fixture.table
    .items()
    .flatMap(({ sk, data }) =>
      data !== undefined && `${sk}`.startsWith('finding#') ? [JSON.parse(`${data}`)] : [],
    );
  expect(told.map(({ finding }) => finding.target).sort()).toEqual(users.sort());
});

test('the rows of a second that overflows are read, and it is a critical finding of its own', async () => {
  const users = Array.from({ length: 120 }, (_, index) => `u${index}`);
  const fixture = monitorWith(
    users.map((user) => grant(user, '2026-03-01T08:51:07.000')),
    // A part of the pack has ten times as many rows.
    { packRowsMax: 12 },
  );
  await tickAt(fixture, '08:55');
  const report = await tickAt(fixture, '09:00');
  expect(report.scanCompleted).toBe(true);
  const floods = published(fixture).filter(({ detections }) => detections?.[0] === 'log-flood');
  expect(floods).toMatchObject([
    {
      severity: 'critical',
      evidence: [],
      title: expect.stringContaining('in one second at 2026-03-01T08:51:07.000Z'),
      runbook: 'docs/runbooks/log-flood.md',
    },
  ]);
});

test('what a group that was created again has lost is a finding with the exact span', async () => {
  const fixture = monitorWith([]);
  await tickAt(fixture, '08:55');
  describing(fixture, { [task]: { creationTime: Date.parse('2026-03-01T09:01:30.700Z') } });
  const report = await tickAt(fixture, '09:10');
  expect(spansOf(report)[0]).toEqual(['09:01', '09:05', 'scanned']);
  expect(published(fixture)).toMatchObject([
    {
      detections: ['coverage-gap'],
      firstSeen: '2026-03-01T08:50:00.000Z',
      lastSeen: '2026-03-01T09:01:30.000Z',
      severity: 'high',
    },
  ]);
  await tickAt(fixture, '09:15');
  expect(published(fixture)).toHaveLength(1);
});

test('what the retention has deleted is a finding with the exact span', async () => {
  const fixture = withConfig(monitorWith([]), { farSweep: { everyMinutes: 60, lagMinutes: 60 } });
  describing(fixture, { [task]: { retentionInDays: 1 } });
  await tickAt(fixture, '2026-03-01T09:00');
  await tickAt(fixture, '2026-03-03T09:00');
  const gaps = published(fixture).filter(({ detections }) => detections?.[0] === 'coverage-gap');
  expect(gaps).toMatchObject([
    { firstSeen: '2026-03-01T08:55:00.000Z', lastSeen: '2026-03-02T09:00:00.000Z' },
  ]);
});

test('a group younger than the monitor is read from its creation, without a gap', async () => {
  const fixture = monitorWith([]);
  describing(fixture, { [task]: { creationTime: Date.parse('2026-03-01T08:53:20.500Z') } });
  const report = await tickAt(fixture, '09:00');
  expect(spansOf(report)).toEqual([['08:53', '08:55', 'scanned']]);
  expect(published(fixture)).toEqual([]);
});

test('a look-back before the first tick results in one digest', async () => {
  const old = ['amy', 'bob', 'eve'].map((user, hour) =>
    grant(user, `2026-03-01T0${hour}:30:00.000`),
  );
  const fixture = withConfig(monitorWith([...old, grant('joe', '2026-03-01T08:52:00.000')]), {
    initialLookbackHours: 10,
  });
  await tickAt(fixture, '09:00');
  const messages = published(fixture);
  expect(messages.map(({ kind }) => kind).sort()).toEqual(['digest', 'finding']);
  expect(messages.find(({ kind }) => kind === 'digest')).toMatchObject({ count: 3 });
  expect(messages.find(({ kind }) => kind === 'finding')).toMatchObject({ target: 'joe' });
});

test('without a look-back, nothing before the first tick is reported', async () => {
  const fixture = monitorWith([grant('amy', '2026-03-01T08:30:00.000')]);
  for (const time of ['09:00', '10:00', '11:00', '12:00']) await tickAt(fixture, time);
  expect(published(fixture)).toEqual([]);
});

test('a first tick ahead of the clock begins no later than the clock', async () => {
  const fixture = withConfig(monitorWith([]), { everyMinutes: 1, settleMinutes: 1 });
  const now = Date.parse('2026-03-01T08:55:30.400Z');
  const monitor = { ...fixture.monitor, clock: { nowEpochMs: () => now } };
  await invoke(monitor, { ...scheduledEvent, time: '2026-03-01T09:00:00Z' });
  const marks = fixture.table.items().filter(({ pk }) => pk === 'mark');
  expect(new Set(marks.map(({ positionEpochMs }) => positionEpochMs))).toEqual(
    new Set([Date.parse('2026-03-01T08:55:30.000Z')]),
  );
});

test('a tick ahead of the clock reads no further than the clock', async () => {
  const fixture = withConfig(monitorWith([]), { settleMinutes: 0 });
  await tickAt(fixture, '08:55');
  const now = Date.parse('2026-03-01T08:57:30.400Z');
  const monitor = { ...fixture.monitor, clock: { nowEpochMs: () => now } };
  const report = await invoke(monitor, { ...scheduledEvent, time: '2026-03-01T09:00:00Z' });
  const ends = (lane: string) =>
    report.slices.filter((slice) => slice.lane === lane).map(({ end }) => end);
  for (const lane of ['documented', 'scan']) {
    expect(ends(lane)).toEqual(allGroups.map(() => '2026-03-01T08:57:30.000Z'));
  }
  expect(spansOf(await tickAt(fixture, '09:05'))).toEqual([['08:57', '09:05', 'scanned']]);
});

describe('a command whose log group disappears before its outcome arrives', () => {
  const echoed = [command('bob', '2026-03-01T08:54:30.000')];

  test('is reported when the group stalls for three periods', async () => {
    const fixture = monitorWith(echoed);
    await tickAt(fixture, '09:00');
    fixture.missing.add(task);
    for (const time of ['09:05', '09:10', '09:15', '09:20', '09:25']) await tickAt(fixture, time);
    expect(findingsOf(fixture)).toMatchObject([{ outcome: 'unknown' }]);
    fixture.missing.clear();
    fixture.cloudWatch.resetHistory();
    await tickAt(fixture, '09:30');
    expect(putValues(fixture.cloudWatch)).toMatchObject({ [`PrivilegeChanges/${task}`]: 1 });
    expect(findingsOf(fixture)).toHaveLength(1);
  });

  test('is reported when the group is created again', async () => {
    const fixture = monitorWith(echoed);
    await tickAt(fixture, '09:00');
    describing(fixture, { [task]: { creationTime: Date.parse('2026-03-01T09:02:00Z') } });
    fixture.cloudWatch.resetHistory();
    await tickAt(fixture, '09:10');
    expect(findingsOf(fixture)).toMatchObject([{ outcome: 'unknown' }]);
    expect(putValues(fixture.cloudWatch)).toMatchObject({ [`PrivilegeChanges/${task}`]: 1 });
  });

  function findingsOf(fixture: Fixture) {
    return published(fixture).filter(({ detections }) => detections[0] === 'privilege-command-run');
  }
});
