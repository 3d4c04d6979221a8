import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import type { Finding } from '../../../lambda/findings/finding.ts';
import {
  type AwsEndpoints,
  startAwsEndpoints,
} from '../../../local/aws-endpoints/aws-endpoints.ts';
import type { AwsEndpointsOptions } from '../../../local/aws-endpoints/aws-endpoints-options.ts';
import { recordedSessions } from '../../../local/demo/recorded-sessions.ts';
import { InsightsEngine } from '../../../local/insights-engine/engine.ts';
import { readLabelledSession } from '../../fixtures/sessions/labelled-session.ts';
import { type Finished, finished, runCommand, startCommand } from '../run-command.ts';
import { type RecordingProxy, type Refuse, startRecordingProxy } from './recording-proxy.ts';

// Each test starts processes, which take their time on a busy machine.
jest.setTimeout(240_000);

const { events } = readLabelledSession('2.10.3');
const times = events.map(({ timestamp }) => timestamp);
const first = new Date(Math.min(...times)).toISOString();
const last = new Date(Math.max(...times)).toISOString();
const nowEpochMs = Math.max(...times) + 60_000;
const wholeSession = ['--from', first, '--to', last, '--slice', '5m'];
const groupNames = [...new Set(events.map(({ logGroup }) => logGroup))].sort();

const directory = mkdtempSync(join(tmpdir(), 'audit-'));
const signedIn = {
  AWS_CONFIG_FILE: '/dev/null',
  AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_PROFILE: '',
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'example',
  AWS_SESSION_TOKEN: '',
};

let engine: InsightsEngine;
let replayed: readonly Finding[];
const running: (AwsEndpoints | RecordingProxy)[] = [];

beforeAll(async () => {
  engine = await InsightsEngine.open();
  await engine.load(events);
  const logs = recordedSessions.get('2.10.3')?.path ?? '';
  replayed = findingsOf(await runCommand(['replay', '--logs', logs, '--json']));
  expect(replayed.length).toBeGreaterThan(50);
});
afterAll(() => {
  engine.close();
  rmSync(directory, { recursive: true });
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((one) => one.close()));
});

async function aws(
  options: Partial<AwsEndpointsOptions> = {},
  refuse?: Refuse,
): Promise<RecordingProxy> {
  const clock = { nowEpochMs: () => nowEpochMs };
  const endpoints = await startAwsEndpoints({ engine, clock, ...options });
  const proxy = await startRecordingProxy(endpoints.url, refuse);
  running.push(proxy, endpoints);
  return proxy;
}

function auditArgs(...more: readonly string[]): string[] {
  return ['audit', '--env', 'Prod', '--concurrency', '20', '--yes', '--json', ...more];
}

function audit({ url }: RecordingProxy, ...more: readonly string[]): Promise<Finished> {
  return runCommand(auditArgs(...more), { ...signedIn, AWS_ENDPOINT_URL: url });
}

function findingsOf({ stdout }: Finished): Finding[] {
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line): Finding => JSON.parse(line));
}

/** When it was detected is when each command ran. */
function comparable(findings: readonly Finding[]) {
  return findings.map(({ detectedAt: _, ...finding }) => finding);
}

describe('over served logs an audit finds what a replay of them finds, with the same ids', () => {
  test.each([
    ['second', '1d'],
    ['second', '5m'],
    ['second', '100s'],
    ['millisecond', '1d'],
    ['millisecond', '1m'],
  ] as const)('endTime read by the %s, slices of %s', async (endTime, slice) => {
    const proxy = await aws({ endTime });
    const result = await audit(proxy, ...wholeSession, '--slice', slice);

    expect(comparable(findingsOf(result))).toEqual(comparable(replayed));
    expect(result.exitCode).toBe(1);
    expect(result.stderr).not.toContain('warning:');
    for (const logGroup of groupNames) {
      const count = events.filter(
        (event) => event.logGroup === logGroup && event.message.includes('add-role'),
      ).length;
      expect(result.stderr).toMatch(new RegExp(`│ ${logGroup} +│.*│ +${count} │\n`));
    }
    expect(proxy.running()).toEqual([]);
  });
});

