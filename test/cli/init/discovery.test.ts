import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { showDiscovery } from '../../../cli/init/show-discovery.ts';
import { readEnvironments } from '../../../infra/config/chosen-environments.ts';

const account = '111122223333';
const work = mkdtempSync(join(tmpdir(), 'discovery-'));
const environmentBefore = { ...process.env };
afterAll(() => {
  process.env = environmentBefore;
  rmSync(work, { recursive: true });
});

/** The five log types as MWAA reports them; a level that is undefined is one that is off. */
function logging(levels: Readonly<Record<string, string | undefined>> = {}) {
  const members = ['DagProcessingLogs', 'SchedulerLogs', 'TaskLogs', 'WebserverLogs', 'WorkerLogs'];
  return Object.fromEntries(
    members.map((member) => {
      const level = member in levels ? levels[member] : 'INFO';
      return [member, { Enabled: level !== undefined, LogLevel: level ?? 'INFO' }];
    }),
  );
}

/** By Region and name; a string is the name of the error that GetEnvironment answers. */
type Mwaa = Readonly<Record<string, Readonly<Record<string, object | string>> | 'AccessDenied'>>;

let server: Server | undefined;
afterEach(() => new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined))));

/** MWAA in several Regions, two names a page. The Region is the one that the request is signed for. */
async function serveMwaa(mwaa: Mwaa): Promise<void> {
  server = createServer((request, response) => {
    response.shouldKeepAlive = false;
    const { url = '', headers } = request;
    const [, region = ''] = /\/\d{8}\/([^/]+)\/airflow\//.exec(headers.authorization ?? '') ?? [];
    const answer = (status: number, body: object, error?: string) => {
      response.writeHead(status, {
        'content-type': 'application/json',
        ...(error && { 'x-amzn-errortype': error }),
      });
      response.end(JSON.stringify(body));
    };
    const here = mwaa[region] ?? {};
    if (here === 'AccessDenied') {
      answer(403, { Message: `not authorized in ${region}` }, 'AccessDeniedException');
      return;
    }
    const { pathname, searchParams } = new URL(url, 'http://localhost');
    const name = decodeURIComponent(pathname.split('/')[2] ?? '');
    if (name === '') {
      const names = Object.keys(here);
      const from = Number(searchParams.get('NextToken') ?? 0);
      const next = from + 2 < names.length ? String(from + 2) : undefined;
      answer(200, { Environments: names.slice(from, from + 2), ...(next && { NextToken: next }) });
      return;
    }
    const found = here[name];
    if (typeof found !== 'object') {
      answer(500, { message: 'said by AWS' }, found ?? 'ResourceNotFoundException');
      return;
    }
    const Arn = `arn:aws:airflow:${region}:${account}:environment/${name}`;
    const usual = { AirflowVersion: '2.10.3', LoggingConfiguration: logging() };
    answer(200, { Environment: { Name: name, Arn, ...usual, ...found } });
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_MWAA: `http://127.0.0.1:${port}`,
    AWS_ACCESS_KEY_ID: 'any',
    AWS_SECRET_ACCESS_KEY: 'any',
    AWS_REGION: 'eu-west-1',
  });
}

