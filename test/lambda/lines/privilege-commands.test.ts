import { readPrivilegeCommands } from '../../../lambda/lines/event-text.ts';
import { textsOf } from '../../../lambda/text/log-text.ts';

function commandsIn(message: string) {
  return readPrivilegeCommands(textsOf(message));
}

/** The commands in BashOperator's line about a script. */
function commandsOf(command: string) {
  const list = JSON.stringify(['/usr/bin/bash', '-c', command]);
  return commandsIn(`[2026-11-22] {subprocess.py:88} INFO - Running command: ${list}`);
}

const granted = { verb: 'grant-role', target: 'bob', role: 'Admin' };

test.each([
  ['airflow users add-role -u bob -r Admin', granted],
  ['airflow users remove-role --username=bob --role=Admin', { ...granted, verb: 'revoke-role' }],
  ['airflow users add-role -e bob@x.org -r Op', { ...granted, target: 'bob@x.org', role: 'Op' }],
  [
    'airflow users create -u eve -r Public -p x',
    { verb: 'create-user', target: 'eve', role: 'Public' },
  ],
  [
    "noderun 'sudo airflow users create -u eve -r Op'",
    { verb: 'create-user', target: 'eve', role: 'Op' },
  ],
  ['airflow users delete -u eve', { verb: 'delete-user', target: 'eve' }],
  ['airflow users reset-password -u eve -p x', { verb: 'reset-password', target: 'eve' }],
  ['airflow users import users.json', { verb: 'import-users' }],
  ['airflow roles create "Admin lite"', { verb: 'create-role', role: 'Admin lite' }],
  ['airflow roles create a b', { verb: 'create-role', roles: ['a', 'b'] }],
  ['airflow roles delete a', { verb: 'delete-role', role: 'a' }],
  ['airflow roles import roles.json', { verb: 'import-roles' }],
  ['airflow roles add-perms a -r Users Roles -a can_edit', { verb: 'add-permissions', role: 'a' }],
  ['airflow roles del-perms a -r DAGs -a can_edit', { verb: 'remove-permissions', role: 'a' }],
  ['airflow sync-perm --include-dags', { verb: 'sync-permissions' }],
  ['airflow permissions-cleanup -y', { verb: 'clean-up-permissions' }],
  ['airflow fab-db reset -y', { verb: 'change-metadata-schema' }],
  ['flask fab create-admin --username x', { verb: 'create-user', target: 'x', role: 'Admin' }],
  [
    'python -m flask fab create-user --username x --role Op',
    { verb: 'create-user', target: 'x', role: 'Op' },
  ],
  [
    'flask --app airflow.www.app fab reset-password --username x',
    { verb: 'reset-password', target: 'x' },
  ],
  ['SUB=add-role; airflow users $SUB -u bob -r Admin', granted],
  ['airflow users $SUB -u bob -r Admin', { target: 'bob', role: 'Admin' }],
  ['python3 -m airflow users add-role -u bob -r Admin', granted],
  ["airflow users $'add\\x2drole' -u bob -r Admin", granted],
  ['airflow u?ers [a]dd-role -u bob -r Admin', { target: 'bob', role: 'Admin' }],
  ['./air* users add-role -u bob -r Admin', granted],
  [`airflow us$\{X}ers add-role -u bob -r Admin`, granted],
  ['airflow users add-role -u "$WHO" -r Admin', { verb: 'grant-role', role: 'Admin' }],
  [
    'psql -c "insert into ab_user_role values (1)"',
    { verb: 'write-metadata-tables', object: 'ab_user_role' },
  ],
])('reads %s', (command, expected) => {
  expect(commandsOf(command)).toEqual([expected]);
});

test('every command of a script is read', () => {
  const script = 'airflow users create -u a -r Op\nairflow users add-role -u a -r Admin';
  expect(commandsOf(script)).toMatchObject([{ verb: 'create-user' }, { verb: 'grant-role' }]);
});

test.each([
  'airflow users add-role --help',
  'airflow users list',
  "echo 'airflow users add-role -u bob -r Admin'",
  "cat > README.md <<'EOF'\nairflow users add-role -u bob -r Admin\nEOF",
  'aws iam add-role-to-instance-profile --role-name x',
  ': airflow users add-role',
  'git commit -m "update ab_user docs"',
  'echo "update ab_user set x = 1" >> notes.sql',
  'gcloud sql users create bob',
  'tr _ " " <<< airflow_users_create',
  'curl https://x/airflow/users/import/run.sh | sed s/a/b/ | bash',
  'python3 -c \'print("airflow users add\\x2drole")\'',
  'airflow dags [l]ist',
  "export X='airflow users create -u x'; perl -e 'print 1'",
  `./load.sh airflow_users_import $\{D//-/_}`,
])('finds no command in %s', (command) => {
  expect(commandsOf(command)).toEqual([]);
});

test.each([
  ["echo 'airflow users add-role -u bob -r Admin' | bash"],
  ["cat <<'EOF' | sh\nairflow users add-role -u bob -r Admin\nEOF"],
  [
    `python3 - <<E\nsubprocess.run(['airflow', 'users', 'add-role', '-u', 'bob', '-r', 'Admin'])\nE`,
  ],
])('reads what is piped or passed to an interpreter: %s', (command) => {
  expect(commandsOf(command)).toEqual([granted]);
});

