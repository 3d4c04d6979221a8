import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { queryCommand } from '../../../cli/query/query-command.ts';
import { replayCommand } from '../../../cli/replay/replay-command.ts';
import { serveCommand } from '../../../cli/serve/serve-command.ts';
import { runInProcess } from '../run-in-process.ts';

const directory = mkdtempSync(join(tmpdir(), 'incomplete-'));
afterAll(() => rmSync(directory, { recursive: true }));

const grant = `[2026-11-22T05:50:01.362+0000] {subprocess.py:93} INFO - User "bob" added to role "Admin"\n`;
const quiet = '[2026-11-22T05:50:00.000+0000] {taskinstance.py:1} INFO - nothing\n';
const request =
  '10.0.13.5 - admin [22/Nov/2026:05:50:10 +0000] "POST /users/edit/6 HTTP/1.1" 302 249 "-" "x"\n';
const taskFile = 'dag_id=ops/run_id=m__1/task_id=t/attempt=1.log';

function write(name: string, content: string | Buffer): string {
  const path = join(directory, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return path;
}

function replay(...args: string[]) {
  return runInProcess(replayCommand(), ['--json', '--logs', ...args]);
}

function ndjson(event: object): string {
  const complete = {
    ...{ logGroup: 'airflow-local-Task', logStream: taskFile },
    ...{ timestamp: Date.UTC(2026, 10, 22), message: 'nothing' },
  };
  return `${JSON.stringify({ ...complete, ...event })}\n`;
}

const cutOff = gzipSync(grant + quiet).subarray(0, -9);
const bad: readonly (readonly [string, string, string | Buffer, RegExp])[] = [
  [
    'a truncated gzip file',
    `x/${taskFile}.gz`,
    cutOff,
    /attempt=1\.log\.gz:\d: left out: .* cut off/,
  ],
  [
    'another archive',
    'webserver.log.7z',
    Buffer.from('7z\xbc\xaf\x27\x1c', 'latin1'),
    /webserver\.log\.7z: not read: .*7z x/,
  ],
  [
    'bytes that are not text',
    `x/${taskFile}`,
    Buffer.from(`${quiet}caf\xe9\n`, 'latin1'),
    /attempt=1\.log:2: it contains bytes that are not text/,
  ],
  ['a binary file', 'core.1', Buffer.from([1, 0, 2, 0xff, 10]), /core\.1: not read: .*not text/],
  [
    'a time in seconds',
    'e.ndjson',
    ndjson({}) + ndjson({ timestamp: 1_795_326_599 }),
    /e\.ndjson:2: left out: timestamp .*as seconds it is 2026/,
  ],
  [
    'a missing field',
    'e.ndjson',
    ndjson({}) + ndjson({ message: undefined }),
    /e\.ndjson:2: left out: message is missing/,
  ],
  [
    'a field of the wrong type',
    'e.ndjson',
    ndjson({}) + ndjson({ logStream: 7 }),
    /e\.ndjson:2: left out: logStream must be .*, got 7/,
  ],
  ['lines without a time', 'scheduler.log', 'airflow users add-role\n', /scheduler\.log: not read/],
  [
    'an unreadable time',
    'scheduler.log',
    `${quiet}[22.11.2026 05:50] {a.py:1} INFO - x\n`,
    /scheduler\.log:2: its time 22\.11\.2026 05:50/,
  ],
  [
    'an unknown format',
    'export.txt',
    'time  text\n2026-11-22 05:50:01.900  x\n',
    /export\.txt: not read: it contains neither/,
  ],
  [
    'a log group that is not one of MWAA',
    'e.ndjson',
    ndjson({ logGroup: '/aws/lambda/x' }),
    /lambda\/x is not an MWAA log group/,
  ],
];

describe.each(bad)('%s next to a good file', (what, name, content, said) => {
  const folder = what.replaceAll(' ', '-');
  const root = join(directory, folder);

  beforeAll(() => {
    write(join(folder, taskFile), grant);
    write(join(folder, name), content);
  });

  test("is reported; the good file's findings are printed, and the exit code is 2", async () => {
    const { exitCode, stdout, stderr } = await replay(root);
    expect(stderr).toMatch(said);
    expect(
      stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toContainEqual(
      expect.objectContaining({ target: 'bob', role: 'Admin', severity: 'critical' }),
    );
    expect(stderr).toMatch(/error: .* was not read completely: .*--allow-incomplete/);
    expect(exitCode).toBe(2);
  });
});

test('with --allow-incomplete, missing parts are a warning, and the exit code is that of the findings', async () => {
  write(`allowed/${taskFile}`, grant);
  write('allowed/webserver.log', Buffer.from([1, 0, 2, 0xff, 10]));
  const { exitCode, stderr } = await replay(join(directory, 'allowed'), '--allow-incomplete');
  expect(stderr).toMatch(/webserver\.log: not read: /);
  expect(stderr).toMatch(/warning: .* was not read completely: 1 file was not read/);
  expect(exitCode).toBe(1);
});

test('a bad file alone is an error that names it, even with --allow-incomplete', async () => {
  const path = write('alone/webserver.log', 'POST /users/edit/6\n');
  for (const allowed of [[], ['--allow-incomplete']]) {
    const { exitCode, stdout, stderr } = await replay(path, ...allowed);
    expect(stderr).toContain(`error: cannot read ${path}: `);
    expect(stdout).toBe('');
    expect(exitCode).toBe(2);
  }
});

test.each([
  ['a task', 'attempt=1.log', grant, 1],
  ['a web server', 'webserver.log', request, 1],
  ['a web server', 'access.log', request, 1],
  ['a service', 'scheduler.log', grant, 1],
  ['no known component', 'airflow.log', grant + request, 2],
  ['no known component', 'download.txt', request, 1],
  ['no known component, in UTF-16', 'ps.log', Buffer.from(`\ufeff${grant}`, 'utf16le'), 1],
])(
  'a file named after %s (%s) is judged as the log types it can be',
  async (_, name, content, count) => {
    const { exitCode, stdout } = await replay(write(`names/${name}`, content));
    expect(stdout.trim().split('\n')).toHaveLength(count);
    expect(exitCode).toBe(1);
  },
);

test('--log-type of a single file overrides what its lines look like', async () => {
  const path = write('typed/download.txt', request);
  const { exitCode, stdout } = await replay(path, '--log-type', 'Scheduler');
  expect(stdout).toBe('');
  expect(exitCode).toBe(0);
});

test('an unknown log type is refused with the list of known ones', async () => {
  const { exitCode, stderr } = await replay(directory, '--log-type', 'Tasks');
  expect(stderr).toMatch(/'Tasks'.*DAGProcessing, Scheduler, Task, WebServer, Worker/);
  expect(exitCode).toBe(2);
});

describe('truncated logs', () => {
  let path: string;
  beforeAll(() => {
    path = write(`broken/${taskFile}.gz`, cutOff);
  });

  test('query answers from the rest and says so, with exit code 2 unless allowed', async () => {
    const ask = (...args: string[]) =>
      runInProcess(queryCommand(), ['--logs', path, ...args, 'filter @message like "nobody"']);
    const { exitCode, stdout, stderr } = await ask();
    expect(stdout).toContain('0 rows; 0 of 2 events that could be read matched');
    expect(stderr).toMatch(/error: .* was not read completely: 1 line was left out/);
    expect(exitCode).toBe(2);
    expect(await ask('--allow-incomplete')).toMatchObject({
      exitCode: 0,
      stderr: expect.stringMatching(/warning: .* was not read completely/),
    });
  });

  test('serve refuses them unless allowed', async () => {
    const { exitCode, stdout, stderr } = await runInProcess(serveCommand(), [
      ...['--port', '0', '--logs', path],
    ]);
    expect(stderr).toMatch(
      /error: .* was not read completely: .*; --allow-incomplete serves the rest/,
    );
    expect(stdout).toBe('');
    expect(exitCode).toBe(2);
  });
});

test('query warns about an unknown log type and names the option for it', async () => {
  const path = write('query/airflow.log', request);
  const { exitCode, stdout, stderr } = await runInProcess(queryCommand(), [
    ...['--logs', path, '--json', 'fields @log'],
  ]);
  expect(stderr).toMatch(
    /airflow\.log cannot be determined from the path.*--log-type DAGProcessing, /,
  );
  expect(stdout).toContain('airflow-local-Unknown');
  expect(exitCode).toBe(0);
});
