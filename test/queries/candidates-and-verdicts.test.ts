import fc from 'fast-check';
import { scanPlan } from '../../infra/function/scan-plan.ts';
import { type LogType, logGroupName, logTypes } from '../../lambda/model/log-types.ts';
import type { Candidate } from '../../lambda/plan/scan-plan.ts';
import { logGroupOfLogField } from '../../lambda/query/match-counts.ts';
import { packText } from '../../lambda/query/pack-text.ts';
import { Verdicts } from '../../lambda/scan/pack-rows.ts';
import { recordedSessions } from '../../local/demo/session/load-session.ts';
import { InsightsEngine } from '../../local/insights-engine/engine.ts';
import type { EngineResult } from '../../local/insights-engine/engine-types.ts';
import type { LogEvent } from '../../local/log-event.ts';
import { readLogs } from '../../local/log-readers/read-logs.ts';
import { loadDetections } from '../../queries/tools/load-detections.ts';
import { packCandidates } from '../../queries/tools/pack-candidates.ts';

/** For the documented query, the events that it counts. */
const documentedFilter = 'fields @message | filter @message like "add-role"';
const detections = loadDetections().map((detection) =>
  detection.id === 'add-role' ? { ...detection, query: documentedFilter } : detection,
);
const plan = scanPlan(loadDetections(), { detections: { disable: [] }, approvedChanges: [] });
/** The same detections with a limit of fewer characters. */
const packs: readonly (readonly [string, readonly Candidate[]])[] = [
  ['exact filters', plan.candidates],
  ['half of them loosened', packCandidates(detections, 5_000)],
  ['loosened as far as possible', packCandidates(detections, 2_200)],
];

type Found = ReadonlyMap<string, readonly string[]>;
type Row = EngineResult['rows'][number];

/** The engine's id of a row's event. */
function pointerOf(row: Row): string {
  return row.find(({ field }) => field === '@ptr')?.value ?? 'no @ptr';
}

async function rowsOf(engine: InsightsEngine, queryString: string, logGroups: readonly string[]) {
  const allTime = { startEpochSeconds: 0, endEpochSeconds: 4_000_000_000, nowEpochMs: 4e12 };
  const { rows } = await engine.run({ queryString, logGroups, limit: 100_000, ...allTime });
  return rows;
}

function detectionsOf(row: Row, verdicts: Verdicts): readonly string[] {
  const cells = new Map(row.map(({ field, value }) => [field, value]));
  const log = cells.get('@log') ?? '';
  const { detections: ids, undecided } = verdicts.decide({
    message: cells.get('@message') ?? '',
    logStream: cells.get('@logStream') ?? '',
    ...{ log, logGroup: logGroupOfLogField(log) },
  });
  expect(undecided).toEqual([]);
  return ids;
}

/** The matches of one query, by the verdicts on its rows. */
async function decided(
  engine: InsightsEngine,
  logGroups: readonly string[],
  candidates: readonly Candidate[],
) {
  const verdicts = new Verdicts(candidates);
  const found = new Map<string, string[]>(candidates.map(({ id }) => [id, []]));
  const rows = await rowsOf(engine, packText(candidates).queryString, logGroups);
  let claimed = 0;
  for (const row of rows) {
    const ids = detectionsOf(row, verdicts);
    if (ids.length > 0) claimed += 1;
    for (const id of ids) found.get(id)?.push(pointerOf(row));
  }
  return { found: sorted(found), rows: rows.length, claimed };
}

/** The matches of each detection's own query. */
async function alone(engine: InsightsEngine, logGroups: readonly string[]): Promise<Found> {
  const found = new Map<string, string[]>();
  for (const { id, query, logTypes: own } of detections) {
    const ownGroups = logGroups.filter((group) => own.some((type) => group.endsWith(`-${type}`)));
    const rows = await rowsOf(engine, `${query}\n| limit 100000`, ownGroups);
    found.set(id, rows.map(pointerOf));
  }
  return sorted(found);
}

