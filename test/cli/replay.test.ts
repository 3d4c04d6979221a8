import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { replayCommand } from '../../cli/replay/replay-command.ts';
import type { Finding } from '../../lambda/model/finding.ts';
import { type Finished, runCommand } from './run-command.ts';
import { runInProcess } from './run-in-process.ts';

const directory = mkdtempSync(join(tmpdir(), 'replay-'));
const start = Date.UTC(2026, 10, 22, 5, 47);
const secret = 'Fake-pw-of-a-test';
const taskStream = 'dag_id=grant\u001b[2J/run_id=manual__1/task_id=promote/attempt=1.log';

const command = `[2026-11-22T05:47:00.000+0000] {subprocess.py:88} INFO - Running command: ['/usr/bin/bash', '-c', 'airflow users create -u eve -r Viewer -p ${secret} -e e@example.com -f E -l V']`;
const created =
  '[2026-11-22T05:47:10.000+0000] {subprocess.py:106} INFO - User "eve" created with role "Viewer"';

function write(name: string, events: readonly object[]): string {
  const file = join(directory, name);
  writeFileSync(file, events.map((event) => JSON.stringify(event)).join('\n'));
  return file;
}

function event(second: number, message: string, environment = 'Prod') {
  return {
    logGroup: `airflow-${environment}-Task`,
    logStream: taskStream,
    timestamp: start + second * 1000,
    message,
  };
}

const logs = write('events.ndjson', [event(0, command), event(10, created), event(20, 'done')]);

afterAll(() => rmSync(directory, { recursive: true }));

function replay(args: readonly string[]): Promise<Finished> {
  return runInProcess(replayCommand(), args);
}

test('--json prints one finding per line, and the summary on the standard error stream', async () => {
  const { exitCode, stdout, stderr } = await runCommand(['replay', '--logs', logs, '--json']);
  const findings = stdout
    .trimEnd()
    .split('\n')
    .map((line): Finding => JSON.parse(line));
  expect(findings).toHaveLength(1);
  expect(findings[0]).toMatchObject({
    schema: 1,
    environment: 'Prod',
    severity: 'high',
    outcome: 'succeeded',
    role: 'Viewer',
    actor: { dag: 'grant\u001b[2J', run: 'manual__1', task: 'promote', attempt: 1 },
    firstSeen: '2026-11-22T05:47:00.000Z',
    lastSeen: '2026-11-22T05:47:10.000Z',
  });
  expect(findings[0]?.evidence).toHaveLength(2);
  expect(stderr).toContain('1 finding (1 high) in 3 log events of MWAA environment Prod');
  expect(exitCode).toBe(1);
});

test('without --json it prints findings for people, without control characters and passwords', async () => {
  const { stdout, stderr } = await replay(['--logs', logs, '--slice', '7s']);
  expect(stdout).toMatch(/^2026-11-22 05:47:00 {2}high {6}.*eve.*Viewer.*DAG .*grant/);
  expect(stdout).toContain('cli-user-created');
  expect(stdout).not.toContain('\u001b');
  expect(stdout + stderr).not.toContain(secret);
});

test.each([
  ['--alert-at above all findings', ['--alert-at', 'critical']],
  ['a range without a finding', ['--from', '2026-11-22T05:47:20Z']],
])('exit code 0 with %s', async (_, args) => {
  const { exitCode } = await replay(['--logs', logs, ...args]);
  expect(exitCode).toBe(0);
});

