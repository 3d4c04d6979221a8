/**
 * What `replay` and `query` do with every byte of a log, in WebAssembly: AssemblyScript, which `npm run kernel`
 * compiles. It knows nothing of events and detections. Its caller owns the memory and writes all tables;
 * `local/line-kernel/` says how they lie there.
 *
 * Every text must be followed by 32 readable bytes, since 16 are looked at together.
 */

/** The fields of the state of a scan, by their places in memory. */
namespace Field {
  export const at: usize = 0;
  export const to: usize = 4;
  export const layouts: usize = 8;
  export const layoutsCount: usize = 12;
  export const groupNames: usize = 16;
  export const groupNamesCount: usize = 20;
  export const streamNames: usize = 24;
  export const streamNamesCount: usize = 28;
  export const groups: usize = 32;
  export const records: usize = 36;
  export const recordsMax: usize = 40;
  export const recordsCount: usize = 44;
  /** What was found of the line at {@link at}. */
  export const group: usize = 56;
  export const nameFrom: usize = 60;
  export const nameTo: usize = 64;
  export const messageFrom: usize = 68;
  export const messageTo: usize = 72;
  export const textBytes: usize = 76;
  export const next: usize = 80;
  export const isOwn: usize = 84;
  export const timestamp: usize = 88;
  export const ingestionTime: usize = 96;
  /** Times outside are not passed over. */
  export const firstEpochMs: usize = 104;
  export const lastEpochMs: usize = 112;
  export const latestEpochMs: usize = 120;
}

/** Why a scan stops. */
namespace Stop {
  /** All lines were passed over. */
  export const atEnd: i32 = 0;
  /** The line must be read. */
  export const unread: i32 = 1;
  /** The line has a message that may matter. */
  export const hit: i32 = 2;
  /** Nothing is known of the line's group. */
  export const newGroup: i32 = 3;
  /** Nothing is known of the line's stream, which decides the group. */
  export const newStream: i32 = 4;
  export const recordsFull: i32 = 5;
  /** No layout fits the line. */
  export const unlike: i32 = 6;
}

/** What a member of a line is for. */
namespace Role {
  export const other: u32 = 0;
  export const message: u32 = 1;
  export const timestamp: u32 = 2;
  export const ingestionTime: u32 = 3;
  export const logGroup: u32 = 4;
  export const logStream: u32 = 5;
}

/** How the messages of a group are treated. */
namespace Mode {
  export const pass: u32 = 0;
  export const ask: u32 = 1;
  export const search: u32 = 2;
}

const newline: u8 = 0x0a;
const carriageReturn: u8 = 0x0d;
const quote: u8 = 0x22;
const backslash: u8 = 0x5c;

const layoutHead: usize = 16;
const memberBytes: usize = 16;
const nameBytes: usize = 12;
const groupBytes: usize = 24;
const recordBytes: usize = 24;

/** Epoch milliseconds have this many digits from 2001 to 2286. */
const timeDigits: usize = 13;
/** A name of fewer bytes has no more characters than CloudWatch allows. */
const streamBytesMax: u32 = 512;

/** Goes on with a scan; its state says where it is. */
export function scan(state: usize): i32 {
  const to = load<u32>(state, Field.to);
  while (load<u32>(state, Field.at) < to) {
    if (load<u32>(state, Field.recordsCount) === load<u32>(state, Field.recordsMax)) {
      return Stop.recordsFull;
    }
    const stop = scanLine(state);
    if (stop !== Stop.atEnd) return stop;
    pass(state);
  }
  return Stop.atEnd;
}

/** Passes over the line that was scanned last. */
export function pass(state: usize): void {
  const count = load<u32>(state, Field.recordsCount);
  const record = <usize>load<u32>(state, Field.records) + <usize>count * recordBytes;
  store<u32>(record, load<u32>(state, Field.group));
  store<u32>(record, load<u32>(state, Field.textBytes), 4);
  store<f64>(record, load<f64>(state, Field.timestamp), 8);
  store<f64>(record, load<f64>(state, Field.ingestionTime), 16);
  store<u32>(state, count + 1, Field.recordsCount);
  store<u32>(state, load<u32>(state, Field.next), Field.at);
}

