/**
 * `npm run mutants` plants one fault after the other in a scratch copy, and runs the tests that should
 * notice. For a fault of the function those are its quick ones first, then schedules of the simulation
 * until one breaks; for one of the doctor or of the Airflow environment's stacks, the tests of both, and
 * for one of the query language or the detections the tests of these.
 * Exits with 1 when a fault goes unnoticed: then a test is missing.
 *
 * Arguments: words of which each chosen mutant's file name holds one; none for all. `--check` only says
 * which patches do not fit the code any more.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const projectDirectory = fileURLToPath(new URL('../..', import.meta.url));
const mutantDirectory = fileURLToPath(new URL('.', import.meta.url));
/** What the tests that are run need of the project. */
const copied = [
  ...['lambda', 'local', 'query-language', 'queries', 'infra', 'doctor', 'cli', 'test'],
  ...['environments', 'docs'],
  ...['package.json', 'jest.config.ts', 'tsconfig.json', 'cdk.json'],
];
const jestArguments = [
  ...['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'],
  ...['node_modules/jest/bin/jest.js', '--bail=1'],
];
const simulationArguments = ['test/simulation/main.ts', '--runs', '300', '--bail'];

interface Attempt {
  readonly by: string;
  readonly arguments: readonly string[];
  /** The line of its output that names what noticed. */
  readonly evidence: RegExp;
}

const attempts = {
  function: [
    jest('test/lambda'),
    { by: 'simulation', arguments: simulationArguments, evidence: /^ {2}(\w+: .+|.*moved.*|.*)$/m },
  ],
  doctor: [jest('test/doctor', 'test/infra/airflow')],
  queries: [jest('test/query-language', 'test/queries')],
} as const satisfies Record<string, readonly Attempt[]>;

type Part = keyof typeof attempts;

const { values: options, positionals: words } = parseArgs({
  allowPositionals: true,
  options: { check: { type: 'boolean', default: false } },
});
const patches = readdirSync(mutantDirectory)
  .filter((file) => file.endsWith('.patch'))
  .filter((file) => words.length === 0 || words.some((word) => file.includes(word)))
  .sort();
if (options.check) process.exit(checkPatches());

const survivors: string[] = [];
const startedMs = performance.now();

for (const part of new Set(patches.map(partOf))) {
  const control = mkdtempSync(join(tmpdir(), 'mutant-'));
  copyProject(control);
  const complaint = firstToNotice(control, part);
  rmSync(control, { recursive: true, force: true });
  if (complaint !== undefined) {
    console.error(`without any fault the tests complain, so that they prove nothing: ${complaint}`);
    process.exit(2);
  }
}

for (const patch of patches) {
  const scratch = mkdtempSync(join(tmpdir(), 'mutant-'));
  try {
    copyProject(scratch);
    plant(scratch, patch);
    const killer = firstToNotice(scratch, partOf(patch));
    if (killer === undefined) survivors.push(patch);
    const [, fault = ''] = /^# plants: (.+)$/m.exec(readPatch(patch)) ?? [];
    console.log(
      `${killer === undefined ? 'SURVIVED' : 'killed  '}  ${patch.replace('.patch', '')}: ${fault}`,
    );
    if (killer !== undefined) console.log(`            by ${killer}`);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

const minutes = ((performance.now() - startedMs) / 60_000).toFixed(1);
console.log(
  `${patches.length - survivors.length} of ${patches.length} mutants killed in ${minutes} min${survivors.length > 0 ? `; missing are tests for ${survivors.join(', ')}` : ''}`,
);
if (survivors.length > 0) process.exitCode = 1;

/** @returns 1 when a patch does not fit */
function checkPatches(): number {
  const misfits = patches.flatMap((patch) => {
    const { status, stdout } = runPatch(projectDirectory, patch, ['--dry-run']);
    return status === 0 ? [] : [`${patch}: ${stdout.trim()}`];
  });
  for (const misfit of misfits) console.error(misfit);
  console.log(`${patches.length - misfits.length} of ${patches.length} patches fit`);
  return misfits.length > 0 ? 1 : 0;
}

function copyProject(scratch: string): void {
  for (const name of copied) {
    cpSync(join(projectDirectory, name), join(scratch, name), { recursive: true });
  }
  symlinkSync(join(projectDirectory, 'node_modules'), join(scratch, 'node_modules'));
}

/** @throws Error when the patch does not fit any more: then it has to be made anew */
function plant(scratch: string, patch: string): void {
  const { status, stdout } = runPatch(scratch, patch);
  if (status !== 0) throw new Error(`${patch} does not fit: ${stdout}`);
}

/** A patch has few lines around its change, so that it must stand exactly where they are. */
function runPatch(directory: string, patch: string, options: readonly string[] = []) {
  const file = join(mutantDirectory, patch);
  return spawnSync('patch', ['-p1', '--forward', '--fuzz=0', ...options, '-i', file], {
    cwd: directory,
    encoding: 'utf8',
  });
}

function firstToNotice(scratch: string, part: Part): string | undefined {
  for (const attempt of attempts[part]) {
    const { status, stdout, stderr } = spawnSync(process.execPath, attempt.arguments, {
      cwd: scratch,
      encoding: 'utf8',
      maxBuffer: 256 * 1024 * 1024,
      timeout: 180_000,
    });
    // A run that was ended for its time has noticed nothing.
    if (status === 0 || status === null) continue;
    const [, evidence = `exit code ${status}`] =
      attempt.evidence.exec(`${stderr}\n${stdout}`) ?? [];
    return `${attempt.by}: ${evidence.trim().slice(0, 150)}`;
  }
  return undefined;
}

function jest(...tests: readonly string[]): Attempt {
  return { by: 'jest', arguments: [...jestArguments, ...tests], evidence: /^\s*● (.+)$/m };
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
