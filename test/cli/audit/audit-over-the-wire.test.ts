import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { auditCommand } from '../../../cli/audit/audit-command.ts';
import { replayCommand } from '../../../cli/replay/replay-command.ts';
import type { Timer } from '../../../lambda/common/time.ts';
import type { Finding } from '../../../lambda/model/finding.ts';
import {
  type AwsEndpoints,
  type AwsEndpointsOptions,
  startAwsEndpoints,
} from '../../../local/aws-endpoints/aws-endpoints.ts';
import { VirtualClock } from '../../../local/clock.ts';
import { recordedSessions } from '../../../local/demo/session/load-session.ts';
import { InsightsEngine } from '../../../local/insights-engine/engine.ts';
import type { LogEvent } from '../../../local/log-event.ts';
import { readLabelledSession } from '../../fixtures/sessions/labelled-session.ts';
import { patientTimer } from '../patient-timer.ts';
import { type Finished, finished, runCommand, startCommand } from '../run-command.ts';
import { runInProcess } from '../run-in-process.ts';
import { type RecordingProxy, type Refuse, startRecordingProxy } from './recording-proxy.ts';

const session = readLabelledSession('2.10.3').events;
/**
 * The logs that most tests audit: one minute, with lines about users and roles and a tenth of the
 * rest.
 */
const small = session
  .filter(({ timestamp }) => {
    const at = new Date(timestamp).toISOString();
    return at >= '2026-11-22T05:50:10' && at < '2026-11-22T05:51:10';
  })
  .filter(
    ({ message }, index) => index % 10 === 0 || /add-role|User |Role |\broles?\b/.test(message),
  );
const smallRange = ['--from', '2026-11-22T05:50:10', '--to', '2026-11-22T05:51:09'];
const wholeSmall = [...smallRange, '--slice', '1m'];
/** A range without privilege changes. */
const quiet = ['--from', '2026-11-22T05:50:45', '--to', '2026-11-22T05:50:50'];

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
/** Passes at once: only the engine's queries take time. */
let timer: Timer;
let replayed: readonly Finding[];
const running: (AwsEndpoints | RecordingProxy)[] = [];

beforeAll(async () => {
  engine = await InsightsEngine.open();
  await engine.load(small);
  timer = patientTimer(engine, new VirtualClock(0));
  const logs = join(directory, 'small.ndjson');
  writeFileSync(logs, small.map((event) => JSON.stringify(event)).join('\n'));
  replayed = await replay(logs);
  expect(replayed.length).toBeGreaterThan(20);
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
  const nowEpochMs = Date.parse('2026-11-22T06:10:00Z');
  const clock = { nowEpochMs: () => nowEpochMs };
  const endpoints = await startAwsEndpoints({ engine, clock, ...options });
  const proxy = await startRecordingProxy(endpoints.url, refuse);
  running.push(proxy, endpoints);
  return proxy;
}

/** The rate of calls depends on the concurrency. */
function auditArgs(...more: readonly string[]): string[] {
  return ['--env', 'Prod', '--concurrency', '100', '--yes', '--json', ...more];
}

function audit({ url }: Pick<RecordingProxy, 'url'>, ...more: readonly string[]) {
  return auditAs({ ...signedIn, AWS_ENDPOINT_URL: url }, ...auditArgs(...more));
}

function auditAs(environment: NodeJS.ProcessEnv, ...args: readonly string[]): Promise<Finished> {
  return runInProcess(auditCommand({ timer }), args, environment);
}

async function replay(logs: string): Promise<Finding[]> {
  return findingsOf(await runInProcess(replayCommand(), ['--logs', logs, '--json']));
}

function findingsOf({ stdout }: Finished): Finding[] {
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line): Finding => JSON.parse(line));
}

/** Findings without the fields that differ between an audit and a replay. */
function comparable(findings: readonly (Finding & { account?: string; region?: string })[]) {
  return findings.map(({ detectedAt: _, account: __, region: ___, ...finding }) => finding);
}

/** The number of events that the documented query counts. */
function countOf(events: readonly LogEvent[], logGroup: string): number {
  return events.filter((event) => event.logGroup === logGroup && event.message.includes('add-role'))
    .length;
}