test('a command whose output or errors do not go to the log is marked as silenced', () => {
  const base = 'airflow users add-role -u bob -r Admin';
  const silenced = (suffix: string) => commandsOf(base + suffix)[0]?.silenced === true;
  const away = [' > /dev/null 2>&1', ' &> x', ' 2>/dev/null', ' > /dev/null', ' | grep -v not'];
  expect(away.map(silenced)).toEqual(away.map(() => true));
  expect(['', ' 2>&1 | tee x'].map(silenced)).toEqual([false, false]);
});

test('a failed program did nothing; a failed shell may have granted before', () => {
  const failed = (words: string) =>
    commandsIn(`Command '${words}' returned non-zero exit status 1.`);
  expect(failed("['airflow', 'users', 'add-role', '-u', 'bob', '-r', 'Admin']")).toEqual([
    { ...granted, failed: true },
  ]);
  expect(failed("['bash', '-c', 'airflow users add-role -u bob -r Admin; false']")).toEqual([
    granted,
  ]);
  expect(failed('airflow users add-role -u bob -r Admin; false')).toEqual([granted]);
});

test.each(['+ ', '++ ', '>> ', '+(grant.sh:12): '])(
  'a traced line is read after PS4 "%s"',
  (ps4) => {
    const text = `${ps4}airflow users add-role -u bob -r Admin`;
    expect(commandsIn(`[2026-11-22] {subprocess.py:93} INFO - ${text}`)).toEqual([granted]);
    expect(commandsIn(JSON.stringify({ event: text, logger: 'task' }))).toEqual([granted]);
  },
);

test.each([
  'To grant a role run: airflow users add-role -u bob -r Admin',
  '| `airflow users add-role` | Add role to a user |',
  '# airflow users add-role -u bob -r Admin',
  'never UPDATE ab_user by hand',
])('prose and tables are no command: %s', (text) => {
  expect(commandsIn(`[2026-11-22] {subprocess.py:93} INFO - ${text}`)).toEqual([]);
});

test('a statement in an error has failed; an announced one may run', () => {
  const written = { verb: 'write-metadata-tables', object: 'ab_user_role' };
  expect(commandsIn('[SQL: INSERT INTO ab_user_role VALUES (1)]\n(Background')).toEqual([
    { ...written, failed: true },
  ]);
  expect(commandsIn('Executing: INSERT INTO ab_user_role VALUES (1)')).toEqual([written]);
});

test('a command in deeply nested substitutions is found', () => {
  const deep = `${'echo $('.repeat(300)}airflow users add-role -u bob -r Admin${')'.repeat(300)}`;
  expect(commandsOf(deep)).toEqual([granted]);
});

const unnamed = [{}];

test.each([
  "cat > grant.sh <<'EOF'\nairflow users add-role -u bob -r Admin\nEOF",
  'perl -e \'system("airflow", "users", "create")\'',
  'run_it users create; airflow version',
  'python3 -c \'import os; os.system("airflow users add\\x2drole")\'',
  "tr _ ' ' <<< airflow_users_create | sh",
  `c=airflow_users_create; $\{c//_/ }`,
  "perl -pe 's/_/ /g' <<< airflow_users_create | sh",
  'airflow $(tr _ " " <<< users_create)',
  "export X='airflow users create -u x'; ./job",
  "export X='airflow users create -u x'; perl job.pl",
  `julia -e 'run(Cmd(split(join(split(ARGS[1], "_"), " "))))' airflow_users_create`,
])('an unreadable text with the words of a command is a command without a verb: %s', (command) => {
  expect(commandsOf(command)).toEqual(unnamed);
});

test.each([
  ["X='airflow users add-role -u bob -r Admin'; $X", [granted]],
  ["echo 'airflow users add-role -u bob -r Admin' > x; sh x; rm x", [granted]],
  ['airflow users add-role -u bob -r Admin; run_it users create', [granted, ...unnamed]],
])('a command that was read is not reported again without a verb: %s', (command, expected) => {
  expect(commandsOf(command)).toEqual(expected);
});

test('a command in a loop is read once for each value', () => {
  const grants = 'for u in bob eve; do airflow users add-role -u $u -r Admin; done';
  expect(commandsOf(grants)).toEqual([granted, { ...granted, target: 'eve' }]);
});

test('only a written --help makes a command a call for help, not one in a variable', () => {
  const base = 'airflow users add-role -u bob -r Admin';
  expect(commandsOf(`${base} --help`)).toEqual([]);
  for (const text of [`false && H=--help; ${base} $H`, `${base} $\{H:---help}`]) {
    expect(commandsOf(text)).toEqual([granted]);
  }
});

test('a command that is sent to the command endpoint of MWAA is read', () => {
  const send = 'curl -X POST -d "users add-role -u bob -r Admin" https://x/aws_mwaa/cli';
  expect(commandsOf(send)).toEqual([granted]);
});

test('another program with such subcommands does not count, even if the text mentions Airflow', () => {
  for (const text of ['superset users add-role -u bob', 'gcloud sql users create bob']) {
    expect(commandsOf(`${text}; airflow version`)).toEqual([]);
  }
});

test('all lines of an unquoted command are read', () => {
  expect(commandsIn('Running command: set -e\nairflow users add-role -u bob -r Admin\n')).toEqual([
    granted,
  ]);
});
