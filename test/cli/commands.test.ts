import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  GetQueryResultsCommand,
  MalformedQueryException,
  PutLogEventsCommand,
  StartQueryCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { commandLine } from '../../cli/command-line.ts';
import packageJson from '../../package.json' with { type: 'json' };
import { finished, runCommand, startCommand } from './run-command.ts';
import { runInProcess } from './run-in-process.ts';

const directory = mkdtempSync(join(tmpdir(), 'cli-'));
const logs = join(directory, 'events.ndjson');
const start = Date.UTC(2026, 10, 22, 5, 47);

beforeAll(() => {
  const event = (logType: string, second: number, message: string) =>
    JSON.stringify({
      logGroup: `airflow-Prod-${logType}`,
      logStream: 'stream',
      timestamp: start + second * 1000,
      message,
    });
  const lines = [
    event('Task', 0, 'airflow users add-role'),
    event('Task', 30, '\u001b[31madd-role\u001b[0m \0 <b>\ud800'),
    event('Worker', 60, 'add-role'),
    event('Worker', 61, 'nothing'),
  ];
  writeFileSync(logs, lines.join('\n'));
});
afterAll(() => rmSync(directory, { recursive: true }));

test('a command ends when all is printed, and not when Node has nothing left to do', async () => {
  const sayIdle = `process.on('beforeExit', () => console.log('idle'))`;
  const NODE_OPTIONS = `--import=data:text/javascript,${encodeURIComponent(sayIdle)}`;
  expect(await runCommand(['replay', '--logs', logs, '--json'], { NODE_OPTIONS })).toMatchObject({
    exitCode: 0,
    stdout: expect.not.stringContaining('idle'),
  });
});

// Not every system has such a device.
const ifThereIsOne = existsSync('/dev/full') ? test : test.skip;

ifThereIsOne('what cannot be written makes a command fail', () => {
  // Whatever is written there, the disk is full.
  const output = openSync('/dev/full', 'w');
  const program = fileURLToPath(new URL('../../cli/privilege-monitor.js', import.meta.url));
  const args = [program, 'query', '--logs', logs, '--json', 'stats count()'];
  const { status, stderr } = spawnSync(process.execPath, args, {
    stdio: ['ignore', output, 'pipe'],
    encoding: 'utf8',
  });
  closeSync(output);
  expect({ status, stderr }).toEqual({
    status: 1,
    stderr: expect.stringMatching(/^error: the output cannot be written: ENOSPC/m),
  });
});

const countByLog = 'filter @message like "add-role" | stats count() by @log';

describe('query', () => {
  test('--json prints the shape of GetQueryResults', async () => {
    const { exitCode, stdout } = await runCommand(['query', '--logs', logs, '--json', countByLog]);
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      queryLanguage: 'CWLI',
      status: 'Complete',
      results: expect.arrayContaining([
        [
          { field: '@log', value: '000000000000:airflow-Prod-Task' },
          { field: 'count()', value: '2' },
        ],
        [
          { field: '@log', value: '000000000000:airflow-Prod-Worker' },
          { field: 'count()', value: '1' },
        ],
      ]),
      statistics: { recordsMatched: 3, recordsScanned: 4, logGroupsScanned: 2 },
    });
  });

  test('a table has no control characters of log lines, and no colours without a terminal', async () => {
    const { stdout } = await runCommand([
      ...['query', '--logs', logs, '--from', '2026-11-22T05:47:30', '--to', '2026-11-22T05:47:30'],
      'fields @message',
    ]);
    expect(stdout).toContain('\\x1b[31madd-role\\x1b[0m \\x00 <b>');
    expect(stdout).toMatch(/^1 row; 1 of 1 event matched, 26 bytes scanned in 2 log groups$/m);
    expect(stdout).not.toContain('\u001b');
  });

  test.each([
    [
      'a wrong query, with a caret under the position',
      ['query', '--logs', logs, 'fields @message | foo bar'],
      /^error: .*'foo'.*\n {2}fields @message \| foo bar\n {20}\^\^\^\n$/,
    ],
    [
      'an unknown function, before the logs are read',
      ['query', '--logs', logs, 'fields nope(@message)'],
      /^error: .*nope.*\n {2}fields nope\(@message\)\n {9}\^+\n$/,
    ],
    [
      'an unknown log group',
      ['query', '--logs', logs, "SOURCE 'other' | fields @message"],
      /error: the log group other does not exist\n$/,
    ],
    [
      'a missing file',
      ['query', '--logs', join(directory, 'none'), 'fields @message'],
      /^error: cannot read .*none: no such file or directory\n$/,
    ],
    [
      'an invalid time',
      ['query', '--logs', logs, '--from', '2026-02-30', 'fields @message'],
      /^error: option '--from <time>' argument '2026-02-30' is invalid\. It must be a time/,
    ],
    [
      'an invalid port',
      ['serve', '--logs', logs, '--port', '70000'],
      /^error: .*'70000'.*0 to 65535/,
    ],
    [
      'an environment without logs',
      ['serve', '--environment', 'Prod'],
      /^error: --environment .*--logs is missing\n$/,
    ],
    [
      'an invalid regular expression',
      ['serve', '--refuse-text', '('],
      /^error: option '--refuse-text <regexp>' .*Unterminated group/,
    ],
    ['a missing option', ['query', 'fields @message'], /^error: required option '--logs <path>'/],
    ['an unknown command', ['qery'], /^error: unknown command 'qery'/],
    ['two inputs', ['demo', '--airflow', '3.0.6', '--logs', logs], /^error: .*--logs.*--airflow/],
  ])('exit code 2 and one clear error for %s', async (_, args, message) => {
    const { exitCode, stdout, stderr } = await runInProcess(await commandLine(), args);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/\n {4}at /);
    expect(stdout).toBe('');
    expect(exitCode).toBe(2);
  });

  test('--debug adds the stack trace', async () => {
    const { stderr } = await runCommand(['query', '--debug', '--logs', logs, 'foo']);
    expect(stderr).toMatch(/\n {4}at /);
  });

  test('--help has examples of a command', async () => {
    const { exitCode, stdout } = await runInProcess(await commandLine(), ['query', '--help']);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('$ npx privilege-monitor query --logs');
  });
});

