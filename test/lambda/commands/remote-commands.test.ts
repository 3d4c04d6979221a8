import { isOtherProductsCommand } from '../../../lambda/commands/remote-commands.ts';
import { readPrivilegeCommands } from '../../../lambda/lines/event-text.ts';
import { decodedOutputs } from '../../../lambda/text/log-text.ts';

const commandsIn = (text: string) => readPrivilegeCommands([text]);
const running = (command: string) =>
  commandsIn(`Running command: ${JSON.stringify(['/usr/bin/bash', '-c', command])}`);

const endpoint = 'https://x.c2.airflow.eu-west-1.on.aws/aws_mwaa/cli';
const created = { verb: 'create-user', target: 'bob', role: 'Admin' };

test.each([
  [`curl ${endpoint} -H "Authorization: Bearer $T" --data-raw 'users create -u bob -r Admin'`],
  [`curl -d "users create -u bob -r Admin" ${endpoint}`],
  [`python -c "requests.post('${endpoint}', data='users create -u bob -r Admin')"`],
])('the body of a request to the command endpoint is a command: %s', (command) => {
  expect(running(command)).toEqual([created]);
});

test('a request that http.client logs is read, with or without its head', () => {
  expect(commandsIn(`send: b'users create -u bob -r Admin'`)).toEqual([created]);
  const head = 'POST /aws_mwaa/cli HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n';
  expect(commandsIn(`send: b'${head}users create -u bob -r Admin'`)).toEqual([created]);
});

test('an explanation of the endpoint is marked as prompted; other commands do not count', () => {
  expect(commandsIn(`run curl -d "users create -u bob -r Admin" ${endpoint}`)).toEqual([
    { ...created, prompted: true },
  ]);
  expect(running(`curl -d 'dags trigger users' ${endpoint}`)).toEqual([]);
  expect(running(`curl -d 'users list' ${endpoint}`)).toEqual([]);
  expect(running(`curl -d 'users create -u bob' https://x/other`)).toEqual([]);
});

test.each([
  ['PATCH', '/users/bob', { verb: 'change-user', target: 'bob' }],
  ['POST', '/roles', { verb: 'create-role' }],
  ['DELETE', '/roles/ops', { verb: 'delete-role', role: 'ops' }],
])('InvokeRestApi is read by method and path: %s %s', (method, path, command) => {
  expect(running(`aws mwaa invoke-rest-api --name e --method ${method} --path ${path}`)).toEqual([
    command,
  ]);
  expect(running(`python -c "c.invoke_rest_api(Path='${path}', Method='${method}')"`)).toEqual([
    command,
  ]);
});

test('a GET by InvokeRestApi changes nothing', () => {
  expect(running('aws mwaa invoke-rest-api --name e --method GET --path /users')).toEqual([]);
});

test("a command is read from the warning that Airflow's audit log failed", () => {
  const list = `[\\'/usr/local/bin/airflow\\', \\'users\\', \\'create\\', \\'-u\\', \\'bob\\', \\'-r\\', \\'Admin\\', \\'-p\\', \\'********\\']`;
  const warning = `WARNING - Failed to log action with (x) [parameters: {'extra': '{"host_name": "h", "full_command": "${list}"}'}]`;
  expect(commandsIn(warning)).toEqual([created]);
});

test('a command after a prompt is marked as prompted, unless it is echoed too', () => {
  const command = 'airflow users create -u bob -r Admin';
  expect(commandsIn(`INFO - $ ${command}`)).toEqual([{ ...created, prompted: true }]);
  expect(commandsIn(`INFO - + ${command}`)).toEqual([created]);
  expect(commandsIn(`$ ${command}\n+ ${command}`)).toEqual([created]);
  expect(commandsIn(`+ ${command}\n$ ${command}`)).toEqual([created]);
});

test('a command names all of its known roles, at most 20', () => {
  expect(running('airflow roles create a b $C')).toEqual([
    { verb: 'create-role', roles: ['a', 'b'] },
  ]);
  const many = Array.from({ length: 30 }, (_, at) => `r${at}`);
  expect(running(`airflow roles delete ${many.join(' ')}`)[0]?.roles).toHaveLength(20);
});

test('outputs in base64 are decoded, in JSON and in Python’s repr', () => {
  const text = 'User "bob" added to role "Admin"\n';
  const encoded = Buffer.from(text).toString('base64');
  expect(decodedOutputs(['stderr', '', 'stdout', encoded])).toEqual([text]);
  expect(decodedOutputs([`{"stderr": "", "stdout": "${encoded}"}`])).toEqual([text]);
  expect(decodedOutputs([`{'stdout': '${encoded}'`])).toEqual([text]);
  expect(decodedOutputs(['text', encoded, `{"out": "${encoded}"}`, 'stdout', 'done'])).toEqual([]);
});

test('a command is another product’s only if nothing mentions Airflow or flask', () => {
  expect(isOtherProductsCommand("['bash', '-c', 'superset fab create-admin']")).toBe(true);
  expect(isOtherProductsCommand('/app/bin/myapp fab create-user --username x')).toBe(true);
  expect(isOtherProductsCommand('flask fab create-admin')).toBe(false);
  expect(isOtherProductsCommand('superset fab create-admin; flask fab create-admin')).toBe(false);
  expect(isOtherProductsCommand('superset fab create-admin; $AIRFLOW users create')).toBe(false);
  expect(isOtherProductsCommand('superset init')).toBe(false);
});
