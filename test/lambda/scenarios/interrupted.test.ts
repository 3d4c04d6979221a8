import { PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { continued } from '../setup/continued.ts';
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

/** A monitor that has run some ticks. */
async function after<Ran extends Fixture>(fixture: Ran, ...times: string[]): Promise<Ran> {
  for (const time of times) await tickAt(fixture, time);
  return fixture;
}

/** A tick that is killed after N calls, for each N until the tick needs no more, and what follows it. */
async function killedAtEachCall<Ran extends Fixture>(
  { from, killed }: { readonly from: () => Ran; readonly killed: string },
  follow: (fixture: Ran, callsBefore: number) => Promise<void>,
): Promise<void> {
  let reached = true;
  for (let callsBefore = 0; reached; callsBefore += 1) {
    const fixture = from();
    const kill = killAt(fixture, callsBefore);
    await tickAt(fixture, killed).catch(() => undefined);
    reached = kill.wasReached();
    kill.revive();
    await follow(fixture, callsBefore);
  }
}

// Nothing before the first tick is reported.
test('wherever a run is killed, nothing is lost, ids are the same, each change counts once', async () => {
  const begun = await after(monitorWith(changes()), '08:55');
  const from = () => continued(begun, monitorWith(changes()));
  const undisturbed = await after(from(), '09:00', '09:05', '09:10');
  const ids = published(undisturbed).map(({ id }) => id);
  expect(new Set(ids).size).toBe(3);
  let repeats = 0;
  await killedAtEachCall({ from, killed: '09:00' }, async (fixture, callsBefore) => {
    await after(fixture, '09:05', '09:10', '09:15');
    const sent = published(fixture).map(({ id }) => id);
    expect([callsBefore, new Set(sent)]).toEqual([callsBefore, new Set(ids)]);
    const unknown = fixture.lines.filter(({ decision }) => decision === 'publish-repeated');
    expect(sent.length - ids.length).toBeLessThanOrEqual(unknown.length);
    expect([callsBefore, counted(fixture, 'PrivilegeChanges')]).toEqual([callsBefore, 3]);
    repeats += sent.length - ids.length;
  });
  // Killed after a publish, before it was recorded.
  expect(repeats).toBeGreaterThan(0);
});

test('the slices of a log group cover its time without overlap, whatever was interrupted', async () => {
  const fixture = await after(monitorWith(changes()), '08:55');
  for (const [time, callsBefore] of [
    ...[['09:00', 15] as const, ['09:05', 22] as const, ['09:10', 4] as const],
    ['09:15', 1_000] as const,
  ]) {
    const kill = killAt(fixture, callsBefore);
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
  const begun = await after(monitorWith(events), '08:55', '09:00');
  const from = () => continued(begun, monitorWith(events));
  await killedAtEachCall({ from, killed: '09:10' }, async (fixture, callsBefore) => {
    await after(fixture, '09:15', '09:20');
    expect([callsBefore, counted(fixture, 'PrivilegeChanges')]).toEqual([callsBefore, 2]);
  });
});

test('a late change counts once, wherever the sweep that found it is killed, however narrow the next slice is', async () => {
  const late = { ...grant('ann', '2026-03-01T08:00:41.000'), visibleAt: '2026-03-01T09:01:00.000' };
  const hourly = () => {
    const fixture = monitorWith([late]);
    const config = {
      ...{ ...fixture.monitor.config, everyMinutes: 60, maxSliceMinutes: 360 },
      nearSweep: { everyMinutes: 240, lagMinutes: 180 },
    };
    return { ...fixture, monitor: { ...fixture.monitor, config } };
  };
  const hours = Array.from({ length: 8 }, (_, at) => `${String(4 + at).padStart(2, '0')}:00`);
  const begun = await after(hourly(), ...hours);
  const from = () => continued(begun, hourly());
  let found = 0;
  await killedAtEachCall({ from, killed: '12:00' }, async (fixture, callsBefore) => {
    await after(fixture, '13:00', '16:00');
    const sums = ['PrivilegeChanges', 'LateChanges'].map((name) => counted(fixture, name));
    expect([callsBefore, ...sums]).toEqual([callsBefore, 1, 1]);
    found += published(fixture).length;
  });
  expect(found).toBeGreaterThan(0);
});

test('a change counts once, even if its lines are gone before a run repeats the killed one', async () => {
  const begun = await after(monitorWith(changes()), '08:55');
  let events: ReturnType<typeof changes> = [];
  const from = () => {
    events = changes();
    return continued(begun, monitorWith(events));
  };
  let orphans = 0;
  await killedAtEachCall({ from, killed: '09:00' }, async (fixture, callsBefore) => {
    // The log group was deleted and created again, so the killed run's slice has another start.
    events.length = 0;
    const creationTime = Date.parse('2026-03-01T08:50:30Z');
    const logGroups = allGroups.map((logGroupName) => ({ logGroupName, creationTime }));
    fixture.logs.on(DescribeLogGroupsCommand).resolves({ logGroups });
    await after(fixture, '09:05', '09:10', '09:15');
    const found = fixture.table
      .items()
      .filter(({ sk, data }) => `${sk}`.startsWith('finding#') && `${data}`.includes('countedIn'));
    const counts = counted(fixture, 'PrivilegeChanges');
    expect([callsBefore, counts]).toEqual([callsBefore, found.length]);
    orphans += found.length;
  });
  expect(orphans).toBeGreaterThan(0);
});
