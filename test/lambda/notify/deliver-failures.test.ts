import { PublishCommand } from '@aws-sdk/client-sns';
import { singlesMax } from '../../../lambda/notify/delivery-plan.ts';
import {
  byDag,
  byWebUser,
  idsOf,
  kindOf,
  namedIn,
  waitingFindings,
  waitingRecord,
} from '../setup/delivery-fixture.ts';
import { awsError } from '../setup/monitor-fixture.ts';

const lost = Object.assign(new Error('reset'), { code: 'ECONNRESET' });
const refusal = awsError('InvalidParameterException', 'Invalid parameter: Message');
const thousand = Array.from({ length: 1_000 }, (_, n) => byDag(n, `dag_${n % 7}`));

/** Publishes whose number, from 0, or kind meets a condition fail, once each. */
function failing(
  fixture: Awaited<ReturnType<typeof waitingFindings>>,
  fails: (kind: string, number: number) => Error | undefined,
) {
  let number = 0;
  fixture.sns.on(PublishCommand).callsFake(async (input) => {
    const error = fails(kindOf(input), number++);
    if (error !== undefined) throw error;
    return { MessageId: 'm' };
  });
}

test('a lost answer leaves exactly the findings of that digest claimed, and they are sent again', async () => {
  const fixture = await waitingFindings(thousand);
  let digests = 0;
  failing(fixture, (kind) => (kind === 'digest' && ++digests === 2 ? lost : undefined));
  const { messages, delivered } = await fixture.deliver();
  const ofDigests = messages.filter((message) => kindOf(message) === 'digest');
  const unclear = new Set(namedIn(ofDigests.slice(1, 2)));
  expect(unclear.size).toBeGreaterThan(100);
  expect(fixture.idsWith('claimed')).toEqual(unclear);
  expect(fixture.idsWith('notified').size).toBe(1_000 - unclear.size);
  expect(delivered).toMatchObject({ unknownPublishes: 1, undelivered: unclear.size });
  expect(delivered.failures).toHaveLength(1);
  expect((await fixture.deliver()).messages).toEqual([]);
  const later = await fixture.deliver({ afterMinutes: 5 });
  expect(new Set(namedIn(later.messages))).toEqual(unclear);
  const counted = fixture.findings().filter(({ unknownPublishes }) => unknownPublishes === 1);
  expect(idsOf(counted)).toEqual(unclear);
});

test('a digest that SNS refuses is replaced by minimal messages that name all its findings', async () => {
  const fixture = await waitingFindings(thousand);
  let digests = 0;
  failing(fixture, (kind) => (kind === 'digest' && ++digests === 1 ? refusal : undefined));
  const { messages, delivered } = await fixture.deliver();
  const [refused, ...accepted] = messages.toSorted(
    (a, b) => Number(kindOf(b) === 'digest') - Number(kindOf(a) === 'digest'),
  );
  const minimal = accepted.filter((message) => kindOf(message) === 'minimal');
  expect(new Set(namedIn(minimal))).toEqual(
    new Set(namedIn(refused === undefined ? [] : [refused])),
  );
  expect(new Set(namedIn(accepted))).toEqual(idsOf(thousand));
  expect(namedIn(accepted)).toHaveLength(1_000);
  expect(delivered).toMatchObject({ notified: 1_000, undelivered: 0, failures: [] });
});

test('a finding that SNS refuses in any form is the only one that is not notified', async () => {
  const fixture = await waitingFindings(thousand);
  const poison = thousand[500]?.finding.id ?? '';
  fixture.sns.on(PublishCommand).callsFake(async ({ Message }) => {
    if (Message.includes(poison)) throw refusal;
    return { MessageId: 'm' };
  });
  const { delivered } = await fixture.deliver();
  expect(fixture.idsWith('pending')).toEqual(new Set([poison]));
  expect(fixture.idsWith('claimed').size).toBe(0);
  expect(delivered).toMatchObject({ notified: 999, undelivered: 1 });
  expect(delivered.failures.map(({ message }) => message)).toEqual([
    `finding ${poison} cannot be published`,
  ]);
});

