import { logGroupName } from '../../lambda/model/log-types.ts';
import { InsightsEngine } from '../../local/insights-engine/engine.ts';
import type { EngineResult } from '../../local/insights-engine/engine-types.ts';
import { loadDetections } from '../../queries/tools/load-detections.ts';

const firstSecond = 1_800_000_000;
const cases = loadDetections().flatMap(({ id, query, logTypes, tests }) =>
  [
    ...tests.matches.map((line) => ({ ...line, matches: true })),
    ...tests.ignores.map((line) => ({ ...line, parsed: undefined, matches: false })),
  ].map((line) => ({
    ...line,
    id,
    query,
    logGroups: logTypes.map((t) => logGroupName('test', t)),
  })),
);

/** Every line in its own second, and in each second one event that no detection matches. */
const engine = await InsightsEngine.open();
const background = cases.flatMap(({ logGroups }, index) =>
  logGroups.map((logGroup) => ({ logGroup, timestamp: timeOf(index), message: 'heartbeat' })),
);
const lines = cases.map(({ logType, message }, index) => ({
  logGroup: logGroupName('test', logType),
  timestamp: timeOf(index),
  message,
}));
await engine.load([...background, ...lines].map((event) => ({ ...event, logStream: 'stream' })));
afterAll(() => engine.close());

function timeOf(index: number): number {
  return (firstSecond + index) * 1000;
}

/** The rows of a query over the seconds of some lines. */
async function rowsOf(
  { query, logGroups }: Pick<(typeof cases)[number], 'query' | 'logGroups'>,
  first: number,
  last: number,
) {
  const { rows, statistics } = await engine.run({
    queryString: query,
    logGroups,
    startEpochSeconds: firstSecond + first,
    endEpochSeconds: firstSecond + last,
    nowEpochMs: timeOf(cases.length),
  });
  return { rows, matched: statistics.recordsMatched };
}

/** By detection, its rows over all lines. */
const found = new Map<string, Promise<{ rows: EngineResult['rows'] }>>();

/** The rows of a line: from the detection's query over all of them, unless it counts its rows. */
async function rowsAt(line: (typeof cases)[number], index: number) {
  if (/\bstats\b/.test(line.query)) return rowsOf(line, index, index);
  const all = found.get(line.id) ?? rowsOf(line, 0, cases.length);
  found.set(line.id, all);
  const value = new Date(timeOf(index)).toISOString().slice(0, -1).replace('T', ' ');
  const isThen = (row: EngineResult['rows'][number]) =>
    row.some((cell) => cell.field === '@timestamp' && cell.value === value);
  const rows = (await all).rows.filter(isThen);
  return { rows, matched: rows.length };
}

test.each(cases.map((line, index) => ({ line, ...line, index })))(
  '$id: a query over its log groups decides $logType line $index (matches: $matches)',
  async ({ line, parsed, matches, index }) => {
    const { rows, matched } = await rowsAt(line, index);
    expect(matched).toBe(matches ? 1 : 0);
    for (const [field, value] of Object.entries(parsed ?? {})) {
      expect(rows.flat()).toContainEqual({ field, value });
    }
  },
);
