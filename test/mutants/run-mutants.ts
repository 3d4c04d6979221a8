/**
 * `npm run mutants` plants one fault at a time in a scratch copy of the project and runs the tests that
 * should notice it, until some do:
 *
 * 1. what the patch names in its line `# killed-by:`: test files, or `simulation:<seed>`
 * 2. the test file that mirrors a file the patch changes
 * 3. the suites of the fault's part that import such a file, directly or through others: nearest first
 * 4. all suites of that part. For the function these are test/lambda and then schedules of the
 *    simulation; for the doctor or the Airflow environment's stacks, the suites of both; for the query
 *    language or the detections, the suites of both.
 *
 * Exits with 1 when a fault goes unnoticed: a test is missing.
 *
 * Arguments: words to choose mutants by, each a part of a patch's file name; none chooses all. `--check`
 * only names the patches that no longer fit the code. `--record` writes what noticed a fault into its
 * patch, unless the patch names it already.
 */
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  globSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const projectDirectory = fileURLToPath(new URL('../..', import.meta.url));
const mutantDirectory = fileURLToPath(new URL('.', import.meta.url));
/** The parts of the project that the tests need. */
const copied = [
  ...['lambda', 'local', 'query-language', 'queries', 'infra', 'doctor', 'cli', 'test', 'bench'],
  ...['kernel', 'packaging'],
  ...['environments', 'docs'],
  ...['package.json', 'jest.config.ts', 'tsconfig.json', 'cdk.json'],
];
const jestArguments = ['node_modules/jest/bin/jest.js', '--bail=1'];
/** A test that a fault makes hang must fail before the time of its whole run is up. */
const environment = { ...process.env, TEST_TIME_LIMIT_SECONDS: '60' };

interface Attempt {
  readonly by: string;
  readonly arguments: readonly string[];
  /** Finds the line of the output that says what was noticed. */
  readonly evidence: RegExp;
  /** Reads from the output the name that a patch gives in `# killed-by:`. */
  readonly nameOf: (output: string) => string | undefined;
}

/** The test or schedule that noticed a fault. */
interface Killer {
  readonly name: string | undefined;
  readonly evidence: string;
}

/** Where the suites of each part are. */
const foldersOf = {
  function: ['test/lambda'],
  doctor: ['test/doctor', 'test/infra/airflow'],
  queries: ['test/query-language', 'test/queries'],
} as const;

type Part = keyof typeof foldersOf;

/** All that should notice a fault of each part. */
const attempts: Readonly<Record<Part, readonly Attempt[]>> = {
  function: [jest(...foldersOf.function), simulation('--runs', '300')],
  doctor: [jest(...foldersOf.doctor)],
  queries: [jest(...foldersOf.queries)],
};

const { values: options, positionals: words } = parseArgs({
  allowPositionals: true,
  options: {
    check: { type: 'boolean', default: false },
    record: { type: 'boolean', default: false },
  },
});
const patches = readdirSync(mutantDirectory)
  .filter((file) => file.endsWith('.patch'))
  .filter((file) => words.length === 0 || words.some((word) => file.includes(word)))
  .sort();
if (options.check) process.exit(checkPatches());

