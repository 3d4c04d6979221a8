/** What a terminal acts on or does not show, but for ASCII's controls, which JSON escapes itself. */
const invisible = /(?![\0-\u007e])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/**
 * JSON with the same value as JSON.stringify's that can be shown on a terminal: a log line of whoever is
 * watched may hold `\u009b`, which begins a terminal's command, and JSON has no need to escape it.
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
