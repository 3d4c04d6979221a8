import { sliceStreamsMax, streamMinuteSignalsMax } from '../../../lambda/flood/change-budget.ts';
import { putValues } from '../setup/monitor-fixture.ts';
import {
  grant,
  type HeldEvent,
  monitorWith,
  published,
  task,
  tickAt,
} from '../setup/pack-fixture.ts';

const excess = 40;
const timeOf = (second: number, ms: number) =>
  `2026-03-01T08:51:${String(second).padStart(2, '0')}.${String(ms).padStart(3, '0')}`;

/** More grants of one stream in one minute than its budget; the last one is worse. */
function flooded(count = streamMinuteSignalsMax + excess): HeldEvent[] {
  return [
    ...Array.from({ length: count - 1 }, (_, at) =>
      grant(`u${at}`, timeOf(Math.floor(at / 100), at % 100)),
    ),
    grant('eve', timeOf(50, 0), 'Admin'),
  ];
}

/** One grant in each of many streams. */
function manyStreams(count = sliceStreamsMax + excess): HeldEvent[] {
  return Array.from({ length: count }, (_, at) => ({
    ...grant(`u${at}`, timeOf(Math.floor(at / 100), at % 100)),
    logStream: `dag_id=d${at}/run_id=r/task_id=t/attempt=1.log`,
  }));
}

/** Ticks of whole hours: each reads an hour, and the near sweep runs at each. */
function hourly(events: readonly HeldEvent[]) {
  const fixture = monitorWith(events);
  const config = {
    ...fixture.monitor.config,
    everyMinutes: 60,
    farSweep: { everyMinutes: 360, lagMinutes: 360 },
  };
  return { ...fixture, monitor: { ...fixture.monitor, config } };
}

const storedFindings = ({ table }: ReturnType<typeof monitorWith>) =>
  table
    .items()
    .filter(({ sk }) => String(sk).startsWith('finding#'))
    .flatMap(({ data }) => (typeof data === 'string' ? [JSON.parse(data)] : []));
const floodsOf = (fixture: ReturnType<typeof monitorWith>) =>
  storedFindings(fixture).filter(({ finding }) => finding.detections[0] === 'change-flood');

test("lines beyond a stream's budget are one finding, as severe as the worst of them, and it counts", async () => {
  const fixture = monitorWith(flooded());
  await tickAt(fixture, '09:00');
  expect(floodsOf(fixture)).toMatchObject([
    {
      finding: {
        severity: 'critical',
        target: expect.stringMatching(/^eve, /),
        role: 'Admin, Viewer',
        actor: { dag: 'promote', task: 'grant' },
      },
      flood: { byKind: { 'grant-role critical': 1, 'grant-role high': excess - 1 } },
    },
  ]);
  expect(storedFindings(fixture)).toHaveLength(streamMinuteSignalsMax + 1);
  expect(putValues(fixture.cloudWatch)[`PrivilegeChanges/${task}`]).toBe(
    streamMinuteSignalsMax + 1,
  );
  expect(published(fixture)[0]).toMatchObject({
    detections: ['change-flood'],
    severity: 'critical',
    title: expect.stringContaining(`${excess} more lines about privileges`),
  });
});

test('the streams beyond the budget are one finding of the log group', async () => {
  const worst = { ...grant('eve', timeOf(59, 0), 'Admin'), logStream: 'worst' };
  const fixture = monitorWith([...manyStreams(), worst]);
  await tickAt(fixture, '09:00');
  const [flood, ...others] = floodsOf(fixture);
  expect(others).toEqual([]);
  expect(flood.finding.title).toContain(
    `${excess + 1} more lines about privileges in airflow-prod-Task`,
  );
  expect(flood.flood.actors).toHaveLength(excess + 1);
  expect(flood.flood.streams).toHaveLength(excess + 1);
  // The worst stream is not among the rest.
  expect(flood.finding.severity).toBe('high');
  expect(published(fixture)[0]).toMatchObject({ target: 'eve', role: 'Admin' });
});

test.each([
  ['of a stream', flooded],
  ['of many streams', manyStreams],
])('a sweep reports nothing of a flood %s again', async (_, events) => {
  const fixture = hourly(events());
  await tickAt(fixture, '09:00');
  const before = storedFindings(fixture);
  for (const when of ['10:00', '11:00', '12:00', '18:00', '2026-03-02T00:00']) {
    const report = await tickAt(fixture, when);
    expect(report.lateChanges).toBe(0);
  }
  const idsOf = (records: typeof before) => records.map(({ finding }) => finding.id).sort();
  expect(idsOf(storedFindings(fixture))).toEqual(idsOf(before));
  expect(floodsOf(fixture)).toMatchObject([{ finding: { late: false } }]);
});

test('a late line that makes a flood worse is reported as an update', async () => {
  const late = {
    ...grant('mallory', timeOf(55, 0), 'Admin'),
    visibleAt: '2026-03-01T09:20:00.000',
  };
  const events = flooded().filter(({ message }) => !message.includes('eve'));
  const fixture = hourly([...events, late]);
  await tickAt(fixture, '09:00');
  expect(floodsOf(fixture)).toMatchObject([{ finding: { severity: 'high' } }]);
  await tickAt(fixture, '10:00');
  const [flood] = floodsOf(fixture);
  expect(flood).toMatchObject({ finding: { severity: 'critical' } });
  const messages = published(fixture).filter(({ id }) => id === flood.finding.id);
  expect(messages.at(-1)).toMatchObject({ severity: 'critical', kind: 'update' });
});

test("a flood's calls to the ledger do not grow with it", async () => {
  const writesOf = async (count: number) => {
    const fixture = monitorWith(flooded(count));
    await tickAt(fixture, '09:00');
    return fixture.table.calls.filter(({ operation }) => operation !== 'Query').length;
  };
  const few = await writesOf(streamMinuteSignalsMax + 100);
  expect(await writesOf(streamMinuteSignalsMax + 2_000)).toBe(few);
});
