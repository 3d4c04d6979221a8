import { witnessConfig, witnessFixture, witnessItems } from '../setup/witness-fixture.ts';

const auditOnly = { ...witnessConfig, snapshot: false };

function fixture() {
  return witnessFixture(undefined, auditOnly);
}

const grant = (user: string, role = 'Op') => ['users', 'add-role', '-u', user, '-r', role];

/** Rows of tasks, one a second from a time on. */
function tasks(
  airflow: ReturnType<typeof fixture>['airflow'],
  from: number,
  count: number,
  time: string,
) {
  const start = Date.parse(`2026-03-01T${time}:00Z`);
  for (let at = 0; at < count; at += 1) {
    const when = new Date(start + at * 1000).toISOString();
    airflow.log(from + at, when, ['tasks', 'run', 'd', 't'], 'cli_task_run');
  }
}

const rowsOf = (table: ReturnType<typeof fixture>['table']) =>
  [...new Set(witnessItems(table, 'row#').map(({ id }) => id))].sort((a, b) => a - b);

test('the first reading reports nothing, and each later row is reported once', async () => {
  const { airflow, table, runAt } = fixture();
  airflow.log(1, '2026-03-01T05:59:00Z', grant('old'));
  await runAt('06:00');
  expect(rowsOf(table)).toEqual([]);
  tasks(airflow, 2, 3, '06:01');
  airflow.log(5, '2026-03-01T06:05:00Z', grant('bob'));
  await runAt('06:15');
  await runAt('06:30');
  expect(witnessItems(table, 'row#')).toMatchObject([
    { id: 5, commands: [{ verb: 'grant-role', target: 'bob', role: 'Op' }] },
  ]);
});

test('a row that appears after one with a higher id is read', async () => {
  const { airflow, table, runAt } = fixture();
  tasks(airflow, 1, 3, '05:59');
  await runAt('06:00');
  airflow.log(9, '2026-03-01T06:10:30Z', grant('bob'));
  await runAt('06:15');
  airflow.log(8, '2026-03-01T06:10:29Z', grant('eve'));
  airflow.log(10, '2026-03-01T06:20:00Z', ['dags', 'list'], 'cli_dag_list');
  await runAt('06:30');
  expect(rowsOf(table)).toEqual([8, 9]);
  expect(witnessItems(table, 'loss#')).toEqual([]);
});

test('thousands of rows are read page by page', async () => {
  const { airflow, table, runAt } = fixture();
  await runAt('06:00');
  tasks(airflow, 1, 1234, '06:01');
  airflow.log(5000, '2026-03-01T06:40:00Z', grant('bob'));
  await runAt('06:45');
  expect(rowsOf(table)).toEqual([5000]);
});

test('more rows than one run reads are left to the next, and the witness says that it is behind', async () => {
  const { airflow, table, runAt } = fixture();
  await runAt('06:00');
  tasks(airflow, 1, 25_000, '06:01');
  airflow.log(30_000, '2026-03-02T06:40:00Z', grant('bob'));
  await runAt('06:15');
  expect(witnessItems(table, 'status')).toMatchObject([
    { auditLog: { failures: 1, cause: '/eventLogs has more new rows than one run reads' } },
  ]);
  await runAt('06:30');
  expect(rowsOf(table)).toEqual([30_000]);
  expect(witnessItems(table, 'status')).toMatchObject([{ auditLog: { failures: 0 } }]);
});

test('deleted rows are a loss, told by the reading before', async () => {
  const { airflow, table, runAt } = fixture();
  tasks(airflow, 1, 300, '05:30');
  airflow.log(400, '2026-03-01T05:40:00Z', grant('bob'));
  tasks(airflow, 401, 150, '05:50');
  await runAt('06:00');
  airflow.rows = airflow.rows.filter(({ event }) => event !== 'cli_users_manage_role');
  tasks(airflow, 600, 20, '06:05');
  await runAt('06:15');
  expect(witnessItems(table, 'loss#')).toMatchObject([
    { sinceEpochMs: Date.parse('2026-03-01T06:00:00Z'), missing: 1, ids: [] },
  ]);
  await runAt('06:30');
  expect(witnessItems(table, 'loss#')).toHaveLength(1);
});

test('a deleted row of the last minute is named', async () => {
  const { airflow, table, runAt } = fixture();
  tasks(airflow, 1, 30, '05:59');
  airflow.log(40, '2026-03-01T05:59:40Z', grant('bob'));
  await runAt('06:00');
  airflow.rows = airflow.rows.filter(({ event_log_id: id }) => id !== 40);
  tasks(airflow, 50, 20, '06:05');
  await runAt('06:15');
  expect(witnessItems(table, 'loss#')).toMatchObject([{ missing: 1, ids: [40] }]);
});

