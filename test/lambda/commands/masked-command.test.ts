import { readPrivilegeCommands } from '../../../lambda/lines/event-text.ts';
import { textsOf } from '../../../lambda/text/log-text.ts';
import { signalsOf } from '../../queries/pack.ts';

const head = '[2026-11-22T07:17:40.000+0000] {subprocess.py:88} INFO - ';
const echo = (text: string) => `Running command: ['/usr/bin/bash', '-c', '${text}']`;
const commandsIn = (line: string) => readPrivilegeCommands(textsOf(head + line));

test.each([
  [echo('*** users add-role -u eve -r Admin'), { target: 'eve', role: 'Admin' }],
  [echo('airflow *** create -u eve -r Admin'), {}],
  [echo('airflow users *** -u eve -r Admin'), { target: 'eve', role: 'Admin' }],
  [echo('airflow *** -u eve -r Admin'), { target: 'eve', role: 'Admin' }],
  [echo('*** -u eve -r Admin'), { target: 'eve', role: 'Admin' }],
  [echo('airflow users add-*** -u eve'), { target: 'eve' }],
  [echo('airflow users ***-role -u eve'), { target: 'eve' }],
  [echo('air*** users add-role -u eve'), { verb: 'grant-role', target: 'eve' }],
  [echo('airflow ***s add-role -u eve'), { target: 'eve' }],
  [echo('airflow sync-***'), {}],
  [echo('airflow users add-role -u *** -r ***'), { target: '***', role: '***' }],
  [echo('psql -c "insert into *** values (1)"'), { object: '***' }],
  ["***: ['/usr/bin/bash', '-c', 'airflow users add-role -u eve']", { target: 'eve' }],
  ["Running ***: ['bash', '-c', 'airflow users add-role -u eve']", { target: 'eve' }],
  ["*** command: ['bash', '-c', 'airflow users add-role -u eve']", { target: 'eve' }],
  ["Running ***, '-c', 'airflow users add-role -u eve -r x']", { target: 'eve' }],
  ["***, '-c', 'airflow users add-role -u eve -r x']", { target: 'eve' }],
  ["Running command: ['***', '-c', 'airflow users add-role -u eve']", { target: 'eve' }],
  ["Running command: ['bash', '***', 'airflow users add-role -u eve']", { target: 'eve' }],
  ["Running command: ['airflow', 'users', '***', '-u', 'eve', '-r', 'x']", { target: 'eve' }],
  ['*** add-role -u eve -r Admin', { target: 'eve' }],
  ['+ ***-role -u eve -r Admin', {}],
  [echo('sudo airflow ***-role -u eve -r Admin'), {}],
  [echo('python -*** add-role -u eve -r Admin'), { target: 'eve' }],
  [echo('airflow fab-db ***'), {}],
  ["***: ['bash', '-c', 'SUB=create; airflow users $SUB -u eve']", { target: 'eve' }],
  ["*** command: ['bash', '-c', 'flask fab create-admin --username eve']", { target: 'eve' }],
  ["Running ***mand: ['bash', '-c', 'airflow sync-perm']", { verb: 'sync-permissions' }],
  ["send: b'*** add-role -u eve -r Admin'", { target: 'eve' }],
  ["send: b'users *** -u eve -r Admin'", { target: 'eve' }],
  [echo('curl -d "users create -u eve" https://x/***/cli'), { target: 'eve' }],
  [echo('curl -d "users create -u eve" https://x/aws_mwaa/***'), { target: 'eve' }],
  [echo('aws mwaa *** --method PATCH --path /users/eve'), { target: 'eve' }],
  [echo('aws mwaa invoke-rest-api --*** PATCH --path /***/eve'), { target: 'eve' }],
])('a command with masked words is at least a command of unknown kind: %s', (line, expected) => {
  expect(commandsIn(line)[0]).toMatchObject(expected);
  const commands = signalsOf('Task', head + line).filter(({ kind }) => kind === 'command');
  expect(commands).not.toEqual([]);
});

test.each([
  echo('mysqldump -u etl -p *** db'),
  echo('psql postgresql://user:***@host/db -c "select 1"'),
  echo('airflow connections add x --conn-password ***'),
  echo('airflow users export ***'),
  echo('*** dags trigger x'),
  echo('airflow dags trigger x -c ***'),
  echo('snowsql -u *** -r analyst -q x'),
  echo('curl -H *** -u bob https://x'),
  echo('*** roles list'),
  echo('echo ***'),
  '*** users deleted',
  echo('airflow ***'),
  echo('./deploy.sh ***-role'),
  echo('curl https://x/***/cli'),
  echo('aws mwaa *** --name prod'),
])('a masked password or program makes no privilege command: %s', (line) => {
  expect(commandsIn(line)).toEqual([]);
});
