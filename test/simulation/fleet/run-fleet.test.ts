import { AccountQuota } from './account-quota.ts';
import { problemsOf, usageIn } from './fleet-summary.ts';
import { type FleetPlan, runFleet } from './run-fleet.ts';

const base: FleetPlan = {
  ...{ monitors: 20, queriesMax: 3, minutesBefore: 15, outageMinutes: 60, minutesAfter: 20 },
  ...{ outage: 'logs', turns: 'own' },
};
const catchUpMaxMinutes = 10;

let stackTraceLimit: number;
beforeAll(() => {
  stackTraceLimit = Error.stackTraceLimit;
  // The handler creates many errors on purpose, and nobody reads their stacks.
  Error.stackTraceLimit = 0;
});
afterAll(() => {
  Error.stackTraceLimit = stackTraceLimit;
});

test('twenty monitors that share three queries at once lose nothing in an outage, and catch up', async () => {
  const result = await runFleet(base);
  expect(result.changes).toBeGreaterThan(20);
  expect(problemsOf(result, catchUpMaxMinutes)).toEqual([]);
});

test('monitors with turns of their own are refused less often than ones that tick together', async () => {
  const calm = { ...base, outageMinutes: 0, minutesAfter: 0, minutesBefore: 20 };
  const [own, same] = [
    await runFleet({ ...calm, turns: 'own' }),
    await runFleet({ ...calm, turns: 'same' }),
  ];
  const refusals = ({ refused }: typeof own) => refused.reduce((sum, [, count]) => sum + count, 0);
  expect(refusals(own)).toBeLessThan(refusals(same) / 3);
});

test('a run that loses a change, repeats one or stays behind is reported', async () => {
  const result = await runFleet({ ...base, monitors: 1, outageMinutes: 0, minutesAfter: 5 });
  expect(problemsOf(result, catchUpMaxMinutes)).toEqual([]);
  for (const broken of [
    { ...result, lost: ['user-1'] },
    { ...result, repeated: ['user-1'] },
    { ...result, behind: ['scan of a group'] },
    { ...result, catchUpMinutes: [Number.POSITIVE_INFINITY] },
  ]) {
    expect(problemsOf(broken, catchUpMaxMinutes)).toHaveLength(1);
  }
});

describe('the account', () => {
  test('refuses a query beyond those that it may run at once, until one ends', () => {
    const quota = new AccountQuota(2);
    const queries = [quota.startQuery(0), quota.startQuery(10)];
    expect(() => quota.startQuery(20)).toThrow('concurrency limit of [2]');
    for (const query of queries) query.endEpochMs = 30;
    quota.startQuery(30).endEpochMs = 40;
    expect(quota.running()).toEqual([
      { epochMs: 0, queries: 1 },
      { epochMs: 10, queries: 2 },
      { epochMs: 30, queries: 1 },
      { epochMs: 40, queries: 0 },
    ]);
    expect(usageIn(quota.running(), 2, 0, 40)).toEqual({
      ...{ most: 2, mean: 1.5, halfFreeShare: 0.5 },
    });
  });

  test('takes ten calls of StartQuery in each second', () => {
    const quota = new AccountQuota(100);
    for (let call = 0; call < 10; call += 1) quota.call('StartQuery', 999);
    expect(() => quota.call('StartQuery', 999)).toThrow('Rate exceeded');
    quota.call('StartQuery', 1_000);
  });
});
