import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import packageJson from '../../package.json' with { type: 'json' };
import { bundlePackage, projectRoot } from '../../packaging/bundle.ts';
import { joinSmallChunks } from '../../packaging/join-chunks.ts';

// Where DuckDB is found.
const cache = join(projectRoot, 'node_modules/.cache');
mkdirSync(cache, { recursive: true });
const folder = mkdtempSync(join(cache, 'joined-'));
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

function run(...args: string[]): string {
  return execFileSync(process.execPath, [join(lib, 'main.js'), ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
}

test('the joined command line runs', () => {
  expect(run('--version').trim()).toBe(packageJson.version);
  expect(run('replay', '--help')).toContain('--logs <path>');
});

test('the bundled API of DuckDB reads a Parquet file, and answers a query about it', async () => {
  const file = join(folder, 'events.parquet');
  const connection = await (await DuckDBInstance.create()).connect();
  await connection.run(
    `COPY (SELECT 'airflow-Prod-Task' AS "logGroup", 's' AS "logStream", 1795240000000 AS "timestamp", 'hello' AS "message") TO '${file}' (FORMAT parquet)`,
  );
  connection.closeSync();
  const answer = run('query', '--logs', file, 'fields @message', '--output', 'csv');
  expect(answer.trim().split('\n')).toEqual(['@message', 'hello']);
});
