import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Processes, runCommand } from '../processes.ts';

const cache = fileURLToPath(new URL('../../../node_modules/.cache', import.meta.url));
const oldestMinor = 10;

/** The machine lacks something that a run needs; the message says what to install. */
export class MissingToolError extends Error {
  override readonly name = 'MissingToolError';
}

/**
 * Why a Python cannot be used, from what `python --version` prints.
 *
 * @param newestMinor the newest Python 3 that the packages support
 * @returns undefined if it can
 */
export function pythonProblem(
  command: string,
  versionText: string,
  newestMinor = Number.POSITIVE_INFINITY,
): string | undefined {
  const [, major, minor] = /^Python (\d+)\.(\d+)/.exec(versionText.trim()) ?? [];
  if (major === undefined) return `${command} is not Python: it says "${versionText.trim()}"`;
  const isKnown =
    Number(major) === 3 && Number(minor) >= oldestMinor && Number(minor) <= newestMinor;
  return isKnown ? undefined : `${command} is ${versionText.trim()}`;
}

/** Packages of Python that a run installs for itself. */
export interface PythonPackages {
  /** What they are, as messages say it: "the local AWS". */
  readonly name: string;
  /** A folder under `node_modules/.cache`. */
  readonly cacheName: string;
  /** The file that lists each package with its version. */
  readonly requirementsFile: string;
  /** pip's further options. */
  readonly pipOptions: readonly string[];
  /** The newest Python 3 that they support. @default any */
  readonly newestMinor?: number;
}

const localAws: PythonPackages = {
  name: 'the local AWS',
  cacheName: 'rehearsal',
  requirementsFile: fileURLToPath(new URL('requirements.txt', import.meta.url)),
  pipOptions: ['--require-hashes', '--only-binary', ':all:'],
};

/**
 * A Python with MiniStack, with pip's own check of every hash.
 *
 * @returns the path of its `python`
 * @throws MissingToolError when Python, venv, pip or openssl is missing, or a package cannot be installed
 */
export async function installedPython(processes: Processes): Promise<string> {
  await demandOpenssl(processes);
  return installedPackages(processes, localAws);
}

/**
 * A Python with packages, in a virtual environment under `node_modules/.cache`: installed once for
 * each list of requirements.
 *
 * @returns the path of its `python`
 * @throws MissingToolError when Python, venv or pip is missing, or a package cannot be installed
 */
export async function installedPackages(
  processes: Processes,
  { name, cacheName, requirementsFile, pipOptions, newestMinor }: PythonPackages,
): Promise<string> {
  const requirements = readFileSync(requirementsFile);
  const hash = createHash('sha256').update(requirements).digest('hex').slice(0, 12);
  const folder = join(cache, cacheName, hash);
  const python = join(folder, 'bin/python');
  const marker = join(folder, 'is-complete');
  if (existsSync(marker)) return python;

  const command = await usablePython(processes, newestMinor);
  console.log(`Installing ${name}, which happens once …`);
  await rm(folder, { recursive: true, force: true });
  await mkdir(join(cache, cacheName), { recursive: true });
  const made = await runCommand(processes, command, ['-m', 'venv', folder], { env: process.env });
  if (made.exitCode !== 0) {
    throw new MissingToolError(
      `${command} -m venv fails: install Python's venv and pip (on Debian: apt-get install python3-venv): ${lastLines(made.output)}`,
    );
  }
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-deps'];
  const installed = await runCommand(
    processes,
    python,
    [...pip, ...pipOptions, '-r', requirementsFile],
    { env: process.env },
  );
  if (installed.exitCode !== 0) {
    throw new MissingToolError(
      `pip cannot install ${name} that ${requirementsFile} lists: ${lastLines(installed.output)}`,
    );
  }
  await writeFile(marker, '');
  return python;
}

/** MiniStack makes its certificate with it. */
async function demandOpenssl(processes: Processes): Promise<void> {
  const { exitCode } = await runCommand(processes, 'openssl', ['version'], { env: process.env });
  if (exitCode === 0) return;
  throw new MissingToolError('the rehearsal needs openssl: install it');
}

async function usablePython(processes: Processes, newestMinor?: number): Promise<string> {
  const command = process.env.PYTHON ?? 'python3';
  const { exitCode, output } = await runCommand(processes, command, ['--version'], {
    env: process.env,
  });
  const problem =
    exitCode === 0 ? pythonProblem(command, output, newestMinor) : `${command} cannot be started`;
  if (problem === undefined) return command;
  const range =
    newestMinor === undefined
      ? `3.${oldestMinor} or newer`
      : `3.${oldestMinor} to 3.${newestMinor}`;
  throw new MissingToolError(
    `this run needs Python ${range} with venv and pip, and ${problem}: install it, or name another one in PYTHON`,
  );
}

function lastLines(output: string): string {
  return output.trim().split('\n').slice(-5).join('\n');
}
