/**
 * `npm run test:packages`: makes both packages, installs each into an empty folder, and uses it there as
 * somebody would who has nothing else of this project: a CDK app of ten lines, and the demo.
 *
 * The commands run with the Node of the shell, not with the one that this project installs. npm needs its
 * cache or a registry. With `--keep`, the folders stay.
 */

import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { basename, delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { App } from 'aws-cdk-lib/core';
import cdkJson from '../../cdk.json' with { type: 'json' };
import { environmentSchema } from '../../infra/config/environment-config.ts';
import { MonitorStack } from '../../infra/monitor-stack.ts';
import packageJson from '../../package.json' with { type: 'json' };
import { projectRoot } from '../../packaging/bundle.ts';
import { distFolder } from '../../packaging/package-files.ts';
import { loadDetections } from '../../queries/tools/load-detections.ts';

/** More than one thread reads alone. */
const largeBytes = 72 * 1024 * 1024;

const work = mkdtempSync(join(tmpdir(), 'packages-'));
const failures: string[] = [];
const environment = {
  ...process.env,
  PATH: (process.env.PATH ?? '')
    .split(delimiter)
    .filter((path) => !path.includes('node_modules'))
    .join(delimiter),
  CDK_VALIDATION: 'false',
};

run(projectRoot, process.execPath, ['packaging/make-packages.ts']);
say(`with Node ${run(work, 'node', ['--version']).trim()}:`);
tryConstruct(join(work, 'construct'));
tryCli(join(work, 'cli'));
if (process.argv.includes('--keep')) say(`the folders are in ${work}`);
else rmSync(work, { recursive: true });
say(failures.length === 0 ? 'both packages work' : `FAILED: ${failures.join('; ')}`);
process.exitCode = failures.length === 0 ? 0 : 1;

/** An app with types, synthesized with nothing but the packed construct and its peers. */
function tryConstruct(folder: string): void {
  const versions = packageJson.devDependencies;
  install(folder, [
    tarball('mwaa-privilege-monitor-construct'),
    ...(['aws-cdk-lib', 'constructs', 'typescript', '@types/node'] as const).map(
      (name) => `${name}@${versions[name]}`,
    ),
  ]);
  check(
    'the app has no engine, no bundler and no other library',
    isDeepStrictEqual(installed(folder), [
      ...['@aws-cdk', '@types', '@typescript', 'aws-cdk-lib', 'constructs'],
      ...['mwaa-privilege-monitor-construct', 'typescript', 'undici-types'],
    ]),
    installed(folder),
  );
  writeFileSync(
    join(folder, 'app.ts'),
    `import { App, Stack } from 'aws-cdk-lib';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { MwaaPrivilegeMonitor } from 'mwaa-privilege-monitor-construct';

const app = new App();
const stack = new Stack(app, 'Monitor');
const monitor = new MwaaPrivilegeMonitor(stack, 'Default', { environmentName: 'prod' });
monitor.findingsTopic.addSubscription(new EmailSubscription('oncall@example.com'));
monitor.addDetection('detections/vault-role-granted.yaml');
app.synth();
`,
  );
  const guide = readFileSync(join(projectRoot, 'queries/README.md'), 'utf8');
  mkdirSync(join(folder, 'detections'));
  writeFileSync(
    join(folder, 'detections/vault-role-granted.yaml'),
    /```yaml\n([\s\S]*?)```/.exec(guide)?.[1] ?? '',
  );
  const strict = ['--strict', '--module', 'nodenext', '--target', 'es2022', '--types', 'node'];
  run(folder, 'node_modules/.bin/tsc', [...strict, 'app.ts']);
  check('the app compiles, and the declarations with it', true);
  writeFileSync(
    join(folder, 'misspelt.ts'),
    readFileSync(join(folder, 'app.ts'), 'utf8').replace("'prod' }", "'prod', everyMinute: 5 }"),
  );
  const misspelt = spawn(folder, 'node_modules/.bin/tsc', [...strict, '--noEmit', 'misspelt.ts']);
  check('a misspelt prop does not', /everyMinute/.test(misspelt.stdout), misspelt.stdout);

  const flags = { CDK_CONTEXT_JSON: JSON.stringify(cdkJson.context) };
  run(folder, 'node', ['app.js'], { CDK_OUTDIR: join(folder, 'out'), ...flags });
  const template = templateIn(join(folder, 'out'));
  check(
    'its template is that of this project, code included',
    isDeepStrictEqual(
      { ...template, Description: undefined },
      ownTemplate(join(folder, 'detections')),
    ),
    `${JSON.stringify(template).length} characters`,
  );
  run(folder, 'node', ['app.js'], { CDK_OUTDIR: join(folder, 'plain'), CDK_CONTEXT_JSON: '{}' });
  const plain = templateIn(join(folder, 'plain'));
  check(
    'without feature flags of the CDK the ids are the same',
    isDeepStrictEqual(Object.keys(plain.Resources).sort(), Object.keys(template.Resources).sort()),
  );
}

/** The same monitor as a stack of this project. */
function ownTemplate(ownDetections: string): object {
  const outdir = join(work, 'own');
  const app = new App({ outdir, context: cdkJson.context });
  const config = environmentSchema.parse({
    mwaaEnvironment: 'prod',
    notify: { email: ['oncall@example.com'] },
  });
  const detections = [...loadDetections(), ...loadDetections(ownDetections)];
  new MonitorStack(app, 'Monitor', { config, detections });
  app.synth();
  // The app subscribes one topic by hand, the settings both.
  const { Resources, ...rest } = templateIn(outdir);
  const { AlarmTopiconcallexamplecomCD7D68CB: _, ...resources } = Resources;
  return { ...rest, Description: undefined, Resources: resources };
}

function templateIn(folder: string): { readonly Resources: Readonly<Record<string, object>> } {
  const [file = ''] = readdirSync(folder).filter((name) => name.endsWith('.template.json'));
  return JSON.parse(readFileSync(join(folder, file), 'utf8'));
}

/** The command line, from an empty folder. */
function tryCli(folder: string): void {
  install(folder, [tarball('mwaa-privilege-monitor')]);
  check(
    'it brings DuckDB and nothing else',
    isDeepStrictEqual(installed(folder), ['@duckdb', 'detect-libc', 'mwaa-privilege-monitor']),
    installed(folder),
  );
  const started = performance.now();
  const demo = spawn(folder, 'npx', ['mwaa-privilege-monitor', 'demo']);
  const seconds = Math.round((performance.now() - started) / 1000);
  const last = demo.stdout.trim().split('\n').slice(-2).join(' ');
  check(`npx mwaa-privilege-monitor demo (${seconds} s): ${last}`, demo.status === 0, demo.stderr);
  const mails = readdirSync(join(folder, 'demo-output/mails')).map((file) =>
    readFileSync(join(folder, 'demo-output/mails', file), 'utf8'),
  );
  const runbooks = mails.flatMap((text) => text.match(/\b(?:https|file):\/\/\S+\.md\b/g) ?? []);
  check(
    'its mails lead to runbooks that are there',
    runbooks.length >= mails.length && runbooks.every(isThere),
    runbooks.find((address) => !isThere(address)),
  );
  tryOneCommand(join(work, 'nothing'));
  const session = 'node_modules/mwaa-privilege-monitor/local/demo/sessions/airflow-3.0.6.ndjson.gz';
  // `replay` ends with 1 when it finds something.
  for (const [expected, ...args] of [
    [0, 'demo', '--airflow', '3.0.6', '--outage', '6m', '--late', '3'],
    [1, 'replay', '--logs', session],
    [0, 'query', '--logs', session, 'stats count() by @log'],
    [0, 'doctor', '--fixture', 'healthy'],
  ]) {
    const { status, stderr } = spawn(folder, 'npx', [
      'mwaa-privilege-monitor',
      ...args.map(String),
    ]);
    check(`npx mwaa-privilege-monitor ${args.join(' ')}`, status === expected, stderr);
  }
  tryLargeLogs(folder, join(folder, session));
}

/** `replay` by several threads, with the Node of the shell and with the project's. */
function tryLargeLogs(folder: string, session: string): void {
  const lines = gunzipSync(readFileSync(session)).toString('utf8').trimEnd().split('\n');
  // Each thread has a part of what is to find.
  const middle = Math.floor(lines.length / 2);
  const event = JSON.parse(lines[middle] ?? '');
  const message = 'INFO - nothing happened '.repeat(20);
  const quiet = JSON.stringify({ ...event, logStream: 'quiet', message });
  const large = [
    ...lines.slice(0, middle),
    ...Array.from({ length: Math.ceil(largeBytes / (quiet.length + 1)) }, () => quiet),
    ...lines.slice(middle),
  ];
  writeFileSync(join(folder, 'large.ndjson'), `${large.join('\n')}\n`);
  for (const node of ['node', process.execPath]) {
    const replay = (logs: string) => {
      const program = 'node_modules/mwaa-privilege-monitor/privilege-monitor.js';
      const args = [program, 'replay', '--json', '--logs', logs];
      return spawn(folder, node, args, { NODE_DEBUG: 'worker' });
    };
    const query = (logs: string) => {
      const program = 'node_modules/mwaa-privilege-monitor/privilege-monitor.js';
      const text =
        'filter @message like "add-role" | sort @timestamp | display @timestamp, @message';
      return spawn(
        folder,
        node,
        [program, 'query', '--output', 'ndjson', '--logs', logs, text],
        {},
      );
    };
    const whole = replay(session);
    const parted = replay('large.ndjson');
    const [rows, rowsOfParts] = [query(session), query('large.ndjson')];
    const seen = parted.stderr.slice(-10_000);
    const version = run(folder, node, ['--version']).trim();
    check(`Node ${version} reads large logs`, parted.status === 1, seen);
    check(
      'by a thread of its own, if there are cores for two',
      availableParallelism() === 1 || parted.stderr.includes('create new worker'),
      seen,
    );
    check(
      'and finds in them what it finds in small ones',
      withoutTimes(parted.stdout) === withoutTimes(whole.stdout) && whole.stdout !== '',
    );
    check(
      'and a query finds in them what it finds in small ones',
      rowsOfParts.stdout === rows.stdout && rows.stdout.includes('add-role'),
      rowsOfParts.stderr,
    );
  }
}

/** When it was detected is the time of the replay. */
function withoutTimes(findings: string): string {
  return findings.replaceAll(/"detectedAt":"[^"]*"/g, '');
}

/** An address of a published commit cannot be asked from here. */
function isThere(address: string): boolean {
  return !address.startsWith('file:') || existsSync(fileURLToPath(address));
}

/** The demo by one command, where nothing is installed; npm would run a file itself instead of what it holds. */
function tryOneCommand(folder: string): void {
  mkdirSync(folder);
  const demo = spawn(folder, 'npx', [
    ...['--yes', `--package=${tarball('mwaa-privilege-monitor')}`, 'mwaa-privilege-monitor'],
    'demo',
  ]);
  check('npx --yes --package=FILE mwaa-privilege-monitor demo', demo.status === 0, demo.stderr);
  const left = readdirSync(folder);
  check('it leaves only its output', isDeepStrictEqual(left, ['demo-output']), left);
}

function tarball(name: string): string {
  return join(distFolder, `${name}-${packageJson.version}.tgz`);
}

function install(folder: string, packages: readonly string[]): void {
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  const options = ['--prefer-offline', '--no-audit', '--no-fund', '--save-exact'];
  run(folder, 'npm', ['install', ...options, ...packages]);
  const bytes = run(folder, 'du', ['-sk', 'node_modules']).split('\t')[0];
  say(
    `${packages.map((path) => basename(path)).join(', ')}: ${Math.round(Number(bytes) / 1000)} MB`,
  );
}

function installed(folder: string): string[] {
  return readdirSync(join(folder, 'node_modules')).filter((name) => !name.startsWith('.'));
}

function spawn(cwd: string, command: string, args: readonly string[], variables: object = {}) {
  const env = { ...environment, ...variables };
  return spawnSync(command, args, { cwd, env, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
}

function run(...call: Parameters<typeof spawn>): string {
  const { status, stdout, stderr, error } = spawn(...call);
  if (status === 0) return stdout;
  throw new Error(`${call[1]} ${call[2].join(' ')}: ${error ?? ''}\n${stdout}\n${stderr}`);
}

function check(rule: string, holds: boolean, seen?: unknown): void {
  say(`  ${holds ? 'ok    ' : 'FAILED'}  ${rule}`);
  if (holds) return;
  failures.push(rule);
  if (seen !== undefined) say(typeof seen === 'string' ? seen : JSON.stringify(seen));
}

function say(line: string): void {
  console.log(line);
}
