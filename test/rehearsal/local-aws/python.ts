import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Processes, runCommand } from '../processes.ts';

const cache = fileURLToPath(new URL('../../../node_modules/.cache/rehearsal', import.meta.url));
const requirementsFile = fileURLToPath(new URL('requirements.txt', import.meta.url));
const oldestMinor = 10;

/** The machine lacks something that the rehearsal needs; the message says what to install. */
export class MissingToolError extends Error {
  override readonly name = 'MissingToolError';
}

/**
 * Why a Python cannot be used, from what `python --version` prints.
 *
 * @returns undefined if it can
 */
export function pythonProblem(command: string, versionText: string): string | undefined {
  const [, major, minor] = /^Python (\d+)\.(\d+)/.exec(versionText.trim()) ?? [];
  if (major === undefined) return `${command} is not Python: it says "${versionText.trim()}"`;
  if (Number(major) === 3 && Number(minor) >= oldestMinor) return undefined;
  return `${command} is ${versionText.trim()}`;
}

/**
 * A Python with MiniStack, in a virtual environment under `node_modules/.cache`: installed once for
 * each list of requirements, with pip's own check of every hash.
 *
 * @returns the path of its `python`
 * @throws MissingToolError when Python, venv, pip or openssl is missing, or a package cannot be installed
 */
export async function installedPython(processes: Processes): Promise<string> {
  const requirements = readFileSync(requirementsFile);
  const folder = join(cache, createHash('sha256').update(requirements).digest('hex').slice(0, 12));
  const python = join(folder, 'bin/python');
  const marker = join(folder, 'is-complete');
  await demandOpenssl(processes);
  if (existsSync(marker)) return python;

  const command = await usablePython(processes);
  console.log('Installing the local AWS, which happens once …');
  await rm(folder, { recursive: true, force: true });
  await mkdir(cache, { recursive: true });
  const made = await runCommand(processes, command, ['-m', 'venv', folder], { env: process.env });
  if (made.exitCode !== 0) {
    throw new MissingToolError(
      `${command} -m venv fails: install Python's venv and pip (on Debian: apt-get install python3-venv): ${lastLines(made.output)}`,
    );
  }
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check'];
  const only = ['--require-hashes', '--no-deps', '--only-binary', ':all:', '-r', requirementsFile];
  const installed = await runCommand(processes, python, [...pip, ...only], { env: process.env });
  if (installed.exitCode !== 0) {
    throw new MissingToolError(
      `pip cannot install the local AWS that ${requirementsFile} lists: ${lastLines(installed.output)}`,
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

async function usablePython(processes: Processes): Promise<string> {
  const command = process.env.PYTHON ?? 'python3';
  const { exitCode, output } = await runCommand(processes, command, ['--version'], {
    env: process.env,
  });
  const problem = exitCode === 0 ? pythonProblem(command, output) : `${command} cannot be started`;
  if (problem === undefined) return command;
  throw new MissingToolError(
    `the rehearsal needs Python 3.${oldestMinor} or newer with venv and pip, and ${problem}: install it, or name another one in PYTHON`,
  );
}

function lastLines(output: string): string {
  return output.trim().split('\n').slice(-5).join('\n');
}
