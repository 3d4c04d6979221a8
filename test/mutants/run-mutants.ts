/**
 * `npm run mutants` plants one fault after the other in a scratch copy, and runs the tests that should
 * notice: first those that the patch names in its line `# killed-by:`, as files of tests or as
 * `simulation:<seed>`, then those that are named like the files that it changes. Only where all of these
 * let it live, all tests of its part run: for a fault of the function those of the function and then
 * schedules of the simulation until one breaks; for one of the doctor or of the Airflow environment's
 * stacks, the tests of both, and for one of the query language or the detections the tests of these.
 * Exits with 1 when a fault goes unnoticed: then a test is missing.
 *
 * Arguments: words of which each chosen mutant's file name holds one; none for all. `--check` only says
 * which patches do not fit the code any more; `--record` writes what noticed into the patches that name
 * nothing that does.
 */
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const projectDirectory = fileURLToPath(new URL('../..', import.meta.url));
const mutantDirectory = fileURLToPath(new URL('.', import.meta.url));
/** What the tests that are run need of the project. */
const copied = [
  ...['lambda', 'local', 'query-language', 'queries', 'infra', 'doctor', 'cli', 'test', 'bench'],
  ...['environments', 'docs'],
  ...['package.json', 'jest.config.ts', 'tsconfig.json', 'cdk.json'],
];
const jestArguments = [
  ...['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'],
  // A test that a fault makes wait for ever has to fail before its whole run is ended.
  ...['node_modules/jest/bin/jest.js', '--bail=1', '--testTimeout=60000'],
];

interface Attempt {
  readonly by: string;
  readonly arguments: readonly string[];
  /** The line of its output that says what was noticed. */
  readonly evidence: RegExp;
  /** What a patch names it by. */
  readonly nameOf: (output: string) => string | undefined;
}

/** What noticed a fault. */
interface Killer {
  readonly name: string | undefined;
  readonly evidence: string;
}

const attempts = {
  function: [jest('test/lambda'), simulation('--runs', '300')],
  doctor: [jest('test/doctor', 'test/infra/airflow')],
  queries: [jest('test/query-language', 'test/queries')],
} as const satisfies Record<string, readonly Attempt[]>;

type Part = keyof typeof attempts;

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
/** Attempts that do not complain of the code as it is, and those that do. */
const controlled = new Map<string, Killer | undefined>();
try {
  copyProject();
  for (const patch of patches) runMutant(patch);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
const minutes = ((performance.now() - startedMs) / 60_000).toFixed(1);
console.log(
  `${patches.length - survivors.length} of ${patches.length} mutants killed in ${minutes} min${survivors.length > 0 ? `; missing are tests for ${survivors.join(', ')}` : ''}`,
);
if (survivors.length > 0) process.exitCode = 1;

function runMutant(patch: string): void {
  const all = [...namedIn(patch), ...likely(patch), ...attempts[partOf(patch)]];
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
      `without any fault the tests complain, so that they prove nothing: ${complaint.evidence}`,
    );
  }
  return undefined;
}

/** Whether the same tests complain of the code as it is, so that they prove nothing. */
function withoutFault(attempt: Attempt): Killer | undefined {
  const key = attempt.arguments.join(' ');
  if (!controlled.has(key)) controlled.set(key, run(attempt));
  return controlled.get(key);
}

function run({ by, arguments: args, evidence, nameOf }: Attempt): Killer | undefined {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: scratch,
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
    timeout: 240_000,
  });
  // A run that was ended for its time has noticed nothing.
  if (status === 0 || status === null) return undefined;
  const output = `${stderr}\n${stdout}`;
  const [, noticed = `exit code ${status}`] = evidence.exec(output) ?? [];
  const name = nameOf(output);
  return { name, evidence: `${by} (${name}): ${noticed.trim().slice(0, 150)}` };
}

/** What a patch says that it is killed by. */
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

/** Tests that are named like a file that the patch changes. */
function likely(patch: string): Attempt[] {
  const files = [...readPatch(patch).matchAll(/^\+\+\+ b\/(.+)\.ts$/gm)];
  return files
    .map(([, file]) => `test/${file}.test.ts`)
    .filter((file) => existsSync(join(projectDirectory, file)))
    .map((file) => jest(file));
}

function jest(...tests: readonly string[]): Attempt {
  return {
    by: 'jest',
    arguments: [...jestArguments, ...tests],
    evidence: /^\s*● (.+)$/m,
    nameOf: (output) => /^FAIL (\S+)/m.exec(output)?.[1],
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

/** Names the tests that noticed, below what the patch plants; nothing changes where they are named. */
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

/** @throws Error when the patch does not fit any more: then it has to be made anew */
function plant(patch: string): void {
  const { status, stdout } = runPatch(scratch, patch, ['--forward']);
  if (status !== 0) throw new Error(`${patch} does not fit: ${stdout}`);
}

function unplant(patch: string): void {
  const { status, stdout } = runPatch(scratch, patch, ['--reverse']);
  if (status !== 0) throw new Error(`${patch} cannot be taken back: ${stdout}`);
}

/** A patch has few lines around its change, so that it must stand exactly where they are. */
function runPatch(directory: string, patch: string, options: readonly string[]) {
  const file = join(mutantDirectory, patch);
  return spawnSync('patch', ['-p1', '--fuzz=0', ...options, '-i', file], {
    cwd: directory,
    encoding: 'utf8',
  });
}

/** Which tests should notice: by the first file that a patch changes. */
function partOf(patch: string): Part {
  const text = readPatch(patch);
  if (/^\+\+\+ b\/(doctor|infra\/airflow)/m.test(text)) return 'doctor';
  return /^\+\+\+ b\/quer/m.test(text) ? 'queries' : 'function';
}

function readPatch(patch: string): string {
  return readFileSync(join(mutantDirectory, patch), 'utf8');
}
