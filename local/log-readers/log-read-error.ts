/** Logs that cannot be read; `message` is one sentence that names the file. */
export class LogReadError extends Error {
  override readonly name = 'LogReadError';
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or directory',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  ENOTDIR: 'a part of the path is not a directory',
  ELOOP: 'too many symbolic links',
};

/** The error of a file system call as a {@link LogReadError}. */
export function cannotRead(path: string, error: unknown): LogReadError {
  const { code = '', message } = error as NodeJS.ErrnoException;
  return new LogReadError(`cannot read ${path}: ${reasons[code] ?? message}`, { cause: error });
}
