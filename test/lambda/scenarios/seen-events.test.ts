import { loadUnreported } from '../../../lambda/ledger/quarantine.ts';
import { loadSeenEvents, saveSeenEvents } from '../../../lambda/ledger/seen-events.ts';
import { streamIdOf } from '../../../lambda/ledger/stream-id.ts';
import type { ObservedEvent } from '../../../lambda/model/signal.ts';
import { dynaliteLedger } from '../setup/dynalite-ledger.ts';

const ledger = dynaliteLedger();
const place = { logGroup: 'airflow-prod-Task', logStream: 'dag_id=a/run_id=b/task_id=c' };
const tickEpochMs = Date.parse('2026-03-01T09:00:00Z');

function event(timestamp: number, changes: Partial<ObservedEvent> = {}): ObservedEvent {
  return {
    ...place,
    ...{ key: 'f'.repeat(64), timestamp, message: 'a line', occurrences: 1 },
    signals: [{ kind: 'outcome', detections: ['cli-role-granted'], severity: 'high' }],
    ...changes,
  };
}

const save = (...events: ObservedEvent[]) =>
  saveSeenEvents(ledger.table, events, { tickEpochMs, keepDays: 15 });
const load = (fromEpochMs: number, toEpochMs: number, of = place) =>
  loadSeenEvents(ledger.table, streamIdOf(of), { fromEpochMs, toEpochMs });

test('an event is read as it was stored, with all its signals', async () => {
  const full = event(1_000, {
    message: 'ünïcode \u0000 "quoted"',
    occurrences: 3,
    signals: [
      {
        ...{ kind: 'request', detections: ['a', 'b'], severity: 'critical' },
        ...{ verb: 'grant-role' },
        ...{ target: 't', role: 'r', object: 'o', method: 'POST', status: 200 },
        ...{ outcome: 'denied', user: 'u', silenced: true },
      },
      { kind: 'notice', detections: ['c'], severity: 'info' },
    ],
  });
  await save(full);
  expect(await load(1_000, 1_000)).toEqual([full]);
});

test('a span includes the events of both ends, and nothing a millisecond beyond', async () => {
  const times = [999, 1_000, 1_500, 2_000, 2_001];
  await save(...times.map((timestamp) => event(timestamp)));
  const found = await load(1_000, 2_000);
  expect(found.map(({ timestamp }) => timestamp)).toEqual([1_000, 1_500, 2_000]);
});

test('all events of one millisecond are found, whatever their keys begin with', async () => {
  const keys = ['0', '9', 'a', 'f'].map((digit) => digit.repeat(64));
  await save(...keys.map((key) => event(1_000, { key })));
  expect((await load(1_000, 1_000)).map(({ key }) => key)).toEqual(keys);
});

test('times from 1970 to 2286 are in order', async () => {
  const times = [5, 999_999_999_999, 1_000_000_000_000, 9_999_999_999_999];
  await save(...times.map((timestamp) => event(timestamp)));
  const found = await load(0, 9_999_999_999_999);
  expect(found.map(({ timestamp }) => timestamp)).toEqual(times);
});

test('each stream has its own events', async () => {
  const other = { ...place, logStream: 'another' };
  const worker = { ...place, logGroup: 'airflow-prod-Worker' };
  await save(event(1_000), event(1_000, other), event(1_000, worker));
  for (const each of [place, other, worker]) {
    expect(await load(0, 2_000, each)).toMatchObject([each]);
  }
});

test('the id of a stream has a fixed length, however long its name is', () => {
  const long = { ...place, logStream: 'x'.repeat(512) };
  expect(streamIdOf(long)).toMatch(/^[0-9a-f]{32}$/);
  expect(streamIdOf({ logGroup: 'a', logStream: 'b,c' })).not.toBe(
    streamIdOf({ logGroup: 'a,b', logStream: 'c' }),
  );
});

test('an event that is seen again is one event', async () => {
  await save(event(1_000));
  await save(event(1_000, { occurrences: 2 }));
  expect(await load(0, 2_000)).toEqual([event(1_000, { occurrences: 2 })]);
});

test('an event is stored while a sweep may need it, counted from the tick that read it', async () => {
  await save(event(1_000));
  const [item] = await ledger.table.query(`stream#${streamIdOf(place)}`, { beginsWith: 'event#' });
  expect(item?.expiresAt).toBe(tickEpochMs / 1000 + 15 * 86_400);
});

test('more events than a batch or page holds are all stored', async () => {
  const message = 'x'.repeat(20_000);
  const many = Array.from({ length: 70 }, (_, at) => event(1_000 + at, { message }));
  await save(...many);
  expect(await load(0, 2_000)).toEqual(many);
});

test('an event of a kind that this version does not know is set aside, and the others are read', async () => {
  await save(event(1_500));
  const data = JSON.stringify({ ...event(1_000), signals: [{ kind: 'rumour' }] });
  const sk = `event#0000000001000#${'f'.repeat(64)}`;
  await ledger.table.put({ pk: `stream#${streamIdOf(place)}`, sk, data });
  expect(await load(0, 2_000)).toEqual([event(1_500)]);
  expect((await loadUnreported(ledger.table)).items).toMatchObject([
    { itemSk: sk, problem: expect.stringContaining('field "data.signals[0].kind"') },
  ]);
});

test('an empty name and a status of null, which version 1 stored, are dropped', async () => {
  const [signal] = event(1_000).signals;
  const stored = { ...event(1_000), signals: [{ ...signal, target: '', status: null }] };
  const sk = `event#0000000001000#${stored.key}`;
  await ledger.table.put({ pk: `stream#${streamIdOf(place)}`, sk, data: JSON.stringify(stored) });
  const { target, status, ...rest } = signal ?? {};
  expect(await load(0, 2_000)).toEqual([{ ...event(1_000), signals: [rest] }]);
});

test('an event that DynamoDB refuses for its size is stored with its worst signals, and the rest counted', async () => {
  const [signal] = event(1_000).signals;
  const [low, high] = (['low', 'high'] as const).map((severity) => ({
    ...signal,
    ...{ kind: 'command' as const, detections: ['d'], severity, target: 'x'.repeat(2_000) },
  }));
  if (low === undefined || high === undefined) throw new Error('two signals');
  const signals = [...Array.from({ length: 299 }, () => low), high];
  const large = { ...event(1_000), signals };
  const others = Array.from({ length: 30 }, (_, at) => event(2_000 + at));
  await save(large, ...others);
  const [stored, ...rest] = await load(0, 9_000);
  expect(stored?.signals).toHaveLength(100);
  expect(stored?.signals[0]?.severity).toBe('high');
  expect(stored?.omitted).toEqual({ count: 200, severity: 'low' });
  expect(rest).toEqual(others);
});
