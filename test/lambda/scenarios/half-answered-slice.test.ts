import { type MetricDatum, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import fc from 'fast-check';
import { putValues } from '../setup/monitor-fixture.ts';
import { command, grant, type HeldEvent, published, task, tickAt } from '../setup/pack-fixture.ts';
import { type Judge, malformed, refusingMonitor } from '../setup/refusing-aws.ts';

type Monitor = ReturnType<typeof refusingMonitor>;
type Fate = 'failed' | 'running';

/** One text for each detection; the texts of some detections fail. */
const oneByOne =
  (fates: Readonly<Record<string, Fate>> = {}): Judge =>
  ({ detections }) =>
    detections.length > 1
      ? malformed('too many expressions')
      : fates[detections[0] ?? 'documented query'];

const at = (time: string) => `2026-03-01T08:${time}.000`;
const inStream = (name: string, event: HeldEvent): HeldEvent => ({
  ...event,
  logStream: `dag_id=${name}/run_id=manual/task_id=grant/attempt=1.log`,
});

/** A monitor after its first tick that queries each detection by its own text. */
async function begun(events: readonly HeldEvent[]): Promise<Monitor> {
  const monitor = refusingMonitor(events, oneByOne());
  await tickAt(monitor, '08:55');
  return monitor;
}

async function tick(monitor: Monitor, time: string, fates: Readonly<Record<string, Fate>> = {}) {
  monitor.world.judge = oneByOne(fates);
  monitor.cloudWatch.resetHistory();
  await tickAt(monitor, time).catch(() => undefined);
  return putValues(monitor.cloudWatch);
}

const told = (monitor: Monitor) =>
  published(monitor)
    .filter(({ target }) => target !== undefined)
    .map(({ target, severity, kind }) => [target, severity, kind]);
const changes = `PrivilegeChanges/${task}`;

test.each(['failed', 'running'] as const)(
  'a change is reported in the tick in which its text answered, though another text is %s, and counts once',
  async (fate) => {
    const monitor = await begun([grant('bob', at('52:00'))]);
    const half = await tick(monitor, '09:00', { 'privilege-command-run': fate });
    expect(told(monitor)).toEqual([['bob', 'high', 'finding']]);
    expect(half.ScanCompleted).toBeUndefined();
    expect(half[changes]).toBeUndefined();
    expect(half[`LogGroupCovered/${task}`]).toBe(0);
    const again = await tick(monitor, '09:05', { 'privilege-command-run': fate });
    expect(again[changes]).toBeUndefined();
    const mended = await tick(monitor, '09:10');
    expect(mended[changes]).toBe(1);
    expect(mended.ScanCompleted).toBe(1);
    expect(told(monitor)).toHaveLength(1);
  },
);

test('a command waits for the text that may hold its outcome: it is reported once, with it', async () => {
  const monitor = await begun([
    command('bob', at('51:00'), 'Admin'),
    grant('bob', at('51:05'), 'Admin'),
  ]);
  await tick(monitor, '09:00', { 'cli-role-granted': 'failed' });
  expect(told(monitor)).toEqual([]);
  const mended = await tick(monitor, '09:05');
  expect(told(monitor)).toEqual([['bob', 'critical', 'finding']]);
  expect(mended[changes]).toBe(1);
});

test('a command is reported without its outcome if that text fails for three periods', async () => {
  const monitor = await begun([command('bob', at('51:00'), 'Admin')]);
  for (const time of ['09:00', '09:05']) {
    await tick(monitor, time, { 'cli-role-granted': 'failed' });
    expect(told(monitor)).toEqual([]);
  }
  for (const time of ['09:10', '09:15']) {
    await tick(monitor, time, { 'cli-role-granted': 'failed' });
  }
  expect(told(monitor)).toEqual([['bob', 'medium', 'finding']]);
  expect((await tick(monitor, '09:20'))[changes]).toBe(1);
});

test('a sweep reports a late change although another text fails, and it counts once', async () => {
  const late = { ...grant('bob', at('52:00')), visibleAt: '2026-03-01T09:20:00.000' };
  const monitor = await begun([late]);
  await tick(monitor, '09:00');
  await tick(monitor, '10:00', { 'privilege-command-run': 'failed' });
  const half = await tick(monitor, '10:05', { 'privilege-command-run': 'failed' });
  expect(told(monitor)).toHaveLength(1);
  expect(half.LateChanges).toBeUndefined();
  const values = [];
  for (const time of ['10:10', '11:00', '12:00']) values.push(await tick(monitor, time));
  expect(told(monitor)).toHaveLength(1);
  expect(values.map(({ LateChanges }) => LateChanges ?? 0).reduce((a, b) => a + b)).toBe(1);
});

/** The sum over the ticks of the highest value put, as CloudWatch shows it. */
function sumOf(data: readonly MetricDatum[]): number {
  const maxima = new Map<number, number>();
  for (const { MetricName, Timestamp, Value = 0 } of data) {
    if (MetricName !== 'PrivilegeChanges') continue;
    const counted = Timestamp?.getTime() ?? 0;
    maxima.set(counted, Math.max(maxima.get(counted) ?? 0, Value));
  }
  return [...maxima.values()].reduce((sum, value) => sum + value, 0);
}

test('whichever texts fail in whichever ticks, each change becomes one finding and counts once', async () => {
  const events = [
    inStream('a', command('bob', at('51:00'), 'Admin')),
    inStream('a', grant('bob', at('51:05'), 'Admin')),
    inStream('b', grant('eve', at('53:00'))),
    inStream('c', command('joe', at('54:50'))),
    inStream('c', grant('joe', at('55:10'))),
    inStream('d', command('zoe', at('56:00'))),
  ];
  const ids = ['add-role', 'cli-role-granted', 'privilege-command-run'];
  const fate = fc.option(fc.constantFrom<Fate>('failed', 'running'), { nil: undefined, freq: 1 });
  const ofTick = fc.record(Object.fromEntries(ids.map((id) => [id, fate])));
  await fc.assert(
    fc.asyncProperty(fc.array(ofTick, { minLength: 3, maxLength: 3 }), async (fates) => {
      const monitor = await begun(events);
      const put: MetricDatum[] = [];
      const times = ['09:00', '09:05', '09:10', '09:15', '09:20'];
      for (const [number, time] of times.entries()) {
        const own = Object.entries(fates[number] ?? {}).flatMap(([id, how]) =>
          how === undefined ? [] : [[id, how] as const],
        );
        await tick(monitor, time, Object.fromEntries(own));
        const calls = monitor.cloudWatch.commandCalls(PutMetricDataCommand);
        put.push(...calls.flatMap(({ args }) => args[0].input.MetricData ?? []));
      }
      const ends = new Map(told(monitor).map(([target, severity]) => [target, severity]));
      expect(Object.fromEntries(ends)).toEqual({
        ...{ bob: 'critical', eve: 'high', joe: 'high', zoe: 'medium' },
      });
      expect(told(monitor).filter(([, , kind]) => kind === 'finding')).toHaveLength(4);
      expect(sumOf(put)).toBe(4);
    }),
    { numRuns: 25 },
  );
});
