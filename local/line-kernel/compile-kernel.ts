/**
 * `npm run kernel` compiles kernel/ and writes the code to kernel-code.ts. With `--check`, it only fails if another
 * code is there.
 *
 * The compiler takes 100 MB, so npm fetches it when it is needed, in the version that is named here: the same
 * version makes the same code of a source.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const compiler = 'assemblyscript@0.28.20';
const source = 'kernel';
/** It exports what the others have. */
const entry = 'line-kernel.ts';
const written = 'local/line-kernel/kernel-code.ts';

const projectRoot = fileURLToPath(new URL('../..', import.meta.url));
const sourceFolder = join(projectRoot, source);
const codeFile = join(projectRoot, written);

/** By this, {@link kernelCode} says which sources it was compiled from. */
export function sha256OfKernelSource(): string {
  const digest = createHash('sha256');
  for (const name of readdirSync(sourceFolder).sort()) {
    digest
      .update(`${name}\0`)
      .update(readFileSync(join(sourceFolder, name)))
      .update('\0');
  }
  return digest.digest('hex');
}

/** @throws Error if the sources cannot be compiled, or npm cannot fetch the compiler; they say why */
function compile(): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'kernel-'));
  try {
    cpSync(sourceFolder, folder, { recursive: true });
    const options = ['-O3', '--enable', 'simd', '--runtime', 'stub', '--noAssert'];
    execFileSync(
      'npm',
      [
        ...['exec', '--yes', `--package=${compiler}`, '--', 'asc', entry],
        ...[...options, '--outFile', 'kernel.wasm'],
      ],
      { cwd: folder, stdio: 'inherit' },
    );
    return readFileSync(join(folder, 'kernel.wasm'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The file with the code, as the formatter leaves it. */
function codeModule(code: Buffer): string {
  return [
    '/** Written by `npm run kernel`. */',
    'export const kernelCode =',
    `  '${code.toString('base64')}';`,
    '/** Of the sources that it was compiled from. */',
    'export const kernelSourceSha256 =',
    `  '${sha256OfKernelSource()}';`,
    '',
  ].join('\n');
}

if (import.meta.main) {
  const text = codeModule(compile());
  if (!process.argv.includes('--check')) writeFileSync(codeFile, text);
  else if (readFileSync(codeFile, 'utf8') !== text) {
    console.error(`${written} is not what ${compiler} makes of ${source}: run npm run kernel`);
    process.exitCode = 1;
  }
}