test('--version prints the version of the package', async () => {
  const { exitCode, stdout } = await runInProcess(await commandLine(), ['--version']);
  expect(stdout.trim()).toBe(packageJson.version);
  expect(exitCode).toBe(0);
});

describe('serve', () => {
  test('answers AWS clients until a signal, and refuses a port in use', async () => {
    const server = startCommand(['serve', '--logs', logs, '--port', '0']);
    const ended = finished(server);
    const usage = await new Promise<string>((resolve) => {
      server.stdout?.on('data', (text: string) => resolve(text));
    });
    const [endpoint = ''] = /http:\/\/127\.0\.0\.1:\d+/.exec(usage) ?? [];
    // The printed commands find the logs, even if these are older or newer than this machine's
    // clock.
    expect(usage).toContain(`--start-time ${start / 1000} --end-time ${start / 1000 + 61} `);
    const client = new CloudWatchLogsClient({
      endpoint,
      region: 'us-east-1',
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    });
    const query = (queryString: string) =>
      client.send(
        new StartQueryCommand({
          logGroupNames: ['airflow-Prod-Task', 'airflow-Prod-Worker'],
          startTime: start / 1000,
          endTime: start / 1000 + 3600,
          queryString,
        }),
      );

    const { queryId } = await query(countByLog);
    const { status, results } = await client.send(new GetQueryResultsCommand({ queryId }));
    expect(status).toBe('Complete');
    expect(results).toHaveLength(2);
    await expect(query('fields @message | foo')).rejects.toMatchObject({
      constructor: MalformedQueryException,
      queryCompileError: { location: { startCharOffset: 18, endCharOffset: 21 } },
    });

    const port = new URL(endpoint).port;
    const second = await runCommand(['serve', '--logs', logs, '--port', port]);
    expect(second.exitCode).toBe(2);
    expect(second.stderr).toContain(
      `error: cannot listen on port ${port} of 127.0.0.1: it is in use`,
    );

    client.destroy();
    server.kill('SIGTERM');
    expect(await ended).toMatchObject({ exitCode: 0 });
  });

  test('without logs it is empty, accepts events, and applies its fault options to queries', async () => {
    const server = startCommand([
      ...['serve', '--port', '0', '--end-time', 'millisecond'],
      ...['--refuse-text', 'like "x"', '--fail-text', 'like "y"'],
    ]);
    const ended = finished(server);
    const usage = await new Promise<string>((resolve) => {
      server.stdout?.on('data', (text: string) => resolve(text));
    });
    expect(usage).toContain('aws logs create-log-group --log-group-name airflow-Prod-Task');
    const [endpoint = ''] = /http:\/\/127\.0\.0\.1:\d+/.exec(usage) ?? [];
    const client = new CloudWatchLogsClient({
      endpoint,
      region: 'us-east-1',
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    });
    const place = { logGroupName: 'airflow-Prod-Task', logStreamName: 'stream' };
    await client.send(new CreateLogGroupCommand({ logGroupName: place.logGroupName }));
    await client.send(new CreateLogStreamCommand(place));
    const second = Math.floor(Date.now() / 1000) + 60;
    const logEvents = [0, 1].map((ms) => ({ timestamp: second * 1000 + ms, message: `${ms}` }));
    await client.send(new PutLogEventsCommand({ ...place, logEvents }));
    const ask = async (queryString: string) => {
      const range = { startTime: second, endTime: second };
      const { queryId } = await client.send(
        new StartQueryCommand({ logGroupName: place.logGroupName, queryString, ...range }),
      );
      return client.send(new GetQueryResultsCommand({ queryId }));
    };
    expect((await ask('stats count()')).results).toEqual([[{ field: 'count()', value: '1' }]]);
    expect((await ask('filter @message like "y"')).status).toBe('Failed');
    await expect(ask('filter @message like "x"')).rejects.toThrow(MalformedQueryException);

    client.destroy();
    server.kill('SIGTERM');
    expect(await ended).toMatchObject({ exitCode: 0 });
  });
});