test('what it will scan and cost is said before the first query, and is about what is scanned', async () => {
  const proxy = await aws();
  const { stderr } = await audit(proxy, ...wholeSession, '--price-per-gb', '1000');

  const [, estimated] = /about ([\d.]+) MB will be scanned/.exec(stderr) ?? [];
  const [, scanned] = /bytes scanned \(([\d.]+) MB/.exec(stderr) ?? [];
  expect(Number(estimated) / Number(scanned)).toBeGreaterThan(0.8);
  expect(Number(estimated) / Number(scanned)).toBeLessThan(1.2);
  expect(stderr).toMatch(/that costs about \d+\.\d\d USD at 1000 USD per GB/);
});

test('nobody to ask and no --yes: nothing is scanned', async () => {
  const proxy = await aws();
  const args = auditArgs(...wholeSession).filter((arg) => arg !== '--yes');
  const result = await runCommand(args, { ...signedIn, AWS_ENDPOINT_URL: proxy.url });

  expect(result.exitCode).toBe(2);
  expect(result.stderr).toMatch(/\nerror: an audit costs money and asks .* give --yes .*\n$/);
  expect(proxy.of('StartQuery')).toEqual([]);
});

test('a time without findings is exit code 0, and only then', async () => {
  const proxy = await aws();
  const quiet = ['--from', '2026-11-22T05:47:55', '--to', '2026-11-22T05:48:05'];
  const result = await audit(proxy, ...quiet);

  expect(result).toMatchObject({ exitCode: 0, stdout: '' });
  expect(result.stderr).toContain('0 findings in MWAA environment Prod');
});

describe('stopped by Ctrl+C and started again', () => {
  /** Lets so many queries run to their end, and no other. */
  function stalling(completed: number) {
    let asked = 0;
    const never = Promise.withResolvers<never>();
    return new Proxy(engine, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name, target);
        if (typeof value !== 'function') return value;
        if (name !== 'run') return value.bind(target);
        return (query: Parameters<InsightsEngine['run']>[0]) => {
          asked += 1;
          return asked > completed ? never.promise : target.run(query);
        };
      },
    });
  }

  test('no query runs on, none is asked again, and the findings are the same', async () => {
    const state = join(directory, 'stopped.json');
    const args = [...wholeSession, '--slice', '1m', '--concurrency', '8', '--state', state];
    const stopped = await aws({ engine: stalling(40) });
    const child = startCommand(auditArgs(...args), { ...signedIn, AWS_ENDPOINT_URL: stopped.url });
    const end = finished(child);
    while (stopped.running().length < 8) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    const besides = await audit(stopped, ...args);
    expect(besides).toMatchObject({ exitCode: 2, stdout: '' });
    expect(besides.stderr).toMatch(/^error: --state .*: another audit writes it \(process \d+ /);
    child.kill('SIGINT');
    const { exitCode, stdout, stderr } = await end;

    expect(exitCode).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(
      /\nerror: stopped: by SIGINT; \d+ of \d+ slices are read, .* scanned \(.*\); no query of it runs any more; the same command goes on with what is left \(.*\)\n$/,
    );
    expect(stopped.running()).toEqual([]);
    expect(stopped.of('StopQuery').length).toBeGreaterThan(0);
    expect(existsSync(`${state}.lock`)).toBe(false);

    const resumed = await aws();
    const result = await audit(resumed, ...args);
    expect(comparable(findingsOf(result))).toEqual(comparable(replayed));
    expect(result.exitCode).toBe(1);
    const completed = stopped
      .of('GetQueryResults')
      .filter(({ answer }) => answer.status === 'Complete')
      .map(({ input }) => input.queryId);
    // A documented count that is not zero takes further queries, of which the last ones were cut short.
    const done = stopped
      .of('StartQuery')
      .filter(({ input, answer }) => {
        const isPack = !String(input.queryString).includes('stats count');
        return isPack && completed.includes(answer.queryId);
      })
      .map(({ input }) => JSON.stringify(input));
    const again = resumed.of('StartQuery').map(({ input }) => JSON.stringify(input));
    expect(done.length).toBeGreaterThan(2);
    expect(again.filter((query) => done.includes(query))).toEqual([]);

    const whole = await audit(resumed, ...args);
    expect(comparable(findingsOf(whole))).toEqual(comparable(replayed));
    expect(resumed.of('StartQuery')).toHaveLength(again.length);
  });

  test('its state is for its owner alone, and holds no text of a log but evidence', async () => {
    const state = join(directory, 'kept.json');
    await audit(await aws(), ...wholeSession, '--state', state);

    expect(statSync(state).mode & 0o777).toBe(0o600);
    const text = readFileSync(state, 'utf8');
    expect(text).not.toContain('Fake-pw');
    const evidence = new Set(
      JSON.parse(text).readings.flatMap(({ lines }: { lines: { key: string }[] }) => lines),
    );
    expect(evidence.size).toBeGreaterThan(100);
    expect(evidence.size).toBeLessThan(500);
  });

  test.each([
    ['no JSON', '{', /--state .*: must be JSON as an audit writes it/],
    ['another form', '{"schema": 2}', /--state .*: schema: expected 1, got 2/],
    ['no audit at all', '[]', /--state .*: the file: must be a mapping of fields/],
  ])('a state of %s is refused before AWS is asked', async (_what, text, sentence) => {
    const state = join(directory, 'bad.json');
    writeFileSync(state, text);
    const proxy = await aws();
    const result = await audit(proxy, ...wholeSession, '--state', state);

    expect(result.exitCode).toBe(2);
    expect(result.stderr).toMatch(sentence);
    expect(proxy.calls).toEqual([]);
    expect(readFileSync(state, 'utf8')).toBe(text);
  });

  test('a state of another range is refused before anything is scanned', async () => {
    const state = join(directory, 'range.json');
    await audit(await aws(), '--from', first, '--to', '2026-11-22T05:48', '--state', state);
    const before = readFileSync(state, 'utf8');
    const proxy = await aws();
    const result = await audit(proxy, ...wholeSession, '--state', state);

    expect(result.exitCode).toBe(2);
    expect(result.stderr).toMatch(
      /error: --state .*: about.range: must be 2026-11-22T05:46:54.000Z to 2026-11-22T06:07:51.000Z as asked for now, got .* to 2026-11-22T05:48:01.000Z; name another file/,
    );
    expect(proxy.of('StartQuery')).toEqual([]);
    expect(readFileSync(state, 'utf8')).toBe(before);
  });

  test('a state that cannot be written is said before anything is scanned', async () => {
    const proxy = await aws();
    const result = await audit(proxy, ...wholeSession, '--state', join(directory, 'no', 'where'));

    expect(result.exitCode).toBe(2);
    expect(result.stderr).toMatch(/error: --state .*: cannot be written \(ENOENT\)\n$/);
    expect(proxy.of('StartQuery')).toEqual([]);
  });
});

