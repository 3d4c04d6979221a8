/** The fields of a search. */
namespace Search {
  /** Where the bits of the owners of what was found go, and how many words they take. */
  export const found: usize = 0;
  export const foundWords: usize = 4;
  /** The tables of short and of long patterns. */
  export const short: usize = 8;
  export const long: usize = 12;
  /** The only pattern, or 0 if there are several; and two places in it with a byte each that is seldom. */
  export const only: usize = 16;
  export const place: usize = 20;
  export const otherPlace: usize = 24;
}

/** The fields of a pattern. */
namespace Pattern {
  /** Its bytes; each is compared after a bit for the case of letters is set, if at all. */
  export const value: usize = 0;
  export const fold: usize = 16;
  export const mask: usize = 32;
  export const length: usize = 48;
  /** Where its fingerprint is, if it is short. */
  export const fingerprintAt: usize = 52;
  export const owners: usize = 56;
  /** Places with several possible bytes, and their number. */
  export const choices: usize = 60;
  export const choicesCount: usize = 64;
}
const patternBytes: usize = 80;

/** A place of a pattern, and a table of 256 bytes that says which bytes are possible there. */
namespace Choice {
  export const place: usize = 0;
  export const table: usize = 4;
}
const choiceBytes: usize = 8;

/** Whether a pattern is at a place; notes its owners. */
function isPatternAt(search: usize, pattern: usize, start: usize, from: usize, to: usize): bool {
  if (start < from || start + <usize>load<u32>(pattern, Pattern.length) > to) return false;
  const bytes = v128.or(v128.load(start), v128.load(pattern, Pattern.fold));
  const differing = v128.xor(bytes, v128.load(pattern, Pattern.value));
  if (v128.any_true(v128.and(differing, v128.load(pattern, Pattern.mask)))) return false;
  let choice = <usize>load<u32>(pattern, Pattern.choices);
  for (let left = load<u32>(pattern, Pattern.choicesCount); left > 0; left -= 1) {
    const byte = <usize>load<u8>(start + <usize>load<u32>(choice, Choice.place));
    if (load<u8>(<usize>load<u32>(choice, Choice.table) + byte) === 0) return false;
    choice += choiceBytes;
  }
  const owners = <usize>load<u32>(pattern, Pattern.owners);
  const found = <usize>load<u32>(search, Search.found);
  const end = <usize>load<u32>(search, Search.foundWords) * 4;
  for (let word: usize = 0; word < end; word += 4) {
    store<u32>(found + word, load<u32>(found + word) | load<u32>(owners + word));
  }
  return true;
}

/** The table of short patterns. */
namespace Short {
  /** By place of a fingerprint, 16 bytes for the low and 16 for the high half of its byte: the buckets. */
  export const masks: usize = 0;
  /** By bucket, its first fingerprint; then the end of all. */
  export const buckets: usize = 96;
  /** No pattern has its fingerprint in so many of the last places of a text. */
  export const tail: usize = 132;
  export const fingerprints: usize = 144;
}

/** A fingerprint: three bytes, compared as those of a pattern, and the patterns that have it. */
namespace Fingerprint {
  export const value: usize = 0;
  export const fold: usize = 4;
  export const mask: usize = 8;
  export const patterns: usize = 12;
  export const end: usize = 16;
}
const fingerprintBytes: usize = 20;

/** The buckets with a fingerprint that may begin at each of 16 places, by one of its bytes. */
function bucketsOf(bytes: v128, low: v128, high: v128): v128 {
  return v128.and(
    i8x16.swizzle(low, v128.and(bytes, i8x16.splat(0x0f))),
    i8x16.swizzle(high, i8x16.shr_u(bytes, 4)),
  );
}

