/**
 * How many privilege changes in the recorded sessions the documented query and the pack detect:
 * `npm run bench:coverage`.
 */
import Table from 'cli-table3';
import { InsightsEngine } from '../local/insights-engine/engine.ts';
import { replayLogs } from '../local/replay/replay-logs.ts';
import { sessionVersions } from '../test/fixtures/sessions/labelled-session.ts';
import { scoreFindings } from '../test/local/replay/score-findings.ts';
import { sessionReplay } from '../test/local/replay/session-replay.ts';

const plain = { style: { head: [], border: [] } };
const query = new Table({
  ...plain,
  head: [
    'Airflow',
    'events',
    'with add-role',
    'of these, lines of a change',
    'privilege changes made',
    'touched by the query',
  ],
});
const pack = new Table({
  ...plain,
  head: [
    'Airflow',
    'privilege changes made',
    'seen by the pack',
    'findings a change',
    'alerts on benign lines',
  ],
});

for (const version of sessionVersions) {
  const { session, options } = sessionReplay(version);
  const { events, labels } = session;
  const matches = new Set(
    events.flatMap(({ message }, index) => (message.includes('add-role') ? [index + 1] : [])),
  );
  const changes = labels.filter((label) => label.class === 'change');
  const touching = changes.filter(({ line }) => matches.has(line));
  query.push([
    version,
    events.length,
    matches.size,
    new Set(touching.map(({ line }) => line)).size,
    new Set(changes.map(({ action }) => action)).size,
    new Set(touching.map(({ action }) => action)).size,
  ]);

  const engine = await InsightsEngine.open();
  await engine.load(events);
  const { findings } = await replayLogs(engine, options);
  engine.close();
  const score = scoreFindings(findings, session);
  pack.push([
    version,
    score.changes,
    score.changes - score.missed.length,
    score.findingsPerChange.toFixed(2),
    score.falseFindings.length,
  ]);
}
console.log(`The documented query:\n${query}\nThe pack of detections:\n${pack}`);
