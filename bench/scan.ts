/**
 * Bytes that Logs Insights would scan, and bill, in a day of logs like a recorded session's: the
 * documented query alone, together with the whole pack and its two sweeps, and one LogAlarm a
 * detection. `npm run bench:scan`; exits with 1 above the target.
 */
import Table from 'cli-table3';
import { environmentSchema } from '../infra/environment-config.ts';
import { scanPlan } from '../infra/scan-plan.ts';
import type { LogType } from '../lambda/log-types.ts';
import { queryTimes } from '../lambda/windows.ts';
import { type LoadedSession, loadSession } from '../local/demo/load-session.ts';
import { recordedSessions } from '../local/demo/recorded-sessions.ts';
import { documentedDetectionId, loadDetections } from '../queries/load-detections.ts';
import { type PlannedSlice, slicesOf } from './slices-of-days.ts';

/** What a day with the pack and its sweeps may scan, at the most, of what the documented query does. */
const maxBytesRatio = 4.1;
const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

interface Asked {
  readonly queryString: string;
  /** Log types that it reads. @default all */
  readonly logTypes?: readonly LogType[];
}

/** What is asked for a slice, by its lane. */
type Variant = readonly [name: string, ask: (slice: PlannedSlice) => readonly Asked[]];

const config = environmentSchema.parse({ mwaaEnvironment: 'Prod' });
const detections = loadDetections();
const plan = scanPlan(detections, config);
const documented: Asked = { queryString: plan.documentedQuery };
const others = detections.filter(({ id }) => id !== documentedDetectionId);
// As little as can be asked one by one: each detection of its own log types only, and never again.
const separate = others.map(({ query, logTypes }): Asked => ({ queryString: query, logTypes }));
const variants: readonly Variant[] = [
  ['the documented query alone', ({ lane }) => (lane === 'documented' ? [documented] : [])],
  [
    `and ${others.length} detections, with both sweeps`,
    ({ lane }) => (lane === 'documented' ? [documented] : plan.packQueries),
  ],
  [
    `and ${others.length} LogAlarms, one a detection, no sweeps`,
    ({ lane }) => (lane === 'documented' ? [documented] : lane === 'scan' ? separate : []),
  ],
];

const table = new Table({
  head: ['Airflow', 'asked', 'queries a day', 'MB a day', 'passes', 'ratio'],
  colAligns: ['left', 'left', 'right', 'right', 'right', 'right'],
  style: { head: [], border: [] },
});
let worstRatio = 0;
for (const [version, { path }] of recordedSessions) {
  const session = await loadSession(path, undefined, () => {});
  const { tally } = session;
  const lengthMs = tally.lastEventEpochMs - tally.firstEventEpochMs + 1;
  const written = (await session.engine.logGroups()).reduce(
    (sum, { storedBytes }) => sum + storedBytes,
    0,
  );
  // From before the session until the far sweep has passed it: every lane reads all of it.
  const planned = slicesOf(
    {
      startEpochMs: tally.firstEventEpochMs,
      endEpochMs: tally.lastEventEpochMs + 3 * dayMs,
    },
    config,
  );
  const day = slicesOf({ startEpochMs: 0, endEpochMs: dayMs }, config);
  let base: number | undefined;
  for (const [at, [name, ask]] of variants.entries()) {
    const bytes = await scannedBytes(session, planned, ask);
    base ??= bytes;
    const ratio = bytes / base;
    if (at === 1) worstRatio = Math.max(worstRatio, ratio);
    table.push([
      version,
      name,
      day.reduce((sum, slice) => sum + ask(slice).length, 0).toLocaleString('en'),
      ((bytes * dayMs) / lengthMs / 1e6).toFixed(1),
      (bytes / written).toFixed(2),
      ratio.toFixed(2),
    ]);
  }
  session.engine.close();
}

const { everyMinutes, nearSweep, farSweep } = config;
console.log(
  `A scan every ${everyMinutes} min, sweeps every ${nearSweep.everyMinutes} and ${farSweep.everyMinutes} min; a day of logs like the session's, on the embedded engine.`,
);
console.log(table.toString());
const met = worstRatio <= maxBytesRatio;
console.log(
  `The pack and its sweeps cost ${worstRatio.toFixed(2)} times the documented query alone; the target is at most ${maxBytesRatio}: ${met ? 'met' : 'MISSED'}.`,
);
if (!met) process.exitCode = 1;

/** Of all queries of the slices that reach into the session. */
async function scannedBytes(
  { engine, logGroups, tally }: LoadedSession,
  slices: readonly PlannedSlice[],
  ask: Variant[1],
): Promise<number> {
  let bytes = 0;
  for (const slice of slices) {
    const { startEpochMs, endEpochMs } = slice.window;
    if (endEpochMs <= tally.firstEventEpochMs || startEpochMs > tally.lastEventEpochMs) continue;
    const { startTime, endTime } = queryTimes(slice.window);
    for (const { queryString, logTypes } of ask(slice)) {
      const read = logGroups.filter(({ logType }) => logTypes?.includes(logType) ?? true);
      if (read.length === 0) continue;
      const { statistics } = await engine.run({
        queryString,
        logGroups: read.map(({ logGroup }) => logGroup),
        startEpochSeconds: startTime,
        endEpochSeconds: endTime,
        nowEpochMs: slice.tickEpochMs,
      });
      bytes += statistics.bytesScanned;
    }
  }
  return bytes;
}
