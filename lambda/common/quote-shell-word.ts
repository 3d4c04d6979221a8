/**
 * A text as one word for a POSIX shell, always in quotes: nothing in a name runs when somebody
 * copies a command.
 *
 * @param text without NUL, which no word can contain
 */
export function shellWord(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
