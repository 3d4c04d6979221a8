import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Table from 'cli-table3';
import { type BuildOptions, buildSync } from 'esbuild';
import { bundleOptions, lambdaEntry } from '../infra/function/lambda-bundle.ts';

/** Odd, so that the median is one of the runs. */
const runs = 21;

/** Maximum size of our bundle, relative to esbuild's minified defaults. */
const maxBytesRatio = 0.6;
const maxImportRatio = 0.75;

const projectRoot = fileURLToPath(new URL('..', import.meta.url));
// Below the project, so that the bundle without the SDK finds the SDK, as it would in Lambda.
const workDirectory = join(projectRoot, 'node_modules/.cache/bundle-bench');

const esbuildDefaults: BuildOptions = {
  absWorkingDir: projectRoot,
  entryPoints: [lambdaEntry],
  bundle: true,
  platform: 'node',
  logLevel: 'error',
};

const variants: readonly { name: string; extension: 'cjs' | 'mjs'; options: BuildOptions }[] = [
  { name: 'ours', extension: 'cjs', options: bundleOptions },
  {
    name: 'ours, as an ES module',
    extension: 'mjs',
    options: { ...bundleOptions, format: 'esm', define: {}, banner: { js: requireForEsm() } },
  },
  {
    name: "esbuild's defaults, minified",
    extension: 'cjs',
    options: { ...esbuildDefaults, minify: true },
  },
  { name: "esbuild's defaults", extension: 'cjs', options: esbuildDefaults },
  {
    name: 'SDK left external',
    extension: 'cjs',
    options: { ...esbuildDefaults, minify: true, external: ['@aws-sdk/*', '@smithy/*'] },
  },
];

const baseline = "esbuild's defaults, minified";

rmSync(workDirectory, { recursive: true, force: true });
mkdirSync(workDirectory, { recursive: true });

const built = variants.map(({ name, extension, options }, index) => {
  const outfile = join(workDirectory, `variant-${index}.${extension}`);
  buildSync({ ...options, outfile });
  return { name, outfile, bytes: statSync(outfile).size, importMs: [] as number[] };
});

// Interleaved, so that other load on the machine affects all variants; the first round warms the
// file cache and does not count.
for (let run = 0; run <= runs; run++) {
  for (const { outfile, importMs } of built) {
    const ms = measureImport(outfile);
    if (run > 0) importMs.push(ms);
  }
}

const results = built.map(({ name, bytes, importMs }) => ({
  name,
  bytes,
  minMs: Math.min(...importMs),
  medianMs: medianOf(importMs),
}));
const base = results.find(({ name }) => name === baseline);
if (base === undefined) throw new Error(`no variant is named ${baseline}`);

const table = new Table({
  head: ['bundle', 'bytes', 'ratio', 'import ms (min)', '(median)', 'ratio'],
  colAligns: ['left', 'right', 'right', 'right', 'right', 'right'],
  style: { head: [], border: [] },
});
for (const { name, bytes, minMs, medianMs } of results) {
  table.push([
    name,
    bytes.toLocaleString('en'),
    (bytes / base.bytes).toFixed(2),
    minMs.toFixed(1),
    medianMs.toFixed(1),
    (medianMs / base.medianMs).toFixed(2),
  ]);
}
console.log(`Node ${process.version}, ${runs} fresh processes each, interleaved; import only.`);
console.log(`Ratios to: ${baseline}.`);
console.log(table.toString());

const [ours] = results;
const meetsTarget =
  ours !== undefined &&
  ours.bytes <= maxBytesRatio * base.bytes &&
  ours.medianMs <= maxImportRatio * base.medianMs;
console.log(
  `Target for ours: at most ${maxBytesRatio} in bytes, ${maxImportRatio} in import time: ${meetsTarget ? 'met' : 'MISSED'}.`,
);
if (!meetsTarget) process.exitCode = 1;

/** Milliseconds that a new process needs to import the bundle, without the start of the process. */
function measureImport(path: string): number {
  const script =
    'const start = performance.now(); await import(process.argv[1]); console.log(performance.now() - start); process.exit()';
  const output = execFileSync(
    process.execPath,
    ['--input-type=module', '--eval', script, `file://${path}`],
    { encoding: 'utf8' },
  );
  return Number(output);
}

function medianOf(values: readonly number[]): number {
  const median = values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
  if (median === undefined) throw new Error('no values');
  return median;
}

/** Packages without module sources load Node's modules by `require`. */
function requireForEsm(): string {
  return "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";
}
