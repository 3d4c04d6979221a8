import { plainEnd, stringEnd } from './json-strings';
import { groupOf, isOfOtherTime, pass } from './pass-lines';
import { Field, Group } from './scan-state';
import { search } from './search-literals';

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

/** The fields of a layout, before its members. */
namespace Layout {
  export const members: usize = 0;
  export const flags: usize = 4;
  /** What follows the last value. */
  export const after: usize = 8;
  export const afterBytes: usize = 12;
  /** How the latest line with a name of its group begins, up to the end of that name; and that group. */
  export const beginning: usize = 16;
  export const beginningBytes: usize = 20;
  export const group: usize = 24;
}
const layoutHead: usize = 32;
const beginningBytesMax: usize = 256;
const memberBytes: usize = 16;
const nameBytes: usize = 12;

/** Epoch milliseconds have this many digits from 2001 to 2286. */
const timeDigits: i32 = 13;
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
  const members = load<u32>(layout, Layout.members);
  const namesGroup = load<u32>(layout, Layout.flags) & 2;
  store<u32>(state, load<u32>(layout, Layout.flags) & 1, Field.isOwn);
  const from = <usize>load<u32>(state, Field.at);
  let at = from;
  let isUnknown = false;
  let member = layout + layoutHead;
  let left = members;
  const beginningBytes = load<u32>(layout, Layout.beginningBytes);
  if (
    beginningBytes > 0 &&
    isSame(at, load<u32>(layout, Layout.beginning), beginningBytes) &&
    load<u8>(at + <usize>beginningBytes) === quote
  ) {
    // Most lines begin like the one before them.
    store<u32>(state, load<u32>(layout, Layout.group), Field.group);
    at += beginningBytes;
    member += memberBytes;
    left -= 1;
  }
  for (; left > 0; left -= 1) {
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
      const end = role === Role.other ? numberEnd(at) : timeEnd(state, role, at);
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
          if (!isUnknown && left === members) noteBeginning(state, layout, from, end);
        }
      }
      at = end;
    }
    member += memberBytes;
  }
  const after = load<u32>(layout, Layout.afterBytes);
  if (!isSame(at, load<u32>(layout, Layout.after), after)) return Stop.unlike;
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

function noteBeginning(state: usize, layout: usize, from: usize, to: usize): void {
  if (to - from > beginningBytesMax) return;
  memory.copy(load<u32>(layout, Layout.beginning), from, to - from);
  store<u32>(layout, <u32>(to - from), Layout.beginningBytes);
  store<u32>(layout, load<u32>(state, Field.group), Layout.group);
}

/** Whether the message of the line that was scanned last may matter, now that its group is known. */
function decide(state: usize): i32 {
  const group = groupOf(state);
  const mode = load<u32>(group, Group.mode);
  if (mode === Mode.pass) return Stop.atEnd;
  if (isOfOtherTime(group, load<f64>(state, Field.timestamp))) return Stop.atEnd;
  if (mode === Mode.ask) return Stop.hit;
  const isFound = search(
    load<u32>(group, Group.search),
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

/** Where a time in epoch milliseconds ends, which is noted; 0 for one that must be read. */
function timeEnd(state: usize, role: u32, from: usize): usize {
  const digits = i8x16.sub(v128.load(from), i8x16.splat(0x30));
  const others = i8x16.bitmask(i8x16.gt_u(digits, i8x16.splat(9)));
  if (ctz(others) !== timeDigits || load<u8>(from) === 0x30) return 0;
  const epochMs = numberOf(digits);
  if (epochMs < load<f64>(state, Field.firstEpochMs)) return 0;
  if (epochMs > load<f64>(state, Field.lastEpochMs)) return 0;
  if (role === Role.timestamp) store<f64>(state, epochMs, Field.timestamp);
  else store<f64>(state, epochMs, Field.ingestionTime);
  return from + timeDigits;
}

/** The number with the first 13 of 16 digits, which are joined to two, then to four. */
function numberOf(digits: v128): f64 {
  // With three zeros before them, they are sixteen.
  const padded = i8x16.shuffle(
    digits,
    i8x16.splat(0),
    16,
    16,
    16,
    0,
    1,
    2,
    3,
    4,
    5,
    6,
    7,
    8,
    9,
    10,
    11,
    12,
  );
  const twos = i16x8.add(
    i16x8.mul(v128.and(padded, i16x8.splat(0xff)), i16x8.splat(10)),
    i16x8.shr_u(padded, 8),
  );
  const fours = i32x4.dot_i16x8_s(twos, i16x8(100, 1, 100, 1, 100, 1, 100, 1));
  const upper = i32x4.extract_lane(fours, 0) * 10_000 + i32x4.extract_lane(fours, 1);
  const lower = i32x4.extract_lane(fours, 2) * 10_000 + i32x4.extract_lane(fours, 3);
  return <f64>upper * 100_000_000 + <f64>lower;
}

/** Where a whole number ends; 0 for one that must be read. */
function numberEnd(from: usize): usize {
  let at = from;
  if (load<u8>(at) === 0x2d) at += 1;
  const first = at;
  while (<u32>load<u8>(at) - 0x30 <= 9) at += 1;
  const digits = at - first;
  const hasLeadingZero = load<u8>(first) === 0x30;
  return digits === 0 || (digits > 1 && hasLeadingZero) ? 0 : at;
}
