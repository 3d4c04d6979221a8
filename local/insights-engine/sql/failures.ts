/** The text by which the SQL of a query says that a function at this place made a text too long. */
export function tooLongText(start: number, end: number): string {
  return `[${start},${end}] makes the text more than twice as long`;
}

/** The place of such a function in the query, from the message of the error that its SQL raised. */
export function placeOfTooLongText(
  message: string,
): { readonly start: number; readonly end: number } | undefined {
  const found = /\[(\d+),(\d+)\] makes the text more than twice as long/.exec(message);
  return found === null ? undefined : { start: Number(found[1]), end: Number(found[2]) };
}
