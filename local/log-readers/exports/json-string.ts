import { hidesCharacter } from '../lines/hidden-characters.ts';

const quote = 0x22;
const backslash = 0x5c;
const space = 0x20;

/** What one look at the bytes of a string of JSON shows. */
export interface ScannedString {
  /** Where its closing quote is; -1 if it is not a string of JSON. */
  end: number;
  /** Whether an escape writes a character that a search for bytes would miss. */
  hasHidden: boolean;
  /** The length of its text in UTF-8, if it hides nothing. */
  textBytes: number;
}

/** Bytes that can also be read as words of four bytes. */
export class WordBytes {
  readonly bytes: Uint8Array;
  readonly #words: Int32Array;
  /** How many bytes of the memory precede them. */
  readonly #offset: number;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.#offset = bytes.byteOffset & 3;
    const start = bytes.byteOffset - this.#offset;
    this.#words = new Int32Array(bytes.buffer, start, (this.#offset + bytes.length) >> 2);
  }

  /**
   * Checks a string of JSON to its closing quote, all of it: no other quote, no control character, and
   * only escapes that exist. That its bytes are UTF-8 is checked elsewhere.
   *
   * @param from after the opening quote; a control character must follow the string somewhere
   */
  scanString(from: number, into: ScannedString): void {
    const { bytes } = this;
    const words = this.#words;
    const offset = this.#offset;
    into.hasHidden = false;
    let escapedBytes = 0;
    let at = from;
    for (;;) {
      if (((at + offset) & 3) === 0) {
        let word = (at + offset) >> 2;
        while (word < words.length && !hasSpecial(words[word] as number)) word += 1;
        at = (word << 2) - offset;
      }
      const byte = bytes[at];
      if (byte === undefined || byte < space) break;
      if (byte === quote) {
        into.end = at;
        into.textBytes = at - from - escapedBytes;
        return;
      }
      if (byte !== backslash) {
        at += 1;
        continue;
      }
      const length = escapeLength(bytes, at);
      if (length === 0) break;
      if (length === 6 ? hidesCharacter(hexadecimal(bytes, at + 2)) : bytes[at + 1] === 0x2f) {
        into.hasHidden = true;
      }
      escapedBytes += length - (length === 2 ? 1 : utf8Length(hexadecimal(bytes, at + 2)));
      at += length;
    }
    into.end = -1;
  }
}

/** Whether one of a word's four bytes is a control character, a quote or a backslash. */
function hasSpecial(word: number): boolean {
  const quotes = word ^ 0x22222222;
  const backslashes = word ^ 0x5c5c5c5c;
  const control = (word - 0x20202020) & ~word;
  const either = ((quotes - 0x01010101) & ~quotes) | ((backslashes - 0x01010101) & ~backslashes);
  return ((control | either) & 0x80808080) !== 0;
}

/** The length of the escape that begins at a place; 0 for one that JSON does not know. */
function escapeLength(bytes: Uint8Array, at: number): number {
  switch (bytes[at + 1]) {
    case quote:
    case backslash:
    case 0x2f: // /
    case 0x62: // b
    case 0x66: // f
    case 0x6e: // n
    case 0x72: // r
    case 0x74: // t
      return 2;
    case 0x75: // u
      return hexadecimal(bytes, at + 2) < 0 ? 0 : 6;
    default:
      return 0;
  }
}

/** @param unit half of no surrogate pair */
function utf8Length(unit: number): number {
  if (unit < 0x80) return 1;
  return unit < 0x800 ? 2 : 3;
}

/** The number of four hexadecimal digits, or -1. */
function hexadecimal(bytes: Uint8Array, from: number): number {
  let number = 0;
  for (let at = from; at < from + 4; at += 1) {
    const digit = digitOf(bytes[at] ?? 0);
    if (digit < 0) return -1;
    number = number * 16 + digit;
  }
  return number;
}

function digitOf(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}
