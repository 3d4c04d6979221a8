import { jest } from '@jest/globals';
import fc from 'fast-check';
import { scanPlan } from '../../infra/scan-plan.ts';
import { type LogType, logGroupName, logTypes } from '../../lambda/log-types.ts';
import { logGroupOfLogField } from '../../lambda/match-counts.ts';
import { packText } from '../../lambda/pack-text.ts';
import { Verdicts } from '../../lambda/verdicts.ts';
import { recordedSessions } from '../../local/demo/recorded-sessions.ts';
import { InsightsEngine } from '../../local/insights-engine/engine.ts';
import type { EngineResult } from '../../local/insights-engine/engine-types.ts';
import type { LogEvent } from '../../local/log-event.ts';
import { readLogs } from '../../local/log-readers/read-logs.ts';
import { loadDetections } from '../../queries/load-detections.ts';

/** Two dozen queries a round. */
jest.setTimeout(60_000);

const detections = loadDetections();
const plan = scanPlan(detections, { detections: { disable: [] }, approvedChanges: [] });
const text = packText(plan.candidates);
const verdicts = new Verdicts(plan.candidates);
const inPlan = detections;
/** The documented query's filter. */
const documentedFilter = 'fields @message | filter @message like "add-role"';

type Found = ReadonlyMap<string, readonly string[]>;

/** The engine's name of each event that a row is about. */
function pointersOf(rows: EngineResult['rows']): string[] {
  return rows.map((row) => row.find(({ field }) => field === '@ptr')?.value ?? 'no @ptr').sort();
}

function run(engine: InsightsEngine, queryString: string, logGroups: readonly string[]) {
  const allTime = { startEpochSeconds: 0, endEpochSeconds: 4_000_000_000, nowEpochMs: 4e12 };
  return engine.run({ queryString, logGroups, limit: 100_000, ...allTime });
}

/** What the text of the pack finds, by the verdicts of its rows. */
async function decided(engine: InsightsEngine, logGroups: readonly string[]): Promise<Found> {
  const found = new Map<string, string[]>(plan.candidates.map(({ id }) => [id, []]));
  const { rows } = await run(engine, text.queryString, logGroups);
  for (const row of rows) {
    const cells = new Map(row.map(({ field, value }) => [field, value]));
    const log = cells.get('@log') ?? '';
    const { detections: ids } = verdicts.decide({
      message: cells.get('@message') ?? '',
      logStream: cells.get('@logStream') ?? '',
      ...{ log, logGroup: logGroupOfLogField(log) },
    });
    for (const id of ids) found.get(id)?.push(...pointersOf([row]));
  }
  return new Map([...found].map(([id, pointers]) => [id, pointers.sort()]));
}

async function alone(engine: InsightsEngine, logGroups: readonly string[]): Promise<Found> {
  const found = new Map<string, string[]>();
  for (const { id, query, logTypes: own } of inPlan) {
    const ownGroups = logGroups.filter((group) => own.some((type) => group.endsWith(`-${type}`)));
    const asked = id === 'add-role' ? documentedFilter : query;
    const { rows } = await run(engine, `${asked}\n| limit 100000`, ownGroups);
    found.set(id, pointersOf(rows));
  }
  return found;
}

async function withEvents<T>(
  events: Iterable<LogEvent> | AsyncIterable<LogEvent>,
  use: (engine: InsightsEngine, logGroups: readonly string[]) => Promise<T>,
): Promise<T> {
  const engine = await InsightsEngine.open();
  try {
    await engine.load(events);
    return await use(
      engine,
      (await engine.logGroups()).map(({ logGroup }) => logGroup),
    );
  } finally {
    engine.close();
  }
}

test.each([...recordedSessions.keys()])(
  'on the session of Airflow %s, an event is a candidate, and belongs to a detection, exactly where the detection finds it alone',
  async (version) => {
    await withEvents(
      readLogs(recordedSessions.get(version)?.path ?? ''),
      async (engine, groups) => {
        const found = await alone(engine, groups);
        expect(await decided(engine, groups)).toEqual(found);
        expect([...found.values()].flat().length).toBeGreaterThan(100);
      },
    );
  },
);

const realLines = detections.flatMap(({ tests }) => [
  ...tests.matches.map(({ message }) => message),
  ...tests.ignores.map(({ message }) => message),
]);
const odd = fc.constantFrom(
  ...['"', "'", '\\', '\\"', '{', '}', '{{', ' ', '\n', '\t', '/', '%2F', '*', '#', '`', '|'],
  ...['\u001b[34m', 'é', '管', '😀', '\u00a0', 'User "', 'airflow users ', 'INSERT INTO ', ''],
);
const realLine = fc.constantFrom(...realLines);
const part = fc.tuple(realLine, fc.nat(), fc.nat()).map(([line, a, b]) => {
  const [from = 0, to = 0] = [a % (line.length + 1), b % (line.length + 1)].sort((x, y) => x - y);
  return line.slice(from, to);
});
const line = fc.oneof(
  realLine,
  part,
  fc.tuple(part, odd, part).map((parts) => parts.join('')),
  fc.tuple(realLine, fc.nat(), odd).map(([text, at, inserted]) => {
    const index = at % (text.length + 1);
    return text.slice(0, index) + inserted + text.slice(index);
  }),
  realLine.map((text) => text.toUpperCase()),
);
/** Its groups hold the name of another log type. */
const environment = 'x-Task';

test('on lines made of real ones, an event is a candidate, and belongs to a detection, exactly where the detection finds it alone', async () => {
  const logType = fc.constantFrom<LogType>(...logTypes);
  const lines = fc.array(fc.tuple(line, logType), { minLength: 600, maxLength: 600 });
  await fc.assert(
    fc.asyncProperty(lines, async (drawn) => {
      const events = drawn
        .filter(([message]) => message !== '')
        .map(([message, type], index) => ({
          logGroup: logGroupName(environment, type),
          logStream: 'stream',
          timestamp: 1_800_000_000_000 + index,
          message: message.toWellFormed(),
        }));
      await withEvents(events, async (engine, groups) => {
        expect(await decided(engine, groups)).toEqual(await alone(engine, groups));
      });
    }),
    { numRuns: 2, endOnFailure: true },
  );
});
