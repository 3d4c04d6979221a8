import { PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { PublishCommand } from '@aws-sdk/client-sns';
import { publishedFindingSchema } from '../../../lambda/model/finding.ts';
import { continued } from '../setup/continued.ts';
import { killAt } from '../setup/kill-at.ts';
import { awsError, putValues } from '../setup/monitor-fixture.ts';
import { grant, monitorWith, published, tickAt } from '../setup/pack-fixture.ts';

const at = '2026-03-01T08:51:00.000';
const eventBusArn = 'arn:aws:events:eu-west-1:123456789012:event-bus/findings';
const both = [grant('bob', at), grant('eve', at)];

type Fixture = ReturnType<typeof monitorWith>;

function withBus(fixture: Fixture): Fixture {
  const config = { ...fixture.monitor.config, eventBusArn };
  return { ...fixture, monitor: { ...fixture.monitor, config } };
}

/** The entries of all requests, taken or not. */
function entriesOf({ events }: Fixture) {
  return events
    .commandCalls(PutEventsCommand)
    .flatMap(({ args: [{ input }] }) => input.Entries ?? []);
}

function detailsOf(fixture: Fixture) {
  return entriesOf(fixture).map(({ Detail = '' }) => JSON.parse(Detail));
}

function listed({ table }: Fixture): Record<string, number> {
  const partitions = table.items().map(({ pk }) => `${pk}`);
  const count = (name: string) => partitions.filter((pk) => pk === name).length;
  return { people: count('pending'), bus: count('pending-bus') };
}

const ids = (details: readonly { readonly id: string }[]) => new Set(details.map(({ id }) => id));

test('each finding is one event with the topic’s JSON, and the same id', async () => {
  const fixture = withBus(monitorWith(both));
  const report = await tickAt(fixture, '09:00');
  const entries = entriesOf(fixture);
  expect(entries).toHaveLength(2);
  for (const { Source, DetailType, EventBusName, Detail = '' } of entries) {
    expect([Source, DetailType]).toEqual(['mwaa-privilege-monitor', 'MWAA Privilege Finding']);
    expect(EventBusName).toBe(eventBusArn);
    expect(publishedFindingSchema.parse(JSON.parse(Detail))).toMatchObject({ kind: 'finding' });
  }
  expect(ids(detailsOf(fixture))).toEqual(ids(published(fixture)));
  expect(report).toMatchObject({ notified: 2, sentBeside: { bus: 2 }, undelivered: 0 });
  expect(listed(fixture)).toEqual({ people: 0, bus: 0 });
});

test('without a bus nothing is put, listed or recorded for one', async () => {
  const fixture = monitorWith(both);
  const report = await tickAt(fixture, '09:00');
  expect(entriesOf(fixture)).toEqual([]);
  expect(JSON.stringify(fixture.table.items())).not.toContain('bus');
  expect(report).not.toHaveProperty('sentBeside');
});

test('an event that the bus does not take is put again, alone, and people are notified once', async () => {
  const fixture = withBus(monitorWith(both));
  fixture.events
    .on(PutEventsCommand)
    .resolvesOnce({
      FailedEntryCount: 1,
      Entries: [{ EventId: 'event-a' }, { ErrorCode: 'InternalFailure' }],
    })
    .callsFake(({ Entries }) => ({ Entries: Entries.map(() => ({ EventId: 'event-b' })) }));
  await expect(tickAt(fixture, '09:00')).rejects.toThrow(
    'the bus did not take it: InternalFailure',
  );
  expect(putValues(fixture.cloudWatch)).toMatchObject({ UndeliveredFindings: 1 });
  expect(listed(fixture)).toEqual({ people: 0, bus: 1 });
  const [, failed] = detailsOf(fixture);
  await tickAt(fixture, '09:05');
  const again = detailsOf(fixture).slice(2);
  expect(again).toEqual([failed]);
  expect(published(fixture)).toHaveLength(2);
  expect(putValues(fixture.cloudWatch)).toMatchObject({ UndeliveredFindings: 0 });
  expect(listed(fixture)).toEqual({ people: 0, bus: 0 });
});

test.each([
  ['refuses', awsError('AccessDeniedException', 'no')],
  ['loses the answer', Object.assign(new Error('reset'), { code: 'ECONNRESET' })],
])('a bus that %s delays nobody’s mail, and gets the events once it works', async (_, error) => {
  const fixture = withBus(monitorWith(both));
  fixture.events.on(PutEventsCommand).rejects(error);
  for (const time of ['09:00', '09:05']) {
    await expect(tickAt(fixture, time)).rejects.toThrow('2 findings cannot be sent to the bus');
  }
  expect(published(fixture)).toHaveLength(2);
  expect(putValues(fixture.cloudWatch)).toMatchObject({ UndeliveredFindings: 2 });
  fixture.events
    .on(PutEventsCommand)
    .callsFake(({ Entries }) => ({ Entries: Entries.map(() => ({ EventId: 'e' })) }));
  fixture.events.resetHistory();
  await tickAt(fixture, '09:10');
  expect(ids(detailsOf(fixture))).toEqual(ids(published(fixture)));
  expect(published(fixture)).toHaveLength(2);
});

test('an event that EventBridge refuses is put by itself, then without its evidence', async () => {
  const fixture = withBus(monitorWith(both));
  fixture.events.on(PutEventsCommand).callsFake(({ Entries }) => {
    const isTooMuch = ({ Detail = '' }) =>
      JSON.parse(Detail).target === 'eve' && JSON.parse(Detail).evidence.length > 0;
    if (Entries.some(isTooMuch)) throw awsError('ValidationException', 'too much');
    return { Entries: Entries.map(() => ({ EventId: 'e' })) };
  });
  await tickAt(fixture, '09:00');
  const sent = detailsOf(fixture).slice(2);
  expect(sent).toMatchObject([
    { target: 'bob', evidence: [{}] },
    { target: 'eve', evidence: [{}] },
    { target: 'eve', evidence: [], evidenceOmitted: 1 },
  ]);
  expect(listed(fixture)).toEqual({ people: 0, bus: 0 });
});

test('an event that the bus never takes waits and rings, and delays no other', async () => {
  const fixture = withBus(monitorWith(both));
  fixture.events.on(PutEventsCommand).callsFake(({ Entries }) => ({
    Entries: Entries.map(({ Detail = '' }) =>
      Detail.includes('"target":"eve"') ? { ErrorCode: 'MalformedDetail' } : { EventId: 'e' },
    ),
  }));
  for (const time of ['09:00', '09:05']) {
    await expect(tickAt(fixture, time)).rejects.toThrow('the bus refuses it without its details');
    expect(putValues(fixture.cloudWatch)).toMatchObject({ UndeliveredFindings: 1 });
  }
  expect(listed(fixture)).toEqual({ people: 0, bus: 1 });
  expect(detailsOf(fixture).filter(({ target }) => target === 'bob')).toHaveLength(1);
});

test('a topic that refuses delays no event', async () => {
  const fixture = withBus(monitorWith(both));
  fixture.sns.on(PublishCommand).rejects(awsError('AuthorizationErrorException', 'no'));
  await expect(tickAt(fixture, '09:00')).rejects.toThrow('cannot be published');
  expect(entriesOf(fixture)).toHaveLength(2);
  expect(listed(fixture)).toEqual({ people: 2, bus: 0 });
  fixture.sns.on(PublishCommand).resolves({ MessageId: 'm' });
  await tickAt(fixture, '09:05');
  expect(entriesOf(fixture)).toHaveLength(2);
});

test('wherever a run is killed, the next ones put each event with its id, and publish each message', async () => {
  const before = withBus(monitorWith([grant('bob', at)]));
  await tickAt(before, '08:55');
  expect(entriesOf(before)).toEqual([]);
  for (let calls = 0; ; calls += 1) {
    const fixture = withBus(continued(before, monitorWith([grant('bob', at)])));
    const kill = killAt(fixture, calls);
    await tickAt(fixture, '09:00').catch(() => undefined);
    const wasKilled = kill.wasReached();
    kill.revive();
    const next = withBus(continued(fixture, monitorWith([grant('bob', at)])));
    // The claim of a killed publish and the lease end in between.
    for (const time of ['09:05', '09:30']) {
      await tickAt(next, time).catch(() => undefined);
    }
    const told = [...detailsOf(fixture), ...detailsOf(next)];
    expect(ids(told).size).toBe(1);
    expect(listed(next)).toEqual({ people: 0, bus: 0 });
    expect(published(next).length).toBeGreaterThan(0);
    if (!wasKilled) break;
  }
});

test('when the bus is turned on, it gets what is found from then on, and nobody is mailed again', async () => {
  const before = monitorWith([grant('bob', at)]);
  await tickAt(before, '09:00');
  const lines = [grant('bob', at), grant('eve', '2026-03-01T08:56:00.000')];
  const after = withBus(continued(before, monitorWith(lines)));
  await tickAt(after, '09:05');
  expect(detailsOf(after)).toMatchObject([{ target: 'eve' }]);
  expect(published(after).map(({ target }) => target)).toEqual(['bob', 'eve']);
});

test('a finding that still waits for its mail when the bus is turned on stays one mail', async () => {
  const before = monitorWith([grant('bob', at)]);
  before.sns.on(PublishCommand).rejects(awsError('AuthorizationErrorException', 'no'));
  await expect(tickAt(before, '09:00')).rejects.toThrow('cannot be published');
  const after = withBus(continued(before, monitorWith([grant('bob', at)])));
  await tickAt(after, '09:05');
  await tickAt(after, '09:10');
  expect(published(after)).toHaveLength(2);
  expect(listed(after)).toEqual({ people: 0, bus: 0 });
});

test('what waits for the bus when it is turned off is put once it is on again', async () => {
  const on = withBus(monitorWith([grant('bob', at)]));
  on.events.on(PutEventsCommand).rejects(awsError('AccessDeniedException', 'no'));
  await expect(tickAt(on, '09:00')).rejects.toThrow('cannot be sent');
  const off = continued(on, monitorWith([grant('bob', at)]));
  await tickAt(off, '09:05');
  expect(entriesOf(off)).toEqual([]);
  const again = withBus(continued(off, monitorWith([grant('bob', at)])));
  await tickAt(again, '09:10');
  expect(detailsOf(again)).toMatchObject([{ target: 'bob' }]);
  expect(published(again)).toHaveLength(1);
});

test('an event survives a version that knows no bus and writes its finding again', async () => {
  const on = withBus(monitorWith([grant('bob', at)]));
  on.events.on(PutEventsCommand).rejects(awsError('AccessDeniedException', 'no'));
  await expect(tickAt(on, '09:00')).rejects.toThrow('cannot be sent');
  const older = continued(on, monitorWith([grant('bob', at)]));
  for (const { pk } of on.table.items().filter(({ sk }) => `${sk}`.startsWith('finding#'))) {
    for (const item of older.table.raw(`${pk}`)) {
      if (item.data?.S === undefined) continue;
      const { bus: _, ...known } = JSON.parse(item.data.S);
      item.data = { S: JSON.stringify(known) };
    }
  }
  const again = withBus(continued(older, monitorWith([grant('bob', at)])));
  await tickAt(again, '09:05');
  expect(detailsOf(again)).toMatchObject([{ target: 'bob' }]);
});
