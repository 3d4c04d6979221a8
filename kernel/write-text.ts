import { hexadecimal } from './json-strings';

const backslash: u8 = 0x5c;

/**
 * Writes the text of a checked string of JSON, without its quotes.
 *
 * @returns its length; -1 if not all of it is ASCII
 */
export function writeText(from: usize, to: usize, into: usize): i32 {
  let at = from;
  let out = into;
  while (at < to) {
    const bytes = v128.load(at);
    v128.store(out, bytes);
    const special = v128.or(i8x16.eq(bytes, i8x16.splat(0x5c)), i8x16.lt_s(bytes, i8x16.splat(0)));
    const bits = i8x16.bitmask(special);
    if (bits === 0) {
      at += 16;
      out += 16;
      continue;
    }
    const place = <usize>ctz(bits);
    at += place;
    out += place;
    if (at >= to) break;
    if (load<u8>(at) !== backslash) return -1;
    const kind = load<u8>(at, 1);
    if (kind === 0x75) {
      const unit = hexadecimal(at + 2);
      if (unit < 0 || unit > 0x7f) return -1;
      store<u8>(out, <u8>unit);
      at += 6;
    } else {
      store<u8>(out, escapedByte(kind));
      at += 2;
    }
    out += 1;
  }
  // The last 16 bytes may reach beyond the end.
  return <i32>(out - into) - <i32>(at - to);
}

function escapedByte(kind: u8): u8 {
  switch (kind) {
    case 0x62:
      return 8;
    case 0x66:
      return 12;
    case 0x6e:
      return 10;
    case 0x72:
      return 13;
    case 0x74:
      return 9;
    default:
      return kind;
  }
}
