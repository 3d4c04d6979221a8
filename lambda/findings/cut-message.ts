const ellipsis = '…';

/** Bytes of an event's message that are kept as evidence, in UTF-8. */
const evidenceBytesMax = 1024;

/** Bytes kept before the position of interest: the line's own beginning, time and module. */
const bytesBefore = 200;

/**
 * Cuts a text to so many bytes of UTF-8, around a position of interest, never within a character;
 * an ellipsis stands where something is missing.
 */
export function cutAround(text: string, position: number, bytesMax = evidenceBytesMax): string {
  const characters = [...text.toWellFormed()];
  const sizes = characters.map((character) => Buffer.byteLength(character));
  if (sizes.reduce((sum, size) => sum + size, 0) <= bytesMax) return text;
  const budget = bytesMax - 2 * Buffer.byteLength(ellipsis);
  const focus = [...text.slice(0, position).toWellFormed()].length;
  let first = Math.min(focus, characters.length);
  let bytes = 0;
  while (first > 0 && bytes + (sizes[first - 1] ?? 0) <= Math.min(bytesBefore, budget)) {
    first -= 1;
    bytes += sizes[first] ?? 0;
  }
  let end = Math.min(focus, characters.length);
  while (end < characters.length && bytes + (sizes[end] ?? 0) <= budget) {
    bytes += sizes[end] ?? 0;
    end += 1;
  }
  while (end === characters.length && first > 0 && bytes + (sizes[first - 1] ?? 0) <= budget) {
    first -= 1;
    bytes += sizes[first] ?? 0;
  }
  return [
    first > 0 ? ellipsis : '',
    characters.slice(first, end).join(''),
    end < characters.length ? ellipsis : '',
  ].join('');
}