function inBuckets(
  search: usize,
  table: usize,
  buckets: u8,
  at: usize,
  from: usize,
  to: usize,
): bool {
  let isFound = false;
  const bytes = load<u32>(at);
  let left = <u32>buckets;
  while (left !== 0) {
    const bucket = table + Short.buckets + <usize>ctz(left) * 4;
    left &= left - 1;
    const end = <usize>load<u32>(bucket, 4);
    for (let one = <usize>load<u32>(bucket); one < end; one += fingerprintBytes) {
      const folded = bytes | load<u32>(one, Fingerprint.fold);
      const differing = folded ^ load<u32>(one, Fingerprint.value);
      if ((differing & load<u32>(one, Fingerprint.mask)) !== 0) continue;
      const last = <usize>load<u32>(one, Fingerprint.end);
      for (
        let pattern = <usize>load<u32>(one, Fingerprint.patterns);
        pattern < last;
        pattern += patternBytes
      ) {
        const start = at - <usize>load<u32>(pattern, Pattern.fingerprintAt);
        if (isPatternAt(search, pattern, start, from, to)) isFound = true;
      }
    }
  }
  return isFound;
}

/** The table of long patterns. */
namespace Long {
  /** By key, 1 for one that is in a window. */
  export const isInWindow: usize = 0;
  /** By the lower bits of a key, where its entries begin; then the end of all. */
  export const heads: usize = 4;
  /** What four bytes are multiplied by; the upper half of the product is their key. */
  export const factor: usize = 8;
}

/** Where four bytes with a key are in the window of a pattern. */
namespace Entry {
  export const key: usize = 0;
  /** The place of the first of the four bytes in the pattern. */
  export const place: usize = 4;
  /** How far from them four other bytes are, how these are if the case of letters is left out, and which count. */
  export const distance: usize = 8;
  export const value: usize = 12;
  export const mask: usize = 16;
  export const pattern: usize = 20;
}
const entryBytes: usize = 24;
const headsMask: u32 = 0xfff;
const gramBytes: usize = 4;
const letterCase: u32 = 0x20202020;

const scratch: usize = memory.data(16, 16);

/**
 * Searches a text of which 16 bytes are looked at together.
 *
 * @returns whether a pattern is there; the search then says whose
 */
export function search(search: usize, from: usize, to: usize): bool {
  const only = <usize>load<u32>(search, Search.only);
  return only === 0 ? searchAll(search, from, to) : searchOnly(search, only, from, to);
}

/** Only where two bytes of the pattern are at their places, all of them are compared. */
function searchOnly(search: usize, pattern: usize, from: usize, to: usize): bool {
  const place = <usize>load<u32>(search, Search.place);
  const other = <usize>load<u32>(search, Search.otherPlace);
  const fold = i8x16.splat(load<u8>(pattern + place, Pattern.fold));
  const value = i8x16.splat(load<u8>(pattern + place, Pattern.value));
  const otherFold = i8x16.splat(load<u8>(pattern + other, Pattern.fold));
  const otherValue = i8x16.splat(load<u8>(pattern + other, Pattern.value));
  let isFound = false;
  for (let at = from; at < to; at += 16) {
    const isHere = i8x16.eq(v128.or(v128.load(at + place), fold), value);
    const isThere = i8x16.eq(v128.or(v128.load(at + other), otherFold), otherValue);
    const both = v128.and(isHere, isThere);
    if (!v128.any_true(both)) continue;
    let places = i8x16.bitmask(both);
    while (places !== 0) {
      const start = at + <usize>ctz(places);
      places &= places - 1;
      if (isPatternAt(search, pattern, start, from, to)) isFound = true;
    }
  }
  return isFound;
}

/**
 * Searches for many patterns at once, 16 places in a step.
 *
 * Short ones by the method "Teddy" of Hyperscan: each has a fingerprint of three of its bytes, and each fingerprint
 * is in one of eight buckets; a few instructions tell which buckets have one that may begin at each place.
 *
 * Long ones by four bytes at a time. Each is represented by a window of seven bytes, the part of it that is the
 * rarest: it has four that are looked at together. A key of 16 bits stands for them, whatever the case of letters.
 * Wu and Manber ("A fast algorithm for multi-pattern searching", 1994) skip what cannot begin a window. Then each
 * look has to wait for the one before it, which takes longer than four looks at once.
 *
 * Only what is found so is compared.
 */
