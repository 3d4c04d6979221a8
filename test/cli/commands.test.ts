import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  GetQueryResultsCommand,
  MalformedQueryException,
  PutLogEventsCommand,
  StartQueryCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import packageJson from '../../package.json' with { type: 'json' };
import { finished, runCommand, startCommand } from './run-command.ts';

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

const countByLog = 'filter @message like "add-role" | stats count() by @log';

describe('query', () => {
  test('answers in the shape of GetQueryResults', async () => {
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

  test('a table holds no control character of a log line, and no colour when it is no terminal', async () => {
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
      'a wrong query, with a caret under the place',
      ['query', '--logs', logs, 'fields @message | foo bar'],
      /^error: .*'foo'.*\n {2}fields @message \| foo bar\n {20}\^\^\^\n$/,
    ],
    [
      'a function that there is not, once the logs are read',
      ['query', '--logs', logs, 'fields nope(@message)'],
      /error: .*nope.*\n {2}fields nope\(@message\)\n {9}\^+\n$/,
    ],
    [
      'a log group that there is not',
      ['query', '--logs', logs, "SOURCE 'other' | fields @message"],
      /error: the log group other does not exist\n$/,
    ],
    [
      'a file that there is not',
      ['query', '--logs', join(directory, 'none'), 'fields @message'],
      /^error: cannot read .*none: no such file or directory\n$/,
    ],
    [
      'a time that there is not',
      ['query', '--logs', logs, '--from', '2026-02-30', 'fields @message'],
      /^error: option '--from <time>' argument '2026-02-30' is invalid\. It must be a time/,
    ],
    [
      'a port that there is not',
      ['serve', '--logs', logs, '--port', '70000'],
      /^error: .*'70000'.*0 to 65535/,
    ],
    [
      'an environment of no logs',
      ['serve', '--environment', 'Prod'],
      /^error: --environment .*--logs is missing\n$/,
    ],
    [
      'an expression that is none',
      ['serve', '--refuse-text', '('],
      /^error: option '--refuse-text <regexp>' .*Unterminated group/,
    ],
    ['a missing option', ['query', 'fields @message'], /^error: required option '--logs <path>'/],
    ['a command that there is not', ['qery'], /^error: unknown command 'qery'/],
    ['two inputs', ['demo', '--airflow', '3.0.6', '--logs', logs], /^error: .*--logs.*--airflow/],
  ])('exit code 2 and one clear error for %s', async (_, args, message) => {
    const { exitCode, stdout, stderr } = await runCommand(args);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/\n {4}at /);
    expect(stdout).toBe('');
    expect(exitCode).toBe(2);
  });

  test('--debug adds the stack', async () => {
    const { stderr } = await runCommand(['query', '--debug', '--logs', logs, 'foo']);
    expect(stderr).toMatch(/\n {4}at /);
  });

  test('--help explains a command by examples', async () => {
    const { exitCode, stdout } = await runCommand(['query', '--help']);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('$ npx privilege-monitor query --logs');
  });
});

test('--version is the one of the package', async () => {
  const { exitCode, stdout } = await runCommand(['--version']);
  expect(stdout.trim()).toBe(packageJson.version);
  expect(exitCode).toBe(0);
});

describe('serve', () => {
  test('answers an AWS client until it is told to stop, and refuses a port in use', async () => {
    const server = startCommand(['serve', '--logs', logs, '--port', '0']);
    const ended = finished(server);
    const usage = await new Promise<string>((resolve) => {
      server.stdout?.on('data', (text: string) => resolve(text));
    });
    const [endpoint = ''] = /http:\/\/127\.0\.0\.1:\d+/.exec(usage) ?? [];
    // What it prints to be pasted finds the logs, be they older or newer than this machine's clock.
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

  test('without logs it is empty, takes events, and treats queries as its options say', async () => {
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
