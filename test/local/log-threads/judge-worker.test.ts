import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isLarge } from '../../../local/log-threads/judge-worker.ts';

const folder = mkdtempSync(join(tmpdir(), 'judge-worker-'));
afterAll(() => rmSync(folder, { recursive: true }));

function fileOf(name: string, bytes: number): string {
  const path = join(folder, name);
  writeFileSync(path, '');
  truncateSync(path, bytes);
  return path;
}

const largeBytes = 64 * 1024 * 1024;

test('logs are large from 64 MiB on, packed ones from a tenth of that', () => {
  expect(isLarge(fileOf('a.ndjson', largeBytes))).toBe(true);
  expect(isLarge(fileOf('b.ndjson', largeBytes - 1))).toBe(false);
  expect(isLarge(fileOf('c.ndjson.gz', Math.ceil(largeBytes / 10)))).toBe(true);
  expect(isLarge(join(folder, 'missing'))).toBe(false);
});

test('a file named - says nothing of the standard input', () => {
  const path = fileOf('-', largeBytes);
  expect(isLarge(path)).toBe(true);
  const code = new URL('../../../local/log-threads/judge-worker.ts', import.meta.url).href;
  const script = `import { isLarge } from ${JSON.stringify(code)}; console.log(isLarge('-'), isLarge('./-'));`;
  const args = ['--input-type=module', '--eval', script];
  const printed = execFileSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });
  expect(printed.trim()).toBe('false true');
});
