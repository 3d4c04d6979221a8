import { existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeDirectory, writeOutput } from '../../../cli/common/output-files.ts';

const work = mkdtempSync(join(tmpdir(), 'output-files-'));
afterAll(() => rmSync(work, { recursive: true }));

test('a directory is created with its parents, and may exist', async () => {
  const directory = join(work, 'a', 'b', 'c');
  await makeDirectory(directory, '--output');
  await makeDirectory(directory, '--output');
  expect(existsSync(directory)).toBe(true);
});

const file = join(work, 'file');
writeFileSync(file, '');
const nowhere = join(work, 'nowhere');
symlinkSync(join(work, 'missing'), nowhere);

test.each([
  ['below a file', join(file, 'x')],
  ['that is a file', file],
  ['below a link to nothing', join(nowhere, 'x')],
  // Here Node's own recursive mkdir never returns.
  ...(existsSync('/proc/self') ? [['in /proc', '/proc/x/y']] : []),
])('a directory %s is one clear error', async (_where, directory) => {
  await expect(makeDirectory(directory, '--output')).rejects.toThrow(
    `--output ${directory} cannot be created: `,
  );
});

test('a file that cannot be written is one clear error', async () => {
  await expect(writeOutput(join(file, 'x.html'), '', '--report')).rejects.toThrow(
    `--report ${join(file, 'x.html')} cannot be written: ENOTDIR`,
  );
});
