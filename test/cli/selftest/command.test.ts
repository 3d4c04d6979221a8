import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { PressCounter } from '../../../cli/common/interruption.ts';
import { askYes } from '../../../cli/common/terminal.ts';
import {
  jsonSchemaFile,
  selftestJsonSchema,
  selftestReportSchema,
} from '../../../cli/selftest/report.ts';
import { selftestCommand } from '../../../cli/selftest/selftest-command.ts';
import type { AwsEndpoints } from '../../../local/aws-endpoints/aws-endpoints.ts';
import { type Clock, VirtualClock, wallClock } from '../../../local/clock.ts';
import { InsightsEngine } from '../../../local/insights-engine/engine.ts';
import { endpoints, now, stopEndpoints } from '../../local/aws-endpoints/with-endpoints.ts';
import { patientTimer } from '../patient-timer.ts';
import { type Finished, finished, runCommand, startCommand } from '../run-command.ts';
import { runInProcess } from '../run-in-process.ts';
import { type FaultRule, startFaultyLogs } from './faulty-logs.ts';

let engine: InsightsEngine;
let clock: VirtualClock;
const directory = mkdtempSync(join(tmpdir(), 'selftest-'));
const closing: (() => Promise<void>)[] = [];

beforeEach(async () => {
  engine = await InsightsEngine.open();
  clock = new VirtualClock(now);
});
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
  await stopEndpoints();
  engine.close();
});
afterAll(() => rmSync(directory, { recursive: true }));

const awsEnvironment = ({ url }: Pick<AwsEndpoints, 'url'>): NodeJS.ProcessEnv => ({
  AWS_ENDPOINT_URL: url,
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'local',
  AWS_SECRET_ACCESS_KEY: 'local',
  AWS_CONFIG_FILE: '/nowhere',
  AWS_SHARED_CREDENTIALS_FILE: '/nowhere',
  AWS_EC2_METADATA_DISABLED: 'true',
});

function selftest(args: readonly string[], environment: NodeJS.ProcessEnv): Promise<Finished> {
  const timer = patientTimer(engine, clock);
  return runInProcess(selftestCommand({ clock, timer }), args, environment);
}

/** @param time undefined: a separate process with this machine's time */
const started = (rule?: FaultRule, time: Clock = wallClock) =>
  endpoints({ engine, clock: time }).then(async (direct) => {
    if (rule === undefined) return direct;
    const faulty = await startFaultyLogs(direct.url, rule);
    closing.push(() => faulty.close());
    return faulty;
  });

const groupsLeft = async () => (await engine.logGroups()).map(({ logGroup }) => logGroup);

test('without a terminal and --yes it creates nothing and calls nothing', async () => {
  const calls: string[] = [];
  const url = await started((operation) => {
    calls.push(operation);
    return undefined;
  });
  const run = await runCommand(['selftest'], awsEnvironment(url));
  expect(run).toMatchObject({ exitCode: 2, stdout: '' });
  expect(run.stderr).toBe(
    'error: selftest creates log groups and asks for confirmation, but there is no terminal: give --yes\n',
  );
  expect(calls).toEqual([]);
});

test('--json prints only a report that matches the schema on the standard output', async () => {
  const { exitCode, stdout, stderr } = await selftest(
    ['--yes', '--json', '--keep', '--region', 'eu-west-1'],
    awsEnvironment(await started(undefined, clock)),
  );
  expect(exitCode).toBe(0);
  const report = selftestReportSchema.parse(JSON.parse(stdout));
  expect(report).toMatchObject({ result: 'ok', region: 'eu-west-1', kept: true });
  expect(await groupsLeft()).toEqual(report.logGroups);
  expect(stderr).toContain('less than 0.01 USD');
  expect(stderr).toContain('- waiting until queries find all events');
});

test('the schema file is up to date (npm run schemas)', () => {
  expect(JSON.parse(readFileSync(jsonSchemaFile, 'utf8'))).toEqual(
    JSON.parse(selftestJsonSchema()),
  );
});

