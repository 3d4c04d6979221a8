import { DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { PublishCommand } from '@aws-sdk/client-sns';
import fc from 'fast-check';
import { allGroups, awsError } from '../setup/monitor-fixture.ts';
import { command, grant, monitorWith, published, tickAt } from '../setup/pack-fixture.ts';

const otherStream = 'dag_id=other/run_id=manual/task_id=grant/attempt=1.log';
const dayBefore = Date.parse('2026-02-28T00:00:00Z');

const events = [
  grant('bob', '2026-03-01T08:51:00.000'),
  {
    ...grant('carol', '2026-03-01T08:52:00.000'),
    logStream: 'dag_id=c/run_id=r/task_id=t/attempt=1.log',
  },
  command('dave', '2026-03-01T08:54:30.000'),
  { ...grant('eve', '2026-03-01T08:57:00.000', 'Admin'), logStream: otherStream },
];

function monitor() {
  const fixture = monitorWith(events);
  fixture.logs.on(DescribeLogGroupsCommand).resolves({
    logGroups: allGroups.map((name) => ({ logGroupName: name, creationTime: dayBefore })),
  });
  return fixture;
}

/**
 * What the ledger holds after the tick of 09:00, every kind of item: a change that was notified,
 * one whose publish got no answer, and a command that is still pending. A real change in another
 * stream is read by the next tick.
 */
const ledgerAfterNine = (async () => {
  const fixture = monitor();
  await tickAt(fixture, '08:55');
  fixture.sns
    .on(PublishCommand)
    .resolvesOnce({ MessageId: 'm' })
    .rejects(awsError('TimeoutError', 'lost'));
  await tickAt(fixture, '09:00').catch(() => undefined);
  return fixture.table;
})();

async function healthyLedger() {
  const fixture = monitor();
  fixture.table.fill(await ledgerAfterNine);
  return fixture;
}

type Items = ReturnType<Awaited<ReturnType<typeof healthyLedger>>['table']['raw']>;

const kinds = ['mark', 'tick', 'open', 'pending', 'state', 'event', 'finding'] as const;

function itemsOf({ table }: Awaited<ReturnType<typeof healthyLedger>>, kind: string): Items {
  return table
    .items()
    .filter(({ pk, sk }) => `${pk}`.startsWith(kind) || `${sk}`.startsWith(`${kind}#`))
    .flatMap(({ pk, sk }) => table.raw(`${pk}`).filter((item) => item.sk?.S === sk));
}

/** What an attribute may hold instead of its value. */
const attribute: fc.Arbitrary<AttributeValue> = fc.oneof(
  fc.string({ unit: 'binary' }).map((text): AttributeValue => ({ S: text })),
  fc.json().map((text): AttributeValue => ({ S: text })),
  fc
    .oneof(fc.integer().map(String), fc.constantFrom('1e30', '-1e30', '9007199254740993', '0.5'))
    .map((number): AttributeValue => ({ N: number })),
  fc.boolean().map((flag): AttributeValue => ({ BOOL: flag })),
  fc.constant<AttributeValue>({ NULL: true }),
  fc.constant<AttributeValue>({ L: [{ S: 'a' }, { N: '1' }] }),
  fc.constant<AttributeValue>({ M: { data: { S: 'x' } } }),
  fc.constant<AttributeValue>({ B: new Uint8Array([1, 2, 3]) }),
  fc.constant<AttributeValue>({ SS: ['a', 'b'] }),
);

/** One member anywhere in JSON is replaced or removed. */
function mutatedJson(text: string, at: number, value: unknown): string {
  const root: unknown = JSON.parse(text);
  const places: { readonly holder: Record<string, unknown>; readonly key: string }[] = [];
  const walk = (part: unknown): void => {
    if (typeof part !== 'object' || part === null) return;
    for (const [key, inner] of Object.entries(part)) {
      places.push({ holder: part as Record<string, unknown>, key });
      walk(inner);
    }
  };
  walk(root);
  const place = places[at % Math.max(1, places.length)];
  if (place === undefined) return text;
  if (value === undefined) delete place.holder[place.key];
  else place.holder[place.key] = value;
  return JSON.stringify(root);
}

type Mutation = (item: Items[number]) => void;

const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  fc.tuple(fc.nat(), attribute).map(
    ([at, value]): Mutation =>
      (item) => {
        const names = Object.keys(item).filter((name) => name !== 'pk' && name !== 'sk');
        const name = names[at % names.length] ?? 'data';
        // A whole number above this version is a later version's ledger, which is refused.
        if (name !== 'schema' || !(Number(value.N) > 2)) item[name] = value;
      },
  ),
  fc.nat().map(
    (at): Mutation =>
      (item) => {
        const names = Object.keys(item).filter((name) => name !== 'pk' && name !== 'sk');
        delete item[names[at % names.length] ?? 'data'];
      },
  ),
  fc.tuple(fc.nat(), fc.option(fc.jsonValue(), { nil: undefined })).map(
    ([at, value]): Mutation =>
      (item) => {
        if (item.data?.S !== undefined) item.data = { S: mutatedJson(item.data.S, at, value) };
      },
  ),
  fc.constant<Mutation>((item) => {
    item.later = { N: '1e30' };
    if (item.data?.S?.startsWith('{'))
      item.data = { S: `{"later":{"a":[1]},${item.data.S.slice(1)}` };
  }),
);

test('the ledger of this test holds every kind of item', async () => {
  const fixture = await healthyLedger();
  for (const kind of kinds) expect([kind, itemsOf(fixture, kind).length > 0]).toEqual([kind, true]);
});