describe('AWS refuses', () => {
  const denied = (action: string) => ({
    status: 400,
    code: 'AccessDeniedException',
    message: `User: me is not authorized to perform: ${action}`,
  });

  test('one detection: the others are found, and it is said', async () => {
    const proxy = await aws({
      queryFault: ({ queryString }) =>
        /Added user/.test(queryString) && !queryString.includes('stats')
          ? { kind: 'malformed', message: 'unexpected symbol found' }
          : undefined,
    });
    const result = await audit(proxy, ...wholeSession);

    expect(result.stderr).toMatch(
      /warning: detection \S+: nothing was looked for: AWS refuses its text: unexpected symbol found/,
    );
    const refused = [...result.stderr.matchAll(/warning: detection (\S+):/g)].map(([, id]) => id);
    const untouched = replayed.filter(
      ({ detections }) => !detections.some((id) => refused.includes(id)),
    );
    expect(untouched.length).toBeGreaterThan(30);
    const ids = new Set(findingsOf(result).map(({ id }) => id));
    expect(untouched.filter(({ id }) => !ids.has(id))).toEqual([]);
    expect(proxy.running()).toEqual([]);
  });

  test('every text of the pack: the documented count is there, and nothing is called clean', async () => {
    const proxy = await aws({
      queryFault: ({ queryString }) =>
        queryString.includes('stats') ? undefined : { kind: 'malformed', message: 'no' },
    });
    const result = await audit(proxy, ...wholeSession);

    expect(result).toMatchObject({ exitCode: 2, stdout: '' });
    expect(result.stderr).toMatch(/│ airflow-Prod-DAGProcessing +│.*│ +321 │\n/);
    expect(result.stderr).toMatch(/not read for the detections: .*refuses/);
    expect(result.stderr.match(/nothing was looked for/g)).toHaveLength(1);
    expect(result.stderr).toMatch(
      /warning: all \d+ detections: nothing was looked for: AWS refuses their texts: no \(\[0,\d+\]\)\n/,
    );
  });

  test.each([
    ['logs:DescribeLogGroups', 'DescribeLogGroups'],
    ['logs:GetQueryResults', 'GetQueryResults'],
  ])('%s: the sentence names it', async (action, operation) => {
    const proxy = await aws({}, (asked) => (asked === operation ? denied(action) : undefined));
    const result = await audit(proxy, ...wholeSession);

    expect(result.exitCode).toBe(2);
    expect(result.stderr).toMatch(new RegExp(`error: .*may not call ${action}.*\n$`));
    expect(proxy.running()).toEqual([]);
  });

  test('logs:StartQuery on one log group: the others are read, and it is said', async () => {
    const proxy = await aws({}, (operation, { logGroupNames }) =>
      operation === 'StartQuery' &&
      Array.isArray(logGroupNames) &&
      logGroupNames.includes('airflow-Prod-Task')
        ? denied('logs:StartQuery')
        : undefined,
    );
    const result = await audit(proxy, ...wholeSession);

    expect(result.stderr).toMatch(
      /warning: airflow-Prod-Task from .*: these credentials may not call logs:StartQuery on it/,
    );
    const others = replayed.filter(({ evidence }) =>
      evidence.every(({ logGroup }) => logGroup !== 'airflow-Prod-Task'),
    );
    expect(comparable(findingsOf(result))).toEqual(comparable(others));
  });

  test.each([
    [
      'airflow:GetEnvironment',
      'GetEnvironment',
      /may not hold privilege changes: airflow:GetEnvironment may not be called/,
    ],
    [
      'cloudwatch:GetMetricData',
      'GetMetricData',
      /how many bytes came in is not known.*cloudwatch:GetMetricData may not be called/,
    ],
  ])('%s: it goes on without, and says so', async (action, operation, sentence) => {
    const proxy = await aws({}, (asked) =>
      asked === operation ? { ...denied(action), status: 403 } : undefined,
    );
    const result = await audit(proxy, ...wholeSession);

    expect(result.stderr).toMatch(sentence);
    expect(comparable(findingsOf(result))).toEqual(comparable(replayed));
  });
});

