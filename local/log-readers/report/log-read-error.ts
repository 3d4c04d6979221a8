/** Logs that cannot be read; `message` is one sentence that names the file. */
export class LogReadError extends Error {
  override readonly name = 'LogReadError';
  /** The sentence without the file, as a clause. */
  readonly reason: string;

  constructor(message: string, options: { reason?: string; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.reason = options.reason ?? message;
  }
}

/** The error for a file or folder that cannot be read; `reason` is a clause. */
export function unreadable(path: string, reason: string, cause?: unknown): LogReadError {
  return new LogReadError(`cannot read ${path}: ${reason}`, { reason, cause });
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or directory',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  ENOTDIR: 'a part of the path is not a directory',
  ELOOP: 'too many symbolic links',
};

/** Why a file system call failed, as a clause. */
export function reasonOf(error: unknown): string {
  const { code = '', message } = error as NodeJS.ErrnoException;
  return reasons[code] ?? message;
}

/** The error of a file system call as a {@link LogReadError}. */
export function cannotRead(path: string, error: unknown): LogReadError {
  return unreadable(path, reasonOf(error), error);
}
