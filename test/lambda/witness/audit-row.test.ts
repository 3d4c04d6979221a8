import { type EventLog, readAuditRow } from '../../../lambda/witness/audit-row.ts';

function row(event: string, argv: readonly string[] | undefined, extra = {}): EventLog {
  const list = argv && `[${argv.map((word) => `'${word}'`).join(', ')}]`;
  return {
    event_log_id: 18,
    event,
    when: '2026-11-28T15:21:25.508586+00:00',
    owner: 'airflow',
    extra: JSON.stringify({ host_name: 'vm', ...(list && { full_command: list }), ...extra }),
  };
}

const at = Date.parse('2026-11-28T15:30:00Z');

test('a row of a command says who was given what, when, where and by which user', () => {
  const argv = ['/venv/bin/airflow', 'users', 'add-role', '-u', 'bob', '-r', 'Op'];
  expect(readAuditRow(row('cli_users_manage_role', argv), at)).toEqual({
    id: 18,
    event: 'cli_users_manage_role',
    whenEpochMs: Date.parse('2026-11-28T15:21:25.508Z'),
    owner: 'airflow',
    host: 'vm',
    command: 'airflow users add-role -u bob -r Op',
    commands: [{ verb: 'grant-role', target: 'bob', role: 'Op' }],
    readEpochMs: at,
  });
});

test.each([
  ['a task', 'cli_task_run', ['airflow', 'tasks', 'run', 'users', 'create', '--local']],
  ['the web server', 'cli_webserver', ['airflow', 'webserver']],
  [
    'a DAG whose conf repeats a command',
    'cli_dag_trigger',
    ['airflow', 'dags', 'trigger', 'run_cmd'],
  ],
  ['help', 'cli_users_create', ['airflow', 'users', 'create', '--help']],
])('a row of %s says nothing', (_, event, argv) => {
  expect(readAuditRow(row(event, argv), at)).toBeUndefined();
});

test('what a request repeats is no command, whatever it says', () => {
  const conf = { conf: { cmd: 'airflow users add-role -u bob -r Op' } };
  expect(readAuditRow(row('api.post_dag_run', undefined, conf), at)).toBeUndefined();
});

test('a row of a command that cannot be read is one of an unknown command', () => {
  const broken = { ...row('cli_users_create', undefined), extra: '{"full_command": "[\'airfl' };
  expect(readAuditRow(broken, at)).toMatchObject({ event: 'cli_users_create', commands: [{}] });
});

test('a password in a command is not kept', () => {
  const argv = ['airflow', 'users', 'create', '-u', 'eve', '-r', 'Admin', '-p', 'hunter2hunter2'];
  const read = readAuditRow(row('cli_users_create', argv), at);
  expect(read?.commands).toEqual([{ verb: 'create-user', target: 'eve', role: 'Admin' }]);
  expect(JSON.stringify(read)).not.toContain('hunter2');
});

test.each([
  ['after it was read', '2036-01-01T00:00:00+00:00', '2026-11-28T15:30:00Z'],
  ['in another century', '1970-01-01T00:00:00+00:00', '2026-10-29T15:30:00Z'],
])('a row that says that it was written %s is not believed', (_, when, expected) => {
  const written = { ...row('cli_users_create', ['airflow', 'users', 'create', '-u', 'eve']), when };
  expect(readAuditRow(written, at)?.whenEpochMs).toBe(Date.parse(expected));
});

test.each([
  [
    'a name of megabytes',
    ['airflow', 'users', 'add-role', '-u', 'x'.repeat(4_000_000), '-r', 'Op'],
  ],
  ['very many names', ['airflow', 'roles', 'create', ...Array(20_000).fill('some-role')]],
])('a row with %s is kept small, and is still a row', (_, argv) => {
  const read = readAuditRow(row('cli_users_manage_role', argv), at);
  expect(read).toMatchObject({ id: 18 });
  expect(JSON.stringify(read).length).toBeLessThan(5_000);
});