function folderWith(files: Readonly<Record<string, string>> = {}): string {
  const folder = join(mkdtempSync(join(work, 'project-')), 'environments');
  mkdirSync(folder);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

async function discover(folder: string, regions: readonly string[], email?: string) {
  const said: string[] = [];
  const collect = (text: string) => void said.push(text);
  const spies = [
    jest.spyOn(console, 'log').mockImplementation(collect),
    jest.spyOn(console, 'error').mockImplementation(collect),
  ];
  try {
    const exitCode = await showDiscovery({ regions, email }, { folder });
    return { exitCode, said: said.join('\n'), files: readdirSync(folder).toSorted() };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

test('every environment of every page and Region gets a checked file', async () => {
  await serveMwaa({ 'eu-west-1': { a: {}, b: {}, c: {} }, 'us-east-1': { d: {} } });
  const folder = folderWith();
  const { exitCode, said, files } = await discover(
    folder,
    ['eu-west-1', 'us-east-1'],
    'a@example.com, b@example.com',
  );
  expect(files).toEqual(['a.yaml', 'b.yaml', 'c.yaml', 'd.yaml']);
  expect(readFileSync(join(folder, 'd.yaml'), 'utf8')).toBe(
    [
      '# yaml-language-server: $schema=environment.schema.json',
      '# docs/environments/full.yaml explains every other field and shows its default.',
      '',
      'mwaaEnvironment: d',
      "account: '111122223333'",
      'region: us-east-1',
      'notify:',
      '  email:',
      '    - a@example.com',
      '    - b@example.com',
      '',
    ].join('\n'),
  );
  expect(readEnvironments(folder)).toHaveLength(4);
  expect(said).toContain('4 files written, 0 skipped, 0 failed');
  expect(exitCode).toBe(0);
});

test('a second run writes nothing, and says why', async () => {
  await serveMwaa({ 'eu-west-1': { a: {}, b_c: {} } });
  const folder = folderWith();
  await discover(folder, ['eu-west-1']);
  const { exitCode, said, files } = await discover(folder, ['eu-west-1']);
  expect(files).toEqual(['a.yaml', 'b-c.yaml']);
  expect(said).toContain('skipped: environments/b-c.yaml describes it');
  expect(said).toContain('0 files written, 2 skipped, 0 failed');
  expect(exitCode).toBe(0);
});

test('an environment that a file of another name describes is skipped', async () => {
  await serveMwaa({ 'eu-west-1': { 'prod-airflow': {} } });
  const text = 'mwaaEnvironment: prod-airflow\n';
  const { said, files } = await discover(folderWith({ 'live.yaml': text }), ['eu-west-1']);
  expect(files).toEqual(['live.yaml']);
  expect(said).toContain(
    'environments/live.yaml describes it, in any account and Region since it names none',
  );
});

test('names that differ in an underscore only, and one name in two Regions, get different files', async () => {
  await serveMwaa({
    'eu-west-1': { prod_airflow: {}, 'prod-airflow': {} },
    'us-east-1': { 'prod-airflow': {} },
  });
  const folder = folderWith();
  const { exitCode, files } = await discover(folder, ['eu-west-1', 'us-east-1']);
  expect(files).toEqual([
    'prod-airflow-eu-west-1.yaml',
    'prod-airflow-us-east-1.yaml',
    'prod-airflow.yaml',
  ]);
  const described = readEnvironments(folder).map(
    ({ name, config }) => `${name} ${config.mwaaEnvironment} ${config.region}`,
  );
  expect(described).toEqual([
    'prod-airflow-eu-west-1 prod_airflow eu-west-1',
    'prod-airflow-us-east-1 prod-airflow us-east-1',
    'prod-airflow prod-airflow eu-west-1',
  ]);
  expect(exitCode).toBe(0);
});

test('a Region that refuses, and an environment that cannot be read, cost no other', async () => {
  await serveMwaa({
    'ap-south-1': 'AccessDenied',
    'eu-west-1': { broken: 'ValidationException', sound: {} },
  });
  const { exitCode, said, files } = await discover(folderWith(), ['ap-south-1', 'eu-west-1']);
  expect(files).toEqual(['sound.yaml']);
  expect(said).toContain('ap-south-1: could not be read');
  expect(said).toContain('ap-south-1: airflow:ListEnvironments was denied (AccessDeniedException');
  expect(said).toContain('eu-west-1: broken: airflow:GetEnvironment failed (ValidationException');
  expect(said).toContain('1 file written, 0 skipped, 2 failed');
  expect(exitCode).toBe(2);
});

test('log types that are off or above INFO are said', async () => {
  const LoggingConfiguration = logging({ TaskLogs: undefined, WorkerLogs: 'WARNING' });
  await serveMwaa({ 'eu-west-1': { dim: { LoggingConfiguration }, bright: {} } });
  const { said } = await discover(folderWith(), ['eu-west-1']);
  expect(said.match(/cannot be seen in: .*/g)).toEqual([
    'cannot be seen in: Task (off), Worker (WARNING only); npx privilege-monitor doctor --env dim shows how to log them at INFO',
  ]);
});

test('only a key of another account is written into the file', async () => {
  const keyOf = (owner: string) => `arn:aws:kms:eu-west-1:${owner}:key/1234`;
  await serveMwaa({
    'eu-west-1': { own: { KmsKey: keyOf(account) }, shared: { KmsKey: keyOf('444455556666') } },
  });
  const folder = folderWith();
  await discover(folder, ['eu-west-1']);
  const keys = readEnvironments(folder).map(({ config }) => config.logsKmsKeyArn);
  expect(keys).toEqual([undefined, keyOf('444455556666')]);
});

test('a Region that does not exist is refused before AWS is asked', async () => {
  await expect(discover(folderWith(), ['eu-west-9'])).rejects.toThrow(
    '--region: must be a Region that this version of the CDK knows, got "eu-west-9"',
  );
});
