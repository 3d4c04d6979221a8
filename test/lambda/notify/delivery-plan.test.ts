import fc from 'fast-check';
import { findingSources, type WaitingFinding } from '../../../lambda/findings/finding-actor.ts';
import { severities, severityRank } from '../../../lambda/model/severity.ts';
import {
  orderOfDigests,
  orderOfSingles,
  singlesMax,
} from '../../../lambda/notify/delivery-plan.ts';

const tickEpochMs = 1_000_000_000;
const periodMs = 300_000;
const base = {
  findingId: '0'.repeat(32),
  severity: 'critical',
  source: 'Task',
  actorKey: 'a'.repeat(16),
  firstSeenEpochMs: 0,
  waitingSinceEpochMs: tickEpochMs,
  ...{ streamId: 'stream', anchorEpochMs: 0, initial: false },
} satisfies WaitingFinding;

const hex = (number: number, digits: number) => number.toString(16).padStart(digits, '0');

function finding(number: number, changes: Partial<WaitingFinding> = {}): WaitingFinding {
  return { ...base, findingId: hex(number, 32), firstSeenEpochMs: number, ...changes };
}

function many(count: number, changes: (number: number) => Partial<WaitingFinding> = () => ({})) {
  return Array.from({ length: count }, (_, number) => finding(number, changes(number)));
}

const singles = (waiting: readonly WaitingFinding[], seed = 'seed') =>
  orderOfSingles(waiting, { seed }).slice(0, singlesMax);
const inDigests = (waiting: readonly WaitingFinding[], seed = 'seed') =>
  orderOfDigests(waiting, { seed, tickEpochMs, periodMs });
const severitiesOf = (waiting: readonly WaitingFinding[]) =>
  waiting.map(({ severity }) => severity);

const anyFinding = fc.record({
  severity: fc.constantFrom(...severities),
  source: fc.constantFrom(...findingSources),
  actor: fc.nat({ max: 9 }),
  waited: fc.option(fc.nat({ max: 5 }), { nil: undefined }),
});
const anyBacklog = fc.array(anyFinding, { maxLength: 80 }).map((drawn) =>
  drawn.map(({ severity, source, actor, waited }, number) =>
    finding(number, {
      ...{ severity, source, actorKey: hex(actor, 16) },
      waitingSinceEpochMs: waited === undefined ? undefined : tickEpochMs - waited * periodMs,
    }),
  ),
);