test('a difference has exit code 1 and is shown in the table', async () => {
  const { exitCode, stdout } = await selftest(
    ['--yes'],
    awsEnvironment(
      await started(
        (operation, input) =>
          operation === 'StartQuery' && JSON.stringify(input).includes('Rows affected')
            ? { code: 'MalformedQueryException', message: 'unexpected symbol' }
            : undefined,
        clock,
      ),
    ),
  );
  expect(exitCode).toBe(1);
  expect(stdout).toMatch(/AWS accepts the pack's query +│ differs │ AWS refuses 1 detection/);
  expect(stdout).toContain('refused  metadata-sql-result: unexpected symbol');
  expect(stdout).toContain('1 of 14 checks differs from what the monitor expects');
  expect(await groupsLeft()).toEqual([]);
});

test('SIGTERM in the middle of a run leaves no log groups', async () => {
  const child = startCommand(['selftest', '--yes'], awsEnvironment(await started()));
  const end = finished(child);
  await shown(child.stderr, 'waiting');
  expect(await groupsLeft()).toHaveLength(5);
  child.kill('SIGTERM');
  const { exitCode, stdout, stderr } = await end;
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
  expect(stderr).toContain('error: it was interrupted; nothing remains, 5 log groups deleted');
  expect(await groupsLeft()).toEqual([]);
});

test('signals in quick succession count as one press of Ctrl+C', () => {
  const counter = new PressCounter();
  const presses = [1000, 1001, 1499, 1500, 1999, 2000].map((nowMs) => counter.signal(nowMs));
  expect(presses).toEqual([1, undefined, undefined, 2, undefined, 3]);
});

test('Ctrl+C reaches every process of the command, and no log groups remain', async () => {
  const environment = awsEnvironment(await started());
  const child = startCommand(['selftest', '--yes'], environment, { detached: true });
  const end = finished(child);
  await shown(child.stderr, 'waiting');
  // Like a terminal, to the whole process group; a launcher forwards it as well.
  process.kill(-(child.pid ?? 0), 'SIGINT');
  const { exitCode, stderr } = await end;
  expect(exitCode).toBe(2);
  expect(stderr).toContain('nothing remains, 5 log groups deleted');
  expect(await groupsLeft()).toEqual([]);
});

test('a second Ctrl+C ends at once and names the remaining log groups', async () => {
  const busy = { code: 'ThrottlingException', message: 'Rate exceeded' };
  let deletions = 0;
  const tried = Promise.withResolvers<void>();
  const url = await started((operation) => {
    if (operation !== 'DeleteLogGroup') return undefined;
    deletions += 1;
    // The waits between these attempts are longer than one Ctrl+C takes to reach every process.
    if (deletions === 5) tried.resolve();
    return busy;
  });
  const child = startCommand(['selftest', '--yes'], awsEnvironment(url));
  const end = finished(child);
  await shown(child.stderr, 'waiting');
  child.kill('SIGINT');
  await tried.promise;
  child.kill('SIGINT');
  const { exitCode, stderr } = await end;
  expect(exitCode).toBe(2);
  const left = await groupsLeft();
  expect(left).toHaveLength(5);
  for (const name of left) {
    expect(stderr).toContain(`delete-log-group --region us-east-1 --log-group-name ${name}`);
  }
});

test('credentials and Region are from the profile', async () => {
  const config = join(directory, 'config');
  writeFileSync(
    config,
    '[profile sandbox]\nregion = ap-south-1\naws_access_key_id = sandbox\naws_secret_access_key = x\n',
  );
  const denied = { code: 'AccessDeniedException', message: 'no' };
  const { AWS_REGION: _, ...environment } = awsEnvironment(await started(() => denied));
  const run = await selftest(['--yes', '--profile', 'sandbox'], {
    ...{ ...environment, AWS_CONFIG_FILE: config },
  });
  expect(run.exitCode).toBe(2);
  expect(run.stderr).toContain(
    'error: looking for log groups of other runs in ap-south-1 failed: these credentials may not call logs:DescribeLogGroups',
  );
});

test.each([
  [['--region', 'Ireland'], {}, '--region: must be a Region like eu-west-1 (got "Ireland")'],
  [
    ['--yes'],
    { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' },
    'no AWS credentials were found',
  ],
  [['--yes'], { AWS_REGION: '' }, 'no AWS Region is configured: give --region, or set AWS_REGION'],
  [['--yes', '--profile', 'nobody'], {}, 'no AWS credentials were found for profile nobody'],
  [['--env', 'x'], {}, "unknown option '--env'"],
] as const)('%j is bad input: one error line, exit code 2', async (args, changes, expected) => {
  const environment = { ...awsEnvironment({ url: 'http://127.0.0.1:9' }), ...changes };
  const { exitCode, stdout, stderr } = await selftest(args, environment);
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
  expect(stderr).toContain(expected);
  expect(stderr.match(/^error: /gm)).toHaveLength(1);
});

test('an unreachable endpoint is reported', async () => {
  const environment = awsEnvironment({ url: 'http://127.0.0.1:9' });
  const run = await selftest(['--yes'], environment);
  expect(run).toMatchObject({ exitCode: 2, stdout: '' });
  expect(run.stderr).toMatch(/\nerror: .*AWS cannot be reached.*\n$/);
});

test('the help explains the effects, the cost and the IAM policy', async () => {
  const { exitCode, stdout } = await selftest(['--help'], {});
  expect(exitCode).toBe(0);
  for (const text of [
    '--keep',
    '--json',
    '--yes',
    '--profile',
    'less than a cent',
    'docs/selftest-policy.json',
    'Exit code 0',
  ]) {
    expect(stdout).toContain(text);
  }
});

test.each([
  ['y\n', true],
  ['Yes\n', true],
  ['\n', false],
  ['n\n', false],
  ['yesterday\n', false],
  ['', false],
  ['\u0003', false],
])('the answer %j means %s', async (answer, expected) => {
  const [input, output] = [new PassThrough(), new PassThrough()];
  const asked = askYes('Do it?', { input, output });
  input.end(answer);
  expect(await asked).toBe(expected);
  output.end();
  expect(await text(output)).toContain('Do it? [y/N] ');
});

/** Resolves when a stream has printed a text. */
function shown(stream: NodeJS.ReadableStream | null, expected: string): Promise<void> {
  return new Promise((resolve) => {
    let seen = '';
    stream?.on('data', (chunk: string) => {
      seen += chunk;
      if (seen.includes(expected)) resolve();
    });
  });
}
