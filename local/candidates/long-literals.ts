import type { LineKernel } from '../line-kernel/line-kernel.ts';
import type { BytePattern } from './byte-patterns.ts';
import type { SampleIndex } from './sample-index.ts';
import { type SearchedPattern, writePattern, writtenBytes } from './written-pattern.ts';

const gramBytes = 4;
const stride = 4;
/** So long that it has four bytes that are looked at together, wherever it is. */
const windowBytes = stride + gramBytes - 1;
/** Ways to write four bytes of a pattern; more would fill the table. */
const waysMax = 64;
const keys = 0x10000;
const heads = 0x1000;
/** As `Long` and `Entry` in kernel/search-literals.ts. */
const table = { isInWindow: 0, heads: 4, factor: 8, bytes: 12 } as const;
const field = {
  key: 0,
  place: 4,
  distance: 8,
  value: 12,
  mask: 16,
  pattern: 20,
  bytes: 24,
} as const;
const letterCase = 0x20;

/** A pattern that is found by four bytes of a window. */
export interface LongLiteral extends SearchedPattern {
  /** The place of the window's last byte in the pattern. */
  readonly last: number;
}

/** Long patterns as they are searched for. */
export interface LongLiterals {
  readonly patterns: readonly LongLiteral[];
  /** What four bytes are multiplied by to make their key. */
  readonly factor: number;
}

/** Whether a pattern is long, and can be represented by four bytes: some have too many ways to write any. */
export function isLongLiteral({ pattern }: SearchedPattern): boolean {
  for (let last = windowBytes - 1; last < pattern.length; last += 1) {
    if (hasFewWays(pattern, last - stride + 1, last)) return true;
  }
  return false;
}

/** Odd numbers whose bits look random, to choose from. */
const firstFactor = 0x9e3779b1;
const factors = Array.from({ length: 32 }, (_, n) => Math.imul(2 * n + 1, firstFactor) >>> 0);

/**
 * Chooses for each pattern the window whose bytes are the rarest in a sample; and the factor with which fewest other
 * bytes of the sample have the key of one in a window.
 */
export function placeLong(patterns: readonly SearchedPattern[], sample: SampleIndex): LongLiterals {
  const placed = patterns.map((one) => ({ ...one, last: lastPlace(one.pattern, sample) }));
  const counts = sample.grams(gramBytes);
  const costs = counts.size === 0 ? [] : factors.map((factor) => costOf(placed, factor, counts));
  return { patterns: placed, factor: factors[costs.indexOf(Math.min(...costs))] ?? firstFactor };
}

/** How often a look at a sample would meet a key that is in a window. */
function costOf(
  patterns: readonly LongLiteral[],
  factor: number,
  counts: ReadonlyMap<number, number>,
): number {
  const isInWindow = new Uint8Array(keys);
  for (const { pattern, last } of patterns) {
    for (let end = last - stride + 1; end <= last; end += 1) {
      for (const key of keysOf(pattern, end, factor)) isInWindow[key] = 1;
    }
  }
  let sum = 0;
  for (const [gram, count] of counts) sum += count * (isInWindow[keyOf(gram, factor)] as number);
  return sum;
}

/**
 * Writes the table of long patterns: the places of all four bytes that a look may meet in the window of one.
 *
 * @returns its address
 */
export function writeLongLiterals(
  kernel: LineKernel,
  { patterns, factor }: LongLiterals,
  ownerWords: number,
): number {
  const entries = patterns.flatMap((one) => {
    const pattern = kernel.allocate(writtenBytes);
    writePattern(kernel, pattern, one, { ownerWords });
    return entriesOf(one, pattern, factor);
  });
  entries.sort((a, b) => (a.key % heads) - (b.key % heads));
  const address = kernel.allocate(table.bytes);
  const isInWindow = kernel.allocate(keys);
  const headsAt = kernel.allocate((heads + 1) * 4);
  const entriesAt = kernel.allocate(entries.length * field.bytes);
  const { bytes, view } = kernel;
  view.setUint32(address + table.isInWindow, isInWindow, true);
  view.setUint32(address + table.heads, headsAt, true);
  view.setUint32(address + table.factor, factor, true);
  let number = 0;
  for (let head = 0; head <= heads; head += 1) {
    view.setUint32(headsAt + head * 4, entriesAt + number * field.bytes, true);
    for (; number < entries.length; number += 1) {
      const { key, place, distance, value, mask, pattern } = entries[number] as Entry;
      if (key % heads !== head) break;
      const at = entriesAt + number * field.bytes;
      view.setUint32(at + field.key, key, true);
      view.setUint32(at + field.place, place, true);
      view.setInt32(at + field.distance, distance, true);
      view.setInt32(at + field.value, value, true);
      view.setInt32(at + field.mask, mask, true);
      view.setUint32(at + field.pattern, pattern, true);
      bytes[isInWindow + key] = 1;
    }
  }
  return address;
}

