import { logGroupName } from '../../lambda/model/log-types.ts';
import { InsightsEngine } from '../../local/insights-engine/engine.ts';
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

test.each(cases.map((line, index) => ({ ...line, index })))(
  '$id: a query over its log groups decides $logType line $index (matches: $matches)',
  async ({ query, logGroups, parsed, matches, index }) => {
    const { rows, statistics } = await engine.run({
      queryString: query,
      logGroups,
      startEpochSeconds: firstSecond + index,
      endEpochSeconds: firstSecond + index,
      nowEpochMs: timeOf(cases.length),
    });
    expect(statistics.recordsMatched).toBe(matches ? 1 : 0);
    for (const [field, value] of Object.entries(parsed ?? {})) {
      expect(rows.flat()).toContainEqual({ field, value });
    }
  },
);