test('while SNS accepts nothing, the tick gives up early and everything stays pending', async () => {
  for (const error of [refusal, awsError('AuthorizationErrorException', 'no')]) {
    const fixture = await waitingFindings(thousand);
    fixture.sns.on(PublishCommand).rejects(error);
    const { delivered, messages } = await fixture.deliver();
    expect(messages.length).toBeLessThanOrEqual(3 * singlesMax);
    expect(fixture.idsWith('pending')).toEqual(idsOf(thousand));
    expect(delivered).toMatchObject({ notified: 0, undelivered: 1_000 });
    fixture.sns.reset();
    fixture.sns.on(PublishCommand).resolves({ MessageId: 'm' });
    const later = await fixture.deliver({ afterMinutes: 5 });
    expect(later.delivered).toMatchObject({ notified: 1_000, undelivered: 0 });
  }
});

test('after three failed digests in a row, the next tick sends the rest', async () => {
  const fixture = await waitingFindings(Array.from({ length: 2_500 }, (_, n) => byDag(n, 'dag')));
  failing(fixture, (kind) =>
    kind === 'digest' ? awsError('AuthorizationErrorException', 'no') : undefined,
  );
  const { messages } = await fixture.deliver();
  expect(messages.filter((message) => kindOf(message) === 'digest')).toHaveLength(3);
  expect(fixture.idsWith('pending').size).toBe(2_500 - singlesMax);
});

test('a throttled publish does not use up the time of the others', async () => {
  const throttled = byWebUser(5_000, 'eve');
  const others = thousand.slice(0, 100);
  const fixture = await waitingFindings([...others, throttled]);
  fixture.sns.on(PublishCommand).callsFake(async ({ Message }) => {
    if (Message.includes(throttled.finding.id)) throw awsError('ThrottledException', 'slow', 429);
    return { MessageId: 'm' };
  });
  await fixture.deliver();
  expect(fixture.idsWith('notified')).toEqual(idsOf(others));
  expect(fixture.idsWith('pending')).toEqual(idsOf([throttled]));
});

describe('a finding in the middle of a digest', () => {
  const victim = byDag(50, 'dag_1', 'low');
  const others = Array.from({ length: 60 }, (_, n) => n)
    .filter((n) => n !== 50)
    .map((n) => byDag(n, 'dag_2'));
  const places = (command: { readonly input: object }) => JSON.stringify(command.input);

  test.each([
    ['cannot be read', 'GetItemCommand'],
    ['cannot be claimed', 'PutItemCommand'],
  ])('that %s does not block the others', async (_, operation) => {
    const fixture = await waitingFindings([...others, victim]);
    fixture.gate(async (command, pass) => {
      const isVictim = places(command).includes(`stream#${victim.streamId}"`);
      if (isVictim && command.constructor.name === operation) {
        throw awsError('ValidationException', 'Item size has exceeded the maximum allowed size');
      }
      return pass();
    });
    const { messages, delivered } = await fixture.deliver();
    expect(new Set(namedIn(messages))).toEqual(idsOf(others));
    expect(fixture.idsWith('notified')).toEqual(idsOf(others));
    expect(fixture.idsWith('pending')).toEqual(idsOf([victim]));
    expect(delivered).toMatchObject({ notified: others.length, undelivered: 1 });
    expect(delivered.failures).toHaveLength(1);
  });

  test('whose notification cannot be recorded is the only one that is published again', async () => {
    const fixture = await waitingFindings([...others, victim]);
    let isFirst = true;
    fixture.gate(async (command, pass) => {
      const text = places(command);
      const isRecord = text.includes(`stream#${victim.streamId}"`) && text.includes('notified');
      if (!isRecord || !isFirst) return pass();
      isFirst = false;
      throw awsError('AccessDeniedException', 'no');
    });
    const { delivered } = await fixture.deliver();
    expect(delivered.failures.map(({ message }) => message)).toEqual([
      `finding ${victim.finding.id} cannot be recorded as notified`,
    ]);
    expect(fixture.idsWith('claimed')).toEqual(idsOf([victim]));
    const later = await fixture.deliver({ afterMinutes: 5 });
    expect(namedIn(later.messages)).toEqual([victim.finding.id]);
  });
});

