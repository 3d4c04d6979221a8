import { PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import type { Item } from '../../simulation/services/dynamo-expression.ts';
import { putValues } from '../setup/monitor-fixture.ts';
import { command, grant, monitorWith, task, tickAt } from '../setup/pack-fixture.ts';

/** The key that a DynamoDB call names, if any. */
function keyOf(input: object): { readonly pk?: string; readonly sk?: string } {
  const {
    Item,
    Key,
    ExpressionAttributeValues: values,
  } = input as Record<string, Item | undefined>;
  const text = (name: string) => (Item ?? Key)?.[name]?.S;
  return { pk: text('pk') ?? values?.[':pk']?.S, sk: text('sk') };
}

/** The table in docs/cost.md rests on these numbers. */
describe('what a tick costs besides its queries', () => {
  const change = grant('u', '2026-03-01T09:46:00.000');
  const match = command('v', '2026-03-01T09:47:00.000');
  test.each([
    // The documented query's numbers, its lag, the pack's numbers, and the health of the tick.
    ['a quiet tick', [], '09:55', 4],
    ['a tick with a match and a change', [change, match], '09:55', 4],
    ['a tick with a slice of a sweep', [], '10:00', 5],
  ] as const)('PutMetricData, by %s', async (_, events, when, puts) => {
    const fixture = monitorWith(events);
    for (const tick of ['08:00', '09:00', '09:50']) await tickAt(fixture, tick);
    if (when === '10:00') await tickAt(fixture, '09:55');
    fixture.cloudWatch.resetHistory();
    await tickAt(fixture, when);
    expect(fixture.cloudWatch.commandCalls(PutMetricDataCommand)).toHaveLength(puts);
    expect(putValues(fixture.cloudWatch)).toMatchObject({
      [`AddRoleMatches/${task}`]: events.length === 0 ? 0 : 1,
    });
  });

  test("a quiet tick's calls to the ledger", async () => {
    const fixture = monitorWith([]);
    await tickAt(fixture, '08:55');
    const before = fixture.table.calls.length;
    await tickAt(fixture, '09:00');
    const calls = fixture.table.calls.slice(before);
    const isWrite = ({ operation }: (typeof calls)[number]) => /^(Put|Delete)/.test(operation);
    const writes = calls.filter(isWrite).length;
    expect({ writes, reads: calls.length - writes }).toEqual({ writes: 38, reads: 14 });
  });

  test('the first tick of a day reads the list of approved changes once and writes once', async () => {
    const fixture = monitorWith([]);
    const callsOf = async (when: string) => {
      const before = fixture.table.calls.length;
      await tickAt(fixture, when);
      return fixture.table.calls.slice(before).filter(({ input }) => {
        const { pk, sk } = keyOf(input);
        return pk === 'silenced' || sk === 'state';
      }).length;
    };
    for (const tick of ['23:45', '23:50']) await tickAt(fixture, tick);
    const ordinary = await callsOf('23:55');
    expect(await callsOf('2026-03-02T00:00')).toBe(ordinary + 2);
    expect(await callsOf('2026-03-02T00:05')).toBe(ordinary);
  });
});
