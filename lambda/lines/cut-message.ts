const ellipsis = '…';

/** Bytes of an event's message that are stored as evidence, in UTF-8. */
const evidenceBytesMax = 1024;

/** Bytes kept before the position of interest: the line's own beginning, time and module. */
const bytesBefore = 200;

/**
 * Cuts a text to a number of UTF-8 bytes around a position of interest, never within a character;
 * an ellipsis marks what is missing. Reads no more of the text than it returns.
 */
export function cutAround(text: string, position: number, bytesMax = evidenceBytesMax): string {
  if (Buffer.byteLength(text) <= bytesMax) return text;
  const budget = bytesMax - 2 * Buffer.byteLength(ellipsis);
  const focus = startOfCharacter(text, Math.min(position, text.length));
  const before = backwards(text, focus, Math.min(bytesBefore, budget));
  const after = forwards(text, before.at, budget);
  // Near the end of the text there is room for more of what precedes the position.
  const more = backwards(text, before.at, after.at === text.length ? budget - after.bytes : 0);
  return [
    more.at > 0 ? ellipsis : '',
    text.slice(more.at, after.at).toWellFormed(),
    after.at < text.length ? ellipsis : '',
  ].join('');
}

/** A position in a text, and the bytes between it and the starting position. */
interface Reach {
  readonly at: number;
  readonly bytes: number;
}

function forwards(text: string, from: number, bytesMax: number): Reach {
  let at = from;
  let bytes = 0;
  while (at < text.length) {
    const codePoint = text.codePointAt(at) ?? 0;
    const size = bytesOf(codePoint);
    if (bytes + size > bytesMax) break;
    bytes += size;
    at += codePoint > 0xffff ? 2 : 1;
  }
  return { at, bytes };
}

function backwards(text: string, from: number, bytesMax: number): Reach {
  let at = from;
  let bytes = 0;
  while (at > 0) {
    const start = startOfCharacter(text, at - 1);
    const size = bytesOf(text.codePointAt(start) ?? 0);
    if (bytes + size > bytesMax) break;
    bytes += size;
    at = start;
  }
  return { at, bytes };
}

/**
 * The index of the character that contains an index: one less in the middle of a surrogate pair.
 */
function startOfCharacter(text: string, index: number): number {
  return index > 0 && (text.codePointAt(index - 1) ?? 0) > 0xffff ? index - 1 : index;
}

/** Bytes in UTF-8, in which half a surrogate pair is written as U+FFFD. */
function bytesOf(codePoint: number): number {
  if (codePoint < 0x80) return 1;
  if (codePoint < 0x800) return 2;
  return codePoint < 0x10000 ? 3 : 4;
}
