import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { finished } from './run-command.ts';

const bin = fileURLToPath(new URL('../../node_modules/.bin/privilege-monitor', import.meta.url));

function query(input: Buffer, ...args: string[]) {
  const child = spawn(bin, ['query', '--logs', '-', ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
  child.stdin.end(input);
  return finished(child);
}

const line = '[2024-07-06T12:34:20.495+0000] {a.py:1} INFO - x\n';

test('- reads the standard input, also compressed', async () => {
  const args = ['--log-group', 'airflow-prod-Task', '--output', 'ndjson', 'fields @log, @message'];
  const { stdout, exitCode } = await query(gzipSync(line), ...args);
  expect(JSON.parse(stdout)).toEqual({
    '@log': '000000000000:airflow-prod-Task',
    '@message': line.trimEnd(),
  });
  expect(exitCode).toBe(0);
});

test('an empty standard input is an error', async () => {
  const { stderr, exitCode } = await query(Buffer.alloc(0), 'fields @log');
  expect(stderr).toContain('cannot read standard input: it is empty');
  expect(exitCode).toBe(2);
});

test('the standard input is not read twice', async () => {
  const script = `
    const { readLogs } = await import('./local/log-readers/read-logs.ts');
    const reading = readLogs('-');
    const read = async () => { for await (const { message } of reading) console.log(message); };
    await read();
    await read().catch((error) => console.log(error.message));`;
  const child = spawn('node', ['--input-type=module', '-e', script], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  child.stdin.end(line);
  const { stdout } = await finished(child);
  expect(stdout).toContain(line);
  expect(stdout).toContain('can be read only once');
});