describe('AWS takes no further query', () => {
  test.each([
    ['LimitExceededException', 'others use what the account may run'],
    ['ThrottlingException', 'the account is throttled'],
  ])('%s for long: it stops, keeps what was read, and goes on later', async (code) => {
    const state = join(directory, `${code}.json`);
    const args = [...wholeSession, '--slice', '1m', '--state', state, '--patience', '2s'];
    const proxy = await aws({}, (operation, _input, calls) =>
      operation === 'StartQuery' && calls.filter((call) => call.operation === operation).length > 20
        ? { status: 400, code, message: 'too much' }
        : undefined,
    );
    const result = await audit(proxy, ...args);

    expect(result).toMatchObject({ exitCode: 2, stdout: '' });
    expect(result.stderr).toMatch(
      new RegExp(
        `\nerror: stopped: AWS has answered no logs:StartQuery for \\d+ s \\(${code}: too much\\): others use what the account may ask of Logs Insights; [1-9]\\d* of \\d+ slices are read,`,
      ),
    );
    expect(proxy.running()).toEqual([]);
    const again = await audit(await aws(), ...args);
    expect(comparable(findingsOf(again))).toEqual(comparable(replayed));
  });

  test('now and then: nobody notices', async () => {
    let asked = 0;
    const proxy = await aws({}, (operation) => {
      asked += 1;
      return ['StartQuery', 'GetQueryResults'].includes(operation) && asked % 4 === 0
        ? { status: 400, code: 'ThrottlingException', message: 'Rate exceeded' }
        : undefined;
    });
    const result = await audit(proxy, ...wholeSession);

    expect(comparable(findingsOf(result))).toEqual(comparable(replayed));
    expect(result.stderr).not.toContain('warning:');
  });
});

