import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, buildSync } from 'esbuild';

const projectRoot = fileURLToPath(new URL('../..', import.meta.url));

export const lambdaEntry = 'lambda/handler.ts';

/**
 * How the Lambda is bundled; `npm run bench:bundle` measures it against esbuild's defaults.
 *
 * CommonJS, since Node loads one file faster that way than as a module; the SDK's module sources,
 * since its CommonJS ones cannot be tree-shaken; one credential provider instead of six; one way to sign;
 * no event streams, since no operation of the function has one.
 */
export const bundleOptions = {
  // Names in the source map are relative to these two: the asset's hash must not depend on where
  // the project was checked out.
  absWorkingDir: projectRoot,
  outfile: join(projectRoot, 'index.js'),
  entryPoints: [lambdaEntry],
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'cjs',
  mainFields: ['module', 'main'],
  minify: true,
  sourcemap: true,
  sourcesContent: false,
  alias: {
    '@aws-sdk/credential-provider-node': join(projectRoot, 'infra/function/bundle-replacements.ts'),
    '@aws-sdk/signature-v4-multi-region': join(
      projectRoot,
      'infra/function/bundle-replacements.ts',
    ),
    '@smithy/core/event-streams': join(projectRoot, 'infra/function/bundle-replacements.ts'),
  },
  // By these, sources find the files beside the bundle.
  define: { 'import.meta.dirname': '__dirname', 'import.meta.filename': '__filename' },
  logLevel: 'error',
} as const satisfies BuildOptions;

interface BundledFile {
  readonly name: string;
  readonly contents: Uint8Array;
}

let bundled: readonly BundledFile[] | undefined;

/** `index.js` and its source map, built once per process: all environments run the same code. */
export function bundledFiles(): readonly BundledFile[] {
  bundled ??= buildSync({ ...bundleOptions, write: false }).outputFiles.map(
    ({ path, contents }) => ({ name: basename(path), contents }),
  );
  return bundled;
}

/** The entries of the functions beside the scanner. */
export type BundledEntry = 'security-hub-handler' | 'witness-handler';

const entries = new Map<BundledEntry, Uint8Array>();

/** `index.js` of another function than the scanner, without a source map; built once per process. */
export function bundledEntry(entry: BundledEntry): Uint8Array {
  const contents =
    entries.get(entry) ??
    buildSync({
      ...bundleOptions,
      entryPoints: [`lambda/${entry}.ts`],
      ...{ sourcemap: false, write: false },
    }).outputFiles[0]?.contents;
  if (contents === undefined) throw new Error(`the bundle of lambda/${entry}.ts is empty`);
  entries.set(entry, contents);
  return contents;
}
