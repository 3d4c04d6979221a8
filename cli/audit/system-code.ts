import { valueAt } from '../../lambda/value-at.ts';

/** The operating system's code, such as `ENOSPC`. */
export function codeOf(error: unknown): string {
  const code = valueAt(error, ['code']);
  return typeof code === 'string' ? code : String(error);
}
