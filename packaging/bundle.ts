import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, build, type Metafile, type Plugin } from 'esbuild';

export const projectRoot = fileURLToPath(new URL('..', import.meta.url));

/** The oldest Node that the packages run on. */
export const nodeVersionMin = '20.19.0';

interface BundleOptions {
  /** What is built, by its path in the package without the extension: all equally deep. */
  readonly entries: Readonly<Record<string, string>>;
  /** The package's folder. */
  readonly folder: string;
  readonly format: 'cjs' | 'esm';
  readonly external: readonly string[];
  readonly minify?: boolean;
  /** Code that several entries, or a lazy import, need becomes a file of its own. @default false */
  readonly splitting?: boolean;
  /** Libraries that are replaced by a source of this project. */
  readonly alias?: Readonly<Record<string, string>>;
  /** Changes the text of a source file of this project. */
  readonly rewrite?: (text: string, path: string) => string;
}

/**
 * Bundles sources of this project into a package, with all libraries but the external ones.
 *
 * A source finds files beside it by `import.meta.url`. In a bundle this is the path that the source has in
 * the project, from the package's root, so that a file keeps its place in the package.
 *
 * @returns what the bundle contains
 */
export async function bundlePackage(options: BundleOptions): Promise<Metafile> {
  const { entries, folder, format, external, minify = false, splitting = false } = options;
  const folders = Object.keys(entries).map((entry) => dirname(entry));
  const [toRoot = '.', ...others] = new Set(folders.map((path) => relative(path, '.') || '.'));
  if (others.length > 0) throw new Error('the entries of a bundle must be equally deep');
  const common = {
    absWorkingDir: projectRoot,
    bundle: true,
    platform: 'node',
    target: `node${nodeVersionMin}`,
    minify,
    metafile: true,
    legalComments: 'none',
    logLevel: 'error',
    define: { 'import.meta.main': 'false' },
    external: [...external],
    alias: { ...options.alias },
    plugins: [sourcePlugin(options.rewrite)],
  } satisfies BuildOptions;
  const { metafile, outputFiles } = await build({
    ...common,
    entryPoints: Object.entries(entries).map(([out, source]) => ({ in: source, out })),
    outdir: folder,
    format,
    splitting,
    chunkNames: join(folders[0] ?? '.', '[name]-[hash]'),
    write: false,
  });
  const names = format === 'cjs' ? cjsNames(toRoot) : esmNames(toRoot);
  for (const { path, text } of outputFiles) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, withNames(text, names));
  }
  return metafile;
}

/** A name that code uses and the bundle does not define, and the lines that do. */
interface NameOfBundle {
  readonly used: RegExp;
  readonly lines: readonly string[];
}

/** Defines what a file uses: most use nothing, and a short command loads forty of them. */
function withNames(text: string, names: readonly NameOfBundle[]): string {
  const lines = names.filter(({ used }) => used.test(text)).flatMap((name) => name.lines);
  return [...lines, text].join('\n');
}

function cjsNames(toRoot: string): NameOfBundle[] {
  const ownFile = `const ownFile = (path) => require('node:url').pathToFileURL(require('node:path').join(__dirname, ${JSON.stringify(toRoot)}, path)).href;`;
  return [{ used: /\bownFile\b/, lines: [ownFile] }];
}

/** CommonJS libraries in an ES module need what Node gives to CommonJS. */
function esmNames(toRoot: string): NameOfBundle[] {
  const ownFile = `const ownFile = (path) => new URL(${JSON.stringify(`${toRoot}/`)} + path, import.meta.url).href;`;
  return [
    {
      used: /\brequire\b/,
      lines: [
        "import { createRequire as createRequireOfModule } from 'node:module';",
        'const require = createRequireOfModule(import.meta.url);',
      ],
    },
    {
      used: /\b__(?:file|dir)name\b/,
      lines: [
        "import { dirname as dirnameOfModule } from 'node:path';",
        "import { fileURLToPath as pathOfModule } from 'node:url';",
        'const __filename = pathOfModule(import.meta.url);',
        'const __dirname = dirnameOfModule(__filename);',
      ],
    },
    { used: /\bownFile\b/, lines: [ownFile] },
  ];
}

/** What a package has ready is read there, and not made again. */
const replaced = [
  [/\/lambda-bundle\.ts$/, 'packaging/prebuilt-bundle.ts'],
  [/\/project-plan\.ts$/, 'packaging/cli/packaged-plan.ts'],
] as const;

function sourcePlugin(rewrite: BundleOptions['rewrite'] = (text) => text): Plugin {
  return {
    name: 'sources',
    setup({ onLoad, onResolve }) {
      for (const [filter, path] of replaced) {
        onResolve({ filter }, () => ({ path: join(projectRoot, path) }));
      }
      // It requires a file for each operation by a computed name, of which the bundler must know the end.
      onLoad({ filter: /\/dynalite\/index\.js$/ }, ({ path }) => ({
        contents: readFileSync(path, 'utf8').replace(
          /require\('(\.\/\w+\/)' \+ action\)/g,
          "require('$1' + action + '.js')",
        ),
      }));
      onLoad({ filter: /\/commander\/lib\/command\.js$/ }, ({ path }) => ({
        contents: withoutProcesses(readFileSync(path, 'utf8')),
      }));
      onLoad({ filter: /\.ts$/ }, ({ path }) => {
        if (path.includes('node_modules')) return undefined;
        const own = relative(projectRoot, path);
        const place = JSON.stringify(own.replace(/\.ts$/, '.js'));
        const text = rewrite(readFileSync(path, 'utf8'), own);
        return { contents: text.replaceAll('import.meta.url', `ownFile(${place})`), loader: 'ts' };
      });
    },
  };
}

/**
 * Commander could start a program for a command, and imports `process`, which is there anyway: an import reads all
 * of its properties, and some of them load what they are made of. Both take 8 ms of any command.
 */
function withoutProcesses(commander: string): string {
  const imports =
    /^import (?:childProcess from 'node:child_process'|process from 'node:process');\n/gm;
  const found = commander.match(imports)?.length ?? 0;
  if (found !== 2)
    throw new Error(`commander has ${found} of the 2 imports that a bundle leaves out`);
  return `const childProcess = undefined;\n${commander.replace(imports, '')}`;
}
