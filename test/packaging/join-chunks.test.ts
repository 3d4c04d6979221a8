import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import packageJson from '../../package.json' with { type: 'json' };
import { bundlePackage } from '../../packaging/bundle.ts';
import { joinSmallChunks } from '../../packaging/join-chunks.ts';

const folder = mkdtempSync(join(tmpdir(), 'joined-'));
const lib = join(folder, 'lib');
afterAll(() => rmSync(folder, { recursive: true }));

beforeAll(async () => {
  const bundle = await bundlePackage({
    entries: { 'lib/main': 'cli/main.ts' },
    ...{ folder, format: 'esm', splitting: true },
    external: ['@duckdb/node-bindings', 'level'],
  });
  await joinSmallChunks(bundle, 'cli/main.ts', [
    'cli/replay/replay-command.ts',
    'cli/replay/show-replay.ts',
  ]);
});

/** The names of a file and of all that it imports at once. */
function loadedWith(name: string): Set<string> {
  const found = new Set([name]);
  for (const file of found) {
    const imports = /^(?:import|export|\}) ?(?:[^'"();]*from )?"\.\/([^"]+)";$/gm;
    const text = readFileSync(join(lib, file), 'utf8');
    for (const [, imported = ''] of text.matchAll(imports)) found.add(imported);
  }
  return found;
}

function fileOf(beginning: string): string {
  return readdirSync(lib).find((name) => name.startsWith(beginning)) ?? '';
}

test('a replay loads at most 25 files of the package', () => {
  const loaded = ['main.js', fileOf('replay-command-'), fileOf('show-replay-')].map(loadedWith);
  const files = new Set(loaded.flatMap((names) => [...names]));
  expect(files).toContain('small-chunks.js');
  expect(files.size).toBeGreaterThan(10);
  expect(files.size).toBeLessThanOrEqual(25);
});

test('no file imports one that was joined with others', () => {
  const missing = readdirSync(lib).flatMap((name) =>
    [...loadedWith(name)].filter((imported) => !existsSync(join(lib, imported))),
  );
  expect(missing).toEqual([]);
});

test('the joined command line runs', () => {
  const run = (...args: string[]) =>
    execFileSync(process.execPath, [join(lib, 'main.js'), ...args], { encoding: 'utf8' });
  expect(run('--version').trim()).toBe(packageJson.version);
  expect(run('replay', '--help')).toContain('--logs <path>');
});
