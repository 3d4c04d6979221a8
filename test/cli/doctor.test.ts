import { doctorCommand } from '../../cli/doctor/doctor-command.ts';
import { checks } from '../../doctor/checks/all-checks.ts';
import { healthy } from '../../doctor/fixtures/parts/healthy.ts';
import { detectionTexts, planTexts } from '../../doctor/observe/observe-queries.ts';
import { reportSchema } from '../../doctor/report.ts';
import { scanPlan } from '../../infra/function/scan-plan.ts';
import { logGroupName, logTypes } from '../../lambda/model/log-types.ts';
import { faultsByText } from '../../local/aws-endpoints/logs/query-store.ts';
import { loadDetections } from '../../queries/tools/load-detections.ts';
import { memoryEngine } from '../local/aws-endpoints/memory-engine.ts';
import { endpoints, stopEndpoints } from '../local/aws-endpoints/with-endpoints.ts';
import { type Finished, runCommand } from './run-command.ts';
import { runInProcess } from './run-in-process.ts';
import { type ErrorAnswer, type StandIn, startStandIn } from './stand-in.ts';

/** An environment without the machine's own AWS configuration. */
const noAws = {
  AWS_CONFIG_FILE: '/dev/null',
  AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_PROFILE: '',
  AWS_REGION: '',
  AWS_DEFAULT_REGION: '',
  AWS_ACCESS_KEY_ID: '',
  AWS_SECRET_ACCESS_KEY: '',
  AWS_SESSION_TOKEN: '',
};
const signedIn = { ...noAws, AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE', AWS_SECRET_ACCESS_KEY: 'example' };

function doctor(args: readonly string[], environment: NodeJS.ProcessEnv): Promise<Finished> {
  return runInProcess(doctorCommand(), args, environment);
}

describe('on a fixture', () => {
  test('every check of the healthy environment passes, exit code 0', async () => {
    const { exitCode, stdout, stderr } = await runCommand(
      ['doctor', '--fixture', 'healthy'],
      noAws,
    );

    expect(exitCode).toBe(0);
    expect(stderr).toBe('');
    expect(stdout).toMatch(
      new RegExp(
        `prod-airflow in eu-west-1, .*: ${checks.length} checks: ${checks.length} pass\n$`,
      ),
    );
    for (const { id } of checks) expect(stdout).toContain(`  ${id} `);
  });

  test('log groups with an old key: the cause, the key’s state, two fixes, exit code 1', async () => {
    const { exitCode, stdout } = await doctor(['--fixture', 'old-key'], noAws);

    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/│ {3}log-group-keys +│ fail /);
    expect(stdout).toContain('They retain the key of a destroyed environment of this name');
    expect(stdout).toContain('that key is to be deleted on');
    expect(stdout).toContain('aws logs associate-kms-key');
    expect(stdout).toContain('aws logs delete-log-group');
    expect(stdout).not.toContain('\u001b');
  });

  test('--json prints only the published schema, with the same exit code', async () => {
    const args = ['--fixture', 'old-key', '--json'];
    const { exitCode, stdout, stderr } = await doctor(args, noAws);

    const report = reportSchema.parse(JSON.parse(stdout));
    expect(exitCode).toBe(1);
    expect(report.result).toBe('fail');
    expect(stderr).toBe('');
  });

  test('FORCE_COLOR adds colours', async () => {
    const { stdout } = await runCommand(['doctor', '--fixture', 'old-key'], {
      ...noAws,
      FORCE_COLOR: '1',
      NO_COLOR: undefined,
    });

    expect(stdout).toContain('\u001b[31mfail\u001b[39m');
    expect(stdout).toContain('\u001b[32mpass\u001b[39m');
  });

  test('warnings alone have exit code 0', async () => {
    const args = ['--fixture', 'witness-patched', '--json'];
    const { exitCode, stdout } = await doctor(args, noAws);

    expect(JSON.parse(stdout)).toMatchObject({ result: 'warn', counts: { fail: 0, unknown: 0 } });
    expect(exitCode).toBe(0);
  });
});