function scanLine(state: usize): i32 {
  const layouts = <usize>load<u32>(state, Field.layouts);
  const end = layouts + <usize>load<u32>(state, Field.layoutsCount) * 4;
  for (let entry = layouts; entry < end; entry += 4) {
    const stop = scanAs(state, load<u32>(entry));
    if (stop !== Stop.unlike) return stop;
  }
  return Stop.unlike;
}

function scanAs(state: usize, layout: usize): i32 {
  store<f64>(state, -1, Field.ingestionTime);
  store<u32>(state, 0, Field.nameFrom);
  store<u32>(state, 0, Field.nameTo);
  const members = load<u32>(layout);
  const namesGroup = load<u32>(layout, 4) & 2;
  store<u32>(state, load<u32>(layout, 4) & 1, Field.isOwn);
  let at = <usize>load<u32>(state, Field.at);
  let isUnknown = false;
  let member = layout + layoutHead;
  for (let left = members; left > 0; left -= 1) {
    const before = load<u32>(member, 12);
    if (!isSame(at, load<u32>(member, 8), before)) return Stop.unlike;
    at += before;
    const role = load<u32>(member);
    if (role === Role.message) {
      const end = stringEnd(state, at);
      if (end === 0) return Stop.unread;
      store<u32>(state, <u32>at - 1, Field.messageFrom);
      store<u32>(state, <u32>end + 1, Field.messageTo);
      at = end;
    } else if (load<u32>(member, 4) === 0) {
      const end = numberEnd(state, role, at);
      if (end === 0) return Stop.unread;
      at = end;
    } else {
      const end = plainEnd(at, role === Role.logStream);
      if (load<u8>(end) !== quote) return Stop.unread;
      if (role !== Role.other) {
        // An empty name is an error in our own form, and no name in the others.
        if (end === at) return Stop.unread;
        if (role === Role.logStream && <u32>(end - at) > streamBytesMax) return Stop.unread;
        if (role === Role.logGroup || !namesGroup) {
          store<u32>(state, <u32>at, Field.nameFrom);
          store<u32>(state, <u32>end, Field.nameTo);
        }
        if (role === Role.logGroup) {
          const names = <usize>load<u32>(state, Field.groupNames);
          isUnknown = !findName(state, names, load<u32>(state, Field.groupNamesCount));
        }
      }
      at = end;
    }
    member += memberBytes;
  }
  const after = load<u32>(layout, 12);
  if (!isSame(at, load<u32>(layout, 8), after)) return Stop.unlike;
  at += after;
  if (load<u8>(at) === carriageReturn) at += 1;
  if (load<u8>(at) !== newline) return Stop.unlike;
  store<u32>(state, <u32>at + 1, Field.next);
  if (load<f64>(state, Field.timestamp) > load<f64>(state, Field.latestEpochMs)) return Stop.unread;
  if (isUnknown) return Stop.newGroup;
  if (!namesGroup) {
    const names = <usize>load<u32>(state, Field.streamNames);
    const isKnown = findName(state, names, load<u32>(state, Field.streamNamesCount));
    if (!isKnown) return Stop.newStream;
  }
  return decide(state);
}

/** Whether the message of the line that was scanned last may matter, now that its group is known. */
export function decide(state: usize): i32 {
  const group =
    <usize>load<u32>(state, Field.groups) + <usize>load<u32>(state, Field.group) * groupBytes;
  const mode = load<u32>(group);
  if (mode === Mode.pass) return Stop.atEnd;
  const timestamp = load<f64>(state, Field.timestamp);
  if (timestamp < load<f64>(group, 8) || timestamp > load<f64>(group, 16)) return Stop.atEnd;
  if (mode === Mode.ask) return Stop.hit;
  const isFound = search(
    load<u32>(group, 4),
    load<u32>(state, Field.messageFrom),
    load<u32>(state, Field.messageTo),
  );
  return isFound ? Stop.hit : Stop.atEnd;
}

