import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { commandLine } from '../../../cli/command-line.ts';
import { type InitGiven, showInit } from '../../../cli/init/show-init.ts';
import { readEnvironments } from '../../../infra/config/chosen-environments.ts';
import { runInProcess } from '../run-in-process.ts';

const work = mkdtempSync(join(tmpdir(), 'init-'));
afterAll(() => rmSync(work, { recursive: true }));

function folderWith(files: Readonly<Record<string, string>> = {}): string {
  const folder = join(mkdtempSync(join(work, 'project-')), 'environments');
  mkdirSync(folder);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

/** A terminal at which somebody answers each question with the next of these texts. */
function terminalWith(answers: readonly string[]) {
  const input = Object.assign(new PassThrough(), { isTTY: true });
  const left = [...answers];
  const shown: string[] = [];
  const output = new Writable({
    write(chunk, _encoding, done) {
      shown.push(String(chunk));
      if (String(chunk).endsWith(': ')) {
        const answer = left.shift();
        // Who says no more presses Ctrl+D.
        if (answer === undefined) input.end();
        else input.write(`${answer}\n`);
      }
      done();
    },
  });
  return { input, output, shown };
}

async function init(
  folder: string,
  given: Partial<InitGiven>,
  terminal = { ...terminalWith([]), input: new PassThrough() },
) {
  const said: string[] = [];
  const log = jest.spyOn(console, 'log').mockImplementation((text: string) => void said.push(text));
  try {
    await showInit({ force: false, ...given }, { folder, terminal });
    return said;
  } finally {
    log.mockRestore();
  }
}

const prod = { env: 'prod-airflow', email: 'none' };

test('three answers make a file that the synthesis accepts', async () => {
  const folder = folderWith();
  const terminal = terminalWith(['prod_airflow', 'eu-west-1', 'a@example.com, b@example.com']);
  const said = await init(folder, {}, terminal);
  expect(said[0]).toBe('wrote environments/prod-airflow.yaml');
  expect(said.join('\n')).toContain('npx cdk deploy MonitorStack-prod-airflow');
  expect(readEnvironments(folder)).toMatchObject([
    {
      name: 'prod-airflow',
      config: {
        mwaaEnvironment: 'prod_airflow',
        region: 'eu-west-1',
        notify: { email: ['a@example.com', 'b@example.com'] },
      },
    },
  ]);
  expect(readdirSync(folder)).toEqual(['prod-airflow.yaml']);
});

test('a wrong answer is explained, and asked again', async () => {
  const folder = folderWith();
  const terminal = terminalWith(['9lives', 'prod', 'Ireland', '', 'nobody', '']);
  await init(folder, {}, terminal);
  expect(terminal.shown.filter((text) => text.startsWith('The answer'))).toEqual([
    'The answer: must begin with a letter and hold at most 80 letters, digits, "-" and "_", got "9lives"\n',
    'The answer: must be a region like eu-west-1, got "Ireland"\n',
    'The answer: must be an e-mail address, got "nobody"\n',
  ]);
  expect(readEnvironments(folder)).toMatchObject([
    { name: 'prod', config: { notify: { email: [] } } },
  ]);
});

test('only what no option gives is asked', async () => {
  const terminal = terminalWith(['none']);
  await init(folderWith(), { env: 'prod', region: 'eu-west-1' }, terminal);
  expect(terminal.shown.join('')).toMatch(/^Who gets alarms/);
});

test('without a terminal nobody is asked', async () => {
  await expect(init(folderWith(), {})).rejects.toThrow(
    'the input is no terminal, so nobody can be asked: give --env NAME and --email ADDRESS (or none)',
  );
});

test('an end of the input writes no file', async () => {
  const folder = folderWith();
  const terminal = terminalWith(['prod']);
  await expect(init(folder, {}, terminal)).rejects.toThrow('stopped: no file was written');
  expect(readdirSync(folder)).toEqual([]);
});

test('a file is replaced with --force only, also a broken one', async () => {
  const folder = folderWith({ 'prod-airflow.yaml': 'mwaaEnvironment: prod-airflow\n' });
  await expect(init(folder, prod)).rejects.toThrow(
    'there is environments/prod-airflow.yaml: give --force to replace it, or another --file',
  );
  expect(readFileSync(join(folder, 'prod-airflow.yaml'), 'utf8')).toBe(
    'mwaaEnvironment: prod-airflow\n',
  );
  writeFileSync(join(folder, 'prod-airflow.yaml'), 'broken: [');
  await init(folder, { ...prod, force: true });
  expect(readEnvironments(folder)).toHaveLength(1);
});

test.each([
  [
    { 'live.yaml': 'mwaaEnvironment: prod-airflow' },
    {},
    'environments/live.yaml describes prod-airflow already',
  ],
  [
    { 'prod-airflow.yaml': 'mwaaEnvironment: prod_airflow' },
    {},
    'environments/prod-airflow.yaml describes prod_airflow, and its stack has the same name: give another --file',
  ],
  [
    { 'Prod-Airflow.yaml': 'mwaaEnvironment: other' },
    { force: true },
    'environments/Prod-Airflow.yaml describes other, and its stack has the same name',
  ],
  [
    { 'prod-airflow.yml': 'mwaaEnvironment: prod-airflow' },
    {},
    'there is environments/prod-airflow.yml',
  ],
  [{ 'other.yaml': 'broken: 1' }, {}, 'environments/other.yaml:1: mwaaEnvironment: is required'],
])('a file that would clash is not written: %j', async (files, given, message) => {
  const folder = folderWith(files as unknown as Record<string, string>);
  await expect(init(folder, { ...prod, ...given })).rejects.toThrow(message);
  expect(readdirSync(folder)).toEqual(Object.keys(files));
});

test.each([
  [['--env', '9lives', '--email', 'none'], '--env: must begin with a letter'],
  [['--env', 'a', '--email', 'nobody'], '--email: must be an e-mail address, got "nobody"'],
  [['--env', 'a', '--email', 'none', '--account', '1'], '--account: must be 12 digits, got "1"'],
  [['--env', 'a', '--email', 'none', '--region', 'Ireland'], 'must be a Region like eu-west-1'],
  [
    ['--env', 'a', '--email', 'none', '--region', 'eu-west-9'],
    '--region: must be a Region that this version of the CDK knows, got "eu-west-9"',
  ],
  [
    ['--env', 'a', '--email', 'none', '--file', 'a_b'],
    "--file: the file's name becomes the stack's",
  ],
  [['--discover', '--env', 'a'], '--env cannot be given together with --discover'],
  [['--env', 'a', '--region', 'eu-west-1', '--region', 'eu-west-2'], 'only go with --discover'],
  [['--env', 'a', '--profile', 'ops'], '--profile only goes with --discover'],
])('bad options end with code 2: %j', async (args, message) => {
  const { exitCode, stderr } = await runInProcess(await commandLine(), ['init', ...args]);
  expect(stderr).toContain(message);
  expect(exitCode).toBe(2);
});