describe('bad input is one error line, and exit code 2', () => {
  const env = ['--env', 'prod-airflow'];
  test.each([
    ['neither --env nor --fixture', [], noAws, /give --env NAME for an MWAA environment/],
    ['two things', [...env, '--fixture', 'healthy'], noAws, /--fixture cannot be combined with/],
    [
      'no such fixture',
      ['--fixture', 'x'],
      noAws,
      /--fixture x: there is no such fixture; the fixtures are:\n {2}healthy/,
    ],
    ['a name that MWAA does not allow', ['--env', '1;ls'], noAws, /got "1;ls"/],
    [
      'a malformed Region',
      [...env, '--region', 'Ireland'],
      noAws,
      /like eu-west-1 \(got "Ireland"\)/,
    ],
    ['no Region', env, signedIn, /no AWS Region is configured: give --region, or set AWS_REGION/],
    [
      'no credentials',
      [...env, '--region', 'eu-west-1'],
      noAws,
      /no AWS credentials were found: log in \(aws sso login\), set AWS_PROFILE/,
    ],
    [
      'an unknown profile in the environment',
      [...env, '--region', 'eu-west-1'],
      { ...noAws, AWS_PROFILE: 'nobody' },
      /no AWS credentials were found for profile nobody: log in/,
    ],
    [
      'an unknown profile in the option',
      [...env, '--region', 'eu-west-1', '--profile', 'nobody'],
      noAws,
      /no AWS credentials were found for profile nobody: log in/,
    ],
    [
      'an unreachable endpoint',
      [...env, '--region', 'eu-west-1'],
      { ...signedIn, AWS_ENDPOINT_URL: 'http://127.0.0.1:9' },
      /MWAA does not answer in eu-west-1 .*: check that MWAA is available in this Region \(--region\)/,
    ],
  ])('%s', async (_what, args, environment, sentence) => {
    const { exitCode, stdout, stderr } = await doctor(args, environment);

    expect(stderr).toMatch(sentence);
    expect(stderr).toMatch(/^error: [^\n]+\n( {2}[^\n]+\n)*$/);
    expect(stdout).toBe('');
    expect(exitCode).toBe(2);
  });
});

describe('on AWS', () => {
  const denied = { status: 403, code: 'AccessDenied', message: 'you may not' };
  let standIn: StandIn | undefined;
  afterEach(async () => {
    await standIn?.close();
    standIn = undefined;
  });

  async function doctorOf(mwaa: object | ErrorAnswer, error: ErrorAnswer = denied) {
    standIn = await startStandIn(error, mwaa);
    const { exitCode, stdout, stderr } = await doctor(
      ['--env', 'prod-airflow', '--region', 'eu-west-1', '--json'],
      { ...signedIn, AWS_ENDPOINT_URL: standIn.url },
    );
    return {
      exitCode,
      stderr,
      askedOfMwaa: standIn.askedOfMwaa,
      report: stdout === '' ? undefined : reportSchema.parse(JSON.parse(stdout)),
    };
  }

  test('without permissions, no check passes, and each names the action to allow: exit code 2', async () => {
    const { exitCode, report, stderr } = await doctorOf({
      ...denied,
      code: 'AccessDeniedException',
    });

    expect(stderr).toBe('');
    expect(report?.counts).toMatchObject({ pass: 0, warn: 0, fail: 0 });
    for (const { result, missing } of report?.checks ?? []) {
      expect(result).toBe('unknown');
      expect(missing).toContainEqual(expect.objectContaining({ kind: 'denied' }));
    }
    expect(exitCode).toBe(2);
  });

  test('when only MWAA answers, checks that need only MWAA are judged', async () => {
    const { environment } = healthy();
    if (environment.kind !== 'known') throw new Error('the fixture has an environment');
    const { exitCode, report } = await doctorOf({ Environment: environment.value });

    const passed = report?.checks.filter(({ result }) => result === 'pass').map(({ id }) => id);
    expect(passed).toEqual(
      expect.arrayContaining(['environment-status', 'log-types-enabled', 'key-reference']),
    );
    expect(report?.counts.unknown).toBeGreaterThan(30);
    expect(exitCode).toBe(2);
  });

  test('a failed check has exit code 1 even if answers are missing', async () => {
    const { environment } = healthy();
    if (environment.kind !== 'known') throw new Error('the fixture has an environment');
    const { exitCode, report } = await doctorOf({
      Environment: { ...environment.value, Status: 'CREATE_FAILED' },
    });

    expect(report?.result).toBe('fail');
    expect(exitCode).toBe(1);
  });

  test('an unknown environment is one error line', async () => {
    const { exitCode, report, stderr, askedOfMwaa } = await doctorOf({
      status: 404,
      code: 'ResourceNotFoundException',
      message: 'there is none',
    });

    expect(report).toBeUndefined();
    expect(stderr).toBe(
      'error: there is no MWAA environment prod-airflow in eu-west-1: check the name, or give another --region\n',
    );
    expect(askedOfMwaa).toEqual(['GET /environments/prod-airflow', 'GET /environments']);
    expect(exitCode).toBe(2);
  });

  test('expired credentials are one error line', async () => {
    const { exitCode, stderr } = await doctorOf({
      status: 403,
      code: 'ExpiredTokenException',
      message: 'The security token included in the request is expired',
    });

    expect(stderr).toMatch(/^error: AWS rejects the credentials \(.*expired\): log in again/);
    expect(exitCode).toBe(2);
  });

  test('when AWS throttles, each check is unknown, names its call, and says to try again', async () => {
    const busy = { status: 400, code: 'ThrottlingException', message: 'Rate exceeded' };
    const { exitCode, report } = await doctorOf(busy, denied);

    const status = report?.checks.find(({ id }) => id === 'environment-status');
    expect(status).toMatchObject({
      result: 'unknown',
      missing: [{ kind: 'failed', action: 'airflow:GetEnvironment' }],
    });
    expect(status?.fixes[0]?.text).toContain('Run the doctor again');
    expect(exitCode).toBe(2);
  });
});

