import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where the real Airflows are installed; git ignores it. */
const folder = fileURLToPath(new URL('../../.airflow', import.meta.url));

/** A version of Airflow that MWAA offers, with the provider of its image. */
export interface AirflowRelease {
  readonly version: string;
  readonly fab: string;
  /** Its libraries are those that PyPI had then, as its own constraints are: later ones break it. */
  readonly before: string;
}

export const releases: readonly AirflowRelease[] = [
  { version: '2.10.3', fab: '1.5.0', before: '2024-11-10T00:00:00Z' },
  { version: '3.0.6', fab: '2.4.1', before: '2025-09-20T00:00:00Z' },
];

/** The oldest and the newest Python on which both versions run. */
const pythons = ['python3', 'python3.12', 'python3.11', 'python3.10', 'python3.9'];

/**
 * Installs a version from PyPI, once.
 *
 * @returns the folder with its programs
 * @throws Error without a Python of 3.9 to 3.12
 */
export function installAirflow({ version, fab, before }: AirflowRelease): string {
  const venv = join(folder, version);
  const bin = join(venv, 'bin');
  const done = join(venv, 'installed');
  if (existsSync(done)) return bin;
  mkdirSync(folder, { recursive: true });
  const run = (program: string, ...args: string[]) =>
    execFileSync(program, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  run(findPython(), '-m', 'venv', '--clear', venv);
  run(join(bin, 'python'), '-m', 'pip', 'install', '--quiet', 'uv');
  run(
    join(bin, 'uv'),
    ...['pip', 'install', '--quiet', '--python', join(bin, 'python'), '--exclude-newer', before],
    ...[`apache-airflow==${version}`, `apache-airflow-providers-fab==${fab}`],
  );
  writeFileSync(done, '');
  return bin;
}

function findPython(): string {
  const found = pythons.find((python) => {
    try {
      const said = execFileSync(python, ['--version'], { encoding: 'utf8' });
      const [, minor = ''] = /^Python 3\.(\d+)/.exec(said) ?? [];
      return Number(minor) >= 9 && Number(minor) <= 12;
    } catch {
      return false;
    }
  });
  if (found === undefined)
    throw new Error(`a Python of 3.9 to 3.12 is needed: tried ${pythons.join(', ')}`);
  return found;
}
