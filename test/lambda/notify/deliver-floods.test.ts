import fc from 'fast-check';
import type { FindingRecord } from '../../../lambda/findings/finding-record.ts';
import { type Severity, severities, severityRank } from '../../../lambda/model/severity.ts';
import { singlesMax } from '../../../lambda/notify/delivery-plan.ts';
import {
  byDag,
  byWebUser,
  idsOf,
  kindOf,
  namedIn,
  ownFindings,
  waitingFindings,
  waitingRecord,
} from '../setup/delivery-fixture.ts';

const real = byDag(0xfffffff, 'promote');
const numbers = Array.from({ length: 300 }, (_, number) => number);

async function namedInOneTick(records: readonly FindingRecord[]) {
  const fixture = await waitingFindings(records);
  const { messages } = await fixture.deliver();
  const singles = messages.filter((message) => kindOf(message) === 'finding');
  expect(singles.length).toBeLessThanOrEqual(singlesMax);
  return { named: new Set(namedIn(messages)), singles: new Set(namedIn(singles)), fixture };
}

describe('one real change is named in the tick that found it', () => {
  const id = real.finding.id;

  test('after 300 forged ones of one DAG, in its own mail', async () => {
    const { singles } = await namedInOneTick([...numbers.map((n) => byDag(n, 'forger')), real]);
    expect(singles).toContain(id);
  });

  test('among 300 invented DAGs', async () => {
    const forged = numbers.map((n) => byDag(n, `invented_${n}`));
    const { named } = await namedInOneTick([...forged, real]);
    expect(named).toContain(id);
  });

  test('after 300 forged web users, in its own mail', async () => {
    const forged = numbers.map((n) => byWebUser(n, `user_${n}`));
    const { singles } = await namedInOneTick([...forged, real]);
    expect(singles).toContain(id);
  });

  test('beside a noisy, milder migration, in its own mail', async () => {
    const migration = numbers.map((n) => byDag(n, 'migrate', 'high'));
    const { singles } = await namedInOneTick([...migration, real]);
    expect(singles).toContain(id);
  });

  test("beside a flood of the monitor's own findings, without displacing them", async () => {
    const own = ownFindings(300);
    const { singles, named } = await namedInOneTick([...own, real]);
    expect(singles).toContain(id);
    expect(singles.size).toBe(singlesMax);
    expect(named.size).toBe(301);
  });
});

test("the monitor's own finding has its own mail in a flood of forged ones", async () => {
  const own = ownFindings(1);
  const forged = numbers.map((n) => byDag(n, `invented_${n}`));
  const { singles } = await namedInOneTick([...forged, ...own]);
  expect(singles).toContain(own[0]?.finding.id);
});

test('every pending finding is named once, and exactly the named ones are notified', async () => {
  const any = fc.record({
    severity: fc.constantFrom<Severity>(...severities),
    dag: fc.nat({ max: 6 }),
    titleLength: fc.constantFrom(10, 250),
    sign: fc.constantFrom('a', '運', '\u0000', '"'),
    initial: fc.boolean(),
    isClaimed: fc.boolean(),
    told: fc.option(fc.constant('low' as const), { nil: undefined }),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(any, { maxLength: 70 }),
      fc.boolean(),
      async (drawn, isLookingBack) => {
        const records = drawn.map(
          ({ severity, dag, titleLength, sign, initial, isClaimed, told }, number) =>
            waitingRecord(
              number,
              { severity, title: sign.repeat(titleLength), actor: { dag: `dag_${dag}` } },
              {
                initial,
                delivery: isClaimed
                  ? {
                      ...{ status: 'claimed', claimId: 'c' },
                      untilEpochMs: Date.parse('2026-03-01T09:00:10Z'),
                    }
                  : { status: 'pending', ...(told && { told }) },
              },
            ),
        );
        const due = records.filter(
          ({ delivery, initial }) => delivery.status === 'pending' && !(initial && isLookingBack),
        );
        const fixture = await waitingFindings(records);
        const { messages, delivered } = await fixture.deliver({ isLookingBack });
        const named = namedIn(messages);
        expect(new Set(named)).toEqual(idsOf(due));
        expect(named).toHaveLength(due.length);
        expect(fixture.idsWith('notified')).toEqual(idsOf(due));
        expect(delivered).toMatchObject({ notified: due.length, failures: [] });
        expect(fixture.listed()).toBe(records.length - due.length);
        const singles = messages.filter((message) => kindOf(message) !== 'digest');
        expect(singles.length).toBeLessThanOrEqual(singlesMax);
        // A second run of the same tick, as Lambda may do it.
        expect((await fixture.deliver({ isLookingBack })).messages).toEqual([]);
      },
    ),
    { numRuns: 40 },
  );
});