const survivors: string[] = [];
const startedMs = performance.now();
const scratch = mkdtempSync(join(tmpdir(), 'mutant-'));
/** What each attempt reports about the code without a fault; undefined where it passes. */
const controlled = new Map<string, Killer | undefined>();
const anImport = /^(?:import(?! type)|export|\}).* from '(\.[^']+)'/gm;
const importers = importersByFile();
try {
  copyProject();
  for (const patch of patches) runMutant(patch);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
const minutes = ((performance.now() - startedMs) / 60_000).toFixed(1);
console.log(
  `${patches.length - survivors.length} of ${patches.length} mutants killed in ${minutes} min${survivors.length > 0 ? `; tests are missing for ${survivors.join(', ')}` : ''}`,
);
if (survivors.length > 0) process.exitCode = 1;

function runMutant(patch: string): void {
  const all = [
    ...namedIn(patch),
    ...mirroring(patch),
    ...importing(patch),
    ...attempts[partOf(patch)],
  ];
  const killer = firstToNotice(patch, all);
  const state = killer === undefined ? 'SURVIVED' : 'killed  ';
  const [, fault = ''] = /^# plants: (.+)$/m.exec(readPatch(patch)) ?? [];
  console.log(`${state}  ${patch.replace('.patch', '')}: ${fault}`);
  if (killer === undefined) survivors.push(patch);
  else {
    console.log(`            by ${killer.evidence}`);
    if (options.record && killer.name !== undefined) record(patch, killer.name);
  }
}

function firstToNotice(patch: string, all: readonly Attempt[]): Killer | undefined {
  for (const attempt of all) {
    plant(patch);
    const killer = run(attempt);
    unplant(patch);
    if (killer === undefined) continue;
    const complaint = withoutFault(killer.name === undefined ? attempt : namedAs(killer.name));
    if (complaint === undefined) return killer;
    throw new Error(
      `the tests fail without any fault, so they prove nothing: ${complaint.evidence}`,
    );
  }
  return undefined;
}

/** Runs the same tests on the code without a fault: when they fail there too, they prove nothing. */
function withoutFault(attempt: Attempt): Killer | undefined {
  const key = attempt.arguments.join(' ');
  if (!controlled.has(key)) controlled.set(key, run(attempt));
  return controlled.get(key);
}

function run({ by, arguments: args, evidence, nameOf }: Attempt): Killer | undefined {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: scratch,
    env: environment,
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
    timeout: 240_000,
  });
  // A run that timed out has noticed nothing.
  if (status === 0 || status === null) return undefined;
  const output = `${stderr}\n${stdout}`;
  const found = evidence.exec(output)?.slice(1) ?? [];
  const noticed = found.find((line) => line !== undefined) ?? `exit code ${status}`;
  const name = nameOf(output);
  return { name, evidence: `${by} (${name}): ${noticed.trim().slice(0, 150)}` };
}

/** What the patch says it is killed by. */
function namedIn(patch: string): Attempt[] {
  const names = /^# killed-by: (.+)$/m.exec(readPatch(patch))?.[1]?.split(/[\s,]+/) ?? [];
  for (const name of names.filter((one) => one.startsWith('test/'))) {
    if (!existsSync(join(projectDirectory, name))) throw new Error(`${patch}: there is no ${name}`);
  }
  return names.map(namedAs);
}

/** @param name a file of tests, or the seed of a schedule */
function namedAs(name: string): Attempt {
  const [, seed] = /^simulation:(\d+)$/.exec(name) ?? [];
  return seed === undefined ? jest(name) : simulation('--from', seed, '--runs', '1');
}

/** The test files that mirror the files a patch changes. */
function mirroring(patch: string): Attempt[] {
  return changedBy(patch)
    .map((file) => `test/${file.replace(/\.ts$/, '.test.ts')}`)
    .filter((file) => existsSync(join(projectDirectory, file)))
    .map((file) => jest(file));
}

/** The suites that import a file the patch changes, nearest first: one attempt for each distance. */
function importing(patch: string): Attempt[] {
  const folders = foldersOf[partOf(patch)];
  const seen = new Set(changedBy(patch));
  const found: Attempt[] = [];
  for (let reached = [...seen]; reached.length > 0; ) {
    const next = new Set(reached.flatMap((file) => importers.get(file) ?? []));
    reached = [...next].filter((file) => !seen.has(file));
    for (const file of reached) seen.add(file);
    const suites = reached.filter(
      (file) => file.endsWith('.test.ts') && folders.some((folder) => file.startsWith(folder)),
    );
    if (suites.length > 0) found.push(jest('--runTestsByPath', ...suites.sort()));
  }
  return found;
}

