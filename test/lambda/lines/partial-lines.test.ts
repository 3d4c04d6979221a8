import fc from 'fast-check';
import { readPartialLines } from '../../../lambda/lines/read-partial.ts';
import { growth, linearGrowth } from '../../counted-steps.ts';
import { signalsOf } from '../../queries/pack.ts';

const printed = '[2026-11-22T07:17:40.000+0000] {logging_mixin.py:190} INFO - ';
const written = '[2026-11-22T07:17:40.000+0000] {override.py:1630} INFO - ';
const granted = { verb: 'grant-role', target: 'eve', role: 'Admin' };

test.each([
  ['User "eve" *** to role "Admin"', granted],
  ['User "eve" added to *** "Admin"', granted],
  ['*** "eve" added to role "Admin"', granted],
  ['Us*** "eve" added to role "Admin"', granted],
  ['User "eve" a*** "Admin"', granted],
  ['User "eve" *** to *** "Admin"', granted],
  ['User *** added to role "Admin"', { verb: 'grant-role', role: 'Admin' }],
  ['***eve" added to role "Admin"', { verb: 'grant-role', role: 'Admin' }],
  ['User "eve" *** "Admin"', { target: 'eve', role: 'Admin' }],
  ['User "eve" ***', { target: 'eve', role: '***' }],
  ['User "eve***Admin"', { role: '***' }],
  ['User "***" *** to role "***"', { verb: 'grant-role', target: '***', role: '***' }],
  ['User "e"ve" *** to role "Admin"', { verb: 'grant-role', role: 'Admin' }],
  ['User "eve" *** successfully', { verb: 'reset-password', target: 'eve' }],
  ['Admin *** eve created.', { verb: 'create-user' }],
  ['Added 1 ***', {}],
  ['***s and permissions successfully imported', { verb: 'import-roles' }],
  ['stdout=\'User "eve" *** to role "Admin"\\n\', stderr=\'\')', granted],
  ['[\'User "eve" *** to role "Admin"\', \'\']', granted],
])('%s may be a line of Airflow', (line, expected) => {
  expect(readPartialLines([printed + line])).toMatchObject([expected]);
});

test.each([
  ['*** user eve', { verb: expect.any(String) }],
  ['Added *** eve', {}],
  ['*** Role: x', { verb: 'create-role' }],
  ['Added Permission can edit on Users *** role x', { verb: 'add-permissions' }],
  ['Updated *** Eve X', {}],
])('read only after the place of the security manager: %s', (line, expected) => {
  const [read] = readPartialLines([written + line]);
  expect(read).toBeDefined();
  if (line !== '*** user eve') expect(read).toMatchObject(expected);
  expect(readPartialLines([`[x] {dag.py:3} INFO - ${line}`])).toEqual([]);
});

test('a line of the security manager is read even if its place is masked', () => {
  const line = '[2026-11-22T07:17:40.000+0000] {***:1630} INFO - Added user eve';
  expect(readPartialLines([`[x] {subprocess.py:106} INFO - ${line}`])).toEqual([
    { verb: 'create-user', target: 'eve' },
  ]);
});

const sentence = 'Added Permission can edit on Users to role Public';
const asJson = (event: string, logger: string) => JSON.stringify({ event, logger });
const asStructlog = (event: string, logger: string) =>
  `2026-05-06T01:00:14.610844Z [info     ] ${event}   [${logger}] loc=override.py:1`;

test.each([
  `{***.py:1820} INFO - ${sentence}`,
  `{override.***:1820} INFO - ${sentence}`,
  `{over***.py:1820} INFO - ${sentence}`,
  `{{***:1820}} INFO - ${sentence}`,
  `{***:***} *** - ${sentence}`,
  `[2026-11-22] {subprocess.py:106} INFO - [2026-11-22] {***.py:1820} *** - ${sentence}`,
  asJson(sentence, '***'),
  asJson(sentence, 'airflow.providers.***.auth_manager.security_manager.override'),
  asJson(sentence, 'airflow.providers.fab.***'),
  asStructlog(sentence, '***'),
  asStructlog(sentence, 'airflow.providers.fab.auth_***.security_***.override'),
])('a masked place may be the security manager’s: %s', (line) => {
  expect(signalsOf('Task', line)).toMatchObject([
    { severity: 'critical', verb: 'add-permissions', role: 'Public' },
  ]);
});

test.each([
  `{***.py:12} INFO - Loaded 5 rows`,
  `{etl***.py:12} INFO - ${sentence}`,
  asJson('Loaded 5 rows', '***'),
  asJson(sentence, 'etl.***'),
  asJson('Users synchronized', '***'),
])('neither a masked place alone nor another’s place makes a finding: %s', (line) => {
  expect(signalsOf('Task', line)).toEqual([]);
});