test('airflow db clean takes the oldest rows: that is no loss', async () => {
  const { airflow, table, runAt } = fixture();
  tasks(airflow, 1, 500, '05:00');
  await runAt('06:00');
  airflow.rows = airflow.rows.slice(400);
  tasks(airflow, 501, 30, '06:05');
  airflow.log(600, '2026-03-01T06:10:00Z', grant('bob'));
  await runAt('06:15');
  expect(witnessItems(table, 'loss#')).toEqual([]);
  expect(rowsOf(table)).toEqual([600]);
});

test('a row that is deleted while db clean takes the oldest is a loss all the same', async () => {
  const { airflow, table, runAt } = fixture();
  tasks(airflow, 1, 500, '05:00');
  await runAt('06:00');
  airflow.rows = airflow.rows.slice(400).filter(({ event_log_id: id }) => id !== 450);
  await runAt('06:15');
  expect(witnessItems(table, 'loss#')).toMatchObject([{ missing: 1 }]);
});

test('db clean during the read is no loss: a second look sees it', async () => {
  const { airflow, table, runAt } = fixture();
  tasks(airflow, 1, 500, '05:00');
  await runAt('06:00');
  let answers = 0;
  airflow.beforeAnswer = () => {
    answers += 1;
    if (answers === 2) airflow.rows = airflow.rows.slice(400);
    return undefined;
  };
  await runAt('06:15');
  expect(witnessItems(table, 'loss#')).toEqual([]);
});

test('a gap in ids alone is no loss', async () => {
  const { airflow, table, runAt } = fixture();
  tasks(airflow, 1, 5, '05:00');
  await runAt('06:00');
  airflow.log(5_000, '2026-03-01T06:05:00Z', grant('bob'));
  await runAt('06:15');
  expect(rowsOf(table)).toEqual([5_000]);
  expect(witnessItems(table, 'loss#')).toEqual([]);
});

test('a log that was emptied is a loss', async () => {
  const { airflow, table, runAt } = fixture();
  tasks(airflow, 1, 5, '05:00');
  await runAt('06:00');
  airflow.rows = [];
  await runAt('06:15');
  expect(witnessItems(table, 'loss#')).toMatchObject([{ missing: 5 }]);
});

test('rows that are too long for one answer are asked for in parts', async () => {
  const { airflow, table, runAt } = fixture();
  await runAt('06:00');
  tasks(airflow, 1, 30, '06:01');
  airflow.log(50, '2026-03-01T06:10:00Z', grant('bob'));
  airflow.beforeAnswer = ({ QueryParameters: { limit } }) =>
    limit > 10 ? { status: 400, type: 'RestApiServerException' } : undefined;
  await runAt('06:15');
  expect(rowsOf(table)).toEqual([50]);
});

test('a lost mark costs no row: reading goes on after the last row that was stored', async () => {
  const { airflow, table, runAt } = fixture();
  tasks(airflow, 1, 5, '05:00');
  await runAt('06:00');
  airflow.log(10, '2026-03-01T06:05:00Z', grant('bob'));
  await runAt('06:15');
  for (const item of table.raw('witness')) if (item.sk?.S === 'audit-mark') item.data = { S: 'x' };
  airflow.log(11, '2026-03-01T06:20:00Z', grant('eve'));
  await runAt('06:30');
  airflow.log(12, '2026-03-01T06:40:00Z', grant('dan'));
  await runAt('06:45');
  expect(rowsOf(table)).toEqual([10, 11, 12]);
});

test('an order that is not that of the ids is no answer', async () => {
  const { airflow, table, runAt } = fixture();
  tasks(airflow, 1, 5, '05:00');
  airflow.rows.toSorted = () => [...airflow.rows].reverse();
  await runAt('06:00');
  expect(witnessItems(table, 'status')).toMatchObject([
    { auditLog: { failures: 1, cause: '/eventLogs does not come in the order of its ids' } },
  ]);
});

test('very many commands are items up to a number, and the last stands for the others', async () => {
  const { airflow, table, runAt } = fixture();
  await runAt('06:00');
  for (let id = 1; id <= 2_500; id += 1) airflow.log(id, '2026-03-01T06:01:00Z', grant(`u${id}`));
  await runAt('06:15');
  const items = witnessItems(table, 'row#').sort((a, b) => a.id - b.id);
  expect(items).toHaveLength(2_000);
  expect(items.at(-1)).toMatchObject({ id: 2_000, command: '501 more commands', commands: [{}] });
});
