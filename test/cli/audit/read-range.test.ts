import fc from 'fast-check';
import {
  type AuditLane,
  type AuditReading,
  doneSpans,
  totalsOf,
} from '../../../cli/audit/audit-state.ts';
import { Stopper } from '../../../cli/audit/query-share.ts';
import { type ReadRangeOptions, readRange } from '../../../cli/audit/read-range.ts';
import { lengthMs } from '../../../cli/audit/spans.ts';
import type { ObservedEvent } from '../../../lambda/model/signal.ts';
import type { Slice } from '../../../lambda/plan/runtime-config.ts';
import { QueryError } from '../../../lambda/query/query.ts';
import type { SliceReading } from '../../../lambda/scan/read-slice.ts';
import type { GroupOutcome } from '../../../lambda/scan/scan-groups.ts';

const start = Date.UTC(2026, 10, 22);
const range = { startEpochMs: start, endEpochMs: start + 60_000 };
const groups = [
  { logGroup: 'a', window: range },
  { logGroup: 'b', window: { ...range, startEpochMs: start + 12_000 } },
];

/** One event for each second of each log group. */
function lineOf(logGroup: string, epochMs: number): ObservedEvent {
  return {
    ...{ key: `${logGroup} ${epochMs}`, logGroup, logStream: 's', timestamp: epochMs },
    ...{ message: 'm', occurrences: 1 },
    signals: [{ kind: 'notice', detections: ['d'], severity: 'high' }],
  };
}

function linesIn({ logGroups, window }: Slice): ObservedEvent[] {
  return logGroups.flatMap((logGroup) =>
    Array.from({ length: lengthMs(window) / 1000 }, (_, at) =>
      lineOf(logGroup, window.startEpochMs + at * 1000),
    ),
  );
}

const scanned: GroupOutcome = { kind: 'scanned' };

/** A reading as the function returns it: one event, or a count of one, per second. */
function readingOf(
  lane: AuditLane,
  slice: Slice,
  outcomeOf: (logGroup: string) => GroupOutcome = () => scanned,
): SliceReading {
  const outcomes = new Map(slice.logGroups.map((logGroup) => [logGroup, outcomeOf(logGroup)]));
  const read = slice.logGroups.filter((logGroup) => outcomes.get(logGroup)?.kind === 'scanned');
  return {
    ...{ ...slice, outcomes, unreadable: [], bytesScanned: 10, doubts: 0, flooded: false },
    ...(lane === 'pack'
      ? { events: linesIn({ ...slice, logGroups: read }).map((seen) => ({ seen })) }
      : {
          events: [],
          matches: new Map(read.map((logGroup) => [logGroup, lengthMs(slice.window) / 1000])),
        }),
  };
}

/** A failed reading, in which one completed query has the events of even seconds. */
function partOf(slice: Slice): SliceReading {
  const reading = readingOf('pack', slice, () => failed());
  const even = linesIn(slice).filter(({ timestamp }) => timestamp % 2000 === 0);
  const rows = even.map((seen) => ({ seen }));
  return { ...reading, partial: Map.groupBy(rows, ({ seen }) => seen.logGroup) };
}

function keysOf(lines: readonly ObservedEvent[]): string[] {
  return lines.map(({ key }) => key).sort();
}

function failed(cause?: Error): GroupOutcome {
  return { kind: 'failed', error: new QueryError('query 1 ended with status Failed', { cause }) };
}

async function run(
  read: ReadRangeOptions['read'],
  changes: Partial<ReadRangeOptions> = {},
  earlier: readonly AuditReading[] = [],
) {
  const kept: AuditReading[] = [...earlier];
  const stopper = changes.stopper ?? new Stopper();
  const unread = await readRange(
    {
      ...{ groups, sliceMs: 10_000, concurrency: 3, stopper, read },
      store: async (readings) => void kept.push(...readings),
      ...{ onPlan: () => {}, onSlice: () => {} },
      ...changes,
    },
    earlier,
  );
  return { unread, kept, totals: totalsOf({ readings: kept }), stopper };
}

const allLines = keysOf(
  groups.flatMap(({ logGroup, window }) => linesIn({ logGroups: [logGroup], window })),
);

