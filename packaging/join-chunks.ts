import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { build, type Metafile, type Plugin } from 'esbuild';
import { nodeVersionMin, projectRoot } from './bundle.ts';

type Outputs = Metafile['outputs'];

/** Larger ones may stay unread by whoever needs another. */
const smallBytesMax = 10_000;
const joinedName = 'small-chunks.js';

/**
 * Makes one file of the small chunks that some sources of a bundle load, and of those that are loaded whatever is
 * asked for. A bundler makes a chunk for each set of lazy imports that needs its code: forty for a replay, half of
 * them a few lines, and each takes Node 0.4 ms.
 *
 * A chunk that imports a large one stays: the large one could import the joined file, which would be a circle.
 *
 * @param metafile of the bundle
 * @param start the source that is started, by its path in the project
 * @param sources those that it imports lazily
 */
export async function joinSmallChunks(
  { outputs }: Pick<Metafile, 'outputs'>,
  start: string,
  sources: readonly string[],
): Promise<void> {
  const entry = entryOf(outputs, start);
  const folder = resolve(projectRoot, dirname(entry));
  const always = loadedWith(outputs, entry);
  const loaded = sources.flatMap((source) => [...loadedWith(outputs, entryOf(outputs, source))]);
  const isSmall = (path: string) => {
    const { bytes = 0, entryPoint } = outputs[path] ?? {};
    return entryPoint === undefined && (bytes <= smallBytesMax || always.has(path));
  };
  const closed = [...new Set([...always, ...loaded])].filter((path) =>
    [...loadedWith(outputs, path)].every(isSmall),
  );
  const small = withoutTakenNames(outputs, closed).map((path) => basename(path));
  await build({
    stdin: {
      contents: small.map((name) => `export * from './${name}';`).join('\n'),
      resolveDir: folder,
    },
    ...{ absWorkingDir: folder, outfile: join(folder, joinedName), bundle: true, format: 'esm' },
    ...{ platform: 'node', target: `node${nodeVersionMin}` },
    ...{ legalComments: 'none', logLevel: 'error', plugins: [lazyImportsStay] },
  });
  for (const name of small) rmSync(join(folder, name));
  for (const name of readdirSync(folder)) {
    const text = readFileSync(join(folder, name), 'utf8');
    const joined = small.reduce(
      (all, one) => all.replaceAll(`"./${one}"`, `"./${joinedName}"`),
      text,
    );
    if (joined !== text) writeFileSync(join(folder, name), joined);
  }
}

const lazyImportsStay: Plugin = {
  name: 'lazy imports',
  setup({ onResolve }) {
    onResolve({ filter: /./ }, ({ kind, path }) =>
      kind === 'dynamic-import' ? { path, external: true } : undefined,
    );
  },
};

function entryOf(outputs: Outputs, source: string): string {
  const [path] = Object.entries(outputs).find(([, { entryPoint }]) => entryPoint === source) ?? [];
  if (path === undefined) throw new Error(`${source} is not imported lazily, so it has no file`);
  return path;
}

/** A file and all that it imports at once, whatever imports that. */
function loadedWith(outputs: Outputs, path: string): Set<string> {
  const found = new Set([path]);
  for (const file of found) {
    for (const { path: imported, kind, external } of outputs[file]?.imports ?? []) {
      if (kind === 'import-statement' && !external) found.add(imported);
    }
  }
  return found;
}

/** Without the chunks that export a name that another one has, and those that import one of these. */
function withoutTakenNames(outputs: Outputs, paths: readonly string[]): string[] {
  const taken = new Set<string>();
  const left = new Set<string>();
  for (const path of paths) {
    const names = outputs[path]?.exports ?? [];
    if (names.some((name) => taken.has(name))) left.add(path);
    else for (const name of names) taken.add(name);
  }
  return paths.filter((path) => [...loadedWith(outputs, path)].every((file) => !left.has(file)));
}
