import fc from 'fast-check';
import { observe } from '../../../lambda/lines/event-identity.ts';
import { Verdicts } from '../../../lambda/scan/pack-rows.ts';
import type { EngineQuery } from '../../../local/insights-engine/engine-types.ts';
import { cutWindows, defaultSliceMs } from '../../../local/replay/derive-findings.ts';
import { type QueryRunner, readPack } from '../../../local/replay/replay-logs.ts';
import { containing } from '../../lambda/setup/pack-fixture.ts';

const start = Date.UTC(2026, 10, 22);
const candidates = [containing('some-detection', 'at ')];
const window = { startEpochMs: start, endEpochMs: start + 64_000 };

interface Event {
  readonly logGroup: string;
  readonly epochMs: number;
}

/** Returns at most the limit of rows and silently cuts off the rest. */
function limitedEngine(events: readonly Event[], rowsMax: number): QueryRunner {
  return {
    async run({
      logGroups = [],
      startEpochSeconds,
      endEpochSeconds,
      limit = rowsMax,
    }: EngineQuery) {
      const rows = events
        .filter(({ logGroup, epochMs }) => {
          const second = Math.floor(epochMs / 1000);
          const isInTime = second >= startEpochSeconds && second <= endEpochSeconds;
          return isInTime && logGroups.includes(logGroup);
        })
        .toSorted((a, b) => a.epochMs - b.epochMs)
        .slice(0, limit)
        .map(({ logGroup, epochMs }) => [
          {
            field: '@timestamp',
            value: new Date(epochMs).toISOString().slice(0, 23).replace('T', ' '),
          },
          { field: '@log', value: `000000000000:${logGroup}` },
          { field: '@logStream', value: 'stream' },
          { field: '@message', value: `at ${epochMs}` },
        ]);
      const statistics = {
        recordsMatched: 0,
        recordsScanned: 0,
        bytesScanned: 10,
        logGroupsScanned: 1,
      };
      return { rows, statistics, warnings: [] };
    },
  };
}

const logGroups = ['airflow-A-Task', 'airflow-A-Worker'];

function read(events: readonly Event[], rowsMax: number) {
  const plan = { candidates, packRowsMax: rowsMax };
  const engine = limitedEngine(events, rowsMax);
  return readPack(engine, plan, { logGroups, window }, start, {
    verdicts: new Verdicts(candidates),
    observe: (event) => observe(event, []),
  });
}

test('a full result is read again in parts until no event is missing', async () => {
  const event = fc.record({
    logGroup: fc.constantFrom(...logGroups),
    epochMs: fc.integer({ min: start, max: window.endEpochMs - 1 }),
  });
  const key = ({ logGroup, epochMs }: Event) => `${logGroup} ${epochMs}`;
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(event, { selector: key, maxLength: 200 }), async (events) => {
      const perSecond = Map.groupBy(
        events,
        (one) => `${one.logGroup} ${Math.floor(one.epochMs / 1000)}`,
      );
      const rowsMax = 1 + Math.max(0, ...[...perSecond.values()].map(({ length }) => length));
      const { events: found, cutOff } = await read(events, rowsMax);
      expect(cutOff).toEqual([]);
      expect(
        found
          .map(({ seen: { logGroup, timestamp } }) => key({ logGroup, epochMs: timestamp }))
          .sort(),
      ).toEqual(events.map(key).sort());
    }),
    { numRuns: 50 },
  );
});

test('a second with too many events is reported, and the events read are kept', async () => {
  const crowd = Array.from({ length: 35 }, (_, at) => ({
    logGroup: 'airflow-A-Task',
    epochMs: start + 5000 + at,
  }));
  const alone = { logGroup: 'airflow-A-Worker', epochMs: start + 5000 };
  const { events, cutOff } = await read([...crowd, alone], 3);
  expect(cutOff).toEqual([
    {
      logGroups: ['airflow-A-Task'],
      window: { startEpochMs: start + 5000, endEpochMs: start + 6000 },
    },
  ]);
  expect(events.map(({ seen }) => seen.logGroup)).toEqual([
    ...Array.from({ length: 30 }, () => 'airflow-A-Task'),
    'airflow-A-Worker',
  ]);
});

test('windows tile the range for any slice', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5000 }),
      fc.integer({ min: 1, max: 700 }),
      (seconds, slice) => {
        const range = { startEpochMs: start, endEpochMs: start + seconds * 1000 };
        const windows = cutWindows(range, slice * 1000);
        expect(windows[0]?.startEpochMs).toBe(range.startEpochMs);
        expect(windows.at(-1)?.endEpochMs).toBe(range.endEpochMs);
        windows.slice(1).forEach((next, at) => {
          expect(next.startEpochMs).toBe(windows[at]?.endEpochMs);
        });
        expect(windows.length).toBe(Math.ceil(seconds / slice));
      },
    ),
  );
});

test.each([0.5, 0, -1])('a slice of %d seconds is refused', (seconds) => {
  expect(() => cutWindows(window, seconds * 1000)).toThrow('must be whole seconds');
});

test('by default a year has no more windows than a day', () => {
  const dayMs = 86_400_000;
  const day = { startEpochMs: start, endEpochMs: start + dayMs };
  const year = { startEpochMs: start, endEpochMs: start + 365 * dayMs };
  expect(defaultSliceMs(day)).toBe(3_600_000);
  expect(cutWindows(year, defaultSliceMs(year)).length).toBeLessThanOrEqual(48);
});
