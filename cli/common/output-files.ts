import { mkdir, open, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { UserError } from './output.ts';

/**
 * Creates a directory and its parents, unless it exists.
 *
 * Not by `mkdir(…, { recursive: true })`: for a path such as /proc/x, where creating answers "no such
 * file" although the parent exists, Node creates the parent and tries again without end.
 *
 * @param option the option that names the directory, for the error: `--output`
 * @throws UserError when it cannot be created
 */
export async function makeDirectory(directory: string, option: string): Promise<void> {
  try {
    await makeWithParents(resolve(directory));
  } catch (cause) {
    throw cannotBe('created', directory, option, cause);
  }
}

/**
 * Creates the directory of a file that is written after long work, and checks that it will be possible.
 *
 * @throws UserError when it will not
 */
export async function checkWritable(path: string, option: string): Promise<void> {
  await makeDirectory(dirname(path), option);
  try {
    const isNew = !(await stat(path).catch(() => undefined));
    await (await open(path, 'a')).close();
    if (isNew) await rm(path);
  } catch (cause) {
    throw cannotBe('written', path, option, cause);
  }
}

/**
 * Writes a file that the user named.
 *
 * @throws UserError when it cannot be written
 */
export async function writeOutput(path: string, text: string, option: string): Promise<void> {
  try {
    await writeFile(path, text);
  } catch (cause) {
    throw cannotBe('written', path, option, cause);
  }
}

async function makeWithParents(directory: string): Promise<void> {
  if (await isDirectory(directory)) return;
  const parent = dirname(directory);
  if (parent !== directory) await makeWithParents(parent);
  try {
    await mkdir(directory);
  } catch (error) {
    // Another process may have made it meanwhile.
    if (!(await isDirectory(directory))) throw error;
  }
}

async function isDirectory(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}

function cannotBe(done: string, path: string, option: string, cause: unknown): UserError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new UserError(`${option} ${path} cannot be ${done}: ${reason}`, { cause });
}
