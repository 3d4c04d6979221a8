import { readFileSync } from 'node:fs';
import { type MetricDatum, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { endTimeReadings } from '../setup/end-time.ts';
import { allGroups } from '../setup/monitor-fixture.ts';
import { type HeldEvent, monitorWith, published, task, tickAt } from '../setup/pack-fixture.ts';

/** What version 2 wrote, put and published in its last tick, call by call. */
interface Call {
  readonly operation: string;
  readonly input: {
    readonly Item?: Record<string, AttributeValue>;
    readonly MetricData?: readonly Recorded[];
    readonly ids?: readonly string[];
  };
}

/** A datum as JSON. */
type Recorded = Omit<MetricDatum, 'Timestamp'> & { readonly Timestamp?: string };

interface RecordedLedger {
  readonly events: readonly HeldEvent[];
  readonly items: readonly Record<string, AttributeValue>[];
  readonly toldBefore: readonly string[];
  readonly countsBefore: readonly (readonly [string, string, number])[];
  readonly journal: readonly Call[];
  readonly toldAfter: readonly string[];
  readonly marksAfter: readonly (readonly [string, number])[];
}

const recorded: RecordedLedger = JSON.parse(
  readFileSync(new URL('../../fixtures/ledgers/version-2.json', import.meta.url), 'utf8'),
);
const { journal } = recorded;
const writes = new Set(['PutItem', 'DeleteItem', 'BatchWriteItem']);
/** After the lease of a run that was killed at 09:05 has expired. */
const ticks = ['09:10', '10:00', '10:05'];

type Fixture = Awaited<ReturnType<typeof upgradedAfter>>;

/** A monitor of this version on the ledger of version 2 that was killed after N calls. */
async function upgradedAfter(calls: number, endTime: (typeof endTimeReadings)[number] = 'second') {
  const base = monitorWith(recorded.events, {}, endTime);
  const config = { ...base.monitor.config, initialLookbackHours: 1 };
  let ids = 0;
  const newId = () => `upgraded-${ids++}`;
  const fixture = { ...base, monitor: { ...base.monitor, config, newId } };
  for (const Item of structuredClone(recorded.items)) await send('PutItem', { Item });
  for (const { operation, input } of structuredClone(journal.slice(0, calls))) {
    if (writes.has(operation)) await send(operation, input);
  }
  return fixture;

  async function send(operation: string, input: object): Promise<void> {
    await fixture.table.send({ constructor: { name: `${operation}Command` }, input });
  }
}

/** By log group, the total of the metric: the sum over the ticks of their maximum. */
function countsOf({ cloudWatch }: Fixture, calls: number): Record<string, number> {
  const putNow = cloudWatch
    .commandCalls(PutMetricDataCommand)
    .flatMap((call) => call.args[0].input.MetricData ?? [])
    .map((datum): Recorded => ({ ...datum, Timestamp: datum.Timestamp?.toISOString() ?? '' }));
  const putBefore = journal.slice(0, calls).flatMap(({ input }) => input.MetricData ?? []);
  const values = [...putBefore, ...putNow]
    .filter(({ MetricName }) => MetricName === 'AddRoleMatches')
    .map(
      ({ Timestamp = '', Dimensions = [], Value = 0 }) =>
        [Timestamp, Dimensions[1]?.Value ?? '', Value] as const,
    );
  const most = new Map<string, number>();
  for (const [tick, logGroup, value] of [...recorded.countsBefore, ...values]) {
    const key = `${logGroup} ${tick}`;
    most.set(key, Math.max(most.get(key) ?? 0, value));
  }
  return Object.fromEntries(
    allGroups.map((logGroup) => [
      logGroup,
      [...most].reduce(
        (sum, [key, value]) => sum + (key.startsWith(`${logGroup} `) ? value : 0),
        0,
      ),
    ]),
  );
}

const matchesHeld = Object.fromEntries(
  allGroups.map((group) => [
    group,
    recorded.events.filter(
      ({ logGroup = task, message }) => logGroup === group && message.includes('add-role'),
    ).length,
  ]),
);

/** Findings that version 2 had published, but not recorded as notified, when it was killed. */
function unsure(calls: number): Set<string> {
  const done = journal.slice(0, calls);
  const told = done.flatMap(({ input }) => input.ids ?? []);
  const stored = done
    .filter(({ input }) => input.Item?.data?.S?.includes('"status":"notified"'))
    .map(({ input }) => `${input.Item?.sk?.S}`);
  return new Set(told.filter((id) => !stored.some((key) => key.endsWith(id))));
}

test('the recorded ledger has an unfinished claim with a count, and streams that wait', () => {
  const items = [
    ...recorded.items,
    ...journal.flatMap(({ input }) => (input.Item ? [input.Item] : [])),
  ];
  const claims = items.filter(({ claimEndEpochMs }) => claimEndEpochMs !== undefined);
  expect(claims.map(({ data }) => JSON.parse(`${data?.S}`))).toContainEqual(
    expect.objectContaining({ lane: 'scan', logGroup: task, matches: 1 }),
  );
  const keys = recorded.items.map(({ pk, sk }) => `${pk?.S} ${sk?.S}`).join('\n');
  for (const kind of ['open#', 'pending', 'mark lane#scan#', ' finding#', ' event#', 'state'])
    expect(keys).toContain(kind);
  expect(new Set(items.map(({ schema }) => schema?.N ?? '2'))).toEqual(new Set(['2']));
});

/** Every call, each under one reading. */
const kills = Array.from({ length: journal.length + 1 }, (_, calls) => calls);

test.each(kills)(
  'killed after call %i and upgraded: every match counts once, and every finding is told once',
  async (calls) => {
    const fixture = await upgradedAfter(calls, endTimeReadings[calls % 2]);
    for (const tick of ticks) await tickAt(fixture, tick);
    expect(countsOf(fixture, calls)).toEqual(matchesHeld);
    const before = journal.slice(0, calls).flatMap(({ input }) => input.ids ?? []);
    const now = published(fixture).map(({ id }) => id);
    expect(new Set([...before, ...now])).toEqual(new Set(recorded.toldAfter));
    const twice = now.filter((id, at) => before.includes(id) || now.indexOf(id) !== at);
    expect(twice.filter((id) => !unsure(calls).has(id))).toEqual([]);
    expect(fixture.table.raw('quarantine')).toEqual([]);
  },
);

test('its lanes continue where version 2 would have, and the documented query beside the scan', async () => {
  const fixture = await upgradedAfter(journal.length);
  for (const tick of ticks) await tickAt(fixture, tick);
  const positions = fixture.table
    .items()
    .filter(({ pk }) => pk === 'mark')
    .map(({ sk, positionEpochMs }) => [sk, positionEpochMs]);
  const scans = recorded.marksAfter.filter(([key]) => key.startsWith('lane#scan#'));
  const documented = scans.map(([key, at]) => [key.replace('#scan#', '#documented#'), at]);
  expect(positions).toEqual([...documented, ...recorded.marksAfter]);
});

test('the documented query begins after a claim that still counts, and reads nothing before', async () => {
  const claimed = journal.findIndex(
    ({ input }) =>
      input.Item?.sk?.S === `lane#scan#${task}` && input.Item.claimEndEpochMs !== undefined,
  );
  const fixture = await upgradedAfter(claimed + 1);
  await tickAt(fixture, '09:10');
  const starts = fixture.counted
    .filter(({ logGroups, start, end }) => logGroups.includes(task) && start < end)
    .map(({ start }) => new Date(start * 1000).toISOString());
  expect(new Set(starts)).toEqual(new Set(['2026-03-01T09:00:00.000Z']));
});