describe('digests', () => {
  const thousand = Array.from({ length: 1_000 }, (_, n) =>
    byDag(n, `dag_${n % 7}`, severities[1 + (n % 4)]),
  );

  test("are as many as necessary, the worst first, each within SNS's limit", async () => {
    const fixture = await waitingFindings(thousand);
    const { messages } = await fixture.deliver();
    const digests = messages.filter((message) => kindOf(message) === 'digest');
    expect(digests.length).toBeGreaterThan(2);
    const rankOf = new Map(
      thousand.map(({ finding }) => [finding.id, severityRank(finding.severity)]),
    );
    const ranks = digests.map((digest) => namedIn([digest]).map((id) => rankOf.get(id) ?? 0));
    for (const [at, later] of ranks.slice(1).entries()) {
      expect(Math.min(...(ranks[at] ?? []))).toBeGreaterThanOrEqual(Math.max(...later));
    }
    for (const { Message = '', MessageAttributes, Subject = '' } of digests) {
      const parts = [Message, Subject, JSON.stringify(MessageAttributes)];
      expect(Buffer.byteLength(parts.join(''))).toBeLessThanOrEqual(262_144);
      expect(Subject).toMatch(/^[\x20-\x7e]{1,99}$/);
    }
    expect(new Set(namedIn(messages))).toEqual(idsOf(thousand));
  });

  test('that run out of time wait for the next tick, the mildest last', async () => {
    const fixture = await waitingFindings(thousand);
    fixture.gate(async (_, pass) => {
      fixture.timer.nowMs += 5;
      return pass();
    });
    const { messages, delivered, leftMs } = await fixture.deliver({ remainingMs: 15_000 });
    expect(leftMs).toBeGreaterThanOrEqual(3_000);
    const named = new Set(namedIn(messages));
    expect(named.size).toBeGreaterThan(singlesMax);
    expect(named.size).toBeLessThan(1_000);
    expect(fixture.idsWith('notified')).toEqual(named);
    expect(fixture.idsWith('claimed').size).toBe(0);
    expect(delivered).toMatchObject({ undelivered: 1_000 - named.size, failures: [] });
    const unsaid = thousand.filter(({ finding }) => !named.has(finding.id));
    const low = thousand.filter(({ finding }) => finding.severity === 'low');
    expect(unsaid.filter(({ finding }) => finding.severity === 'low').length).toBeGreaterThan(
      low.length - singlesMax,
    );
    const later = await fixture.deliver({ afterMinutes: 5, remainingMs: 600_000 });
    expect(new Set(namedIn(later.messages))).toEqual(idsOf(unsaid));
  });

  test('cost four calls to DynamoDB a finding, whatever the size of the backlog', async () => {
    const fixture = await waitingFindings(thousand);
    fixture.table.calls.length = 0;
    await fixture.deliver();
    const pages = fixture.table.calls.filter(({ operation }) => operation === 'Query').length;
    expect(pages).toBeLessThanOrEqual(4);
    expect(fixture.table.calls.length - pages).toBe(4 * thousand.length);
  });

  test('of findings with much evidence hold only some of them in memory at once', async () => {
    const line = { ...real.finding.evidence[0], message: 'x'.repeat(250_000) };
    const evidence = [line] as typeof real.finding.evidence;
    const heavy = Array.from({ length: 120 }, (_, n) => waitingRecord(n, { evidence }));
    const fixture = await waitingFindings(heavy);
    const unrecorded = new Set<unknown>();
    let most = 0;
    fixture.gate(async (command, pass) => {
      const { Key, Item } = command.input as {
        readonly Key?: Record<string, { S: string }>;
        readonly Item?: Record<string, { S: string }>;
      };
      if (command.constructor.name === 'GetItemCommand') unrecorded.add(Key?.pk?.S);
      if (Item?.data?.S.includes('"status":"notified"')) unrecorded.delete(Item.pk?.S);
      most = Math.max(most, unrecorded.size);
      return pass();
    });
    const { messages } = await fixture.deliver();
    expect(new Set(namedIn(messages)).size).toBe(120);
    expect(most).toBeLessThanOrEqual(16_000_000 / 250_000 + 16);
  });
});