function searchAll(search: usize, from: usize, to: usize): bool {
  const short = <usize>load<u32>(search, Search.short);
  const low1 = v128.load(short);
  const high1 = v128.load(short, 16);
  const low2 = v128.load(short, 32);
  const high2 = v128.load(short, 48);
  const low3 = v128.load(short, 64);
  const high3 = v128.load(short, 80);
  const long = <usize>load<u32>(search, Search.long);
  const tail = load<u32>(short, Short.tail);
  const isInWindow = <usize>load<u32>(long, Long.isInWindow);
  const factor = i32x4.splat(load<u32>(long, Long.factor));
  let isFound = false;
  for (let at = from; at < to; at += 16) {
    const bytes = v128.load(at);
    const folded = v128.or(bytes, i8x16.splat(0x20));
    const keys = i32x4.shr_u(i32x4.mul(folded, factor), 16);
    let grams =
      <u32>load<u8>(isInWindow + <usize>i32x4.extract_lane(keys, 0)) |
      ((<u32>load<u8>(isInWindow + <usize>i32x4.extract_lane(keys, 1))) << 1) |
      ((<u32>load<u8>(isInWindow + <usize>i32x4.extract_lane(keys, 2))) << 2) |
      ((<u32>load<u8>(isInWindow + <usize>i32x4.extract_lane(keys, 3))) << 3);
    // A fingerprint may begin after the first byte of its pattern, but not before it.
    let buckets = v128.and(
      v128.and(bucketsOf(bytes, low1, high1), bucketsOf(v128.load(at, 1), low2, high2)),
      bucketsOf(v128.load(at, 2), low3, high3),
    );
    if (at + 16 > to) {
      // What begins here and ends after the text is none of it.
      const left = <u32>(to - at);
      grams &= (1 << (left >>> 2)) - 1;
      const first = left > tail ? left - tail : 0;
      const places = i8x16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
      buckets = v128.and(buckets, i8x16.lt_u(places, i8x16.splat(<u8>first)));
    }
    if ((grams | <u32>v128.any_true(buckets)) === 0) continue;
    while (grams !== 0) {
      const place = <usize>ctz(grams) * gramBytes;
      grams &= grams - 1;
      if (isEntryAt(search, long, at + place, from, to)) isFound = true;
    }
    let places = i8x16.bitmask(i8x16.ne(buckets, i8x16.splat(0)));
    v128.store(scratch, buckets);
    while (places !== 0) {
      const place = <usize>ctz(places);
      places &= places - 1;
      if (inBuckets(search, short, load<u8>(scratch + place), at + place, from, to)) {
        isFound = true;
      }
    }
  }
  return isFound;
}

function isEntryAt(search: usize, table: usize, at: usize, from: usize, to: usize): bool {
  let isFound = false;
  const key = ((load<u32>(at) | letterCase) * load<u32>(table, Long.factor)) >>> 16;
  const head = <usize>load<u32>(table, Long.heads) + ((<usize>(key & headsMask)) << 2);
  const end = <usize>load<u32>(head, 4);
  for (let entry = <usize>load<u32>(head); entry < end; entry += entryBytes) {
    if (load<u32>(entry, Entry.key) !== key) continue;
    const others = load<u32>(at + <usize>load<u32>(entry, Entry.distance)) | letterCase;
    if (((others ^ load<u32>(entry, Entry.value)) & load<u32>(entry, Entry.mask)) !== 0) continue;
    const start = at - <usize>load<u32>(entry, Entry.place);
    if (isPatternAt(search, load<u32>(entry, Entry.pattern), start, from, to)) isFound = true;
  }
  return isFound;
}
