/**
 * Bytes that Logs Insights would scan, and bill, for one tick over a recorded session: the
 * documented query alone, together with the whole pack as one text, and together with one query a
 * detection. `npm run bench:scan`; exits with 1 above the target.
 */
import Table from 'cli-table3';
import { scanPlan } from '../infra/scan-plan.ts';
import { loadSession } from '../local/demo/load-session.ts';
import { recordedSessions } from '../local/demo/recorded-sessions.ts';
import { documentedDetectionId, loadDetections } from '../queries/load-detections.ts';

/** What a tick with the pack may scan, at the most, of what the documented query alone does. */
const maxBytesRatio = 2.05;

const detections = loadDetections();
const plan = scanPlan(detections, { detections: { disable: [] }, approvedChanges: [] });

const table = new Table({
  head: ['Airflow', 'a tick asks', 'queries', 'bytes scanned', 'ratio', 'ms'],
  colAligns: ['left', 'left', 'right', 'right', 'right', 'right'],
  style: { head: [], border: [] },
});
let worstRatio = 0;
for (const [version, { path }] of recordedSessions) {
  const { engine, logGroups, tally } = await loadSession(path, undefined, () => {});
  const span = {
    startEpochSeconds: Math.floor(tally.firstEventEpochMs / 1000),
    endEpochSeconds: Math.ceil(tally.lastEventEpochMs / 1000),
    nowEpochMs: tally.lastEventEpochMs + 1000,
  };
  const scan = async (
    queries: readonly { readonly queryString: string; readonly logTypes?: readonly string[] }[],
  ) => {
    const startedMs = performance.now();
    let bytes = 0;
    for (const { queryString, logTypes } of queries) {
      const read = logGroups.filter(({ logType }) => logTypes?.includes(logType) ?? true);
      const { statistics } = await engine.run({
        queryString,
        logGroups: read.map(({ logGroup }) => logGroup),
        ...span,
      });
      bytes += statistics.bytesScanned;
    }
    return { bytes, ms: performance.now() - startedMs };
  };
  const documented = { queryString: plan.documentedQuery };
  const others = detections.filter(({ id }) => id !== documentedDetectionId);
  // As little as can be asked one by one: each detection of its own log types only.
  const separate = others.map(({ query, logTypes }) => ({ queryString: query, logTypes }));
  const variants = [
    ['the documented query', [documented]],
    [`and ${others.length} detections as flags`, [documented, ...plan.packQueries]],
    [`and ${others.length} detections one by one`, [documented, ...separate]],
  ] as const;
  const results = [];
  for (const [name, queries] of variants) {
    results.push({ name, queries: queries.length, ...(await scan(queries)) });
  }
  engine.close();
  const base = results[0]?.bytes ?? 0;
  worstRatio = Math.max(worstRatio, (results[1]?.bytes ?? 0) / base);
  for (const { name, queries, bytes, ms } of results) {
    const ratio = (bytes / base).toFixed(2);
    table.push([version, name, queries, bytes.toLocaleString('en'), ratio, ms.toFixed(0)]);
  }
}

console.log('One tick over a whole recorded session, on the embedded engine.');
console.log(table.toString());
const met = worstRatio <= maxBytesRatio;
console.log(
  `The pack costs ${worstRatio.toFixed(2)} times the documented query; the target is at most ${maxBytesRatio}: ${met ? 'met' : 'MISSED'}.`,
);
if (!met) process.exitCode = 1;
