import { PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { killAt } from '../setup/kill-at.ts';
import { allGroups } from '../setup/monitor-fixture.ts';
import { command, grant, monitorWith, published, task, tickAt } from '../setup/pack-fixture.ts';

/** Two privilege changes in the window of the first tick, one in that of the second. */
function changes() {
  return [
    command('bob', '2026-03-01T08:51:00.000'),
    grant('bob', '2026-03-01T08:51:02.000'),
    grant('eve', '2026-03-01T08:53:00.000'),
    command('joe', '2026-03-01T08:54:50.000'),
    grant('joe', '2026-03-01T08:55:10.000'),
  ];
}

type Fixture = ReturnType<typeof monitorWith>;

/** The sum over the ticks of the highest value put, as CloudWatch shows it. */
function counted({ cloudWatch }: Fixture, name: string): number {
  const maxima = new Map<string, number>();
  for (const call of cloudWatch.commandCalls(PutMetricDataCommand)) {
    for (const { MetricName, Timestamp, Dimensions, Value } of call.args[0].input.MetricData ??
      []) {
      if (MetricName !== name) continue;
      const key = `${Timestamp?.toISOString()} ${Dimensions?.at(-1)?.Value}`;
      maxima.set(key, Math.max(maxima.get(key) ?? 0, Value ?? 0));
    }
  }
  return [...maxima.values()].reduce((sum, value) => sum + value, 0);
}

/** A monitor that has run its first tick: nothing before it is reported. */
async function begun(): Promise<Fixture> {
  const fixture = monitorWith(changes());
  await tickAt(fixture, '08:55');
  return fixture;
}

async function undisturbed(): Promise<string[]> {
  const fixture = await begun();
  for (const time of ['09:00', '09:05', '09:10']) await tickAt(fixture, time);
  return published(fixture).map(({ id }) => id);
}

describe.each(['before', 'after'] as const)('killed right %s a call', (when) => {
  test('whichever call it is: nothing is lost, ids are the same, each change counts once', async () => {
    const ids = await undisturbed();
    expect(new Set(ids).size).toBe(3);
    let reached = true;
    let repeats = 0;
    for (let callsBefore = 0; reached; callsBefore += 1) {
      const fixture = await begun();
      const kill = killAt(fixture, callsBefore, when);
      await tickAt(fixture, '09:00').catch(() => undefined);
      reached = kill.wasReached();
      kill.revive();
      for (const time of ['09:05', '09:10', '09:15', '09:20']) await tickAt(fixture, time);
      const told = published(fixture).map(({ id }) => id);
      expect([callsBefore, new Set(told)]).toEqual([callsBefore, new Set(ids)]);
      const unknown = fixture.lines.filter(({ decision }) => decision === 'publish-repeated');
      expect(told.length - ids.length).toBeLessThanOrEqual(unknown.length);
      expect([callsBefore, counted(fixture, 'PrivilegeChanges')]).toEqual([callsBefore, 3]);
      repeats += told.length - ids.length;
    }
    // Killed after a publish, before it was recorded.
    expect(repeats).toBeGreaterThan(0);
  });
});

test('the slices of a log group cover its time without overlap, whatever was interrupted', async () => {
  const fixture = await begun();
  for (const [time, callsBefore] of [
    ...[['09:00', 14] as const, ['09:05', 21] as const, ['09:10', 3] as const],
    ['09:15', 1_000] as const,
  ]) {
    const kill = killAt(fixture, callsBefore, 'after');
    await tickAt(fixture, time).catch(() => undefined);
    kill.revive();
  }
  const records = fixture.table
    .items()
    .filter(({ pk, sk }) => `${pk}`.startsWith('tick#') && `${sk}`.includes(`#scan#${task}#`))
    .map(({ data }) => JSON.parse(`${data}`))
    .sort((a, b) => a.startEpochMs - b.startEpochMs);
  expect(records[0].startEpochMs).toBe(Date.parse('2026-03-01T08:45:00Z'));
  for (const [at, record] of records.entries()) {
    expect(record.startEpochMs).toBe(records[at - 1]?.endEpochMs ?? record.startEpochMs);
  }
  expect(records.at(-1).endEpochMs).toBe(Date.parse('2026-03-01T09:10:00Z'));
});

test('a pending command counts once, wherever the run that resolves it is killed', async () => {
  // In one slice with a line that is too far away to belong to it.
  const events = [
    command('ann', '2026-03-01T08:54:50.000'),
    grant('joe', '2026-03-01T09:02:00.000'),
  ];
  let reached = true;
  for (let callsBefore = 0; reached; callsBefore += 1) {
    const fixture = monitorWith(events);
    for (const time of ['08:55', '09:00']) await tickAt(fixture, time);
    const kill = killAt(fixture, callsBefore, 'after');
    await tickAt(fixture, '09:10').catch(() => undefined);
    reached = kill.wasReached();
    kill.revive();
    for (const time of ['09:15', '09:20', '09:25']) await tickAt(fixture, time);
    expect([callsBefore, counted(fixture, 'PrivilegeChanges')]).toEqual([callsBefore, 2]);
  }
});

test('a late change counts once, wherever the sweep that found it is killed, however narrow the next slice is', async () => {
  const late = { ...grant('ann', '2026-03-01T08:00:41.000'), visibleAt: '2026-03-01T09:01:00.000' };
  const ticks = (from: number, to: number) =>
    Array.from({ length: to - from + 1 }, (_, at) => `${String(from + at).padStart(2, '0')}:00`);
  let reached = true;
  let found = 0;
  for (let callsBefore = 0; reached; callsBefore += 1) {
    const fixture = monitorWith([late]);
    const config = {
      ...{ ...fixture.monitor.config, everyMinutes: 60, maxSliceMinutes: 360 },
      nearSweep: { everyMinutes: 240, lagMinutes: 180 },
    };
    const hourly = { ...fixture, monitor: { ...fixture.monitor, config } };
    for (const time of ticks(4, 11)) await tickAt(hourly, time);
    const kill = killAt(hourly, callsBefore, 'after');
    await tickAt(hourly, '12:00').catch(() => undefined);
    reached = kill.wasReached();
    kill.revive();
    for (const time of ticks(13, 16)) await tickAt(hourly, time);
    const sums = ['PrivilegeChanges', 'LateChanges'].map((name) => counted(hourly, name));
    expect([callsBefore, ...sums]).toEqual([callsBefore, 1, 1]);
    found += published(hourly).length;
  }
  expect(found).toBeGreaterThan(0);
});

test('a change counts once, even if its lines are gone before a run repeats the killed one', async () => {
  let reached = true;
  let orphans = 0;
  for (let callsBefore = 0; reached; callsBefore += 1) {
    const events = changes();
    const fixture = monitorWith(events);
    await tickAt(fixture, '08:55');
    const kill = killAt(fixture, callsBefore, 'after');
    await tickAt(fixture, '09:00').catch(() => undefined);
    reached = kill.wasReached();
    kill.revive();
    // The log group was deleted and created again, so the killed run's slice has another start.
    events.length = 0;
    const creationTime = Date.parse('2026-03-01T08:50:30Z');
    const logGroups = allGroups.map((logGroupName) => ({ logGroupName, creationTime }));
    fixture.logs.on(DescribeLogGroupsCommand).resolves({ logGroups });
    for (const time of ['09:05', '09:10', '09:15']) await tickAt(fixture, time);
    const found = fixture.table
      .items()
      .filter(({ sk, data }) => `${sk}`.startsWith('finding#') && `${data}`.includes('countedIn'));
    expect([callsBefore, counted(fixture, 'PrivilegeChanges')]).toEqual([
      callsBefore,
      found.length,
    ]);
    orphans += found.length;
  }
  expect(orphans).toBeGreaterThan(0);
});
