import Table from 'cli-table3';
import { type PlannedSlice, plannedSlices } from '../cli/cost/planned-slices.ts';
import { environmentSchema } from '../infra/config/environment-config.ts';
import { scanPlan } from '../infra/function/scan-plan.ts';
import { dayMs } from '../lambda/common/time.ts';
import type { LogType } from '../lambda/model/log-types.ts';
import { queryTimes } from '../lambda/model/windows.ts';
import type { Candidate } from '../lambda/plan/scan-plan.ts';
import { logGroupOfLogField } from '../lambda/query/match-counts.ts';
import { packText } from '../lambda/query/pack-text.ts';
import { Verdicts } from '../lambda/scan/pack-rows.ts';
import {
  type LoadedSession,
  loadSession,
  recordedSessions,
} from '../local/demo/session/load-session.ts';
import { documentedDetectionId, loadDetections } from '../queries/tools/load-detections.ts';
import { packCandidates } from '../queries/tools/pack-candidates.ts';
import { manyDetections } from './many-detections.ts';

/**
 * Computes the bytes that Logs Insights would scan and bill for a day of logs like a recorded
 * session's: for the documented query alone, for the whole pack with its two sweeps, and for one
 * LogAlarm per detection. Then the rows that the pack's query returns per row of a detection, also
 * for larger packs. `npm run bench:scan`; exits with 1 above a target.
 */

/** Maximum bytes of a day with the pack and its sweeps, relative to the documented query. */
const maxBytesRatio = 4.1;
/** The same for a tick without sweeps. */
const maxTickRatio = 2.05;
/** Maximum rows of the current pack's query per row of a detection. */
const maxRowsRatio = 1.2;

interface Asked {
  readonly queryString: string;
  /** Log types that it reads. @default all */
  readonly logTypes?: readonly LogType[];
}

/** The queries for a slice, by lane. */
type Variant = readonly [name: string, ask: (slice: PlannedSlice) => readonly Asked[]];

const config = environmentSchema.parse({ mwaaEnvironment: 'Prod' });
const detections = loadDetections();
const plan = scanPlan(detections, config);
const documented: Asked = { queryString: plan.documentedQuery };
const pack: Asked = packText(plan.candidates);
const others = detections.filter(({ id }) => id !== documentedDetectionId);
// The minimum for separate queries: each detection reads only its own log types, once.
const separate = others.map(({ query, logTypes }): Asked => ({ queryString: query, logTypes }));
const variants: readonly Variant[] = [
  ['the documented query alone', ({ lane }) => (lane === 'documented' ? [documented] : [])],
  [
    `and ${others.length} detections, without a sweep`,
    ({ lane }) => (lane === 'documented' ? [documented] : lane === 'scan' ? [pack] : []),
  ],
  [
    `and ${others.length} detections, with both sweeps`,
    ({ lane }) => (lane === 'documented' ? [documented] : [pack]),
  ],
  [
    `and ${others.length} LogAlarms, one per detection, no sweeps`,
    ({ lane }) => (lane === 'documented' ? [documented] : lane === 'scan' ? separate : []),
  ],
];

const table = new Table({
  head: ['Airflow', 'asked', 'queries per day', 'MB per day', 'passes', 'ratio'],
  colAligns: ['left', 'left', 'right', 'right', 'right', 'right'],
  style: { head: [], border: [] },
});
let [worstRatio, worstTickRatio, worstRowsRatio] = [0, 0, 0];

