import { GetQueryResultsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { continued } from '../setup/continued.ts';
import { killAt } from '../setup/kill-at.ts';
import { putValues } from '../setup/monitor-fixture.ts';
import { grant, monitorWith, tickAt } from '../setup/pack-fixture.ts';

type Fixture = ReturnType<typeof monitorWith>;

/** What each query scans, by its statistics. */
const bytesOfQuery = 1000;

/** The total that a tick put last. */
async function totalAfter(fixture: Fixture, when: string): Promise<number | undefined> {
  fixture.cloudWatch.resetHistory();
  await tickAt(fixture, when).catch(() => undefined);
  return putValues(fixture.cloudWatch).DailyBytesScanned;
}

const queriesOf = ({ asked, counted }: Fixture) => asked.length + counted.length;

/** The bytes in the records of all slices. */
function bytesInSlices({ table }: Fixture): number {
  return table
    .items()
    .filter(({ pk, sk }) => String(pk).startsWith('tick#') && String(sk).startsWith('slice#'))
    .reduce((sum, { data }) => sum + JSON.parse(String(data)).bytes, 0);
}

test('the total of a day grows by what each tick scanned, and begins again at midnight UTC', async () => {
  const fixture = monitorWith([]);
  for (const when of ['23:40', '23:45', '23:50', '23:55']) {
    expect([when, await totalAfter(fixture, when)]).toEqual([
      when,
      bytesOfQuery * queriesOf(fixture),
    ]);
  }
  const before = queriesOf(fixture);
  const midnight = await totalAfter(fixture, '2026-03-02T00:00');
  expect(midnight).toBe(bytesOfQuery * (queriesOf(fixture) - before));
  expect(midnight).toBeGreaterThan(0);
});

test('a tick that is delivered twice adds nothing the second time', async () => {
  const fixture = monitorWith([]);
  const first = await totalAfter(fixture, '09:00');
  expect(await totalAfter(fixture, '09:00')).toBe(first);
});

test('a tick that catches up counts on its own day what it scans, whatever time it reads', async () => {
  const fixture = monitorWith([]);
  await totalAfter(fixture, '20:00');
  const before = queriesOf(fixture);
  const total = await totalAfter(fixture, '2026-03-02T02:00');
  expect(total).toBe(bytesOfQuery * (queriesOf(fixture) - before));
});

test('a query that never completes is billed each time, and adds to the day each time', async () => {
  const fixture = monitorWith([]);
  await totalAfter(fixture, '09:00');
  fixture.logs.on(GetQueryResultsCommand).resolves({
    status: 'Failed',
    statistics: { bytesScanned: bytesOfQuery },
  });
  for (const when of ['09:05', '09:05', '09:10']) {
    expect([when, await totalAfter(fixture, when)]).toEqual([
      when,
      bytesOfQuery * queriesOf(fixture),
    ]);
  }
});

test('on the next day, bytes without a slice of the day before no longer count', async () => {
  const fixture = monitorWith([]);
  await totalAfter(fixture, '23:50');
  const failing = continued(fixture, monitorWith([]));
  failing.logs.on(GetQueryResultsCommand).resolves({
    status: 'Failed',
    statistics: { bytesScanned: bytesOfQuery },
  });
  await totalAfter(failing, '23:55');
  const next = continued(failing, monitorWith([]));
  const total = await totalAfter(next, '2026-03-02T00:00');
  expect(total).toBe(bytesOfQuery * queriesOf(next));
});

test('after midnight, a retried tick of the day before puts no total, and loses none of the new day', async () => {
  const fixture = monitorWith([]);
  await totalAfter(fixture, '23:50');
  const before = queriesOf(fixture);
  // The tick at midnight scans, and ends before it stores that it is done.
  const state = { ...fixture.table.raw('state')[0] };
  await totalAfter(fixture, '2026-03-02T00:00');
  Object.assign(fixture.table.raw('state')[0] ?? {}, state);
  expect(await totalAfter(fixture, '23:55')).toBeUndefined();
  expect(await totalAfter(fixture, '2026-03-02T00:05')).toBe(
    bytesOfQuery * (queriesOf(fixture) - before),
  );
});

test('a lost ledger begins a new total, which the next ticks continue', async () => {
  await totalAfter(monitorWith([]), '09:00');
  const fixture = monitorWith([]);
  await totalAfter(fixture, '09:05');
  expect(await totalAfter(fixture, '09:10')).toBe(bytesOfQuery * queriesOf(fixture));
});

test('a mark of an earlier version, without a total, is read and begins one', async () => {
  const fixture = monitorWith([]);
  await totalAfter(fixture, '09:00');
  for (const mark of fixture.table.raw('mark')) {
    delete mark.scannedDayEpochMs;
    delete mark.scannedDayBytes;
  }
  const before = queriesOf(fixture);
  expect(await totalAfter(fixture, '09:05')).toBe(bytesOfQuery * (queriesOf(fixture) - before));
});

test('wherever a run is killed, the total has the bytes of each slice once', async () => {
  const events = [grant('bob', '2026-03-01T08:51:02.000')];
  const begun = monitorWith(events);
  await tickAt(begun, '08:55');
  let reached = true;
  for (let callsBefore = 0; reached; callsBefore += 1) {
    const fixture = continued(begun, monitorWith(events));
    const kill = killAt(fixture, callsBefore);
    await tickAt(fixture, '09:00').catch(() => undefined);
    reached = kill.wasReached();
    kill.revive();
    for (const when of ['09:00', '09:05']) await totalAfter(fixture, when);
    const total = putValues(fixture.cloudWatch).DailyBytesScanned;
    expect([callsBefore, total]).toEqual([callsBefore, bytesInSlices(fixture)]);
  }
});
