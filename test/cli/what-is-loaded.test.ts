import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../..', import.meta.url));

interface Loaded {
  /** Sources of this project. */
  readonly files: readonly string[];
  /** Names of packages. */
  readonly libraries: readonly string[];
  /** Modules of Node. */
  readonly builtins: readonly string[];
}

/** What is loaded with a file at once: all but what is imported when it is needed. */
async function loadedWith(entry: string): Promise<Loaded> {
  const { metafile } = await build({
    ...{ absWorkingDir: root, entryPoints: [entry], outfile: 'loaded.js' },
    ...{ bundle: true, packages: 'external', platform: 'node', format: 'esm' },
    ...{ write: false, metafile: true, logLevel: 'error' },
  });
  const files = new Set<string>();
  const others = new Set<string>();
  const visit = (file: string): void => {
    if (files.has(file)) return;
    files.add(file);
    for (const { path, kind, external = false } of metafile.inputs[file]?.imports ?? []) {
      if (kind === 'dynamic-import') continue;
      if (external) others.add(path);
      else visit(path);
    }
  };
  visit(entry);
  const names = [...others].sort();
  return {
    files: [...files],
    libraries: names.filter((name) => !name.startsWith('node:')),
    builtins: names.filter((name) => name.startsWith('node:')),
  };
}

/** Loads for several milliseconds what plain text needs nothing of. */
const slowBuiltins = ['node:child_process', 'node:stream/web', 'node:zlib'];

const entries = {
  command: {
    entry: 'cli/replay/replay-command.ts',
    libraries: ['commander', 'csv-stringify/sync'],
  },
  run: { entry: 'cli/replay/show-replay.ts', libraries: ['commander', 'csv-stringify/sync'] },
  thread: { entry: 'local/log-threads/file-reader.ts', libraries: [] },
} as const;

test.each(Object.entries(entries))(
  'the %s of a replay loads no library that plain logs do not need',
  async (_, { entry, libraries }) => {
    const loaded = await loadedWith(entry);
    expect(loaded.libraries).toEqual(libraries);
    expect(loaded.builtins.filter((name) => slowBuiltins.includes(name))).toEqual([]);
  },
);

test.each([
  ['a thread of a replay is started', entries.command.entry],
  ['DuckDB opens for a query', 'cli/query/query-command.ts'],
])('%s before any reader of logs is loaded', async (_, entry) => {
  const { files } = await loadedWith(entry);
  const readers = files.filter((file) => file.startsWith('local/log-readers/'));
  expect(readers).toEqual([
    'local/log-readers/lines/standard-input.ts',
    'local/log-readers/report/read-report.ts',
  ]);
});

test('a replay asks nothing of what is known of all languages, which takes long to load', async () => {
  const { files } = await loadedWith(entries.run.entry);
  const askers = files.filter((file) =>
    /\bIntl\.|\.toLocale|\.localeCompare\(/.test(readFileSync(join(root, file), 'utf8')),
  );
  expect(askers).toEqual([]);
});