/** The same detections, more of them, and shorter queries. */
const asked = detections.map((detection) =>
  detection.id === documentedDetectionId
    ? { ...detection, query: `filter @message like "${documentedDetectionId}"` }
    : detection,
);
const packs: readonly (readonly [string, readonly Candidate[]])[] = [
  [`${asked.length} detections`, plan.candidates],
  [`${asked.length} in 6,000 characters`, packCandidates(asked, 6_000)],
  [`${asked.length} in 4,000 characters`, packCandidates(asked, 4_000)],
  ['100 detections', packCandidates(manyDetections(asked, 100))],
  ['200 detections', packCandidates(manyDetections(asked, 200))],
];
const rowTable = new Table({
  head: ['Airflow', 'pack', 'loosened', 'characters', 'rows', 'claimed', 'rows per claimed row'],
  colAligns: ['left', 'left', 'right', 'right', 'right', 'right', 'right'],
  style: { head: [], border: [] },
});
for (const [version, { path }] of recordedSessions) {
  const session = await loadSession({ path });
  const { tally } = session;
  const lengthMs = tally.lastEventEpochMs - tally.firstEventEpochMs + 1;
  const written = (await session.engine.logGroups()).reduce(
    (sum, { storedBytes }) => sum + storedBytes,
    0,
  );
  // From before the session until the far sweep has passed it, so that every lane reads all of it.
  const planned = plannedSlices(
    {
      startEpochMs: tally.firstEventEpochMs,
      endEpochMs: tally.lastEventEpochMs + 3 * dayMs,
    },
    config,
  );
  const day = plannedSlices({ startEpochMs: 0, endEpochMs: dayMs }, config);
  let base: number | undefined;
  for (const [at, [name, ask]] of variants.entries()) {
    const bytes = await scannedBytes(session, planned, ask);
    base ??= bytes;
    const ratio = bytes / base;
    if (at === 1) worstTickRatio = Math.max(worstTickRatio, ratio);
    if (at === 2) worstRatio = Math.max(worstRatio, ratio);
    table.push([
      version,
      name,
      day.reduce((sum, slice) => sum + ask(slice).length, 0).toLocaleString('en'),
      ((bytes * dayMs) / lengthMs / 1e6).toFixed(1),
      (bytes / written).toFixed(2),
      ratio.toFixed(2),
    ]);
  }
  for (const [at, [name, candidates]] of packs.entries()) {
    const { rows, claimed } = await rowsOf(session, candidates);
    if (at === 0) worstRowsRatio = Math.max(worstRowsRatio, rows / claimed);
    rowTable.push([
      ...[version, name, candidates.filter(({ literals }) => literals !== undefined).length],
      packText(candidates).queryString.length.toLocaleString('en'),
      ...[rows.toLocaleString('en'), claimed.toLocaleString('en'), (rows / claimed).toFixed(2)],
    ]);
  }
  session.engine.close();
}

const { everyMinutes, nearSweep, farSweep } = config;
console.log(
  `A scan every ${everyMinutes} min, sweeps every ${nearSweep.everyMinutes} and ${farSweep.everyMinutes} min; a day of logs like the session's, on the embedded engine.`,
);
console.log(table.toString());
console.log(
  'Rows of one query over a whole session; filters that do not fit into a query are loosened to strings.',
);
console.log(rowTable.toString());
judge('A tick costs', worstTickRatio, maxTickRatio, 'times the documented query alone');
judge('A day with its sweeps costs', worstRatio, maxBytesRatio, 'times the documented query alone');
judge(
  'The query returns',
  worstRowsRatio,
  maxRowsRatio,
  'rows for each row that a detection claims',
);

function judge(what: string, measured: number, max: number, unit: string): void {
  const met = measured <= max;
  console.log(
    `${what} ${measured.toFixed(2)} ${unit}; the target is at most ${max}: ${met ? 'met' : 'MISSED'}.`,
  );
  if (!met) process.exitCode = 1;
}

/**
 * The number of rows that a query returns over a whole session, and how many belong to a detection.
 */
async function rowsOf({ engine, logGroups }: LoadedSession, candidates: readonly Candidate[]) {
  const { rows } = await engine.run({
    queryString: packText(candidates, 100_000).queryString,
    logGroups: logGroups.map(({ logGroup }) => logGroup),
    ...{ startEpochSeconds: 0, endEpochSeconds: 4e9, nowEpochMs: 4e12, limit: 100_000 },
  });
  const verdicts = new Verdicts(candidates);
  const claimed = rows.filter((row) => {
    const cells = new Map(row.map(({ field, value }) => [field, value]));
    const log = cells.get('@log') ?? '';
    const [message = '', logStream = ''] = [cells.get('@message'), cells.get('@logStream')];
    const event = { message, logStream, log, logGroup: logGroupOfLogField(log) };
    return verdicts.decide(event).detections.length > 0;
  });
  return { rows: rows.length, claimed: claimed.length };
}

/** Bytes scanned by all queries whose slices overlap the session. */
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
