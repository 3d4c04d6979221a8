/**
 * What the documented query sees of the privilege changes in the recorded sessions, and how much of
 * what it counts has to do with one: `npm run bench:documented-query`.
 */
import Table from 'cli-table3';
import {
  readLabelledSession,
  sessionVersions,
} from '../test/fixtures/sessions/labelled-session.ts';

const table = new Table({
  head: [
    'Airflow',
    'events',
    'with add-role',
    'of these, lines of a change',
    'privilege changes made',
    'touched by the query',
  ],
  style: { head: [], border: [] },
});

for (const version of sessionVersions) {
  const { events, labels } = readLabelledSession(version);
  const matches = new Set(
    events.flatMap(({ message }, index) => (message.includes('add-role') ? [index + 1] : [])),
  );
  const changes = labels.filter((label) => label.class === 'change');
  const touching = changes.filter(({ line }) => matches.has(line));
  table.push([
    version,
    events.length,
    matches.size,
    new Set(touching.map(({ line }) => line)).size,
    new Set(changes.map(({ action }) => action)).size,
    new Set(touching.map(({ action }) => action)).size,
  ]);
}
console.log(table.toString());
