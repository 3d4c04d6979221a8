import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DemoResult } from '../../local/demo/result/demo-result.ts';
import { awsCallsOf } from '../lambda/setup/aws-calls.ts';
import { demoInProcess } from './demo-in-process.ts';
import { type Finished, runCommand } from './run-command.ts';

const directory = mkdtempSync(join(tmpdir(), 'demo-'));
const output = join(directory, 'output');
const credentialProcessRan = join(directory, 'credential-process-ran');
const connectionsFile = join(directory, 'connections');
const start = Date.UTC(2026, 10, 22, 5, 47);

const hostileMessages = [
  'add-role <script>alert(1)</script>',
  'add-role \u001b[2J\u001b]0;title\u0007',
  'add-role \0 \ud800 \u202e',
  'add-role\r\nsecond line',
  `add-role ${'x'.repeat(256 * 1024)}`,
];

const password = 'Fake-pw-of-the-demo';
const hostileName = '<script>alert(1)</script>\u202e';
const hostileChange = [
  `[2026-11-22T05:48:00.000+0000] {subprocess.py:88} INFO - Running command: ['/usr/bin/bash', '-c', 'airflow users create -u "${hostileName}" -r Admin -p ${password} -e e@example.com -f E -l V']`,
  `[2026-11-22T05:48:05.000+0000] {subprocess.py:106} INFO - User "${hostileName}" created with role "Admin"`,
];

let trap: Server;
let trapped = 0;
let run: Finished;
let result: DemoResult;

