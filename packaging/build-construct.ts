import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { runbooksOfCheckout } from '../infra/naming/checkout.ts';
import { bundlePackage, nodeVersionMin, projectRoot } from './bundle.ts';
import {
  commonFields,
  copyToPackage,
  emptyFolder,
  testedVersion,
  writeFunctionBundle,
  writeJson,
  writeThirdPartyLicenses,
} from './package-files.ts';

const entry = 'packaging/construct/index';

/**
 * Writes the files of the construct's package: JavaScript with everything that a synthesis needs but the
 * CDK, declarations, the function's bundle, the detections and their runbooks.
 *
 * @param folder what is in it is deleted
 * @param runbookBaseUrl where mails link to by default; undefined if that is not known
 */
export async function buildConstruct(
  folder: string,
  runbookBaseUrl = runbooksOfCheckout(projectRoot),
): Promise<void> {
  emptyFolder(folder);
  const bundle = await bundlePackage({
    entries: { index: `${entry}.ts` },
    folder,
    // CDK apps are CommonJS by default; ES modules can import this as well.
    format: 'cjs',
    external: ['aws-cdk-lib', 'aws-cdk-lib/*', 'constructs'],
    rewrite: withRunbooks(runbookBaseUrl),
  });
  const lambda = writeFunctionBundle(folder);
  writeDeclarations(folder);
  copyToPackage(folder, ['LICENSE', 'queries', 'docs/runbooks', 'docs/environments/full.yaml']);
  for (const path of ['queries/tools', 'queries/README.md']) {
    rmSync(join(folder, path), { recursive: true });
  }
  cpSync(join(projectRoot, 'packaging/construct/README.md'), join(folder, 'README.md'));
  writeThirdPartyLicenses(folder, [bundle, lambda]);
  writeJson(join(folder, 'package.json'), {
    name: 'mwaa-privilege-monitor-construct',
    description: 'AWS CDK construct that watches Amazon MWAA for changes of Airflow privileges.',
    ...commonFields,
    keywords: ['aws-cdk', 'mwaa', 'airflow', 'security'],
    type: 'commonjs',
    main: 'index.js',
    types: `types/${entry}.d.ts`,
    exports: {
      '.': { types: `./types/${entry}.d.ts`, default: './index.js' },
      './package.json': './package.json',
    },
    engines: { node: `>=${nodeVersionMin}` },
    peerDependencies: {
      'aws-cdk-lib': `^${testedVersion('aws-cdk-lib')}`,
      constructs: '^10.0.0',
    },
  });
}

/** Writes the address of the runbooks into the source that has a place for it. */
function withRunbooks(address: string | undefined) {
  return (text: string, path: string): string => {
    if (path !== 'infra/naming/packaged-runbooks.ts' || address === undefined) return text;
    const changed = text.replace('= undefined;', `= ${JSON.stringify(address)};`);
    if (changed === text) throw new Error(`${path} has no place for the address of the runbooks`);
    return changed;
  };
}

/** Declarations of the entry and of what they refer to, which must be the peers and nothing else. */
function writeDeclarations(folder: string): void {
  const all = join(folder, 'declarations');
  execFileSync(
    process.execPath,
    [
      join(projectRoot, 'node_modules/typescript/bin/tsc'),
      ...['--ignoreConfig', `${entry}.ts`, '--outDir', all, '--rootDir', '.'],
      ...['--declaration', '--emitDeclarationOnly', '--stripInternal', '--removeComments', 'false'],
      ...['--target', 'es2024', '--module', 'nodenext', '--types', 'node', '--skipLibCheck'],
      ...['--allowImportingTsExtensions', '--resolveJsonModule', '--erasableSyntaxOnly'],
      ...['--verbatimModuleSyntax'],
    ],
    { cwd: projectRoot, stdio: 'inherit' },
  );
  for (const file of reachable(join(all, `${entry}.d.ts`))) {
    const target = join(folder, 'types', relative(all, file));
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, readFileSync(file, 'utf8').replaceAll(importOfSource, "$1.js'"));
  }
  rmSync(all, { recursive: true });
}

const importOfSource = /(from '\.[^']*)\.ts'/g;
const anyImport = /(?:from|import\() ?['"]([^'"]+)['"]/g;

/** @throws Error for a declaration that an app without this project's libraries could not read */
function reachable(first: string): Set<string> {
  const files = new Set([first]);
  // A set is walked in the order of its additions.
  for (const file of files) {
    for (const [, path = ''] of readFileSync(file, 'utf8').matchAll(anyImport)) {
      if (path.startsWith('.')) files.add(join(dirname(file), path.replace(/\.ts$/, '.d.ts')));
      else if (!/^(aws-cdk-lib|constructs)(\/|$)/.test(path)) {
        throw new Error(`${file}: the declarations must import the peers only, got ${path}`);
      }
    }
    if (!existsSync(file)) throw new Error(`${file}: is imported, but was not written`);
  }
  return files;
}
