import { GetQueryResultsCommand, StartQueryCommand } from '@aws-sdk/client-cloudwatch-logs';
import fc from 'fast-check';
import { scanUncut } from '../../lambda/scan-uncut.ts';
import { deadlineIn } from '../../lambda/time.ts';
import { healthyMonitor } from './monitor-fixture.ts';

const startEpochMs = Date.parse('2026-03-01T08:50:00Z');
const rowsMax = 10;

/** A Logs Insights that answers with group a's events of the window asked for, cut off at the limit. */
function holding(seconds: readonly number[]) {
  const fixture = healthyMonitor();
  fixture.logs.on(StartQueryCommand).callsFake(async ({ startTime, endTime, logGroupNames }) => ({
    queryId: `${startTime} ${endTime} ${logGroupNames}`,
  }));
  fixture.logs.on(GetQueryResultsCommand).callsFake(async ({ queryId }) => {
    const [from, to, groups] = queryId.split(' ');
    const rows = seconds
      .filter(() => groups.split(',').includes('a'))
      .map((second) => startEpochMs / 1000 + second)
      .filter((second) => second >= Number(from) && second <= Number(to))
      .map((second) => [{ field: 'second', value: String(second) }]);
    return {
      status: 'Complete',
      results: rows.slice(0, rowsMax),
      statistics: { bytesScanned: 100 },
    };
  });
  const scan = (minutes = 5) =>
    scanUncut(
      fixture.shell,
      {
        queryString: 'q',
        logGroups: ['a', 'b'],
        window: { startEpochMs, endEpochMs: startEpochMs + minutes * 60_000 },
      },
      rowsMax,
      deadlineIn(fixture.timer, 600_000),
    );
  return { ...fixture, scan };
}

const decisions = ({ lines }: { lines: Record<string, unknown>[] }) =>
  lines.map(({ decision }) => decision);

test('an answer that is not cut off takes one query', async () => {
  const fixture = holding([1, 2, 3]);
  expect((await fixture.scan()).rows).toHaveLength(3);
  expect(fixture.logs.commandCalls(StartQueryCommand)).toHaveLength(1);
});

test('however the events lie, every one comes back once, or the scan fails', async () => {
  const seconds = fc.array(fc.nat({ max: 59 }), { maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(seconds, async (drawn) => {
      const { rows, outcomes } = await holding(drawn).scan(1);
      const fullest = Math.max(
        0,
        ...[...Map.groupBy(drawn, (s) => s).values()].map((s) => s.length),
      );
      if (fullest >= rowsMax) {
        expect(outcomes.get('a')?.kind).toBe('failed');
      } else {
        const found = rows.map((row) => Number(row[0]?.value) - startEpochMs / 1000);
        expect(found.toSorted((a, b) => a - b)).toEqual(drawn.toSorted((a, b) => a - b));
      }
    }),
    { numRuns: 50 },
  );
});

test('a window that is cut off is read in halves, which is logged; all bytes count', async () => {
  const fixture = holding(Array.from({ length: 12 }, (_, at) => at * 25));
  const { rows, bytesScanned } = await fixture.scan();
  expect(rows).toHaveLength(12);
  expect(bytesScanned).toBe(300);
  expect(decisions(fixture)).toContain('scan-split');
});

test('a second with too many rows fails its group and no other, which is logged', async () => {
  const fixture = holding(Array.from({ length: 10 }, () => 7));
  const { outcomes, rows } = await fixture.scan();
  expect(outcomes.get('a')).toMatchObject({
    kind: 'failed',
    error: { message: 'one second from 2026-03-01T08:50:07.000Z holds 10 events or more' },
  });
  expect(outcomes.get('b')).toEqual({ kind: 'scanned' });
  expect(rows).toEqual([]);
  expect(decisions(fixture)).toContain('result-cut-off');
});