describe('single notifications', () => {
  const forged = (number: number) => ({ actorKey: hex(number * 7_919, 8).padEnd(16, '0') });
  const real = finding(9_999, { actorKey: 'f'.repeat(16) });

  test('of one actor, the worst come first, then the earliest', () => {
    const mild = many(25, () => ({ severity: 'medium' }));
    expect(singles([...mild, real])).toEqual([real, ...mild.slice(0, singlesMax - 1)]);
  });

  test('an actor with one finding comes before an actor with hundreds of the same severity', () => {
    expect(singles([...many(300), real])[0]).toBe(real);
  });

  test('an actor whose worst finding is milder has a place beside a flood of worse ones', () => {
    const milder = finding(9_999, { actorKey: 'f'.repeat(16), severity: 'medium' });
    expect(singles([...many(300), milder])).toContain(milder);
  });

  test("each actor's three worst come before any actor's fourth", () => {
    const first = many(10).map((one) => ({ ...one, actorKey: '1'.repeat(16) }));
    const second = many(10).map((one) => ({ ...one, actorKey: '2'.repeat(16) }));
    const actors = singles([...first, ...second]).map(({ actorKey }) => actorKey[0]);
    expect(new Set(actors.slice(0, 6).toSorted())).toEqual(new Set(['1', '2']));
    expect(actors.slice(0, 6).filter((actor) => actor === '1')).toHaveLength(3);
  });

  test.each(findingSources.filter((source) => source !== 'Task'))(
    'no number of invented actors in the Task log displaces %s',
    (source) => {
      const other = finding(9_999, { source, actorKey: 'f'.repeat(16), severity: 'low' });
      expect(singles([...many(10_000, forged), other])).toContain(other);
    },
  );

  test("the monitor's own findings leave most places to privilege changes", () => {
    const own = many(500, () => ({ source: 'monitor' }));
    const chosen = singles([
      ...own,
      ...many(30, forged).map((one) => ({ ...one, source: 'Task' as const })),
    ]);
    expect(chosen.filter(({ source }) => source === 'Task').length).toBeGreaterThanOrEqual(3);
  });

  test('of equal actors, the one pending since an earlier tick comes first', () => {
    const waits = { ...real, waitingSinceEpochMs: tickEpochMs - periodMs };
    expect(singles([...many(300, forged), waits])[0]).toBe(waits);
  });

  test('which of many equal actors is first is random in each tick', () => {
    const waiting = many(300, forged);
    const firsts = ['a', 'b', 'c', 'd', 'e'].map((seed) => singles(waiting, seed)[0]?.findingId);
    expect(new Set(firsts).size).toBeGreaterThan(1);
  });

  test('the order contains each finding once', () => {
    fc.assert(
      fc.property(anyBacklog, (waiting) => {
        const order = orderOfSingles(waiting, { seed: 's' });
        expect(order).toHaveLength(waiting.length);
        expect(new Set(order)).toEqual(new Set(waiting));
      }),
    );
  });

  test('of one actor, none comes before a worse one', () => {
    fc.assert(
      fc.property(anyBacklog, (waiting) => {
        for (const order of Map.groupBy(
          orderOfSingles(waiting, { seed: 's' }),
          ({ source, actorKey }) => `${source} ${actorKey}`,
        ).values()) {
          const ranks = severitiesOf(order).map(severityRank);
          expect(ranks).toEqual(ranks.toSorted((a, b) => b - a));
        }
      }),
    );
  });

  test('every source that has findings has a place', () => {
    fc.assert(
      fc.property(anyBacklog, (waiting) => {
        const sources = new Set(waiting.map(({ source }) => source));
        expect(new Set(singles(waiting).map(({ source }) => source))).toEqual(sources);
      }),
    );
  });
});

describe('digests', () => {
  test('name the worst first', () => {
    const waiting = severities.map((severity, number) => finding(number, { severity }));
    expect(severitiesOf(inDigests(waiting))).toEqual(severities.toReversed());
  });

  test('of equal severity, name those of a flood last', () => {
    const real = finding(9_999, { actorKey: 'f'.repeat(16) });
    const other = finding(9_998, { source: 'WebServer', actorKey: 'e'.repeat(16) });
    expect(inDigests([...many(300), real, other]).slice(0, 2)).toEqual([other, real]);
  });

  test('name what was left over twice before all others', () => {
    const waitedTicks = (ticks: number) =>
      finding(9_999, {
        severity: 'low',
        waitingSinceEpochMs: tickEpochMs - ticks * periodMs,
      });
    expect(inDigests([...many(9), waitedTicks(1)]).at(-1)?.severity).toBe('low');
    expect(inDigests([...many(9), waitedTicks(2)])[0]?.severity).toBe('low');
  });

  test('contain each finding once, and none before a worse one that is pending as long', () => {
    fc.assert(
      fc.property(anyBacklog, (waiting) => {
        const order = inDigests(waiting);
        expect(new Set(order)).toEqual(new Set(waiting));
        expect(order).toHaveLength(waiting.length);
        const fresh = order.filter(
          ({ waitingSinceEpochMs = tickEpochMs }) =>
            tickEpochMs - waitingSinceEpochMs < 2 * periodMs,
        );
        const ranks = severitiesOf(fresh).map(severityRank);
        expect(ranks).toEqual(ranks.toSorted((a, b) => b - a));
      }),
    );
  });
});