test('a query that fails is asked again in smaller slices', async () => {
  const proxy = await aws({
    queryFault: ({ startTime, endTime }) =>
      endTime - startTime > 120 ? { kind: 'failed' } : undefined,
  });
  const result = await audit(proxy, ...wholeSession);

  expect(comparable(findingsOf(result))).toEqual(comparable(replayed));
  expect(result.stderr).not.toContain('warning:');
});

test('what is never answered is named, and nothing is called clean', async () => {
  const from = Date.parse('2026-11-22T05:47:55Z') / 1000;
  const proxy = await aws({
    queryFault: ({ startTime }) => (startTime === from ? { kind: 'failed' } : undefined),
  });
  const result = await audit(proxy, '--from', '2026-11-22T05:47:55', '--to', '2026-11-22T05:48:05');

  expect(result).toMatchObject({ exitCode: 2, stdout: '' });
  expect(result.stderr).toMatch(
    /warning: airflow-Prod-Task from 2026-11-22 05:47:55 to .*: not read by the documented query: .*status Failed/,
  );
  expect(result.stderr).toMatch(/│ airflow-Prod-Task +│.*│ +at least 0 │/);
});

describe('where logs are not', () => {
  test('retention has taken a part: it is named, and nothing is called clean', async () => {
    const proxy = await aws({ logGroupSettings: { 'airflow-Prod-Task': { retentionInDays: 1 } } });
    const result = await audit(proxy, '--from', '2026-11-20', '--to', '2026-11-22T05:48:05');

    // The clock of the command is that of the machine.
    expect(result.stderr).toMatch(
      /warning: airflow-Prod-Task from .*: older than the group's retention|is gone/,
    );
    expect(result.exitCode).toBe(1);
  });

  test('a log group that does not exist is named, and nothing is called clean', async () => {
    const four = new Proxy(engine, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name, target);
        if (typeof value !== 'function') return value;
        if (name !== 'logGroups') return value.bind(target);
        return async () =>
          (await target.logGroups()).filter(({ logGroup }) => !logGroup.endsWith('-Worker'));
      },
    });
    const proxy = await aws({ engine: four });
    const result = await audit(
      proxy,
      '--from',
      '2026-11-22T05:47:55',
      '--to',
      '2026-11-22T05:48:05',
    );

    expect(result).toMatchObject({ exitCode: 2, stdout: '' });
    expect(result.stderr).toContain('warning: airflow-Prod-Worker does not exist');
  });

  test.each([
    [
      'an unknown environment, or the wrong Region',
      'Nobody',
      /error: there is no MWAA environment Nobody in us-east-1: .*give another --region\n$/,
    ],
    ['a name that is none', '1;ls', /error: --env: must begin with a letter .*\(got "1;ls"\)\n$/],
  ])('%s', async (_what, env, sentence) => {
    const proxy = await aws();
    const result = await runCommand(['audit', '--env', env, '--yes'], {
      ...signedIn,
      AWS_ENDPOINT_URL: proxy.url,
    });
    expect(result.stderr).toMatch(sentence);
    expect(result.exitCode).toBe(2);
    expect(proxy.of('StartQuery')).toEqual([]);
  });
});

