import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { cannotRead, LogReadError } from './log-read-error.ts';
import type { SkippedFile } from './read-report.ts';

export interface LogFile {
  readonly path: string;
  readonly bytes: number;
  readonly modifiedEpochMs: number;
}

export interface LogFiles {
  readonly isDirectory: boolean;
  /** In order of their names, folder by folder. */
  readonly files: readonly LogFile[];
  readonly skipped: readonly SkippedFile[];
}

/**
 * A file, or all files below a folder.
 *
 * A symbolic link to a folder is not followed: Airflow keeps `scheduler/latest` as a link to a
 * folder beside it, and its lines would be there twice.
 *
 * @throws LogReadError when something cannot be read
 */
export async function findLogFiles(path: string): Promise<LogFiles> {
  const root = await stat(path).catch((error) => {
    throw cannotRead(path, error);
  });
  if (root.isDirectory()) {
    const files: LogFile[] = [];
    const skipped: SkippedFile[] = [];
    await walk(path, files, skipped);
    return { isDirectory: true, files, skipped };
  }
  if (!root.isFile()) throw new LogReadError(`cannot read ${path}: it is not a file or a folder`);
  const file = { path, bytes: root.size, modifiedEpochMs: root.mtimeMs };
  return { isDirectory: false, files: [file], skipped: [] };
}

async function walk(folder: string, files: LogFile[], skipped: SkippedFile[]): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error) => {
    throw cannotRead(folder, error);
  });
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      await walk(path, files, skipped);
      continue;
    }
    const target = await stat(path).catch(() => undefined);
    if (target?.isFile()) {
      files.push({ path, bytes: target.size, modifiedEpochMs: target.mtimeMs });
    } else if (target?.isDirectory()) {
      skipped.push({ file: path, reason: 'a symbolic link to a folder' });
    } else {
      skipped.push({
        file: path,
        reason: target ? 'not a regular file' : 'a broken symbolic link',
      });
    }
  }
}
