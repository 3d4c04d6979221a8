import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { queryCommand } from '../../cli/query/query-command.ts';
import { replayCommand } from '../../cli/replay/replay-command.ts';
import { runInProcess } from './run-in-process.ts';

const directory = mkdtempSync(join(tmpdir(), 'output-'));
const logs = join(directory, 'events.ndjson');
const start = Date.UTC(2026, 10, 22, 5, 47);
const grant =
  "[2026-11-22T05:47:00.000+0000] {subprocess.py:88} INFO - Running command: ['/usr/bin/bash', '-c', 'airflow users add-role -u bob -r Admin']";

beforeAll(() => {
  const event = (second: number, message: string) =>
    JSON.stringify({
      logGroup: 'airflow-prod-Task',
      logStream: 'dag_id=a/run_id=b/task_id=c/attempt=1.log',
      timestamp: start + second * 1000,
      message,
    });
  writeFileSync(
    logs,
    [event(0, grant), event(60, '=cmd|x "quoted"'), event(120, 'last')].join('\n'),
  );
});
afterAll(() => rmSync(directory, { recursive: true }));

const query = (...args: string[]) => runInProcess(queryCommand(), ['--logs', logs, ...args]);
const replay = (...args: string[]) => runInProcess(replayCommand(), ['--logs', logs, ...args]);

test('query --output ndjson prints a row on each line, without what only identifies it', async () => {
  const { stdout, stderr } = await query('--output', 'ndjson', 'fields @message | sort @timestamp');
  expect(
    stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line)),
  ).toEqual([{ '@message': grant }, { '@message': '=cmd|x "quoted"' }, { '@message': 'last' }]);
  expect(stderr).toContain('3 rows; 3 of 3 events matched');
});

test('query --output csv escapes formulas in cells, and replay reads what it prints', async () => {
  const fields = 'fields @timestamp, @log, @logStream, @message | sort @timestamp';
  const { stdout } = await query('--output', 'csv', fields);
  const [header, , second] = stdout.split('\n');
  expect(header).toBe('@timestamp,@log,@logStream,@message');
  expect(second).toContain(`"'=cmd|x ""quoted"""`);
  const csv = join(directory, 'rows.csv');
  writeFileSync(csv, stdout);
  const again = await runInProcess(replayCommand(), ['--logs', csv, '--output', 'ndjson']);
  const direct = await replay('--output', 'ndjson');
  expect(JSON.parse(direct.stdout)).toMatchObject({ target: 'bob', role: 'Admin' });
  expect(JSON.parse(again.stdout)).toMatchObject({ id: JSON.parse(direct.stdout).id });
});

test('replay prints the same findings in each format', async () => {
  const [finding] = JSON.parse((await replay('--output', 'json')).stdout);
  const { detectedAt: _, ...same } = JSON.parse((await replay('--json')).stdout);
  expect(finding).toMatchObject(same);
  const [header = '', row = ''] = (await replay('--output', 'csv')).stdout.split('\n');
  expect(header.split(',')).toHaveLength(14);
  expect(row).toContain(finding.id);
  expect((await replay()).stdout).toContain('gives bob role Admin');
});

test('what was read is said: events, files, format and times', async () => {
  const { stderr } = await replay();
  expect(stderr).toContain(
    'read 3 events in 1 file (JSON), from 2026-11-22T05:47:00.000Z to 2026-11-22T05:49:00.000Z',
  );
});

test('--last counts back from the last event, or from --to', async () => {
  const count = async (...args: string[]) =>
    (await query(...args, '--output', 'ndjson', 'stats count() as n')).stdout;
  expect(JSON.parse(await count('--last', '1m'))).toEqual({ n: '2' });
  expect(JSON.parse(await count('--last', '30s', '--to', '2026-11-22T05:47:10Z'))).toEqual({
    n: '1',
  });
});

test('a start after the end of the logs is said, and --last with --from is refused', async () => {
  expect((await query('--from', '2h', 'stats count()')).stderr).toMatch(
    /the logs end at .*; --last counts back/,
  );
  const { exitCode, stderr } = await query('--from', '2h', '--last', '1d', 'stats count()');
  expect(exitCode).toBe(2);
  expect(stderr).toContain('--last cannot be given together with --from');
});

test('--json with another --output is refused', async () => {
  const { exitCode, stderr } = await query('--json', '--output', 'csv', 'stats count()');
  expect(exitCode).toBe(2);
  expect(stderr).toContain('--json means --output json');
});
