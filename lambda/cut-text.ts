/** At most so many UTF-16 units, the ellipsis included, never half a character. */
export function cutText(text: string, charactersMax: number): string {
  if (text.length <= charactersMax) return text;
  return `${text
    .slice(0, charactersMax - 1)
    .toWellFormed()
    .replace(/\ufffd$/, '')}…`;
}

/** Likewise, and a text that is cut ends with the number of characters that it had. */
export function abridged(text: string, charactersMax: number): string {
  if (text.length <= charactersMax) return text;
  const end = ` (${text.length} characters)`;
  return `${cutText(text, charactersMax - end.length)}${end}`;
}
