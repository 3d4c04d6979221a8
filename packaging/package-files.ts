import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Metafile } from 'esbuild';
import { buildSync } from 'esbuild';
import { bundledEntry, bundleOptions } from '../infra/function/lambda-bundle.ts';
import projectPackage from '../package.json' with { type: 'json' };
import { projectRoot } from './bundle.ts';

/** Where `npm run package` leaves its results; git ignores it. */
export const distFolder = join(projectRoot, 'dist');

/** The fields that both packages take from this project. */
export const commonFields = {
  version: projectPackage.version,
  license: projectPackage.license,
};

/** The version of a library that this project is tested with. */
export function testedVersion(library: keyof typeof projectPackage.devDependencies): string {
  return projectPackage.devDependencies[library];
}

export function emptyFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
}

/** Copies files or folders of this project to the same place in a package. */
export function copyToPackage(folder: string, paths: readonly string[]): void {
  for (const path of paths) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    cpSync(join(projectRoot, path), join(folder, path), { recursive: true });
  }
}

/** Writes the functions' bundles, the scanner's with its source map, as a synthesis in this project does. */
export function writeFunctionBundle(folder: string): Metafile {
  const outfile = join(folder, 'lambda/index.js');
  mkdirSync(dirname(outfile), { recursive: true });
  const { outputFiles, metafile } = buildSync({ ...bundleOptions, write: false, metafile: true });
  for (const { path, contents } of outputFiles) {
    writeFileSync(join(folder, 'lambda', path.slice(projectRoot.length)), contents);
  }
  // What it holds of libraries, the scanner's holds as well.
  writeFileSync(join(folder, 'lambda/witness-handler.js'), bundledEntry('witness-handler'));
  return metafile;
}

export function writeJson(file: string, value: object): void {
  writeFileSync(file, `${JSON.stringify(value, null, 2)}\n`);
}

/** Runs `npm pack`, which takes name and version from the folder's package.json, into the folder above. */
export function packPackage(folder: string): {
  readonly file: string;
  readonly unpackedBytes: number;
} {
  const [packed] = JSON.parse(
    execFileSync('npm', ['pack', '--json', '--pack-destination', '..'], {
      cwd: folder,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    }),
  );
  return { file: join(dirname(folder), packed.filename), unpackedBytes: packed.unpackedSize };
}

/** The licence texts of the libraries in bundles, which their licences ask to be passed on. */
export function writeThirdPartyLicenses(folder: string, bundles: readonly Metafile[]): void {
  const packages = new Set(
    bundles.flatMap(({ inputs }) =>
      Object.keys(inputs).flatMap((path) => packageFolder(path) ?? []),
    ),
  );
  const packagesOf = Map.groupBy([...packages].sort(), licenseText);
  const texts = [...packagesOf].map(([text, paths]) => [...paths.map(title), '', text].join('\n'));
  writeFileSync(join(folder, 'THIRD-PARTY-LICENSES.txt'), `${texts.join(`\n\n${rule}\n\n`)}\n`);
}

function title(path: string): string {
  const text = readFileSync(join(projectRoot, path, 'package.json'), 'utf8');
  const { name, version, license } = JSON.parse(text);
  return `${name} ${version} (${license})`;
}

function licenseText(path: string): string {
  const names = readdirSync(join(projectRoot, path)).filter((name) =>
    /^(licen[cs]e|notice)(\.\w+)?$/i.test(name),
  );
  return names
    .map((name) => readFileSync(join(projectRoot, path, name), 'utf8').trim())
    .join('\n\n');
}

const rule = '-'.repeat(72);

/** `node_modules/yaml` of `node_modules/yaml/dist/index.js`; undefined for this project's own files. */
function packageFolder(path: string): string | undefined {
  return /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0];
}