test.each(['***: superops', '*** superops', '***', '*** ***'])(
  'a record of the security manager counts even if its whole sentence is masked: %s',
  (line) => {
    expect(signalsOf('Task', written + line)).toMatchObject([{ kind: 'partial' }]);
    expect(signalsOf('Task', `[x] {dag.py:7} INFO - ${line}`)).toEqual([]);
  },
);

test.each([
  ['*** can read on DAGs to role analysts', 'high'],
  ['Added *** read on DAGs to role analysts', 'high'],
  ['Added can read on DAGs *** role analysts', 'high'],
  ['Added can *** on Users to role analysts', 'critical'],
  ['Added can *** role analysts', 'critical'],
  ['Added can *** on DAGs to role Public', 'critical'],
  ['Deleted can *** on Users from role analysts', 'high'],
])('a partly masked permission is as severe as the worst it may be: %s', (line, severity) => {
  expect(signalsOf('Task', printed + line)).toMatchObject([{ severity }]);
});

test.each([
  'Added *** on bucket policy to role reader',
  'Added *** to channel',
  'Deleted *** from cache',
  'moved *** on Monday to role play',
])('%s is no grant of a permission', (line) => {
  expect(signalsOf('Task', printed + line)).toEqual([]);
});

test.each([
  ['Running ***: INSERT INTO ab_user_role VALUES (1, 2, 3)', 'ab_user_role'],
  ['*** statement: UPDATE ab_user SET active = true', 'ab_user'],
  ['***: DELETE FROM ab_role WHERE id = 3', 'ab_role'],
  ['Running statement: ***_user_role SET role_id = 1', '***_user_role'],
  ['Running statement: ***_role (id, name) VALUES (1, $1)', '***_role'],
  ['Running statement: UPDATE ab_user_***_id = 1', 'ab_user_***_id'],
])('a statement with masked words writes the table that it may write: %s', (line, object) => {
  const signals = signalsOf('Task', `[x] {sql.py:553} INFO - ${line}`);
  expect(signals).toContainEqual(
    expect.objectContaining({ kind: 'statement', severity: 'critical', object }),
  );
});

test.each([
  'User "***" added to role "Admin"',
  'User "bob" logged in with password "***"',
  'User "***" logged in',
  'User "bob" has "***" as "x"',
  'postgresql://user:***@host',
  'Using connection -p ***',
  'Created user *** in Okta',
  '/opt/***/dags/user_sync.py role',
  'env: MWAA__DB__CREDENTIALS=***',
  'password for User bob is ***',
  'Added *** to channel',
  'Assuming role arn:aws:iam::***:role/x',
  'Deleted user session ***',
  'created connection *** with role "x"',
  '{"role": "***"}',
])('%s is no line about users and roles', (line) => {
  expect(readPartialLines([printed + line])).toEqual([]);
});

test('a masked line with at least eight letters left is found', () => {
  const line = 'User "eve" added to role "Admin"';
  const words = /[A-Za-z]/;
  const range = fc.tuple(fc.nat(line.length - 1), fc.integer({ min: 1, max: line.length }));
  fc.assert(
    fc.property(range, ([from, length]) => {
      const masked = `${line.slice(0, from)}***${line.slice(from + length)}`;
      const fixed = masked.replace(/eve|Admin/g, '');
      fc.pre([...fixed].filter((letter) => words.test(letter)).length >= 8);
      const isWhole = masked.includes('User "') && masked.includes('" added to role "');
      fc.pre(!isWhole);
      expect(readPartialLines([printed + masked])).not.toEqual([]);
    }),
  );
});

test('a masked line is as severe as the worst role that it may name', () => {
  const of = (line: string) => signalsOf('Task', printed + line);
  expect(of('User "eve" *** to role "Viewer"')).toMatchObject([{ severity: 'high' }]);
  expect(of('User "eve" *** to role "Admin"')).toMatchObject([{ severity: 'critical' }]);
  expect(of('User "eve" *** to role "***"')).toMatchObject([{ severity: 'critical' }]);
});

test('of too many masked lines the first are read, and the rest becomes one nameless line', () => {
  const lines = Array.from({ length: 5_000 }, (_, at) => `User "u${at}" *** to role "A"`);
  const read = readPartialLines([lines.join('\n')]);
  expect(read.length).toBeLessThan(1_000);
  expect(read).toContainEqual({});
});

test.each(['*** ', 'User "*** role ', '\\\\', 'User "eve" *** role x\n', '"***"'])(
  'a text of %j is read in linear time',
  (part) => {
    const task = (size: number) => () => void readPartialLines([part.repeat(size)]);
    expect(growth(task, 1_000)).toBeLessThan(linearGrowth);
  },
);
