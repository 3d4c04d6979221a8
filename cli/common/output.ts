import { shownCount } from '../../local/shown-count.ts';

/** `1 event`, `12,827 events`. */
export function countOf(count: number, thing: string, things = `${thing}s`): string {
  return `${shownCount(count)} ${count === 1 ? thing : things}`;
}

/** Invisible and control characters, except ASCII controls, which JSON.stringify escapes. */
const invisible = /(?![\0-\u007e])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/**
 * Like JSON.stringify, but safe to show on a terminal: a log line that an attacker wrote may
 * contain `\u009b`, which begins a terminal command and which JSON.stringify does not escape.
 *
 * @param space see JSON.stringify
 */
export function jsonText(value: object, space?: number): string {
  return JSON.stringify(value, null, space).replace(invisible, (character) =>
    character
      .split('')
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
      .join(''),
  );
}

/** An error that the user can fix: shown as one line, exit code 2. */
export class UserError extends Error {
  override readonly name = 'UserError';
  /** Printable lines after the message, such as a query with a caret under the position. */
  readonly detail: string | undefined;

  constructor(message: string, options: { detail?: string; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.detail = options.detail;
  }
}
