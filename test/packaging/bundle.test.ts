import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundlePackage } from '../../packaging/bundle.ts';

const folder = mkdtempSync(join(tmpdir(), 'bundle-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function bundled(source: string): Promise<string> {
  await bundlePackage({ entries: { 'lib/out': source }, folder, format: 'esm', external: [] });
  return readFileSync(join(folder, 'lib/out.js'), 'utf8');
}

test('a file of a bundle defines none of the names that it does not use', async () => {
  expect(await bundled('local/visible-text.ts')).not.toMatch(
    /createRequire|__(?:file|dir)name|ownFile/,
  );
});

test('a file of a bundle finds what is beside its source', async () => {
  const text = await bundled('packaging/cli/packaged-plan.ts');
  expect(text).toContain('const ownFile = ');
  expect(text).toContain('ownFile("packaging/cli/packaged-plan.js")');
});

test('the command line in a bundle loads nothing that starts programs', async () => {
  const text = await bundled('cli/program.ts');
  expect(text).not.toMatch(/from "node:(?:child_process|process)"/);
});
