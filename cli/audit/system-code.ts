import { valueAt } from '../../lambda/common/value-at.ts';

/** The operating system's error code, such as `ENOSPC`, or the error as text. */
export function codeOf(error: unknown): string {
  const code = valueAt(error, ['code']);
  return typeof code === 'string' ? code : String(error);
}