test('--report writes the findings as a page, also into a new folder', async () => {
  const file = join(directory, 'pages', 'report.html');
  const { stderr } = await replay(['--logs', logs, '--report', file]);
  expect(stderr).toContain(`Report: ${file}`);
  const page = readFileSync(file, 'utf8');
  const titles = page.match(/<details class="finding /g) ?? [];
  expect(titles).toHaveLength(1);
  expect(page).not.toContain(secret);
});

test('a report in place of the logs is refused, and the logs stay', async () => {
  const before = readFileSync(logs, 'utf8');
  const { exitCode, stderr } = await replay(['--logs', logs, '--report', logs]);
  expect(stderr).toContain('must not be the file of --logs');
  expect(exitCode).toBe(2);
  expect(readFileSync(logs, 'utf8')).toBe(before);
});

test('a report that cannot be written is refused before the logs are read', async () => {
  const { exitCode, stderr } = await replay(['--logs', 'none', '--report', directory]);
  expect(stderr).toMatch(/^error: --report .* cannot be written: EISDIR/);
  expect(exitCode).toBe(2);
});

test('a folder of detections with one file searches only for that detection', async () => {
  const folder = join(directory, 'own');
  mkdirSync(folder);
  const own = {
    ...{ id: 'own', title: 'A task was done', severity: 'low', logTypes: ['Task'] },
    ...{ attack: ['T1098'], query: 'filter @message like "done"', outcome: true },
    ...{ runbook: 'docs/runbooks/add-role.md', falsePositives: ['any'] },
    references: ['https://example.com/'],
    tests: {
      matches: [{ logType: 'Task', airflow: '2.10.3', message: 'done' }],
      ignores: [{ logType: 'Task', message: 'begun' }],
    },
  };
  writeFileSync(join(folder, 'own.yaml'), JSON.stringify(own));
  const args = ['--detections', folder, '--alert-at', 'low'];
  const { exitCode, stdout } = await replay(['--logs', logs, ...args, '--json']);
  expect(JSON.parse(stdout)).toMatchObject({ detections: ['own'], severity: 'low' });
  expect(exitCode).toBe(1);
});

describe('--mail', () => {
  const owner = {
    ...event(0, "Exporting env vars: AIRFLOW_CTX_DAG_OWNER='data' AIRFLOW_CTX_DAG_ID='grant'"),
    logStream: 'dag_id=grant/run_id=manual__1/task_id=promote/attempt=1.log',
  };
  const granted = { ...owner, timestamp: start + 1000, message: created };
  const file = write('with-owner.ndjson', [owner, granted]);
  const idOf = async () => JSON.parse((await replay(['--logs', file, '--json'])).stdout).id;

  test('prints the mail about one finding as it would arrive, and nothing else', async () => {
    const id = await idOf();
    const args = ['--logs', file, '--region', 'eu-west-1', '--account', '111122223333'];
    const { exitCode, stdout } = await replay([...args, '--mail', id.slice(0, 8)]);
    expect(stdout.split('\n').slice(0, 3)).toEqual([
      'Subject: [HIGH] Prod: User eve was created with role Viewer by DAG grant, task promote',
      '',
      'User eve was created with role Viewer by DAG grant, task promote',
    ]);
    expect(stdout).toContain('The DAG says that its owner is data;');
    expect(stdout).toContain(
      "--region 'eu-west-1' --name 'Prod' --method PATCH --path '/dags/grant'",
    );
    expect(stdout.trimEnd().split('\n').at(-1)).toBe(`Finding ${id} of MWAA Privilege Monitor`);
    expect(exitCode ?? 0).toBe(0);
  });

  test('names no Region in commands if it is not known', async () => {
    const { stdout } = await replay(['--logs', file, '--mail', await idOf()]);
    expect(stdout).toContain("aws mwaa invoke-rest-api --name 'Prod'");
    expect(stdout).not.toContain('--region');
  });

  test('a report is not left out in silence: the two do not go together', async () => {
    const args = ['--logs', file, '--mail', '0000', '--report', join(directory, 'mail.html')];
    const { exitCode, stderr } = await replay(args);
    expect([exitCode, existsSync(join(directory, 'mail.html'))]).toEqual([2, false]);
    expect(stderr).toContain("option '--mail <id>' cannot be used with option '--report <file>'");
  });

  test('an id that no finding has is refused', async () => {
    const { exitCode, stdout, stderr } = await replay(['--logs', file, '--mail', '0000']);
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toContain('--mail 0000: must be the id of one of the 1 findings');
  });
});

describe('--approvals', () => {
  const approvals = (named: string, dag = 'approved') => {
    const folder = join(directory, 'approvals');
    mkdirSync(folder, { recursive: true });
    const file = join(folder, 'approvals.yaml');
    writeFileSync(
      file,
      `mwaaEnvironment: Prod\napprovedChanges:\n  - {dag: ${dag}, ${named}, reason: OPS-1, owner: ops, expires: '2099-12-31'}\n`,
    );
    return file;
  };
  const stream = 'dag_id=approved/run_id=r/task_id=t/attempt=1.log';
  const file = write(
    'approved.ndjson',
    [event(0, command), event(10, created)].map((one) => ({ ...one, logStream: stream })),
  );
  const replay = (...args: readonly string[]) =>
    runInProcess(replayCommand(), ['--logs', file, '--json', ...args]);

  test('lists approved changes separately and does not count them', async () => {
    const named = 'verb: create-user, user: eve, role: Viewer';
    const { exitCode, stdout, stderr } = await replay('--approvals', approvals(named));
    expect(stdout).toBe('');
    expect(stderr).toMatch(/approved in advance, not counted:\n.*eve.*Viewer/);
    expect(stderr).toContain('0 findings');
    expect(exitCode).toBe(0);
  });

  test('does not approve other changes', async () => {
    const named = 'verb: create-user, user: eve, role: Op';
    const { exitCode, stdout } = await replay('--approvals', approvals(named));
    expect(stdout).toContain('"role":"Viewer"');
    expect(exitCode).toBe(1);
  });

  test.each([
    ['a missing file', () => join(directory, 'none.yaml'), /--approvals .*none\.yaml/],
    ['a folder', () => directory, /--approvals .*no such file/],
    ['an invalid approval', () => approvals('user: eve'), /approvals\.yaml:3: .*must name verb/],
    [
      'a * for a password',
      () => approvals("verb: reset-password, user: '*'"),
      /without \*, for reset-password[\s\S]*\n {2}- \{ ?dag: approved, verb: reset-password, user: USER/,
    ],
    [
      'a file without approvals',
      () => write('no-approvals.json', [{ mwaaEnvironment: 'Prod' }]),
      /approvedChanges/,
    ],
  ])('is refused with %s', async (_, path, message) => {
    const { exitCode, stdout, stderr } = await replay('--approvals', path());
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/\n {4}at /);
    expect(stdout).toBe('');
    expect(exitCode).toBe(2);
  });
});

test('each line of JSON has account and Region, or "unknown"', async () => {
  const { stdout } = await replay(['--logs', logs, '--json']);
  expect(JSON.parse(stdout)).toMatchObject({ account: 'unknown', region: 'unknown' });
  const place = ['--account', '111122223333', '--region', 'eu-west-1'];
  const given = await replay(['--logs', logs, '--json', ...place]);
  const finding = JSON.parse(given.stdout);
  expect(finding).toMatchObject({ account: '111122223333', region: 'eu-west-1' });
  expect(finding.links.logStream).toContain('https://eu-west-1.console.aws.amazon.com/');
});

test('--airflow selects the default permissions of the roles', async () => {
  const given = 'Added Permission can read on Datasets to role Viewer';
  const line = `[2026-11-22T05:47:00.000+0000] {override.py:1596} INFO - ${given}`;
  const file = write('defaults.ndjson', [
    { ...event(0, line), logGroup: 'airflow-Prod-Scheduler' },
  ]);
  const replayed = (...args: readonly string[]) => replay(['--logs', file, ...args]);
  expect((await replayed('--airflow', '2.10.3')).stdout).toBe('');
  expect((await replayed('--airflow', '3.0.6')).stdout).toContain('Viewer');
  expect((await replayed()).stdout).toContain('Viewer');
});

describe('exit code 2 and one clear error', () => {
  test.each([
    ['an invalid slice', ['--slice', '5'], /'--slice <duration>'.*7s, 5m, 1h or 2d/],
    ['an invalid severity', ['--alert-at', 'severe'], /'severe'.*critical/],
    [
      'a range that ends before its start',
      ['--from', '2026-11-23', '--to', '2026-11-22'],
      /--to .* before/,
    ],
    ['an invalid version', ['--airflow', 'new'], /'--airflow <version>'.*2\.10\.3/],
    ['an invalid account', ['--account', '1'], /'--account <id>'.*12 digits/],
    ['an invalid Region', ['--region', 'moon'], /--region/],
    ['a missing folder of detections', ['--detections', join(directory, 'none')], /none/],
    ['a folder without detections', ['--detections', directory], /has no detection files/],
  ])('for %s', async (_, args, message) => {
    const { exitCode, stdout, stderr } = await replay(['--logs', logs, ...args]);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/\n {4}at /);
    expect(stdout).toBe('');
    expect(exitCode).toBe(2);
  });

  test('for an invalid detection, naming its file', async () => {
    const folder = join(directory, 'queries');
    mkdirSync(folder);
    writeFileSync(join(folder, 'broken.yaml'), 'id: broken\n');
    const { exitCode, stderr } = await replay([...['--logs', logs, '--detections', folder]]);
    const problems = stderr.trimEnd().split('\n');
    expect(problems.length).toBeGreaterThan(2);
    for (const problem of problems)
      expect(problem).toMatch(/^error: queries\/broken\.yaml:\d+: \w+: /);
    expect(exitCode).toBe(2);
  });

  test('for logs of two environments', async () => {
    const two = write('two.ndjson', [event(0, 'a'), event(1, 'b', 'Test')]);
    const { exitCode, stderr } = await replay(['--logs', two]);
    expect(stderr).toContain('2 MWAA environments (Prod, Test)');
    expect(exitCode).toBe(2);
  });
});