/** By file, the files that import it; imports of types alone have no effect and do not count. */
function importersByFile(): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const file of globSync(`{${copied.join(',')}}/**/*.ts`, { cwd: projectDirectory })) {
    const text = readFileSync(join(projectDirectory, file), 'utf8');
    for (const [, path = ''] of text.matchAll(anImport)) {
      const imported = join(dirname(file), path);
      found.set(imported, [...(found.get(imported) ?? []), file]);
    }
  }
  return found;
}

function changedBy(patch: string): string[] {
  return [...readPatch(patch).matchAll(/^\+\+\+ b\/(.+\.ts)$/gm)].map(([, file = '']) => file);
}

function jest(...tests: readonly string[]): Attempt {
  return {
    by: 'jest',
    arguments: [...jestArguments, ...tests],
    // A run of one suite lists all of its tests, passed or not.
    evidence: /^\s*✕ (.+)$|^FAIL .+\n\s*(?:● )?([^✓✕\s].*)$/m,
    nameOf: (output) => /^FAIL (?:\w+ )?(test\/\S+)/m.exec(output)?.[1],
  };
}

function simulation(...chosen: readonly string[]): Attempt {
  return {
    by: 'simulation',
    arguments: ['test/simulation/main.ts', '--bail', ...chosen],
    evidence: /^ {2}(\w.+: .+)$/m,
    nameOf: (output) => {
      const seed = /^seed (\d+) breaks/m.exec(output)?.[1];
      return seed && `simulation:${seed}`;
    },
  };
}

/** Writes the name of what noticed below the line `# plants:`, unless it is there already. */
function record(patch: string, name: string): void {
  const text = readPatch(patch);
  if (/^# killed-by: (.+)$/m.exec(text)?.[1]?.includes(name)) return;
  const others = text.replace(/^# killed-by: .+\n/m, '');
  const named = others.replace(/^(# plants: .+\n)/m, `$1# killed-by: ${name}\n`);
  writeFileSync(join(mutantDirectory, patch), named);
}

/** @returns 1 when a patch does not fit */
function checkPatches(): number {
  const misfits = patches.flatMap((patch) => {
    const { status, stdout } = runPatch(projectDirectory, patch, ['--dry-run', '--forward']);
    return status === 0 ? [] : [`${patch}: ${stdout.trim()}`];
  });
  for (const misfit of misfits) console.error(misfit);
  console.log(`${patches.length - misfits.length} of ${patches.length} patches fit`);
  return misfits.length > 0 ? 1 : 0;
}

function copyProject(): void {
  for (const name of copied) {
    cpSync(join(projectDirectory, name), join(scratch, name), { recursive: true });
  }
  symlinkSync(join(projectDirectory, 'node_modules'), join(scratch, 'node_modules'));
}

/** @throws Error when the patch no longer fits: it must be made again */
function plant(patch: string): void {
  const { status, stdout } = runPatch(scratch, patch, ['--forward']);
  if (status !== 0) throw new Error(`${patch} does not fit: ${stdout}`);
}

function unplant(patch: string): void {
  const { status, stdout } = runPatch(scratch, patch, ['--reverse']);
  if (status !== 0) throw new Error(`${patch} cannot be reverted: ${stdout}`);
}

/** A patch has few lines of context, so all of them must match. */
function runPatch(directory: string, patch: string, options: readonly string[]) {
  const file = join(mutantDirectory, patch);
  return spawnSync('patch', ['-p1', '--fuzz=0', ...options, '-i', file], {
    cwd: directory,
    encoding: 'utf8',
  });
}

/** Which tests should notice, by the files that the patch changes. */
function partOf(patch: string): Part {
  const text = readPatch(patch);
  if (/^\+\+\+ b\/(doctor|infra\/airflow)/m.test(text)) return 'doctor';
  return /^\+\+\+ b\/quer/m.test(text) ? 'queries' : 'function';
}

function readPatch(patch: string): string {
  return readFileSync(join(mutantDirectory, patch), 'utf8');
}