test('it calls what its IAM policy allows, all of that, and nothing else', async () => {
  const proxy = await aws({
    queryFault: ({ queryString }) =>
      queryString.includes('stats') ? undefined : { kind: 'malformed', message: 'no' },
  });
  await audit(proxy, ...wholeSession);
  await runCommand(['audit', '--env', 'Nobody', '--yes'], {
    ...signedIn,
    AWS_ENDPOINT_URL: proxy.url,
  });
  const services = {
    ...{ GetEnvironment: 'airflow', ListEnvironments: 'airflow', GetMetricData: 'cloudwatch' },
    ...{
      DescribeLogGroups: 'logs',
      StartQuery: 'logs',
      GetQueryResults: 'logs',
      StopQuery: 'logs',
    },
  };
  const called = new Set(proxy.calls.map(({ operation }) => operation));
  expect([...called].sort()).toEqual(Object.keys(services).sort());
  const [statement] = JSON.parse(readFileSync('docs/audit-policy.json', 'utf8')).Statement;
  expect(statement.Action).toEqual(
    Object.entries(services)
      .map(([operation, service]) => `${service}:${operation}`)
      .sort(),
  );
});

describe('bad input is one sentence, and exit code 2', () => {
  test.each([
    ['no environment', [], /required option '--env <name>' not specified/],
    [
      'two ranges',
      ['--env', 'Prod', '--last', '1d', '--from', '2026-11-22'],
      /--last goes with neither/,
    ],
    ['an end without a start', ['--env', 'Prod', '--to', '2026-11-22'], /--to needs --from/],
    [
      'an end before its start',
      ['--env', 'Prod', '--from', '2026-11-22', '--to', '2026-11-21'],
      /is before --from/,
    ],
    ['a start in the future', ['--env', 'Prod', '--from', '2099-01-01'], /is not before now/],
    ['no duration', ['--env', 'Prod', '--last', 'a month'], /such as 7s, 5m, 1h or 2d/],
    ['no share', ['--env', 'Prod', '--concurrency', '0'], /from 1 to 100/],
    ['no price', ['--env', 'Prod', '--price-per-gb', 'cheap'], /a price in US dollars/],
    [
      'no Region',
      ['--env', 'Prod', '--region', 'Ireland'],
      /--region: must be a Region like eu-west-1/,
    ],
    [
      'no profile',
      ['--env', 'Prod', '--profile', 'nobody'],
      /no AWS credentials of profile nobody/,
    ],
  ])('%s', async (_what, args, sentence) => {
    const result = await runCommand(['audit', '--yes', ...args], {
      ...signedIn,
      AWS_ENDPOINT_URL: 'http://127.0.0.1:9',
    });
    expect(result.stderr).toMatch(sentence);
    expect(result.exitCode).toBe(2);
    expect(result.stdout).toBe('');
  });

  test('credentials that are not there', async () => {
    const { AWS_ACCESS_KEY_ID: _, AWS_SECRET_ACCESS_KEY: __, ...nobody } = signedIn;
    const result = await runCommand(['audit', '--env', 'Prod', '--yes'], {
      ...nobody,
      AWS_ACCESS_KEY_ID: '',
      AWS_SECRET_ACCESS_KEY: '',
    });
    expect(result.stderr).toMatch(/^error: there are no AWS credentials: log in .*\n$/);
    expect(result.exitCode).toBe(2);
  });
});
