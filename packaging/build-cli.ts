import {
  chmodSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { makeProjectPlan } from '../cli/replay/make-project-plan.ts';
import { bundlePackage, nodeVersionMin, projectRoot } from './bundle.ts';
import { packagedPlan } from './cli/packaged-plan.ts';
import { joinSmallChunks } from './join-chunks.ts';
import {
  commonFields,
  copyToPackage,
  emptyFolder,
  writeFunctionBundle,
  writeJson,
  writeThirdPartyLicenses,
} from './package-files.ts';

const name = 'mwaa-privilege-monitor';

/** DuckDB itself. Its API for Node is bundled: it has eighty small files, which take 60 ms to load. */
const nativeLibrary = '@duckdb/node-bindings';

/**
 * Plain JavaScript in the package as well. Code that Node compiled is kept beside the code itself: whoever may
 * write there may change the program anyway, which does not hold for a folder that all users share. Where nobody
 * may write, nothing is kept; Node 20 keeps nothing either.
 */
const bin = `#!/usr/bin/env node
import * as nodeModule from 'node:module';
import { fileURLToPath } from 'node:url';

nodeModule.enableCompileCache?.(fileURLToPath(new URL('.compiled', import.meta.url)));
await import('./lib/main.js');
`;

const entry = 'packaging/cli/main.ts';
/** What `replay` and `query` load, which are often over before anybody waits. */
const quickCommands = [
  ...['cli/replay/replay-command.ts', 'cli/replay/show-replay.ts'],
  ...['cli/query/query-command.ts', 'local/insights-engine/engine.ts'],
];

/**
 * Writes the files of the CLI's package. Its libraries are bundled, the parts of the CDK included with which
 * a demo synthesizes its stack; only DuckDB, which is native code, is a dependency.
 *
 * @param folder what is in it is deleted
 */
export async function buildCli(folder: string): Promise<void> {
  emptyFolder(folder);
  const common = {
    folder,
    format: 'esm',
    external: [nativeLibrary],
    alias: { level: join(projectRoot, 'packaging/cli/memory-only-level.ts') },
    rewrite: withPackageName,
  } as const;
  const main = await bundlePackage({
    ...common,
    entries: { 'lib/main': entry },
    splitting: true,
  });
  await joinSmallChunks(main, entry, quickCommands);
  const app = await bundlePackage({
    ...common,
    entries: { 'infra/app': 'packaging/cli/app.ts' },
    minify: true,
  });
  // Runs the function's bundle in a process of its own, beside which it needs nothing.
  const runtime = await bundlePackage({
    ...common,
    entries: { 'local/demo/run/lambda-runtime': 'packaging/cli/lambda-runtime.ts' },
  });
  // Reads logs in threads of its own.
  const worker = await bundlePackage({
    ...common,
    entries: { 'local/log-threads/judge-worker': 'packaging/cli/judge-worker.ts' },
    splitting: true,
  });
  const lambda = writeFunctionBundle(folder);
  copyToPackage(folder, [
    ...['LICENSE', 'cdk.json', 'queries', 'docs/runbooks', 'docs/environments/full.yaml'],
    ...['local/demo/sessions', 'cli/selftest/report.schema.json', 'doctor/report.schema.json'],
    'local/demo/report/templates',
    ...beside('docs', /-policy\.json$/),
  ]);
  for (const path of ['queries/tools', 'local/demo/sessions/README.md']) {
    rmSync(join(folder, path), { recursive: true });
  }
  mkdirSync(dirname(join(folder, packagedPlan)), { recursive: true });
  writeFileSync(join(folder, packagedPlan), JSON.stringify(makeProjectPlan()));
  cpSync(join(projectRoot, 'packaging/cli/README.md'), join(folder, 'README.md'));
  writeThirdPartyLicenses(folder, [main, app, runtime, worker, lambda]);
  writeFileSync(join(folder, 'privilege-monitor.js'), bin);
  chmodSync(join(folder, 'privilege-monitor.js'), 0o755);
  writeJson(join(folder, 'package.json'), {
    name,
    description:
      'Reads Amazon MWAA logs for changes of Airflow privileges, and examines environments.',
    ...commonFields,
    keywords: ['mwaa', 'airflow', 'security', 'cli'],
    type: 'module',
    bin: { [name]: 'privilege-monitor.js', 'privilege-monitor': 'privilege-monitor.js' },
    engines: { node: `>=${nodeVersionMin}` },
    dependencies: { [nativeLibrary]: versionOfNativeLibrary() },
  });
}

/** The one that the bundled API is made for. */
function versionOfNativeLibrary(): string {
  const api = join(projectRoot, 'node_modules/@duckdb/node-api/package.json');
  return JSON.parse(readFileSync(api, 'utf8')).dependencies[nativeLibrary];
}

/** `npx privilege-monitor` outside of a project with this package would run a stranger's package. */
function withPackageName(text: string, path: string): string {
  // What is deployed is the same wherever it is synthesized.
  if (/^(infra|lambda)\//.test(path)) return text;
  return text.replaceAll('npx privilege-monitor', `npx ${name}`);
}

/** @throws Error if no file has such a name: a package without it would fail where it is used */
function beside(folder: string, pattern: RegExp): string[] {
  const files = readdirSync(join(projectRoot, folder)).filter((file) => pattern.test(file));
  if (files.length === 0) throw new Error(`${folder} has no file that is named like ${pattern}`);
  return files.map((file) => join(folder, file));
}
