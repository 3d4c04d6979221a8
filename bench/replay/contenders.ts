import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Contender } from './measure.ts';

/** Files that the contenders search for. */
export interface PatternFiles {
  readonly regexps: string;
  readonly literals: string;
  /** The literals as one regexp. */
  readonly union: string;
}

export const ripgrep = 'ripgrep, the conditions';

const pathOf = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

/** Programs of `replay`: that of the package, and that of this checkout, whose TypeScript is not bundled. */
export interface OwnPrograms {
  readonly package: string;
  readonly checkout: string;
}

/** `replay` itself, as a whole process that ends. */
export function ours(path: string, program: keyof OwnPrograms, programs: OwnPrograms): Contender {
  return {
    name: program === 'package' ? 'privilege-monitor replay' : 'the same from the checkout',
    command: process.execPath,
    args: [programs[program], 'replay', '--logs', path, '--json'],
    // 1: there are findings.
    exitCodes: [0, 1],
  };
}

export const checkoutProgram = pathOf('../../cli/privilege-monitor.js');

export function ripgrepIn(folder: string, { regexps }: PatternFiles): Contender {
  return { name: ripgrep, command: 'rg', args: ['-j2', '-c', '-f', regexps, folder] };
}

/** lnav keeps what it reads, and takes minutes for more. */
const lnavMegabytesMax = 200;

/** All programs that search a folder of NDJSON for the same, and those of them that are not installed. */
export function contendersIn(
  folder: string,
  files: PatternFiles,
  megabytes: number,
  programs: OwnPrograms,
) {
  const all: readonly (Contender & { readonly isThere?: () => boolean })[] = [
    ours(folder, 'package', programs),
    ours(folder, 'checkout', programs),
    ripgrepIn(folder, files),
    {
      ...{ name: 'ripgrep -F, their literals', command: 'rg' },
      args: ['-j2', '-c', '-F', '-f', files.literals, folder],
    },
    {
      ...{ name: 'DuckDB by hand, their literals', command: process.execPath },
      args: [pathOf('duckdb-by-hand.ts'), folder, files.literals],
    },
    {
      ...{ name: 'lnav, their literals', command: 'lnav' },
      args: ['-N', '-n', '-c', `:filter-in ${files.union}`, folder],
    },
    {
      ...{ name: 'angle-grinder, add-role alone', command: 'agrind' },
      args: ['--file', `${folder}/Task.ndjson`, '"add-role" | json | count'],
    },
    {
      ...{ name: 'chdb, their literals', command: 'python3' },
      args: [
        '-c',
        `import chdb; print(chdb.query("SELECT count() FROM file('${folder}/*', 'JSONEachRow', 'message String') WHERE match(message, '${files.union.replaceAll('\\', '\\\\').replaceAll("'", "\\\\'").replaceAll('"', '\\"')}')"))`,
      ],
      isThere: () => spawnSync('python3', ['-c', 'import chdb']).status === 0,
    },
  ];
  const isInstalled = (command: string) => spawnSync('which', [command]).status === 0;
  const isThere = (one: (typeof all)[number]) => one.isThere?.() ?? isInstalled(one.command);
  return {
    contenders: all.filter(
      (one) => isThere(one) && (one.command !== 'lnav' || megabytes <= lnavMegabytesMax),
    ),
    missing: all.filter((one) => !isThere(one)).map(({ name }) => name),
  };
}