test.each(kinds)(
  'whatever an item %s holds, both ticks complete and a change in another stream is notified',
  async (kind) => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), mutation, async (at, mutate) => {
        const fixture = await healthyLedger();
        const items = itemsOf(fixture, kind);
        const item = items[at % items.length];
        if (item !== undefined) mutate(item);
        await tickAt(fixture, '09:05');
        await tickAt(fixture, '09:10');
        expect(titlesOf(fixture)).toContainEqual(
          expect.stringContaining('eve was given role Admin'),
        );
      }),
      { numRuns: 25 },
    );
  },
  60_000,
);

test('whatever the lease holds, the next tick takes it, unless it is a valid lease', async () => {
  const lease = fc.record({ holder: attribute, untilEpochMs: attribute, schema: attribute });
  await fc.assert(
    fc.asyncProperty(lease, async (content) => {
      const fixture = await healthyLedger();
      const schema = Number(content.schema.N) > 2 ? { N: '2' } : content.schema;
      const item = { pk: { S: 'lease' }, sk: { S: 'lease' }, ...content, schema };
      await fixture.table.send(put(item));
      await tickAt(fixture, '09:05');
      await tickAt(fixture, '09:10');
      expect(titlesOf(fixture)).toContainEqual(expect.stringContaining('eve was given role Admin'));
    }),
    { numRuns: 25 },
  );
});

test('every item of the ledger may be garbage at once', async () => {
  const fixture = await healthyLedger();
  for (const kind of kinds) {
    for (const item of itemsOf(fixture, kind)) {
      for (const name of Object.keys(item)) {
        if (!['pk', 'sk', 'schema'].includes(name)) item[name] = { S: 'garbage' };
      }
    }
  }
  await tickAt(fixture, '09:05');
  await tickAt(fixture, '09:10');
  const own = published(fixture).filter(({ detections }) => detections?.[0] === 'unreadable-item');
  expect(own.length).toBeGreaterThan(5);
});

test('an unreadable item is reported once, however many ticks follow', async () => {
  const fixture = await healthyLedger();
  const pending = itemsOf(fixture, 'event').find((item) => item.data?.S?.includes('dave'));
  if (pending !== undefined) pending.data = { S: 'hunter2' };
  for (const tick of ['09:05', '09:10', '09:15', '09:20']) await tickAt(fixture, tick);
  const own = published(fixture).filter(({ detections }) => detections?.[0] === 'unreadable-item');
  expect(own).toHaveLength(1);
  expect(JSON.stringify(own)).not.toContain('hunter2');
  expect(JSON.stringify(fixture.lines)).not.toContain('hunter2');
});

test.each(['mark', 'state'])(
  'a later version in a %s stops the tick and writes nothing but the lease',
  async (kind) => {
    const fixture = await healthyLedger();
    for (const item of itemsOf(fixture, kind)) item.schema = { N: '4' };
    const before = JSON.stringify(fixture.table.items().filter(({ pk }) => pk !== 'state'));
    await expect(tickAt(fixture, '09:05')).rejects.toThrow('deploy the version');
    if (kind === 'state') {
      expect(JSON.stringify(fixture.table.items().filter(({ pk }) => pk !== 'state'))).toBe(before);
    }
  },
);

function put(item: object) {
  return { constructor: { name: 'PutItemCommand' }, input: { TableName: 'ledger', Item: item } };
}

function titlesOf(fixture: Parameters<typeof published>[0]): string[] {
  return published(fixture).map(({ title }) => title ?? '');
}

test('a claim that would last for years does not prevent the notification of its finding', async () => {
  const fixture = await healthyLedger();
  const claimed = itemsOf(fixture, 'finding').filter((item) =>
    item.data?.S?.includes('"status":"claimed"'),
  );
  expect(claimed.length).toBeGreaterThan(0);
  for (const item of claimed) {
    item.data = {
      S: `${item.data?.S}`.replace(/"untilEpochMs":\d+/, '"untilEpochMs":9000000000000'),
    };
  }
  await tickAt(fixture, '09:05');
  expect(titlesOf(fixture)).toContainEqual(expect.stringContaining('was given role Viewer'));
});

test('very many quarantined items are reported in parts, each in one finding', async () => {
  const fixture = await healthyLedger();
  const count = 250;
  for (let at = 0; at < count; at += 1) {
    const id = `${at}`.padStart(32, '0');
    const about = { itemPk: 'tick#1', itemSk: id, contentHash: id, problem: 'p', content: 'c' };
    const strings = Object.entries({ pk: 'quarantine', sk: `new#${id}`, ...about });
    const item = Object.fromEntries(strings.map(([name, S]) => [name, { S }]));
    await fixture.table.send(put({ ...item, schema: { N: '2' } }));
  }
  const left = () =>
    fixture.table.raw('quarantine').filter(({ sk }) => sk?.S?.startsWith('new#')).length;
  const own = () =>
    published(fixture).filter(({ detections }) => detections?.[0] === 'unreadable-item');
  await tickAt(fixture, '09:05');
  expect(left()).toBe(count - 100);
  expect(own().map(({ title }) => title)).toEqual([expect.stringMatching(/^100 ledger items/)]);
  await tickAt(fixture, '09:10');
  await tickAt(fixture, '09:15');
  expect(left()).toBe(0);
});

test('an item in quarantine has its whole content', async () => {
  const fixture = await healthyLedger();
  const text = '\u6f22'.repeat(110_000);
  for (const item of itemsOf(fixture, 'event')) item.data = { S: text };
  await tickAt(fixture, '09:05');
  const contents = fixture.table.raw('quarantine').map(({ content }) => content?.S ?? '');
  expect(contents.some((content) => content.includes(text))).toBe(true);
});
