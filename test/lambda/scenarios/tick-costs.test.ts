import { GetMetricDataCommand, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import {
  metricsReadPerHour,
  sliceRecordBytesMax,
  sliceUsage,
  tickUsage,
} from '../../../cli/cost/tick-usage.ts';
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

/** `privilege-monitor cost` and docs/cost.md rest on these numbers. */
describe('what a tick costs besides its queries', () => {
  const change = grant('u', '2026-03-01T09:46:00.000');
  const match = command('v', '2026-03-01T09:47:00.000');
  test.each([
    // The documented query's numbers, its lag, the pack's numbers, and the health of the tick.
    ['a quiet tick', [], '09:55', tickUsage.metricPuts],
    ['a tick with a match and a change', [change, match], '09:55', tickUsage.metricPuts],
    ['a tick with a slice of a sweep', [], '10:00', tickUsage.metricPuts + sliceUsage.metricPuts],
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

  /** The calls to the ledger of a tick, and the bytes that it logs. */
  async function usageAt(fixture: ReturnType<typeof monitorWith>, when: string) {
    const [callsBefore, linesBefore] = [fixture.table.calls.length, fixture.lines.length];
    await tickAt(fixture, when);
    const calls = fixture.table.calls.slice(callsBefore);
    const isWrite = ({ operation }: (typeof calls)[number]) => /^(Put|Delete)/.test(operation);
    const ledgerWrites = calls.filter(isWrite).length;
    const logged = fixture.lines.slice(linesBefore);
    return {
      ...{ ledgerWrites, ledgerReads: calls.length - ledgerWrites },
      logBytes: logged.reduce((sum, line) => sum + JSON.stringify(line).length + 1, 0),
    };
  }

  test("a quiet tick's calls to the ledger, and what it logs", async () => {
    const fixture = monitorWith([]);
    await tickAt(fixture, '08:55');
    const { logBytes, ...calls } = await usageAt(fixture, '09:00');
    const { ledgerWrites, ledgerReads, logBytesMax } = tickUsage;
    expect(calls).toEqual({ ledgerWrites, ledgerReads });
    expect(logBytes).toBeLessThanOrEqual(logBytesMax);
    expect(logBytes).toBeGreaterThan(logBytesMax / 2);
  });

  test('what a slice of a sweep adds to it', async () => {
    const fixture = monitorWith([]);
    for (const tick of ['08:00', '09:00', '09:50']) await tickAt(fixture, tick);
    const quiet = await usageAt(fixture, '09:55');
    const swept = await usageAt(fixture, '10:00');
    const { ledgerWrites, ledgerReads, logBytesMax } = sliceUsage;
    expect(swept.ledgerWrites - quiet.ledgerWrites).toBe(ledgerWrites);
    expect(swept.ledgerReads - quiet.ledgerReads).toBe(ledgerReads);
    expect(swept.logBytes - quiet.logBytes).toBeLessThanOrEqual(logBytesMax);
    expect(swept.logBytes - quiet.logBytes).toBeGreaterThan(logBytesMax / 2);
  });

  test('the metrics that are read, and the size of what the ledger keeps', async () => {
    const fixture = monitorWith([]);
    for (const tick of ['08:50', '08:55']) await tickAt(fixture, tick);
    fixture.cloudWatch.resetHistory();
    for (let minute = 0; minute < 60; minute += 5) {
      await tickAt(fixture, `09:${String(minute).padStart(2, '0')}`);
    }
    const read = fixture.cloudWatch
      .commandCalls(GetMetricDataCommand)
      .reduce((sum, call) => sum + (call.args[0].input.MetricDataQueries ?? []).length, 0);
    expect(read).toBe(metricsReadPerHour);
    const records = fixture.table.items().filter(({ sk }) => String(sk).startsWith('slice#'));
    const sizes = records.map((record) => JSON.stringify(record).length);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(sliceRecordBytesMax);
    expect(Math.min(...sizes)).toBeGreaterThan(sliceRecordBytesMax / 2);
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
