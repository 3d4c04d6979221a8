import { putValues } from '../setup/monitor-fixture.ts';
import { command, grant, monitorWith, published, task, tickAt } from '../setup/pack-fixture.ts';

type Fixture = ReturnType<typeof monitorWith>;

/** Ticks of whole hours: each reads an hour, and the near sweep runs at each. */
function hourly(events: Parameters<typeof monitorWith>[0]): Fixture {
  const fixture = monitorWith(events);
  const config = {
    ...fixture.monitor.config,
    everyMinutes: 60,
    farSweep: { everyMinutes: 360, lagMinutes: 360 },
  };
  return { ...fixture, monitor: { ...fixture.monitor, config } };
}

async function ticks(fixture: Fixture, from: number, to: number) {
  const reports = [];
  for (let hour = from; hour <= to; hour += 1) {
    const day = String(1 + Math.floor(hour / 24)).padStart(2, '0');
    const time = `${String(hour % 24).padStart(2, '0')}:00`;
    fixture.cloudWatch.resetHistory();
    const report = await tickAt(fixture, `2026-03-${day}T${time}`);
    reports.push({ hour, report, values: putValues(fixture.cloudWatch) });
  }
  return reports;
}

function lanesOf(reports: Awaited<ReturnType<typeof ticks>>, lane: string) {
  return reports.flatMap(({ hour, report }) =>
    report.slices
      .filter((slice) => slice.lane === lane && slice.logGroup === task)
      .map(({ start, end }) => [hour, start.slice(11, 16), end.slice(11, 16)]),
  );
}

test('the near sweep finds an event that arrives within the hour after its time was scanned', async () => {
  const late = { ...grant('bob', '2026-03-01T08:20:00.000'), visibleAt: '2026-03-01T09:10:00.000' };
  const fixture = hourly([late]);
  const reports = await ticks(fixture, 8, 11);
  expect(published(fixture)).toMatchObject([{ target: 'bob', late: true }]);
  const [found] = reports.filter(({ report }) => report.notified > 0);
  expect(found).toMatchObject({
    hour: 10,
    report: { lateChanges: 1 },
    values: { LateChanges: 1, LateLagMax: 3_000, [`PrivilegeChanges/${task}`]: 1 },
  });
});

test('the far sweep finds an event that arrives hours late', async () => {
  const late = { ...grant('bob', '2026-03-01T08:20:00.000'), visibleAt: '2026-03-01T14:00:00.000' };
  const fixture = hourly([late]);
  await ticks(fixture, 8, 26);
  expect(published(fixture)).toMatchObject([{ target: 'bob', late: true }]);
});

test("an event that arrives after the far sweep's reach is never found: the documented limit", async () => {
  const late = { ...grant('bob', '2026-03-01T08:20:00.000'), visibleAt: '2026-03-01T23:00:00.000' };
  const fixture = hourly([late]);
  await ticks(fixture, 8, 40);
  expect(published(fixture)).toEqual([]);
});

test('a late outcome raises the severity of the reported command, by the same id', async () => {
  const outcome = grant('bob', '2026-03-01T08:20:05.000', 'Admin');
  const fixture = hourly([
    command('bob', '2026-03-01T08:20:00.000', 'Admin'),
    { ...outcome, visibleAt: '2026-03-01T09:10:00.000' },
  ]);
  const reports = await ticks(fixture, 8, 11);
  const [first, second, ...more] = published(fixture);
  expect(more).toEqual([]);
  expect(first).toMatchObject({ severity: 'medium', outcome: 'unknown', kind: 'finding' });
  expect(second).toMatchObject({ severity: 'critical', outcome: 'succeeded', kind: 'update' });
  expect(second.id).toBe(first.id);
  expect(reports.map(({ values }) => values[`PrivilegeChanges/${task}`])).toEqual([0, 1, 0, 0]);
});

