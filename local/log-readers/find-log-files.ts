import type { Dirent } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, isAbsolute, join, relative } from 'node:path';
import { locateAirflowLog } from './formats/airflow-location.ts';
import { standardInput } from './lines/standard-input.ts';
import {
  cannotRead,
  reasonOf,
  type SkippedFile,
  unnamedEnvironment,
  unreadable,
} from './report/read-report.ts';

export interface LogFile {
  readonly path: string;
  readonly bytes: number;
}

export interface LogFiles {
  readonly isDirectory: boolean;
  /** In order of name, folder by folder. */
  readonly files: readonly LogFile[];
  readonly skipped: readonly SkippedFile[];
}

/**
 * A file, or all files below a folder.
 *
 * A symbolic link to a folder is not followed: Airflow's `scheduler/latest` links to a folder next
 * to it, whose lines would appear twice. A link that leads out of the folder is reported as
 * missing, and so is anything that cannot be opened.
 *
 * @throws LogReadError when the path itself cannot be read
 */
export async function findLogFiles(path: string): Promise<LogFiles> {
  if (path === standardInput)
    return { isDirectory: false, files: [{ path, bytes: 0 }], skipped: [] };
  const root = await stat(path).catch((error) => {
    throw cannotRead(path, error);
  });
  if (root.isDirectory()) {
    const found: Found = { root: await realpath(path), files: [], skipped: [] };
    await walk(path, found);
    if (found.files.length === 0 && found.skipped.some(({ file }) => file === path)) {
      throw unreadable(path, found.skipped[0]?.reason ?? '');
    }
    return { isDirectory: true, ...found };
  }
  // `<(gzip -dc old.log.gz)` and /dev/stdin are pipes.
  if (!root.isFile() && !root.isFIFO() && !root.isCharacterDevice()) {
    throw unreadable(path, 'it is not a file, a folder or a pipe');
  }
  return { isDirectory: false, files: [{ path, bytes: root.size }], skipped: [] };
}

interface Found {
  /** Without symbolic links. */
  readonly root: string;
  readonly files: LogFile[];
  readonly skipped: SkippedFile[];
}

async function walk(folder: string, found: Found): Promise<void> {
  let entries: Dirent[];
  try {
    entries = await readdir(folder, { withFileTypes: true });
  } catch (error) {
    found.skipped.push({ file: folder, reason: reasonOf(error) });
    return;
  }
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      await walk(path, found);
      continue;
    }
    const target = await stat(path).catch(() => undefined);
    if (target?.isFile()) found.files.push({ path, bytes: target.size });
    else found.skipped.push(await notAFile(path, target?.isDirectory(), found.root));
  }
}

/** @param isFolder undefined when nothing has this name */
async function notAFile(
  file: string,
  isFolder: boolean | undefined,
  root: string,
): Promise<SkippedFile> {
  if (isFolder === undefined) {
    // A copied logs/ folder contains a broken `latest` when the link names the folder by its old
    // path.
    const isHarmless = basename(file) === 'latest';
    return { file, reason: 'a broken symbolic link', isHarmless };
  }
  if (!isFolder) return { file, reason: 'not a regular file' };
  const inside = relative(root, await realpath(file));
  const leadsOut = inside.startsWith('..') || isAbsolute(inside);
  return leadsOut
    ? { file, reason: 'a symbolic link to a folder elsewhere' }
    : { file, reason: 'a symbolic link to a folder', isHarmless: true };
}

/**
 * The environment of lines that do not name theirs: a folder of exports of one environment can contain
 * files that do not name it.
 */
export function environmentOfFiles(root: string, files: readonly LogFile[]): string {
  const named = new Set(
    files.flatMap(({ path }) => locateAirflowLog(root, path).environment ?? []),
  );
  const [only = unnamedEnvironment] = named.size === 1 ? named : [];
  return only;
}
