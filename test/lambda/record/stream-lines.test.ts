import fc from 'fast-check';
import { deadlineIn } from '../../../lambda/common/time.ts';
import { memoryMs } from '../../../lambda/correlate/derive-stream.ts';
import { LedgerTable } from '../../../lambda/ledger/ledger-table.ts';
import { saveSeenEvents } from '../../../lambda/ledger/seen-events.ts';
import { streamIdOf } from '../../../lambda/ledger/stream-id.ts';
import type { ObservedEvent } from '../../../lambda/model/signal.ts';
import { linesAround } from '../../../lambda/record/record-stream.ts';
import { healthyMonitor } from '../setup/monitor-fixture.ts';

const correlateSeconds = 60;
const rememberedMs = memoryMs({ correlateSeconds });
const place = { logGroup: 'airflow-prod-Task', logStream: 's' };
const base = 1_000_000_000;
const horizonEpochMs = base + 10_000_000;

function line(offsetMs: number, changes: Partial<ObservedEvent> = {}): ObservedEvent {
  const timestamp = base + offsetMs;
  const key = Math.abs(offsetMs)
    .toString(16)
    .padStart(64, offsetMs < 0 ? 'a' : '0');
  return { ...place, key, timestamp, message: 'm', occurrences: 1, signals: [], ...changes };
}

/** The lines around the read ones, in a stream of which these were seen before. */
async function around(
  seen: readonly ObservedEvent[],
  read: readonly ObservedEvent[],
  {
    horizon = horizonEpochMs,
    startEpochMs = Math.min(horizon, ...read.map((one) => one.timestamp)),
  } = {},
) {
  const { shell, timer, table: memory } = healthyMonitor();
  const table = new LedgerTable(shell, 'ledger', deadlineIn(timer, 60_000));
  await saveSeenEvents(table, seen, { tickEpochMs: base, keepDays: 15 });
  const found = await linesAround(table, streamIdOf(place), read, {
    ...{ startEpochMs, horizonEpochMs: horizon, correlateSeconds },
  });
  const queries = memory.calls.filter(({ operation }) => operation === 'Query').length;
  return { ...found, queries };
}

const offsetsOf = (lines: readonly ObservedEvent[]) =>
  lines.map(({ timestamp }) => timestamp - base).toSorted((a, b) => a - b);

test('a stream that was never seen has the read lines, all of them unseen', async () => {
  const { lines, unseen } = await around([], [line(0), line(5)]);
  expect(offsetsOf(lines)).toEqual([0, 5]);
  expect(offsetsOf(unseen)).toEqual([0, 5]);
});

test('a line that was seen before is returned once, and is not unseen', async () => {
  const { lines, unseen } = await around([line(0)], [line(0), line(5)]);
  expect(offsetsOf(lines)).toEqual([0, 5]);
  expect(offsetsOf(unseen)).toEqual([5]);
});

test('an identical line that was indexed later makes one line with more occurrences', async () => {
  const { lines, unseen } = await around([line(0)], [line(0, { occurrences: 2 })]);
  expect(lines).toMatchObject([{ occurrences: 2 }]);
  expect(unseen).toMatchObject([{ occurrences: 2 }]);
  const fewer = await around([line(0, { occurrences: 2 })], [line(0)]);
  expect(fewer).toMatchObject({ lines: [{ occurrences: 2 }], unseen: [] });
});

test('connected lines are followed backwards and forwards, from one to the next', async () => {
  const apart = rememberedMs - 1;
  const seen = [-3, -2, -1, 1, 2, 3].map((steps) => line(steps * apart));
  const { lines, unseen } = await around(seen, [line(0)]);
  expect(offsetsOf(lines)).toEqual([-3, -2, -1, 0, 1, 2, 3].map((steps) => steps * apart));
  expect(offsetsOf(unseen)).toEqual([0]);
});

test('lines after a silence on either side are not connected', async () => {
  const { lines } = await around([line(-rememberedMs - 1), line(rememberedMs + 1)], [line(0)]);
  expect(offsetsOf(lines)).toEqual([0]);
});

test('lines after the horizon may be incomplete, and are left out', async () => {
  const { lines } = await around([line(10), line(11)], [line(0)], { horizon: base + 11 });
  expect(offsetsOf(lines)).toEqual([0, 10]);
});

test('an open stream is loaded from its first line, although nothing was read', async () => {
  const { lines, unseen } = await around([line(0), line(30_000)], [], { startEpochMs: base });
  expect(offsetsOf(lines)).toEqual([0, 30_000]);
  expect(unseen).toEqual([]);
});

test('no line outside is connected with one inside, and the read lines are inside', async () => {
  const offset = fc.integer({ min: -8 * rememberedMs, max: 8 * rememberedMs });
  const offsets = fc.uniqueArray(offset, { maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(
      offsets,
      fc.uniqueArray(offset, { minLength: 1, maxLength: 3 }),
      async (before, now) => {
        const found = await around(
          before.map((at) => line(at)),
          now.map((at) => line(at)),
        );
        const inside = offsetsOf(found.lines);
        expect(inside).toEqual(expect.arrayContaining(now));
        expect(found.fromEpochMs).toBeLessThanOrEqual(base + Math.min(...inside) - rememberedMs);
        for (const outside of before.filter((at) => !inside.includes(at))) {
          for (const one of inside) expect(Math.abs(one - outside)).toBeGreaterThan(rememberedMs);
        }
      },
    ),
    { numRuns: 60 },
  );
});

test('an endless chain is followed for ten steps, and what begins before them is not settled', async () => {
  const chain = Array.from({ length: 200 }, (_, at) => line(-at * rememberedMs));
  const { lines, queries, settledFromEpochMs } = await around(chain, [line(0)]);
  expect(queries).toBe(11);
  expect(lines).toHaveLength(12);
  expect(settledFromEpochMs).toBe(base - 10 * rememberedMs);
});

test('a chain that continues after the read lines is followed for ten steps, and its end waits', async () => {
  const chain = Array.from({ length: 100 }, (_, at) => line(at * rememberedMs));
  const found = await around(chain, [line(0)]);
  expect(found.lines).toHaveLength(12);
  expect(found.horizonEpochMs).toBe(base + 11 * rememberedMs + 1);
});

test('no event is loaded twice', async () => {
  const chain = Array.from({ length: 5 }, (_, at) => line(-at * rememberedMs));
  const { lines, seenKeys } = await around(chain, [line(0)]);
  expect(lines).toHaveLength(5);
  expect(seenKeys.size).toBe(5);
});