describe('the list of pending findings', () => {
  const some = Array.from({ length: 30 }, (_, n) => byDag(n, 'dag', n === 29 ? 'critical' : 'low'));

  test('of an earlier version, which only says where findings are, is still read', async () => {
    const fixture = await waitingFindings(some);
    for (const item of fixture.table.raw('pending')) {
      for (const name of ['severity', 'source', 'actorKey', 'firstSeenEpochMs']) delete item[name];
    }
    const { messages } = await fixture.deliver();
    expect(namedIn(messages.slice(0, 1))).toEqual([some[29]?.finding.id]);
    expect(new Set(namedIn(messages))).toEqual(idsOf(some));
  });

  test('with a nonsensical order is treated like one without', async () => {
    const fixture = await waitingFindings(some);
    for (const item of fixture.table.raw('pending')) item.severity = { S: 'catastrophic' };
    const { messages } = await fixture.deliver();
    expect(new Set(namedIn(messages))).toEqual(idsOf(some));
  });

  test('with an unreadable entry is delivered without it: it is set aside', async () => {
    const fixture = await waitingFindings(some);
    const [first] = fixture.table.raw('pending');
    if (first !== undefined) first.anchorEpochMs = { S: 'noon' };
    const { messages, delivered } = await fixture.deliver();
    expect(new Set(namedIn(messages)).size).toBe(29);
    expect(delivered).toMatchObject({ notified: 29, undelivered: 0, failures: [] });
    expect(fixture.listed()).toBe(0);
    expect(fixture.table.items().filter(({ pk }) => pk === 'quarantine')).toHaveLength(1);
  });

  test('loses the entries of findings that are already notified, which do not count as undelivered', async () => {
    const fixture = await waitingFindings([
      ...some,
      waitingRecord(99, {}, { delivery: { status: 'withheld' } }),
    ]);
    await fixture.table.send({
      constructor: { name: 'PutItemCommand' },
      input: {
        Item: {
          ...fixture.table.raw('pending')[0],
          ...{ sk: { S: 'finding#gone' }, findingId: { S: 'gone' }, streamId: { S: 'nowhere' } },
        },
      },
    });
    const { delivered } = await fixture.deliver();
    expect(delivered).toMatchObject({ notified: 30, undelivered: 0, failures: [] });
    expect(fixture.listed()).toBe(0);
  });

  test('is read for half of the time, in each tick from another place, so all of it is read eventually', async () => {
    const spread = Array.from({ length: 30 }, (_, n) => byDag((n + 1) * 0x800_0000, 'dag'));
    const fixture = await waitingFindings(spread);
    fixture.gate(async (command, pass) => {
      if (command.constructor.name === 'QueryCommand') fixture.timer.nowMs += 35_000;
      return pass();
    });
    const named = new Set<string>();
    const counts: number[] = [];
    for (let tick = 0; tick < 300 && named.size < 30; tick += 1) {
      const { messages, delivered } = await fixture.deliver({ afterMinutes: 5 * tick });
      for (const id of namedIn(messages)) named.add(id);
      counts.push(delivered.notified);
      expect(delivered.failures).toEqual([]);
    }
    expect(named).toEqual(idsOf(spread));
    expect(counts.length).toBeGreaterThan(1);
  });

  test('whose reading fails is delivered as far as it was read', async () => {
    const fixture = await waitingFindings(some);
    let pages = 0;
    fixture.gate(async (command, pass) => {
      if (command.constructor.name !== 'QueryCommand') return pass();
      pages += 1;
      if (pages === 2) throw awsError('InternalServerError', 'broken', 400);
      return pass();
    });
    const { delivered, messages } = await fixture.deliver();
    expect(namedIn(messages)).toHaveLength(delivered.notified);
    expect(delivered.failures.map(({ message }) => message)).toContain(
      'not all pending findings can be read',
    );
  });
});