/** Looks up the name of the line, the latest one first, and notes its group. */
function findName(state: usize, names: usize, count: u32): bool {
  const from = load<u32>(state, Field.nameFrom);
  const length = load<u32>(state, Field.nameTo) - from;
  let entry = names;
  for (let left = count; left > 0; left -= 1) {
    if (load<u32>(entry, 4) === length && isSame(from, load<u32>(entry), length)) {
      store<u32>(state, load<u32>(entry, 8), Field.group);
      return true;
    }
    entry += nameBytes;
  }
  return false;
}

function isSame(at: usize, expected: usize, length: u32): bool {
  let left = length;
  let place = at;
  let other = expected;
  while (left >= 16) {
    if (i8x16.bitmask(i8x16.ne(v128.load(place), v128.load(other)))) return false;
    place += 16;
    other += 16;
    left -= 16;
  }
  const differing = i8x16.bitmask(i8x16.ne(v128.load(place), v128.load(other)));
  return (differing & ((1 << left) - 1)) === 0;
}

/** Where a text without quotes, backslashes and control characters ends. */
function plainEnd(from: usize, isStream: bool): usize {
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
      i8x16.lt_u(bytes, i8x16.splat(0x20)),
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
function stringEnd(state: usize, from: usize): usize {
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
function hexadecimal(from: usize): i32 {
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

/** Where a whole number ends; 0 for one that must be read. A time is noted. */
function numberEnd(state: usize, role: u32, from: usize): usize {
  let at = from;
  if (role === Role.other && load<u8>(at) === 0x2d) at += 1;
  const first = at;
  let number: u64 = 0;
  for (;;) {
    const digit = <u32>load<u8>(at) - 0x30;
    if (digit > 9) break;
    number = number * 10 + digit;
    at += 1;
  }
  const digits = at - first;
  const hasLeadingZero = load<u8>(first) === 0x30;
  if (role === Role.other) return digits === 0 || (digits > 1 && hasLeadingZero) ? 0 : at;
  if (digits !== timeDigits || hasLeadingZero) return 0;
  const epochMs = <f64>number;
  if (epochMs < load<f64>(state, Field.firstEpochMs)) return 0;
  if (epochMs > load<f64>(state, Field.lastEpochMs)) return 0;
  if (role === Role.timestamp) store<f64>(state, epochMs, Field.timestamp);
  else store<f64>(state, epochMs, Field.ingestionTime);
  return at;
}

/** The fields of a search. */
namespace Search {
  /** Where the bits of the owners of what was found go, and how many words they take. */
  export const found: usize = 0;
  export const foundWords: usize = 4;
  /** The tables of short and of long patterns. */
  export const short: usize = 8;
  export const long: usize = 12;
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
const keyFactor: u32 = 0x9e3779b1;

const scratch: usize = memory.data(16, 16);

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
 *
 * @returns whether a pattern is there; the search then says whose
 */
export function search(search: usize, from: usize, to: usize): bool {
  const short = <usize>load<u32>(search, Search.short);
  const low1 = v128.load(short);
  const high1 = v128.load(short, 16);
  const low2 = v128.load(short, 32);
  const high2 = v128.load(short, 48);
  const low3 = v128.load(short, 64);
  const high3 = v128.load(short, 80);
  const long = <usize>load<u32>(search, Search.long);
  const isInWindow = <usize>load<u32>(long, Long.isInWindow);
  let isFound = false;
  for (let at = from; at < to; at += 16) {
    const bytes = v128.load(at);
    const folded = v128.or(bytes, i8x16.splat(0x20));
    const keys = i32x4.shr_u(i32x4.mul(folded, i32x4.splat(keyFactor)), 16);
    const isLong =
      load<u8>(isInWindow + <usize>i32x4.extract_lane(keys, 0)) |
      load<u8>(isInWindow + <usize>i32x4.extract_lane(keys, 1)) |
      load<u8>(isInWindow + <usize>i32x4.extract_lane(keys, 2)) |
      load<u8>(isInWindow + <usize>i32x4.extract_lane(keys, 3));
    // A fingerprint may begin after the first byte of its pattern, but not before it.
    const buckets = v128.and(
      v128.and(bucketsOf(bytes, low1, high1), bucketsOf(v128.load(at, 1), low2, high2)),
      bucketsOf(v128.load(at, 2), low3, high3),
    );
    if ((<u32>isLong | <u32>v128.any_true(buckets)) === 0) continue;
    if (isLong) {
      for (let place: usize = 0; place < 16; place += gramBytes) {
        if (isEntryAt(search, long, at + place, from, to)) isFound = true;
      }
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
  const key = ((load<u32>(at) | letterCase) * keyFactor) >>> 16;
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

/** The fields of a reading of a text through four automata. */
namespace Reading {
  export const at: usize = 0;
  /** Four automata, one after the other. */
  export const automata: usize = 16;
}

/**
 * The fields of an automaton. An edge is twice the number of the next state, plus 1 if a match begins, and all ones
 * where it is not known yet; a state has one for each byte of ASCII.
 */
namespace Automaton {
  export const edges: usize = 0;
  /** Twice its number. */
  export const state: usize = 4;
  /** Where the reading stopped, the edge from there. */
  export const edge: usize = 8;
}
const automatonBytes: usize = 12;

/** The edge of a state for a byte: a state has 128 of two bytes. */
function edgeOf(edges: usize, state: u32, byte: usize): u32 {
  return <u32>load<u16>(edges + ((<usize>state) << 7) + byte);
}

/**
 * Reads ASCII backwards through one automaton, until a match begins or it has no edge yet.
 *
 * @returns whether it stopped before `from`
 */
export function readBack(reading: usize, from: usize): bool {
  const automaton = reading + Reading.automata;
  const edges = <usize>load<u32>(automaton, Automaton.edges);
  let state = load<u32>(automaton, Automaton.state);
  let at = <usize>load<u32>(reading, Reading.at);
  let isStopped = false;
  while (at > from) {
    const edge = edgeOf(edges, state, (<usize>load<u8>(at - 1)) << 1);
    if ((edge & 1) !== 0) {
      store<u32>(automaton, edge, Automaton.edge);
      isStopped = true;
      break;
    }
    state = edge;
    at -= 1;
  }
  store<u32>(reading, <u32>at, Reading.at);
  store<u32>(automaton, state, Automaton.state);
  return isStopped;
}

/** The same for four at once: each step has to wait for the one before it, so that four take little longer. */
export function readFourBack(reading: usize, from: usize): bool {
  const first = reading + Reading.automata;
  const second = first + automatonBytes;
  const third = second + automatonBytes;
  const fourth = third + automatonBytes;
  const edges1 = <usize>load<u32>(first, Automaton.edges);
  const edges2 = <usize>load<u32>(second, Automaton.edges);
  const edges3 = <usize>load<u32>(third, Automaton.edges);
  const edges4 = <usize>load<u32>(fourth, Automaton.edges);
  let state1 = load<u32>(first, Automaton.state);
  let state2 = load<u32>(second, Automaton.state);
  let state3 = load<u32>(third, Automaton.state);
  let state4 = load<u32>(fourth, Automaton.state);
  let at = <usize>load<u32>(reading, Reading.at);
  let isStopped = false;
  while (at > from) {
    const byte = (<usize>load<u8>(at - 1)) << 1;
    const edge1 = edgeOf(edges1, state1, byte);
    const edge2 = edgeOf(edges2, state2, byte);
    const edge3 = edgeOf(edges3, state3, byte);
    const edge4 = edgeOf(edges4, state4, byte);
    if (((edge1 | edge2 | edge3 | edge4) & 1) !== 0) {
      store<u32>(first, edge1, Automaton.edge);
      store<u32>(second, edge2, Automaton.edge);
      store<u32>(third, edge3, Automaton.edge);
      store<u32>(fourth, edge4, Automaton.edge);
      isStopped = true;
      break;
    }
    state1 = edge1;
    state2 = edge2;
    state3 = edge3;
    state4 = edge4;
    at -= 1;
  }
  store<u32>(reading, <u32>at, Reading.at);
  store<u32>(first, state1, Automaton.state);
  store<u32>(second, state2, Automaton.state);
  store<u32>(third, state3, Automaton.state);
  store<u32>(fourth, state4, Automaton.state);
  return isStopped;
}

/** Where the caller's memory begins. */
export function freeFrom(): usize {
  return __heap_base;
}