describe('an audit of the served session finds the same as its replay, with the same ids', () => {
  const times = session.map(({ timestamp }) => timestamp);
  const first = new Date(Math.min(...times)).toISOString();
  const last = new Date(Math.max(...times)).toISOString();
  const groupNames = [...new Set(session.map(({ logGroup }) => logGroup))].sort();
  let whole: InsightsEngine;
  let outer: Timer;
  let expected: readonly Finding[];
  beforeAll(async () => {
    whole = await InsightsEngine.open();
    await whole.load(session);
    outer = timer;
    timer = patientTimer(whole, new VirtualClock(0));
    expected = await replay(recordedSessions.get('2.10.3')?.path ?? '');
    expect(expected.length).toBeGreaterThan(50);
  });
  afterAll(() => {
    whole.close();
    timer = outer;
  });

  // read-range.test.ts, slice-plan.test.ts and the small log cover other widths.
  test.each([
    ['second', '5m'],
    ['millisecond', '1d'],
  ] as const)('endTime read by the %s, slices of %s', async (endTime, slice) => {
    const proxy = await aws({ endTime, engine: whole });
    const range = ['--from', first, '--to', last];
    const result = await audit(proxy, ...range, '--slice', slice, '--price-per-gb', '1000');

    expect(comparable(findingsOf(result))).toEqual(comparable(expected));
    expect(findingsOf(result)[0]).toMatchObject({ account: '000000000000', region: 'us-east-1' });
    expect(result.exitCode).toBe(1);
    expect(result.stderr).not.toContain('warning:');
    for (const logGroup of groupNames) {
      const count = countOf(session, logGroup);
      expect(result.stderr).toMatch(new RegExp(`│ ${logGroup} +│.*│ +${count} │\n`));
    }
    expect(proxy.running()).toEqual([]);

    // The estimate is printed before the first query.
    const [, estimated] = /about ([\d.]+) MB will be scanned/.exec(result.stderr) ?? [];
    const [, scanned] = /bytes scanned \(([\d.]+) MB/.exec(result.stderr) ?? [];
    expect(Number(estimated) / Number(scanned)).toBeGreaterThan(0.8);
    expect(Number(estimated) / Number(scanned)).toBeLessThan(1.2);
    expect(result.stderr).toMatch(/that costs about \d+\.\d\d USD at 1000 USD per GB/);
  });
});

test.each([
  ['second', '13s'],
  ['millisecond', '13s'],
  ['millisecond', '1m'],
] as const)(
  'with endTime read by the %s, a minute in slices of %s loses nothing',
  async (endTime, slice) => {
    const result = await audit(await aws({ endTime }), ...smallRange, '--slice', slice);

    expect(comparable(findingsOf(result))).toEqual(comparable(replayed));
    expect(result.stderr).not.toContain('warning:');
    for (const logGroup of new Set(small.map((event) => event.logGroup))) {
      const count = countOf(small, logGroup);
      expect(result.stderr).toMatch(new RegExp(`│ ${logGroup} +│.*│ +${count} │\n`));
    }
  },
);

test('without a terminal and --yes, nothing is scanned', async () => {
  const proxy = await aws();
  const args = ['audit', ...auditArgs(...wholeSmall).filter((arg) => arg !== '--yes')];
  const result = await runCommand(args, { ...signedIn, AWS_ENDPOINT_URL: proxy.url });

  expect(result.exitCode).toBe(2);
  expect(result.stderr).toMatch(/\nerror: an audit costs money and asks .* give --yes\n$/);
  expect(proxy.of('StartQuery')).toEqual([]);
});

test('a range without findings has exit code 0', async () => {
  const proxy = await aws();
  const result = await audit(proxy, ...quiet);

  expect(result).toMatchObject({ exitCode: 0, stdout: '' });
  expect(result.stderr).toContain('0 findings in MWAA environment Prod');
});

describe('stopped by Ctrl+C and started again', () => {
  /** An engine on which only the first `completed` queries end. */
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

  test('no query keeps running, none is repeated, and the findings are the same', async () => {
    const state = join(directory, 'stopped.json');
    const args = [...smallRange, '--slice', '3s', '--state', state];
    const stopped = await aws({ engine: stalling(30) });
    const child = startCommand(['audit', ...auditArgs(...args, '--concurrency', '20')], {
      ...{ ...signedIn, AWS_ENDPOINT_URL: stopped.url },
    });
    const end = finished(child);
    // With 20 concurrent queries, a 40th starts only after 20 have ended, some of them for the
    // pack.
    await stopped.until(() => stopped.of('StartQuery').length >= 40);
    const besides = await audit(stopped, ...args);
    expect(besides).toMatchObject({ exitCode: 2, stdout: '' });
    expect(besides.stderr).toMatch(/^error: --state .*: another audit uses it \(process \d+ /);
    child.kill('SIGINT');
    const { exitCode, stdout, stderr } = await end;

    expect(exitCode).toBe(2);
    const soFar = stdout.split('\n').filter((line) => line !== '').length;
    expect(stderr).toMatch(
      /\nerror: stopped: by SIGINT; \d+ of \d+ slices are read, .* scanned \(.*\); none of its queries is still running; the same command continues with the rest \(.*\); \d+ findings? so far, and possibly more in the rest\n$/,
    );
    expect(stderr).toContain(`; ${soFar} finding`);
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
    // A documented count above zero needs further queries, the last of which were interrupted.
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

  test('only the owner can read the state, and its only log text is evidence', async () => {
    const state = join(directory, 'kept.json');
    await audit(await aws(), ...wholeSmall, '--state', state);

    expect(statSync(state).mode & 0o777).toBe(0o600);
    const text = readFileSync(state, 'utf8');
    expect(text).not.toContain('Fake-pw');
    const evidence = new Set(
      JSON.parse(text).readings.flatMap(({ lines }: { lines: { key: string }[] }) => lines),
    );
    expect(evidence.size).toBeGreaterThan(20);
    expect(evidence.size).toBeLessThan(small.length / 2);
  });

  test.each([
    ['no JSON', '{', /--state .*: must be JSON written by an audit/],
    ['another form', '{"schema": 2}', /--state .*: schema: expected 1, got 2/],
    ['no audit at all', '[]', /--state .*: the file: must be a mapping of fields/],
  ])('a state with %s is refused before any call to AWS', async (_what, text, sentence) => {
    const state = join(directory, 'bad.json');
    writeFileSync(state, text);
    const proxy = await aws();
    const result = await audit(proxy, ...wholeSmall, '--state', state);

    expect(result.exitCode).toBe(2);
    expect(result.stderr).toMatch(sentence);
    expect(proxy.calls).toEqual([]);
    expect(readFileSync(state, 'utf8')).toBe(text);
  });

  test('a state of another range is refused before anything is scanned', async () => {
    const state = join(directory, 'range.json');
    await audit(await aws(), ...quiet, '--state', state);
    const before = readFileSync(state, 'utf8');
    const proxy = await aws();
    const result = await audit(proxy, ...wholeSmall, '--state', state);

    expect(result.exitCode).toBe(2);
    expect(result.stderr).toMatch(
      /error: --state .*: about.range: must be 2026-11-22T05:50:10.000Z to 2026-11-22T05:51:10.000Z for this audit, got .* to 2026-11-22T05:50:51.000Z; give another file/,
    );
    expect(proxy.of('StartQuery')).toEqual([]);
    expect(readFileSync(state, 'utf8')).toBe(before);
  });

  test('a state that cannot be written is an error before anything is scanned', async () => {
    const proxy = await aws();
    const result = await audit(proxy, ...wholeSmall, '--state', join(directory, 'no', 'where'));

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

  test('one detection: a warning names it, and the others are found', async () => {
    const proxy = await aws({
      queryFault: ({ queryString }) =>
        /Added user/.test(queryString) && !queryString.includes('stats')
          ? { kind: 'malformed', message: 'unexpected symbol found' }
          : undefined,
    });
    const result = await audit(proxy, ...wholeSmall);

    expect(result.stderr).toMatch(
      /warning: detection \S+: not searched: AWS refuses its query: unexpected symbol found/,
    );
    const refused = [...result.stderr.matchAll(/warning: detection (\S+):/g)].map(([, id]) => id);
    const untouched = replayed.filter(
      ({ detections }) => !detections.some((id) => refused.includes(id)),
    );
    expect(untouched.length).toBeGreaterThan(5);
    const ids = new Set(findingsOf(result).map(({ id }) => id));
    expect(untouched.filter(({ id }) => !ids.has(id))).toEqual([]);
    expect(proxy.running()).toEqual([]);
  });

  test('a text as too long, and one of its parts fails: the findings of the others are reported', async () => {
    const state = join(directory, 'in-part.json');
    const texts = (fails: (queryString: string) => boolean): Partial<AwsEndpointsOptions> => ({
      queryFault: ({ queryString }) => {
        if (queryString.includes('stats')) return undefined;
        if (queryString.length > 6_000) return { kind: 'malformed', message: 'too much' };
        return fails(queryString) ? { kind: 'failed' } : undefined;
      },
    });
    const inPart = await audit(
      await aws(texts((text) => text.includes('Added user'))),
      ...wholeSmall,
      ...['--state', state],
    );

    expect(inPart.exitCode).toBe(2);
    expect(inPart.stderr).toMatch(
      /warning: airflow-Prod-Task from .*: not read for the detections: .*status Failed/,
    );
    const known = new Set(
      replayed.flatMap(({ evidence }) => evidence.map(({ message }) => message)),
    );
    const reported = findingsOf(inPart);
    expect(reported.length).toBeGreaterThan(2);
    expect(
      reported.flatMap(({ evidence }) => evidence).filter((one) => !known.has(one.message)),
    ).toEqual([]);
    expect(reported.length).toBeLessThan(replayed.length);

    const resumed = await audit(await aws(texts(() => false)), ...wholeSmall, '--state', state);
    expect(comparable(findingsOf(resumed))).toEqual(comparable(replayed));
    expect(resumed.exitCode).toBe(1);
  });

  test('every query of the pack: the documented count is printed, and the exit code is 2', async () => {
    const proxy = await aws({
      queryFault: ({ queryString }) =>
        queryString.includes('stats') ? undefined : { kind: 'malformed', message: 'no' },
    });
    const result = await audit(proxy, ...wholeSmall);

    expect(result).toMatchObject({ exitCode: 2, stdout: '' });
    expect(result.stderr).toMatch(
      new RegExp(`│ airflow-Prod-Task +│.*│ +${countOf(small, 'airflow-Prod-Task')} │\n`),
    );
    expect(result.stderr).toMatch(/not read for the detections: .*refuses/);
    expect(result.stderr.match(/not searched/g)).toHaveLength(1);
    expect(result.stderr).toMatch(
      /warning: all \d+ detections: not searched: AWS refuses their queries: no \(\[0,\d+\]\)\n/,
    );
  });

  test.each([
    ['logs:DescribeLogGroups', 'DescribeLogGroups'],
    ['logs:GetQueryResults', 'GetQueryResults'],
  ])('%s: the error names it', async (action, operation) => {
    const proxy = await aws({}, (asked) => (asked === operation ? denied(action) : undefined));
    const result = await audit(proxy, ...wholeSmall);

    expect(result.exitCode).toBe(2);
    expect(result.stderr).toMatch(new RegExp(`error: .*may not call ${action}.*\n$`));
    expect(proxy.running()).toEqual([]);
  });

  test('logs:StartQuery on one log group: a warning names it, and the others are read', async () => {
    const proxy = await aws({}, (operation, { logGroupNames }) =>
      operation === 'StartQuery' &&
      Array.isArray(logGroupNames) &&
      logGroupNames.includes('airflow-Prod-Task')
        ? denied('logs:StartQuery')
        : undefined,
    );
    const result = await audit(proxy, ...wholeSmall);

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
      /may not show privilege changes: airflow:GetEnvironment was denied/,
    ],
    [
      'cloudwatch:GetMetricData',
      'GetMetricData',
      /number of received bytes is not known.*cloudwatch:GetMetricData was denied/,
    ],
  ])('%s: the audit continues without it and warns', async (action, operation, sentence) => {
    const proxy = await aws({}, (asked) =>
      asked === operation ? { ...denied(action), status: 403 } : undefined,
    );
    const result = await audit(proxy, ...wholeSmall);

    expect(result.stderr).toMatch(sentence);
    expect(comparable(findingsOf(result))).toEqual(comparable(replayed));
  });
});

describe('AWS accepts no further query', () => {
  test('for longer than the patience: the audit stops, stores its readings, and can continue', async () => {
    const code = 'LimitExceededException';
    const state = join(directory, 'refused.json');
    const args = [...smallRange, '--slice', '20s', '--state', state];
    const proxy = await aws({}, (operation, _input, calls) =>
      operation === 'StartQuery' && calls.filter((call) => call.operation === operation).length > 4
        ? { status: 400, code, message: 'too much' }
        : undefined,
    );
    const result = await audit(proxy, ...args, '--patience', '1s');

    // It prints what it found so far, which depends on the order of the answers.
    expect(result.exitCode).toBe(2);
    expect(result.stderr).toMatch(
      new RegExp(
        `\nerror: stopped: AWS has refused every logs:StartQuery call for \\d+ s \\(${code}: too much\\): others use up the account’s Logs Insights quota; [1-9]\\d* of \\d+ slices are read,`,
      ),
    );
    expect(proxy.running()).toEqual([]);
    const again = await audit(await aws(), ...args);
    expect(comparable(findingsOf(again))).toEqual(comparable(replayed));
  });

  test('now and then: no effect on the result', async () => {
    let asked = 0;
    const proxy = await aws({}, (operation) => {
      asked += 1;
      return ['StartQuery', 'GetQueryResults'].includes(operation) && asked % 4 === 0
        ? { status: 400, code: 'ThrottlingException', message: 'Rate exceeded' }
        : undefined;
    });
    const result = await audit(proxy, ...wholeSmall);

    expect(comparable(findingsOf(result))).toEqual(comparable(replayed));
    expect(result.stderr).not.toContain('warning:');
  });
});

test('a failed query is retried in smaller slices', async () => {
  const proxy = await aws({
    queryFault: ({ startTime, endTime }) =>
      endTime - startTime > 20 ? { kind: 'failed' } : undefined,
  });
  const result = await audit(proxy, ...wholeSmall);

  expect(comparable(findingsOf(result))).toEqual(comparable(replayed));
  expect(result.stderr).not.toContain('warning:');
});

test('a span that always fails is named, and the exit code is 2', async () => {
  const from = Date.parse('2026-11-22T05:50:45Z') / 1000;
  const proxy = await aws({
    queryFault: ({ startTime }) => (startTime === from ? { kind: 'failed' } : undefined),
  });
  const result = await audit(proxy, ...quiet);

  expect(result).toMatchObject({ exitCode: 2, stdout: '' });
  expect(result.stderr).toMatch(
    /warning: airflow-Prod-Task from 2026-11-22 05:50:45 to .*: not read by the documented query: .*status Failed/,
  );
  expect(result.stderr).toMatch(/│ airflow-Prod-Task +│.*│ +at least 0 │/);
});

describe('missing logs', () => {
  test('a span that has expired is named, and the exit code is 2', async () => {
    const proxy = await aws({ logGroupSettings: { 'airflow-Prod-Task': { retentionInDays: 1 } } });
    const result = await audit(proxy, '--from', '2026-11-20', '--to', '2026-11-22T05:50:50');

    // The command uses the machine's clock.
    expect(result.stderr).toMatch(
      /warning: airflow-Prod-Task from .*: expired by the group's retention|has expired/,
    );
    expect(findingsOf(result).length).toBeGreaterThan(0);
    expect(result.exitCode).toBe(2);
  });

  test('a log group that does not exist is named, and the exit code is 2', async () => {
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
    const result = await audit(proxy, ...quiet);

    expect(result).toMatchObject({ exitCode: 2, stdout: '' });
    expect(result.stderr).toContain('warning: airflow-Prod-Worker does not exist');
  });

  test.each([
    [
      'an unknown environment, or the wrong Region',
      'Nobody',
      /error: there is no MWAA environment Nobody in us-east-1: .*give another --region\n$/,
    ],
    ['an invalid name', '1;ls', /error: --env: must begin with a letter .*\(got "1;ls"\)\n$/],
  ])('%s', async (_what, env, sentence) => {
    const proxy = await aws();
    const result = await auditAs(
      { ...signedIn, AWS_ENDPOINT_URL: proxy.url },
      ...['--env', env, '--yes'],
    );
    expect(result.stderr).toMatch(sentence);
    expect(result.exitCode).toBe(2);
    expect(proxy.of('StartQuery')).toEqual([]);
  });
});

test('the calls are exactly those that its IAM policy allows', async () => {
  const proxy = await aws({
    queryFault: ({ queryString }) =>
      queryString.includes('stats') ? undefined : { kind: 'malformed', message: 'no' },
  });
  await audit(proxy, ...wholeSmall);
  await auditAs({ ...signedIn, AWS_ENDPOINT_URL: proxy.url }, '--env', 'Nobody', '--yes');
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

describe('bad input is one error line, and exit code 2', () => {
  test.each([
    ['no environment', [], /required option '--env <name>' not specified/],
    [
      'two ranges',
      ['--env', 'Prod', '--last', '1d', '--from', '2026-11-22'],
      /--last cannot be combined with/,
    ],
    ['an end without a start', ['--env', 'Prod', '--to', '2026-11-22'], /--to requires --from/],
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
      /no AWS credentials were found for profile nobody/,
    ],
  ])('%s', async (_what, args, sentence) => {
    const result = await auditAs(
      { ...signedIn, AWS_ENDPOINT_URL: 'http://127.0.0.1:9' },
      ...['--yes', ...args],
    );
    expect(result.stderr).toMatch(sentence);
    expect(result.exitCode).toBe(2);
    expect(result.stdout).toBe('');
  });

  test('missing credentials', async () => {
    const { AWS_ACCESS_KEY_ID: _, AWS_SECRET_ACCESS_KEY: __, ...nobody } = signedIn;
    const result = await auditAs(
      { ...nobody, AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' },
      ...['--env', 'Prod', '--yes'],
    );
    expect(result.stderr).toMatch(/^error: no AWS credentials were found: log in .*\n$/);
    expect(result.exitCode).toBe(2);
  });
});
