/**
 * Cuts a text to at most `charactersMax` UTF-16 units, the ellipsis included, never inside a
 * character.
 */
export function cutText(text: string, charactersMax: number): string {
  if (text.length <= charactersMax) return text;
  return `${text
    .slice(0, charactersMax - 1)
    .toWellFormed()
    .replace(/\ufffd$/, '')}…`;
}

/** Cuts a text likewise; one that is cut ends with its original number of UTF-16 units. */
export function abridged(text: string, charactersMax: number): string {
  if (text.length <= charactersMax) return text;
  const end = ` (${text.length} characters)`;
  return `${cutText(text, charactersMax - end.length)}${end}`;
}

/**
 * A text as one word for a POSIX shell, always in quotes: nothing in a name runs when somebody
 * copies a command.
 *
 * @param text without NUL, which no word can contain
 */
export function shellWord(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
