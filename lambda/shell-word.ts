/**
 * A text as one word for a POSIX shell, always in quotes: whoever copies a command runs nothing that
 * stands in a name.
 *
 * @param text without NUL, which no word can hold
 */
export function shellWord(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