/** Where a look meets four bytes of a pattern, and what is around them. */
interface Entry {
  readonly key: number;
  readonly place: number;
  readonly distance: number;
  readonly value: number;
  readonly mask: number;
  /** Its address. */
  readonly pattern: number;
}

function entriesOf({ pattern, last }: LongLiteral, address: number, factor: number): Entry[] {
  const entries: Entry[] = [];
  for (let end = last - stride + 1; end <= last; end += 1) {
    const place = end - gramBytes + 1;
    // The four bytes after these, unless there are more of the pattern before them.
    const distance = pattern.length - end - 1 >= place ? gramBytes : -gramBytes;
    const { value, mask } = foldedWord(pattern, place + distance);
    for (const key of keysOf(pattern, end, factor)) {
      entries.push({ key, place, distance, value, mask, pattern: address });
    }
  }
  return entries;
}

/** Four bytes of a pattern with the case of letters left out, and which of them are known. */
function foldedWord(pattern: BytePattern, place: number): { value: number; mask: number } {
  let value = 0;
  let mask = 0;
  for (let at = 0; at < gramBytes; at += 1) {
    const bytes = pattern[place + at] ?? [];
    const byte = (bytes[0] ?? 0) | letterCase;
    if (bytes.length === 0 || bytes.some((one) => (one | letterCase) !== byte)) continue;
    value |= byte << (8 * at);
    mask |= 0xff << (8 * at);
  }
  return { value, mask };
}

/** The keys of four bytes, with the case of letters left out. */
function keysOf(pattern: BytePattern, end: number, factor: number): Iterable<number> {
  let words = [0];
  for (let at = end; at > end - gramBytes; at -= 1) {
    const bytes = foldedBytes(pattern[at] ?? []);
    words = words.flatMap((word) => bytes.map((byte) => (word << 8) | byte));
  }
  const keys = words.map((word) => keyOf(word, factor));
  return keys.length === 1 ? keys : new Set(keys);
}

function foldedBytes(bytes: readonly number[]): readonly number[] {
  return bytes.length === 1 ? bytes : [...new Set(bytes.map((byte) => byte | 0x20))];
}

/** A key of 16 bits of four bytes as a little-endian number: those that differ seldom share one. */
function keyOf(word: number, factor: number): number {
  return Math.imul(word | 0x20202020, factor) >>> 16;
}

/** Whether each four bytes that end from one place to another have few ways to be written. */
function hasFewWays(pattern: BytePattern, first: number, last: number): boolean {
  for (let end = first; end <= last; end += 1) {
    let ways = 1;
    for (let at = end - gramBytes + 1; at <= end; at += 1) {
      const bytes = pattern[at] ?? [];
      if (bytes.length > 1) ways *= foldedBytes(bytes).length;
    }
    if (ways > waysMax) return false;
  }
  return true;
}

/** Where the window of a pattern ends whose bytes are the rarest. */
function lastPlace(pattern: BytePattern, sample: SampleIndex): number {
  if (pattern.length === windowBytes) return windowBytes - 1;
  const counts = pattern.map((_, end) => {
    return end < gramBytes - 1 ? 0 : sample.countOf(pattern.slice(end - gramBytes + 1, end + 1));
  });
  let best = windowBytes - 1;
  let least = Number.POSITIVE_INFINITY;
  for (let last = windowBytes - 1; last < pattern.length; last += 1) {
    const count = counts.slice(last - stride + 1, last + 1).reduce((sum, one) => sum + one, 0);
    if (count >= least || !hasFewWays(pattern, last - stride + 1, last)) continue;
    best = last;
    least = count;
  }
  return best;
}