test('each event is found once despite temporary failures and truncated answers', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 25 }),
      fc.integer({ min: 1, max: 5 }),
      fc.infiniteStream(fc.constantFrom('whole', 'cut', 'fail', 'fail-a', 'part')),
      async (seconds, concurrency, stream) => {
        const heldInPart = new Set<string>();
        const tries = new Map<string, number>();
        const { unread, totals } = await run(
          async (lane, slice) => {
            const { startEpochMs, endEpochMs } = slice.window;
            const key = `${lane} ${startEpochMs} ${slice.logGroups.join()}`;
            tries.set(key, (tries.get(key) ?? 0) + 1);
            const kind = (tries.get(key) ?? 0) > 1 ? 'whole' : stream.next().value;
            if (kind === 'part' && lane === 'pack') {
              const reading = partOf(slice);
              for (const { seen } of [...(reading.partial?.values() ?? [])].flat()) {
                heldInPart.add(seen.key);
              }
              return [reading];
            }
            if (kind === 'fail') return [readingOf(lane, slice, () => failed())];
            if (kind === 'fail-a') {
              return [readingOf(lane, slice, (group) => (group === 'a' ? failed() : scanned))];
            }
            if (kind === 'cut' && endEpochMs - startEpochMs > 1000) {
              return [
                readingOf(lane, {
                  ...slice,
                  window: { startEpochMs, endEpochMs: startEpochMs + 1000 },
                }),
              ];
            }
            return [readingOf(lane, slice)];
          },
          { sliceMs: seconds * 1000, concurrency },
        );
        // Each of the three attempts may be the first for a slice.
        const missing = new Set(
          unread
            .filter(({ lane }) => lane === 'pack')
            .flatMap(({ logGroup, window }) => linesIn({ logGroups: [logGroup], window }))
            .map(({ key }) => key),
        );
        expect(keysOf(totals.lines)).toEqual(
          allLines.filter((key) => !missing.has(key) || heldInPart.has(key)),
        );
      },
    ),
    { numRuns: 60 },
  );
});

test('earlier readings count and are not repeated', async () => {
  const stopper = new Stopper();
  let asked = 0;
  const before = await run(
    async (lane, slice) => {
      asked += 1;
      if (asked === 6) stopper.stop('by SIGINT');
      return [readingOf(lane, slice)];
    },
    { stopper, concurrency: 1 },
  );
  expect(before.unread.length).toBeGreaterThan(0);
  expect(new Set(before.unread.map(({ reason }) => reason))).toEqual(new Set(['not read yet']));

  const done = doneSpans(before.kept);
  const { unread, totals } = await run(
    async (lane, slice) => {
      for (const logGroup of slice.logGroups) {
        for (const { startEpochMs, endEpochMs } of done(lane, logGroup)) {
          const isApart =
            endEpochMs <= slice.window.startEpochMs || startEpochMs >= slice.window.endEpochMs;
          expect(isApart).toBe(true);
        }
      }
      return [readingOf(lane, slice)];
    },
    {},
    before.kept,
  );
  expect(unread).toEqual([]);
  expect(keysOf(totals.lines)).toEqual(allLines);
  expect(Object.fromEntries(totals.matches)).toEqual({ a: 60, b: 48 });
});

test('a slice that always fails stores the lines of completed queries, and is unread', async () => {
  const isBad = ({ window }: Slice) => window.startEpochMs < start + 10_000;
  const run1 = await run(async (lane, slice) => [
    lane === 'pack' && isBad(slice) ? partOf(slice) : readingOf(lane, slice),
  ]);
  const early = run1.totals.lines.filter(({ timestamp }) => timestamp < start + 10_000);
  expect(keysOf(early)).toEqual(
    keysOf([0, 2, 4, 6, 8].map((second) => lineOf('a', start + second * 1000))),
  );
  expect(run1.unread).toMatchObject([
    { lane: 'pack', logGroup: 'a', window: { ...range, endEpochMs: start + 10_000 } },
  ]);
  // It is read three times, and its lines are stored once.
  expect(run1.kept.flatMap(({ partialLines = [] }) => partialLines)).toHaveLength(5);

  const run2 = await run(async (lane, slice) => [readingOf(lane, slice)], {}, run1.kept);
  expect(run2.unread).toEqual([]);
  expect(keysOf(run2.totals.lines)).toEqual(allLines);
});

