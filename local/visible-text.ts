import { shownCount } from './shown-count.ts';

/**
 * Characters that must not reach a terminal or a page unescaped: control and format characters
 * (ANSI sequences, NUL, direction overrides), line separators, and halves of surrogate pairs.
 */
const invisible = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

const named = new Map([
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
]);

/**
 * Untrusted text as printable characters on one line: `\n`, `\x1b`, `\u202e` instead of the
 * characters themselves. Anyone who can write logs chooses their text.
 */
export function visibleText(text: string): string {
  return text.replace(invisible, (character) => named.get(character) ?? escaped(character));
}

/** {@link visibleText}, cut to a number of characters, followed by how many were left out. */
export function visibleTextUpTo(text: string, maxCharacters: number): string {
  if (text.length <= maxCharacters) return visibleText(text);
  const left = text.length - maxCharacters;
  return `${visibleText(text.slice(0, maxCharacters))}… (${shownCount(left)} more characters)`;
}

function escaped(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code <= 0xff) return `\\x${code.toString(16).padStart(2, '0')}`;
  if (code <= 0xffff) return `\\u${code.toString(16).padStart(4, '0')}`;
  return `\\u{${code.toString(16)}}`;
}
