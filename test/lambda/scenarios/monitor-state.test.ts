import {
  type MonitorState,
  openMonitorState,
  saveMonitorState,
} from '../../../lambda/ledger/monitor-state.ts';
import { dynaliteLedger } from '../setup/dynalite-ledger.ts';

const ledger = dynaliteLedger();
const full: MonitorState = {
  lastTickEpochMs: 9_000,
  sliceMinutes: 7,
  groups: {
    'airflow-prod-Task': { cause: 'missing', sinceTickEpochMs: 6_000 },
    'airflow-prod-Worker': { cause: null, sinceTickEpochMs: 0 },
  },
  environment: {
    answeredTickEpochMs: 6_000,
    settings: { Task: { enabled: true, logLevel: 'INFO' }, Worker: {} },
    airflow: { host: 'h.airflow.example', version: '2.10.3' },
  },
  logGroups: {
    answeredTickEpochMs: 6_000,
    facts: { 'airflow-prod-Task': { createdEpochMs: 1, retentionDays: 30, kmsKeyId: 'k' } },
  },
  incoming: { countedTickEpochMs: 6_000, counts: { 'airflow-prod-Task': 12.5 } },
};

test('a new monitor has an empty state', async () => {
  expect(await openMonitorState(ledger.table)).toEqual({ groups: {} });
});

test.each<[string, MonitorState]>([
  ['everything', full],
  ['nothing but that it began', { lastTickEpochMs: 9_000, groups: {} }],
  ['why nothing was counted', { ...full, incoming: { countedTickEpochMs: 1, reason: 'denied' } }],
  ['nothing of MWAA and Logs', { ...full, environment: undefined, logGroups: undefined }],
  ['that the whole slice is asked for again', { ...full, sliceMinutes: undefined }],
])('the state holds %s', async (_, state) => {
  await saveMonitorState(ledger.table, full);
  await saveMonitorState(ledger.table, state);
  expect(await openMonitorState(ledger.table)).toEqual(state);
});

test('a field that a later version adds is ignored', async () => {
  const data = JSON.stringify({ ...full, mood: 'good' });
  await ledger.table.put({ pk: 'state', sk: 'state', data });
  expect(await openMonitorState(ledger.table)).toEqual(full);
});