test('a late command joins the reported outcome, and nobody is notified again', async () => {
  const echo = command('bob', '2026-03-01T08:20:00.000', 'Admin');
  const fixture = hourly([
    { ...echo, visibleAt: '2026-03-01T09:10:00.000' },
    grant('bob', '2026-03-01T08:20:05.000', 'Admin'),
  ]);
  await ticks(fixture, 8, 12);
  expect(published(fixture)).toMatchObject([{ severity: 'critical', late: false }]);
  const finding = fixture.table
    .items()
    .filter(({ sk }) => `${sk}`.startsWith('finding#'))
    .flatMap(({ data }) => (data === undefined ? [] : [JSON.parse(`${data}`).finding]));
  expect(finding).toMatchObject([{ evidence: [{ timestamp: '2026-03-01T08:20:00.000Z' }, {}] }]);
});

test('sweeps find nothing new in seen lines, and read nothing before the first tick', async () => {
  const fixture = hourly([grant('bob', '2026-03-01T08:20:00.000')]);
  const reports = await ticks(fixture, 9, 26);
  expect(published(fixture)).toHaveLength(1);
  expect(lanesOf(reports, 'near').slice(0, 3)).toEqual([
    [9, '07:55', '08:00'],
    [10, '08:00', '09:00'],
    [11, '09:00', '10:00'],
  ]);
  expect(lanesOf(reports, 'far').slice(0, 2)).toEqual([
    [18, '07:55', '08:55'],
    [18, '08:55', '09:55'],
  ]);
});

test("a sweep stops at the scan's position and catches up later", async () => {
  const fixture = hourly([]);
  await ticks(fixture, 8, 9);
  fixture.missing.add(task);
  const blind = await ticks(fixture, 10, 13);
  fixture.missing.clear();
  const after = await ticks(fixture, 14, 14);
  expect(lanesOf(blind, 'near')).toEqual([]);
  expect(lanesOf(after, 'scan').map(([, start]) => start)[0]).toBe('08:55');
  expect(lanesOf(after, 'near').map(([, start, end]) => [start, end])).toEqual([
    ['08:00', '09:00'],
    ['09:00', '10:00'],
    ['10:00', '11:00'],
    ['11:00', '12:00'],
    ['12:00', '13:00'],
  ]);
});

test('a sweep saves its finding before its line, since a stored line counts as done', async () => {
  const late = { ...grant('bob', '2026-03-01T08:20:00.000'), visibleAt: '2026-03-01T09:10:00.000' };
  const fixture = hourly([late]);
  await ticks(fixture, 8, 9);
  const written: string[] = [];
  Object.assign(fixture.monitor.dynamo, {
    send: async (command: Parameters<typeof fixture.table.send>[0]) => {
      const isWrite = /^(Put|BatchWrite)/.test(command.constructor.name);
      const kind = /"sk":\{"S":"(finding|event)#/.exec(JSON.stringify(command.input))?.[1];
      if (isWrite && kind !== undefined) written.push(kind);
      return fixture.table.send(command);
    },
  });
  await ticks(fixture, 10, 10);
  expect(written.indexOf('finding')).toBeGreaterThanOrEqual(0);
  expect(written.indexOf('finding')).toBeLessThan(written.indexOf('event'));
});

test('a change in lines that arrived in time is found by a later look, and is not late', async () => {
  const fixture = hourly([grant('bob', '2026-03-01T08:20:00.000')]);
  const { plan } = fixture.monitor;
  const isOld = ({ id }: { readonly id: string }) => id !== 'cli-role-granted';
  const older = {
    ...plan,
    detections: plan.detections.filter(isOld),
    candidates: plan.candidates.filter(isOld),
  };
  await ticks({ ...fixture, monitor: { ...fixture.monitor, plan: older } }, 8, 9);
  expect(published(fixture)).toEqual([]);
  const reports = await ticks(fixture, 10, 12);
  expect(published(fixture)).toMatchObject([{ target: 'bob', late: false, laterLook: true }]);
  // It is counted as a change, but nothing came late.
  const found = reports.find(({ report }) => report.notified > 0);
  expect(found).toMatchObject({
    report: { lateChanges: 0 },
    values: { LateChanges: 0, [`PrivilegeChanges/${task}`]: 1 },
  });
});