function sorted(found: Found): Found {
  return new Map([...found].map(([id, pointers]) => [id, pointers.toSorted()]));
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

/** Each pack, and each selection of detections, finds the detections' own matches. */
async function expectLikeAlone(engine: InsightsEngine, groups: readonly string[]) {
  const expected = await alone(engine, groups);
  const unclaimed = new Map<string, number>();
  for (const [name, candidates] of packs) {
    const { found, rows, claimed } = await decided(engine, groups, candidates);
    expect([name, found]).toEqual([name, expected]);
    unclaimed.set(name, rows - claimed);
    const some = candidates.filter((_, at) => at % 3 === 1);
    const ofSome = await decided(engine, groups, some);
    expect(ofSome.found).toEqual(new Map(some.map(({ id }) => [id, expected.get(id)])));
  }
  return { expected, unclaimed };
}

test.each([...recordedSessions.keys()])(
  "on the session of Airflow %s, a query finds all events of its detections, and a verdict equals the detection's own result",
  async (version) => {
    await withEvents(
      readLogs(recordedSessions.get(version)?.path ?? ''),
      async (engine, groups) => {
        const { expected, unclaimed } = await expectLikeAlone(engine, groups);
        expect([...expected.values()].flat().length).toBeGreaterThan(100);
        // Exact filters match nothing else.
        expect(unclaimed.get('exact filters')).toBe(0);
        expect(unclaimed.get('loosened as far as possible')).toBeGreaterThan(0);
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
  // Case folding, line ends, characters that are blank only in JavaScript, half a character.
  ...['ſ', 'K', 'İ', 'ı', '\r\n', '\r', '\n\n', '\v', '\u2028', '\ufeff', '\ud83d', '\u0000'],
);
const realLine = fc.constantFrom(...realLines);
const part = fc.tuple(realLine, fc.nat(), fc.nat()).map(([line, a, b]) => {
  const [from = 0, to = 0] = [a % (line.length + 1), b % (line.length + 1)].sort((x, y) => x - y);
  return line.slice(from, to);
});
const changed = fc.constantFrom<(line: string) => string>(
  (line) => line.toUpperCase(),
  (line) => line.toLowerCase(),
  (line) => line.replaceAll('s', 'ſ').replaceAll('k', 'K'),
  (line) => line.replaceAll('i', 'İ'),
  (line) => line.replaceAll(' ', '\u00a0'),
  (line) => line.replaceAll(' ', '\v'),
  (line) => line.replaceAll(' ', '\n'),
  (line) => `${line}\n`,
  (line) => `${line}\r\n`,
  (line) => `${line}\nnothing else`,
  (line) => `nothing yet\n${line}`,
  (line) => `${line}\n${line}\n`,
);
const line = fc.oneof(
  realLine,
  part,
  fc.tuple(part, odd, part).map((parts) => parts.join('')),
  fc.tuple(realLine, fc.nat(), odd).map(([text, at, inserted]) => {
    const index = at % (text.length + 1);
    return text.slice(0, index) + inserted + text.slice(index);
  }),
  fc.tuple(realLine, changed).map(([text, change]) => change(text)),
);
/** The names of its groups contain another log type. */
const environment = 'x-Task';

function eventsOf(lines: readonly (readonly [string, LogType])[]): LogEvent[] {
  return lines
    .filter(([message]) => message !== '')
    .map(([message, type], index) => ({
      logGroup: logGroupName(environment, type),
      logStream: 'stream',
      timestamp: 1_800_000_000_000 + index,
      message: message.toWellFormed(),
    }));
}

test('the same holds for lines made of real ones', async () => {
  const logType = fc.constantFrom<LogType>(...logTypes);
  const lines = fc.array(fc.tuple(line, logType), { minLength: 900, maxLength: 900 });
  await fc.assert(
    fc.asyncProperty(lines, async (drawn) => {
      await withEvents(eventsOf(drawn), async (engine, groups) => {
        await expectLikeAlone(engine, groups);
      });
    }),
    { numRuns: 2, endOnFailure: true },
  );
});

test('half a character is decided as its replacement character in a result', () => {
  const verdicts = new Verdicts(plan.candidates);
  const decide = (message: string, logGroup: string) =>
    verdicts.decide({ message, log: logGroup, logGroup, logStream: 's' });
  fc.assert(
    fc.property(realLine, fc.nat(), fc.constantFrom<LogType>(...logTypes), (text, at, type) => {
      const index = at % (text.length + 1);
      const message = `${text.slice(0, index)}\ud800${text.slice(index)}`;
      const logGroup = logGroupName('prod', type);
      expect(decide(message, logGroup)).toEqual(decide(message.toWellFormed(), logGroup));
    }),
    { numRuns: 300 },
  );
});
