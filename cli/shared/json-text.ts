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
