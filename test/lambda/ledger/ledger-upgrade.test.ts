import { readFileSync } from 'node:fs';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { type HeldEvent, monitorWith, published, tickAt } from '../setup/pack-fixture.ts';

interface RecordedLedger {
  readonly events: readonly HeldEvent[];
  readonly items: readonly Record<string, AttributeValue>[];
  readonly toldAfter: readonly { readonly kind: string; readonly ids: readonly string[] }[];
  readonly marksAfter: readonly (readonly [string, number])[];
}

const recorded: RecordedLedger = JSON.parse(
  readFileSync(new URL('../../fixtures/ledgers/version-1.json', import.meta.url), 'utf8'),
);
const ticks = ['09:05', '09:10', '10:00', '10:05'];

type Change = (item: Record<string, AttributeValue>) => void;

/** A monitor on a copy of the recorded ledger. */
async function monitorOn(changed: Change = () => {}) {
  const base = monitorWith(recorded.events);
  const config = { ...base.monitor.config, initialLookbackHours: 1 };
  const fixture = { ...base, monitor: { ...base.monitor, config } };
  for (const item of structuredClone(recorded.items)) {
    changed(item);
    const command = { constructor: { name: 'PutItemCommand' }, input: { Item: item } };
    await fixture.table.send(command);
  }
  return fixture;
}

type Fixture = Awaited<ReturnType<typeof monitorOn>>;

/** The ids of all findings that were published, each as often as it was. */
const toldBy = (fixture: Fixture): string[] =>
  published(fixture)
    .flatMap(({ id, findings }) => (id === undefined ? findings.map(idOf) : [id]))
    .toSorted();

function idOf({ id }: { readonly id: string }): string {
  return id;
}

const recordedIds = recorded.toldAfter.flatMap(({ ids }) => ids).toSorted();

test('the recorded ledger has every kind of item and delivery', () => {
  const keys = recorded.items.map(({ pk, sk }) => `${pk?.S} ${sk?.S}`).join('\n');
  for (const kind of [
    'lease',
    'mark',
    'open#',
    'pending',
    'state',
    'tick#',
    ' event#',
    ' finding#',
  ])
    expect(keys).toContain(kind);
  const data = recorded.items.map((item) => item.data?.S ?? '').join('\n');
  for (const status of ['withheld', 'pending', 'claimed', 'notified'])
    expect(data).toContain(`"status":"${status}"`);
  for (const flag of ['"minimal":true', '"initial":true']) expect(data).toContain(flag);
  expect(recorded.items.filter((item) => item.claimEndEpochMs !== undefined)).toHaveLength(1);
});

test('a ledger of version 1 can be used: nothing is lost and nothing is notified twice', async () => {
  const fixture = await monitorOn();
  for (const tick of ticks) await tickAt(fixture, tick);
  expect(toldBy(fixture)).toEqual(recordedIds);
  const marks = fixture.table
    .items()
    .filter(({ pk }) => pk === 'mark')
    .map(({ sk, positionEpochMs }) => [sk, positionEpochMs]);
  // The documented query has the position of the scan.
  const counted = recorded.marksAfter
    .filter(([key]) => key.startsWith('lane#scan#'))
    .map(([key, at]) => [key.replace('#scan#', '#documented#'), at]);
  expect(marks).toEqual([...counted, ...recorded.marksAfter]);
  expect(fixture.table.raw('quarantine')).toEqual([]);
});

test('fields that a later version added to every item change nothing', async () => {
  const fixture = await monitorOn((item) => {
    item.added = { M: { by: { S: 'a later version' } } };
    const { data } = item;
    if (data?.S !== undefined) data.S = withFields(data.S);
  });
  for (const tick of ticks) await tickAt(fixture, tick);
  expect(toldBy(fixture)).toEqual(recordedIds);
  expect(fixture.table.raw('quarantine')).toEqual([]);
});

/** Every object in JSON gets another field. */
function withFields(json: string): string {
  return JSON.stringify(
    JSON.parse(json, (key, value) => {
      const isRecord = typeof value === 'object' && value !== null && !Array.isArray(value);
      // Records by log group hold nothing but log groups.
      return isRecord && key !== 'groups' && key !== 'counts' ? { ...value, added: [1] } : value;
    }),
  );
}

test('the first write to a ledger of version 1, after the lease, makes it this version’s', async () => {
  const fixture = await monitorOn();
  const before = fixture.table.calls.length;
  await tickAt(fixture, '09:05');
  const writes = fixture.table.calls
    .slice(before)
    .filter(({ operation }) => operation === 'PutItem' || operation === 'BatchWriteItem')
    .map(({ input }) => JSON.stringify(input));
  expect(writes[0]).toContain('"pk":{"S":"lease"}');
  expect(writes[1]).toContain('"pk":{"S":"state"}');
  expect(writes[1]).toContain('"schema":{"N":"3"}');
});

test('a ledger of a later version is refused with what to do, and only the lease is written', async () => {
  const fixture = await monitorOn((item) => {
    if (item.pk?.S !== 'lease') item.schema = { N: '4' };
  });
  const others = () => JSON.stringify(fixture.table.items().filter(({ pk }) => pk !== 'lease'));
  const before = others();
  await expect(tickAt(fixture, '09:05')).rejects.toThrow(
    /^ledger item state \/ state: field "schema": must be 1, 2 or 3, .* got 4; nothing was overwritten: deploy the version of the monitor that wrote it, or a later one$/,
  );
  expect(others()).toBe(before);
  expect(published(fixture)).toEqual([]);
});

test('a lease that version 1 did not return is taken over when it has expired', async () => {
  const fixture = await monitorOn();
  const report = await tickAt(fixture, '09:05');
  expect(report).not.toHaveProperty('skipped');
});

test('a finding that version 1 could not read, with an empty name, is notified', async () => {
  const fixture = await monitorOn((item) => {
    if (item.data?.S?.includes('"status":"pending"')) {
      item.data = { S: item.data.S.replace(/"target":"[^"]*"/, '"target":""') };
    }
  });
  for (const tick of ticks) await tickAt(fixture, tick);
  expect(new Set(toldBy(fixture))).toEqual(new Set(recordedIds));
});
