import { Field } from './scan-state';

const quote: u8 = 0x22;
const backslash: u8 = 0x5c;

/** Where a text without quotes, backslashes and control characters ends. */
export function plainEnd(from: usize, isStream: bool): usize {
  let at = from;
  let bits = isStream ? specialBits(at) | starBits(at) : specialBits(at);
  while (bits === 0) {
    at += 16;
    bits = isStream ? specialBits(at) | starBits(at) : specialBits(at);
  }
  return at + <usize>ctz(bits);
}

/** By place from `at` on, 1 for a quote, a backslash or a control character. */
function specialBits(at: usize): i32 {
  const bytes = v128.load(at);
  return i8x16.bitmask(
    v128.or(
      v128.or(i8x16.eq(bytes, i8x16.splat(0x22)), i8x16.eq(bytes, i8x16.splat(0x5c))),
      i8x16.eq(i8x16.min_u(bytes, i8x16.splat(0x1f)), bytes),
    ),
  );
}

/** The same for colons and stars, which are an error in the name of a stream. */
function starBits(at: usize): i32 {
  const bytes = v128.load(at);
  return i8x16.bitmask(
    v128.or(i8x16.eq(bytes, i8x16.splat(0x3a)), i8x16.eq(bytes, i8x16.splat(0x2a))),
  );
}

/**
 * Checks a string of JSON to its closing quote: no control character, and only escapes that exist. That its
 * bytes are UTF-8 is checked elsewhere.
 *
 * @returns where the quote is; 0 if it is not a string of JSON, or an escape writes a character that a search
 *   for bytes would miss
 */
export function stringEnd(state: usize, from: usize): usize {
  let at = from;
  let escapedBytes: usize = 0;
  while (at > 0) {
    let bits = specialBits(at);
    let next = at + 16;
    while (bits !== 0) {
      const place = ctz(bits);
      const special = at + <usize>place;
      const byte = load<u8>(special);
      if (byte === quote) {
        store<u32>(state, <u32>(special - from - escapedBytes), Field.textBytes);
        return special;
      }
      if (byte !== backslash) return 0;
      const kind = load<u8>(special, 1);
      if (isShortEscape(kind)) {
        escapedBytes += 1;
        if (place === 15) next += 1;
        bits &= ~(3 << place);
        continue;
      }
      if (kind !== 0x75) return 0;
      const unit = hexadecimal(special + 2);
      if (unit < 0 || hidesCharacter(unit)) return 0;
      escapedBytes += unit < 0x80 ? 5 : unit < 0x800 ? 4 : 3;
      // What follows is looked at anew, as it may be in the next 16 bytes.
      next = special + 6;
      break;
    }
    at = next;
  }
  return 0;
}

/** `\/` exists, too, but hides the slash. */
function isShortEscape(byte: u8): bool {
  switch (byte) {
    case 0x22:
    case 0x5c:
    case 0x62: // b
    case 0x66: // f
    case 0x6e: // n
    case 0x72: // r
    case 0x74: // t
      return true;
    default:
      return false;
  }
}

/** As `hidesCharacter` in local/log-readers/lines/hidden-characters.ts. */
function hidesCharacter(unit: i32): bool {
  if (unit < 0x20) return (unit >= 8 && unit <= 10) || unit === 12 || unit === 13;
  return unit < 0x80 || (unit >= 0xd800 && unit < 0xe000);
}

/** The number of four hexadecimal digits, or -1. */
export function hexadecimal(from: usize): i32 {
  let number = 0;
  for (let at = from; at < from + 4; at += 1) {
    const byte = <i32>load<u8>(at);
    const letter = byte | 0x20;
    if (byte >= 0x30 && byte <= 0x39) number = number * 16 + byte - 0x30;
    else if (letter >= 0x61 && letter <= 0x66) number = number * 16 + letter - 0x57;
    else return -1;
  }
  return number;
}