/** One run for all tests, since it takes seconds. The environment points everything at the trap. */
beforeAll(async () => {
  trap = createServer((socket) => {
    trapped++;
    socket.destroy();
  });
  await new Promise<void>((resolve) => trap.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(trap.address() as AddressInfo).port}`;
  run = await runCommand(['demo', '--logs', writeLogs(), '--output', output], {
    ...hostileEnvironment(url),
    NODE_OPTIONS: `--import ${writeConnectionRecorder()}`,
  });
  result = JSON.parse(readFileSync(join(output, 'result.json'), 'utf8'));
});

afterAll(() => {
  trap.close();
  rmSync(directory, { recursive: true });
});

function writeLogs(): string {
  const events = [
    ...hostileMessages.map((message, index) => ({ logType: 'Task', second: index * 20, message })),
    ...hostileChange.map((message, index) => ({
      logType: 'Task',
      second: 60 + index * 5,
      message,
    })),
    { logType: 'Scheduler', second: 90, message: 'nothing to see' },
  ].map(({ logType, second, message }) => ({
    logGroup: `airflow-Hostile-${logType}`,
    logStream: 'stream',
    timestamp: start + second * 1000,
    message,
  }));
  const file = join(directory, 'events.ndjson');
  writeFileSync(file, [...events.map((event) => JSON.stringify(event)), '{"half'].join('\n'));
  return file;
}

function hostileEnvironment(url: string): NodeJS.ProcessEnv {
  const profile = [
    `endpoint_url = ${url}`,
    `credential_process = touch ${credentialProcessRan}`,
    'region = eu-central-1',
  ];
  const config = join(directory, 'hostile-config');
  writeFileSync(
    config,
    `[default]\n${profile.join('\n')}\n[profile hostile]\n${profile.join('\n')}\n`,
  );
  return {
    AWS_PROFILE: 'hostile',
    AWS_CONFIG_FILE: config,
    AWS_SHARED_CREDENTIALS_FILE: config,
    AWS_ENDPOINT_URL: url,
    AWS_ENDPOINT_URL_CLOUDWATCH_LOGS: url,
    AWS_ENDPOINT_URL_CLOUDWATCH: url,
    AWS_ENDPOINT_URL_MWAA: url,
    AWS_ACCESS_KEY_ID: 'AKIAHOSTILE',
    AWS_SECRET_ACCESS_KEY: 'hostile',
    AWS_SESSION_TOKEN: 'hostile',
    AWS_CONTAINER_CREDENTIALS_FULL_URI: url,
    AWS_WEB_IDENTITY_TOKEN_FILE: config,
    AWS_ROLE_ARN: 'arn:aws:iam::123456789012:role/hostile',
    HTTP_PROXY: url,
    HTTPS_PROXY: url,
    ALL_PROXY: url,
    http_proxy: url,
    https_proxy: url,
    NO_PROXY: '',
    NODE_USE_ENV_PROXY: '1',
  };
}

/** A preload script that records where processes that inherit `NODE_OPTIONS` connect to. */
function writeConnectionRecorder(): string {
  const file = join(directory, 'recorder.mjs');
  writeFileSync(
    file,
    `import { appendFileSync } from 'node:fs';
     import { Socket } from 'node:net';
     const connect = Socket.prototype.connect;
     Socket.prototype.connect = function (...args) {
       appendFileSync(${JSON.stringify(connectionsFile)}, JSON.stringify(args[0]) + '\\n');
       return connect.apply(this, args);
     };`,
  );
  return file;
}

describe('demo with a hostile profile, endpoints, proxies and credentials', () => {
  test('succeeds, apart from the line that cannot be read', () => {
    expect(run.stdout).toContain('The sums of what could be read agree');
    expect(run.exitCode).toBe(2);
  });

  test('all connections go to the one local endpoint', () => {
    expect(trapped).toBe(0);
    expect(existsSync(credentialProcessRan)).toBe(false);
    expect(existsSync(connectionsFile)).toBe(false);
    expect(result.connections).toEqual([expect.stringMatching(/^127\.0\.0\.1:\d+$/)]);
    expect(result.disagreements).toEqual([]);
  });
});

describe('demo on hostile log lines', () => {
  test('every line is counted once and raises the alarm', () => {
    expect(result.logGroups).toMatchObject([
      { logType: 'Scheduler', eventsWithAddRole: 0, sumOfMatches: 0 },
      { logType: 'Task', eventsWithAddRole: 5, sumOfMatches: 5 },
    ]);
    const [scheduler, task] = result.logGroups;
    expect(task?.notifiedEpochMs).toBe(task?.alarmedEpochMs);
    expect(task?.alarmedEpochMs).toBeGreaterThan(start);
    expect(scheduler?.alarmedEpochMs).toBeUndefined();
  });

  test('log types without a log group are reported blind', () => {
    const blind = result.alarms.filter(
      ({ label, changes }) =>
        label.startsWith('blind-') && changes.some(({ state }) => state === 'ALARM'),
    );
    expect(blind.map(({ label }) => label)).toEqual([
      'blind-DAGProcessing',
      'blind-WebServer',
      'blind-Worker',
    ]);
  });

  test('none of them reaches the terminal or the report unescaped', () => {
    expect(run.stdout + run.stderr).not.toMatch(/[^\P{Cc}\n]/u);
    const report = readFileSync(join(output, 'report.html'), 'utf8');
    expect(report).not.toContain('<script');
    expect(report).not.toMatch(/[^\P{Cc}\n]|\ufffd/u);
    expect(report.length).toBeLessThan(200_000);
  });

  test('the change in them is found, notified once, and shown with its evidence', () => {
    expect(result.findings).toMatchObject([
      {
        severity: 'critical',
        role: 'Admin',
        outcome: 'succeeded',
        notifiedAs: [
          { kind: 'finding', subject: expect.stringMatching(/^\[CRITICAL\] Hostile: /) },
        ],
        evidence: [{}, {}],
      },
    ]);
    expect(result.logGroups).toMatchObject([{ findings: 0 }, { findings: 1, sumOfChanges: 1 }]);
    expect(run.stdout).toMatch(/critical {2}User .*script.* was created with role Admin/);
    expect(run.stdout).toMatch(/mail {2}\[CRITICAL\] Hostile: /);
  });

  test('each mail has a file, as it would arrive', () => {
    const files = readdirSync(join(output, 'mails')).sort();
    expect(files).toHaveLength(result.mails.length);
    const { aboutFindings, ofAlarms, ofRecoveries } = result.mailCounts;
    expect(files).toHaveLength(aboutFindings + ofAlarms + ofRecoveries);
    expect(files.filter((file) => file.endsWith('-alarm.txt'))).toHaveLength(ofAlarms);
    for (const [index, { subject, text }] of result.mails.entries()) {
      const file = readFileSync(join(output, 'mails', files[index] ?? ''), 'utf8');
      expect(file.split('\n').slice(1).join('\n')).toBe(`Subject: ${subject}\n\n${text}`);
    }
  });

  test('the commands in its mails call aws, and run nothing that a log line says', () => {
    const lines = result.mails.flatMap(
      ({ text }) => text.match(/^ {4}(?:aws|body=|if \[).*$/gm) ?? [],
    );
    const calls = awsCallsOf(lines.map((line) => line.trim()));
    expect(calls.length).toBeGreaterThanOrEqual(lines.length);
    expect(lines.length).toBeGreaterThan(0);
    for (const [service, operation] of calls) {
      expect(`${service} ${operation}`).toMatch(
        /^(mwaa (invoke-rest-api|get-environment)|s3api list-object-versions|cloudtrail lookup-events)$/,
      );
    }
  });

  test('the summary says how many mails a change costs', () => {
    const { changes, aboutFindings, ofAlarms, ofRecoveries } = result.mailCounts;
    expect(ofAlarms + ofRecoveries).toBe(result.notifications.length);
    const mails = aboutFindings + ofAlarms + ofRecoveries;
    expect(mails).toBe(result.mails.length);
    expect(run.stdout).toContain(`${changes} change`);
    expect(run.stdout).toContain(`, ${mails} mails (${aboutFindings} about findings, `);
  });

  test('its password is in no output of the demo', () => {
    const mails = readdirSync(join(output, 'mails')).map((file) => join('mails', file));
    expect(mails).not.toEqual([]);
    const files = ['report.html', 'result.json', 'monitor.log', ...mails].map((file) =>
      readFileSync(join(output, file), 'utf8'),
    );
    for (const text of [run.stdout, run.stderr, ...files]) expect(text).not.toContain('Fake-pw');
  });

  test('an incomplete last line is reported, and the sums cover the rest', () => {
    expect(run.stderr).toContain('events.ndjson:9: left out: not JSON: {"half');
    expect(result).toMatchObject({ badLines: 1, incomplete: '1 line was left out' });
    expect(run.stdout).toContain('The sums of what could be read agree');
    expect(run.stdout).not.toContain('All sums agree');
    expect(run.stderr).toContain('events.ndjson was not read completely: 1 line was left out');
    expect(run.exitCode).toBe(2);
  });
});

describe('demo on logs that the documented query cannot see in time', () => {
  test('an event received after its window was read is missing in the sum: exit code 1', async () => {
    const file = join(directory, 'late.ndjson');
    const event = { logGroup: 'airflow-Late-Task', logStream: 'stream', message: 'add-role' };
    const events = [
      { ...event, timestamp: start },
      { ...event, timestamp: start + 1000, ingestionTime: start + 30 * 60_000 },
    ];
    writeFileSync(file, events.map((line) => JSON.stringify(line)).join('\n'));

    const { finished, output } = await demoInProcess(directory, file)('--every', '5');
    const { exitCode, stdout } = finished;
    expect(exitCode).toBe(1);
    expect(stdout).toContain(
      'airflow-Late-Task: the metric adds up to 1, the input contains 2 events with add-role',
    );
    expect(readFileSync(join(output, 'report.html'), 'utf8')).toContain('The results disagree.');
  });
});