describe('on Logs Insights over the wire', () => {
  afterEach(stopEndpoints);

  const plan = scanPlan(loadDetections(), { detections: { disable: [] } });
  const fiveGroups = logTypes.map((logType) => logGroupName('prod', logType));

  /** The check `query-accepted` of an environment whose logs are served with these faults. */
  async function queryAccepted(faults: Parameters<typeof faultsByText>[0] = {}) {
    const engine = memoryEngine(undefined, fiveGroups);
    const { url } = await endpoints({ engine, queryFault: faultsByText(faults) });
    const { stdout, stderr } = await doctor(['--env', 'prod', '--region', 'us-east-1', '--json'], {
      ...signedIn,
      AWS_ENDPOINT_URL: url,
    });
    const report = reportSchema.parse(JSON.parse(stdout));
    const check = report.checks.find(({ id }) => id === 'query-accepted');
    return { asked: engine.asked, stderr, ...check };
  }

  test('the documented query and the pack are run once, over one second of the five groups', async () => {
    const { result, evidence, asked } = await queryAccepted();

    expect(result).toBe('pass');
    expect(evidence).toHaveLength(2);
    const texts = planTexts(plan).map(({ queryString }) => queryString);
    expect(asked.map(({ queryString }) => queryString).toSorted()).toEqual(texts.toSorted());
    for (const { logGroups, startEpochSeconds, endEpochSeconds } of asked) {
      expect(logGroups).toEqual(fiveGroups);
      expect(endEpochSeconds - startEpochSeconds).toBeLessThanOrEqual(1);
    }
  });

  test('only the refused detection is named', async () => {
    const refuse = /Rows affected/;
    const { result, evidence, fixes } = await queryAccepted({ refuse });

    const refused = detectionTexts(plan).filter(({ queryString }) => refuse.test(queryString));
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.length).toBeLessThan(plan.candidates.length / 2);
    expect(result).toBe('fail');
    expect(evidence).toEqual([
      expect.stringContaining(`the text of all ${plan.candidates.length} detections is refused: `),
      ...refused.map(({ detections }) =>
        expect.stringContaining(`the detection ${detections.join()} alone is refused: `),
      ),
      expect.stringContaining('the documented query was run'),
    ]);
    const ids = refused.flatMap(({ detections }) => detections).join(', ');
    expect(fixes?.map(({ text }) => text).join()).toContain(`disable: [${ids}]`);
  });

  test('if every query fails, no detection is tried alone, since the texts are not the cause', async () => {
    const { result, evidence, asked } = await queryAccepted({ fail: /./ });

    expect(result).toBe('fail');
    expect(evidence).toHaveLength(2);
    expect(asked).toEqual([]);
  });
});