test('an event in several readings has the highest number of occurrences', () => {
  const line = lineOf('a', start);
  const reading: AuditReading = {
    ...{ lane: 'pack', window: range, logGroups: [], outOfReach: [], unsure: [], matches: {} },
    ...{ flooded: false, unreadable: [], bytesScanned: 0, doubts: 0, lines: [] },
  };
  const inPart = (occurrences: number) => ({
    ...reading,
    partialLines: [{ ...line, occurrences }],
  });
  const whole = { ...reading, logGroups: ['a'], lines: [{ ...line, occurrences: 2 }] };
  const occurrences = (readings: readonly AuditReading[]) =>
    totalsOf({ readings }).lines.map((each) => each.occurrences);
  expect(occurrences([inPart(1), whole, inPart(1)])).toEqual([2]);
  expect(occurrences([inPart(3), whole])).toEqual([3]);
});

test('a slice that always fails is unread with its reason, and stores nothing', async () => {
  const isBad = ({ window }: Slice) => window.startEpochMs < start + 10_000;
  const { unread, totals } = await run(async (lane, slice) => [
    readingOf(lane, slice, () => (isBad(slice) ? failed() : scanned)),
  ]);
  expect(unread).toEqual(
    ['documented', 'pack'].map((lane) => ({
      ...{ lane, logGroup: 'a', window: { ...range, endEpochMs: start + 10_000 } },
      reason: 'QueryError: query 1 ended with status Failed',
    })),
  );
  expect(totals.lines.every(({ timestamp }) => timestamp >= start + 10_000)).toBe(true);
});

test('a log group that may not be read is tried once, and the others are read', async () => {
  const error = new QueryError('no', { cause: new Error('you may not') });
  const asked: string[] = [];
  const { unread, totals } = await run(
    async (lane, slice) => {
      asked.push(...slice.logGroups);
      return [
        readingOf(lane, slice, (group) =>
          group === 'a' ? { kind: 'blind', cause: 'query-denied', error } : scanned,
        ),
      ];
    },
    { concurrency: 1 },
  );
  expect(asked.filter((group) => group === 'a')).toHaveLength(1);
  expect(unread.map(({ logGroup }) => logGroup)).toEqual(['a', 'a']);
  expect(unread[0]?.reason).toMatch(/may not call logs:StartQuery on it \(Error: you may not\)/);
  expect(Object.fromEntries(totals.matches)).toEqual({ b: 48 });
});

test.each([
  ['AccessDeniedException', /may not call logs:GetQueryResults/],
  ['ExpiredTokenException', /no longer accepts the credentials .*: log in again/],
])('%s would fail every further query, so the audit stops', async (name, reason) => {
  const cause = Object.assign(new Error('no'), { name });
  let asked = 0;
  const { stopper } = await run(
    async (lane, slice) => {
      asked += 1;
      return [readingOf(lane, slice, () => failed(cause))];
    },
    { concurrency: 1 },
  );
  expect(asked).toBe(1);
  expect(stopper.reason).toMatch(reason);
});

test('a group whose count cannot be read is not counted, and is read again', async () => {
  let asked = 0;
  const { unread, totals } = await run(async (lane, slice) => {
    const reading = readingOf(lane, slice);
    if (lane === 'pack') return [reading];
    asked += 1;
    return [{ ...reading, matches: new Map() }];
  });
  expect(asked).toBeGreaterThan(10);
  expect(unread.map(({ lane }) => lane)).toEqual(['documented', 'documented']);
  expect(totals.matches.size).toBe(0);
});

test('an error while storing readings is thrown after all work in progress has ended', async () => {
  let running = 0;
  await expect(
    run(
      async (lane, slice) => {
        running += 1;
        await Promise.resolve();
        running -= 1;
        return [readingOf(lane, slice)];
      },
      { store: () => Promise.reject(new Error('the disk is full')) },
    ),
  ).rejects.toThrow('the disk is full');
  expect(running).toBe(0);
});
