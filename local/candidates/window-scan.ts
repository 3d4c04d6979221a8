import type { BytePattern } from './byte-patterns.ts';
import { pairsAt, type SampleIndex } from './sample-index.ts';

/** How many bytes a look takes together: a pair, or four bytes whose letters' case does not count. */
type GramBytes = 2 | 4;

/** With longer windows hardly a byte less is looked at. */
const windowMax = 8;
const keys = 0x10000;
/** Ways to write four bytes of a pattern; more would fill the table. */
const waysMax = 64;

/** A pattern, and the numbers of those who search for it. */
export interface SearchedPattern {
  readonly pattern: BytePattern;
  readonly owners: readonly number[];
}

/**
 * Scans bytes for patterns by looking at a few bytes in each stride.
 *
 * Every pattern is represented by a window, as long as the shortest pattern: the part of it whose bytes are
 * the rarest in a sample. A stride is so short that no window fits between two looks. A table says whether
 * what a look sees is in any window, which is seldom; only then patterns are compared.
 *
 * Wu and Manber ("A fast algorithm for multi-pattern searching", 1994) look at the same places, but go on as
 * far as the last look allows. Then each look has to wait for the one before it, which takes longer than
 * looking twice as often.
 */
export class WindowScan {
  readonly #gram: GramBytes;
  readonly #window: number;
  readonly #stride: number;
  /** By key of a look, 1 if it is in a window. */
  readonly #isInWindow = new Uint8Array(keys);
  /** By key, the first entry of the list of the places where it is in windows, or -1. */
  readonly #heads = new Int32Array(keys).fill(-1);
  /** By entry, the next one of the list. */
  readonly #next: Int32Array;
  /** By entry, the number of the pattern. */
  readonly #patternOf: Int32Array;
  /** By entry, where the look ends in the pattern. */
  readonly #endOf: Int32Array;
  /** By pattern, where its bytes begin in the list of all, and after the last one the end. */
  readonly #starts: Int32Array;
  /** By byte of all patterns, where its table of possible bytes begins. */
  readonly #tableOf: Int32Array;
  /** The tables, each 256 bytes long. */
  readonly #tables: Uint8Array;
  readonly #owners: readonly (readonly number[])[];

  /** @param patterns not empty, each of at least one byte, or for four bytes of at least as many */
  constructor(gram: GramBytes, patterns: readonly SearchedPattern[], sample: SampleIndex) {
    this.#gram = gram;
    const window = Math.min(windowMax, ...patterns.map(({ pattern }) => pattern.length));
    this.#window = window;
    this.#stride = Math.max(1, window - gram + 1);
    const next: number[] = [];
    const patternOf: number[] = [];
    const endOf: number[] = [];
    for (const [number, { pattern }] of patterns.entries()) {
      const last = lastPlace(pattern, window, this.#stride, gram, sample);
      for (let end = last - this.#stride + 1; end <= last; end += 1) {
        for (const key of gram === 2 ? pairsAt(pattern, end) : fourKeys(pattern, end)) {
          next.push(this.#heads[key] ?? -1);
          endOf.push(end);
          this.#heads[key] = patternOf.push(number) - 1;
          this.#isInWindow[key] = 1;
        }
      }
    }
    this.#next = Int32Array.from(next);
    this.#patternOf = Int32Array.from(patternOf);
    this.#endOf = Int32Array.from(endOf);
    this.#owners = patterns.map(({ owners }) => owners);

    const starts = [0];
    const tableOf: number[] = [];
    const classes = new Map<
      string,
      { readonly number: number; readonly bytes: readonly number[] }
    >();
    for (const { pattern } of patterns) {
      for (const bytes of pattern) {
        const name = bytes.join();
        const known = classes.get(name) ?? { number: classes.size, bytes };
        classes.set(name, known);
        tableOf.push(known.number * 256);
      }
      starts.push(tableOf.length);
    }
    this.#starts = Int32Array.from(starts);
    this.#tableOf = Int32Array.from(tableOf);
    this.#tables = new Uint8Array(classes.size * 256);
    for (const { number, bytes } of classes.values()) {
      for (const byte of bytes) this.#tables[number * 256 + byte] = 1;
    }
  }

  /**
   * @param found by number of owner, is set to 1 if one of its patterns is between two places
   * @returns whether there is any
   */
  scan(bytes: Uint8Array, from: number, to: number, found: Uint8Array): boolean {
    return this.#gram === 2
      ? this.#scanPairs(bytes, from, to, found)
      : this.#scanFours(bytes, from, to, found);
  }

  #scanPairs(bytes: Uint8Array, from: number, to: number, found: Uint8Array): boolean {
    const view = viewOf(bytes);
    const isInWindow = this.#isInWindow;
    const stride = this.#stride;
    let isFound = false;
    // A pattern of one byte is found with the byte before it, whatever that is, if there is one.
    let at = this.#window === 1 ? from : from + stride;
    while (at < to) {
      if (stride === 1 && at > 0) at = passTriples(view, isInWindow, at, to);
      at = nextPair(bytes, isInWindow, stride, at, to);
      if (at >= to) break;
      const key = ((bytes[at - 1] as number) << 8) | (bytes[at] as number);
      if (this.#compare(key, bytes, at, from, to, found)) isFound = true;
      at += stride;
    }
    return isFound;
  }

  #scanFours(bytes: Uint8Array, from: number, to: number, found: Uint8Array): boolean {
    const view = viewOf(bytes);
    const isInWindow = this.#isInWindow;
    const stride = this.#stride;
    let isFound = false;
    let at = nextFour(view, isInWindow, stride, from + stride + 2, to);
    while (at < to) {
      const key = keyOf(view.getInt32(at - 3, true));
      if (this.#compare(key, bytes, at, from, to, found)) isFound = true;
      at = nextFour(view, isInWindow, stride, at + stride, to);
    }
    return isFound;
  }

  #compare(
    key: number,
    bytes: Uint8Array,
    at: number,
    from: number,
    to: number,
    found: Uint8Array,
  ): boolean {
    let isFound = false;
    for (let entry = this.#heads[key] as number; entry >= 0; entry = this.#next[entry] as number) {
      const pattern = this.#patternOf[entry] as number;
      const start = at - (this.#endOf[entry] as number);
      if (start < from || !this.#isAt(pattern, bytes, start, to)) continue;
      isFound = true;
      for (const owner of this.#owners[pattern] as readonly number[]) found[owner] = 1;
    }
    return isFound;
  }

  #isAt(pattern: number, bytes: Uint8Array, start: number, to: number): boolean {
    const first = this.#starts[pattern] as number;
    const length = (this.#starts[pattern + 1] as number) - first;
    if (start + length > to) return false;
    const tables = this.#tables;
    const tableOf = this.#tableOf;
    for (let index = 0; index < length; index += 1) {
      const table = tableOf[first + index] as number;
      if (tables[table + (bytes[start + index] as number)] === 0) return false;
    }
    return true;
  }
}

let lastBytes = new Uint8Array(0);
let lastView = new DataView(lastBytes.buffer);

/** One view is kept for all scans: if each kept one, pieces of a file would stay in memory for longer. */
function viewOf(bytes: Uint8Array): DataView {
  if (bytes !== lastBytes) {
    lastBytes = bytes as Uint8Array<ArrayBuffer>;
    lastView = new DataView(lastBytes.buffer, bytes.byteOffset, bytes.byteLength);
  }
  return lastView;
}

/** @returns the first look, from a place on, at a pair of bytes in a window; otherwise `to` or more */
function nextPair(
  bytes: Uint8Array,
  isInWindow: Uint8Array,
  stride: number,
  from: number,
  to: number,
): number {
  let at = from;
  // Without `| 0` the compiler allows for places that are no small integers: twice as slow.
  while (at < to && isInWindow[((bytes[at - 1] as number) << 8) | (bytes[at] as number)] === 0) {
    at = (at + stride) | 0;
  }
  return at;
}

/** Passes over places, three at once, as long as no pair that ends there is in a window. */
function passTriples(view: DataView, isInWindow: Uint8Array, from: number, to: number): number {
  let at = from;
  while (at + 2 < to) {
    const word = view.getInt32(at - 1);
    const isAny =
      (isInWindow[word >>> 16] as number) |
      (isInWindow[(word >>> 8) & 0xffff] as number) |
      (isInWindow[word & 0xffff] as number);
    if (isAny !== 0) return at;
    at = (at + 3) | 0;
  }
  return at;
}

/** The same for four bytes. */
function nextFour(
  view: DataView,
  isInWindow: Uint8Array,
  stride: number,
  from: number,
  to: number,
): number {
  let at = from;
  while (at < to && isInWindow[keyOf(view.getInt32(at - 3, true))] === 0) at = (at + stride) | 0;
  return at;
}

/** Whether a pattern can be represented by four bytes: some have too many ways to write any. */
export function fitsFour(pattern: BytePattern): boolean {
  const window = Math.min(windowMax, pattern.length);
  for (let last = window - 1; last < pattern.length; last += 1) {
    if (hasFewWays(pattern, last - window + 4, last)) return true;
  }
  return false;
}

/** The keys of four bytes, with the case of letters left out. */
function fourKeys(pattern: BytePattern, end: number): Iterable<number> {
  let words = [0];
  for (let at = end; at > end - 4; at -= 1) {
    const bytes = foldedBytes(pattern[at] ?? []);
    words = words.flatMap((word) => bytes.map((byte) => (word << 8) | byte));
  }
  return words.length === 1 ? [keyOf(words[0] as number)] : new Set(words.map(keyOf));
}

function foldedBytes(bytes: readonly number[]): readonly number[] {
  return bytes.length === 1 ? bytes : [...new Set(bytes.map((byte) => byte | 0x20))];
}

/** A key of 16 bits of four bytes as a little-endian number: those that differ seldom share one. */
function keyOf(word: number): number {
  return Math.imul(word | 0x20202020, 0x9e3779b1) >>> 16;
}

/** Whether each four bytes that end from one place to another have few ways to be written. */
function hasFewWays(pattern: BytePattern, first: number, last: number): boolean {
  for (let end = first; end <= last; end += 1) {
    let ways = 1;
    for (let at = end - 3; at <= end; at += 1) {
      const bytes = pattern[at] ?? [];
      if (bytes.length > 1) ways *= foldedBytes(bytes).length;
    }
    if (ways > waysMax) return false;
  }
  return true;
}

/** Where the window of a pattern ends whose bytes are the rarest. */
function lastPlace(
  pattern: BytePattern,
  window: number,
  stride: number,
  gram: GramBytes,
  sample: SampleIndex,
): number {
  if (pattern.length === window) return window - 1;
  const pairCounts = new Float64Array(pattern.length);
  for (let end = 0; end < pattern.length; end += 1) {
    pairCounts[end] = sample.countAt(pattern, end) + 1;
  }
  // Four bytes are at most as frequent as the rarest of their pairs.
  const countAt = (end: number) => {
    let least = pairCounts[end] as number;
    for (let at = Math.max(1, end - gram + 2); at < end; at += 1) {
      least = Math.min(least, pairCounts[at] as number);
    }
    return least;
  };
  let best = window - 1;
  let least = Number.POSITIVE_INFINITY;
  for (let last = window - 1; last < pattern.length; last += 1) {
    let count = 0;
    for (let end = last - stride + 1; end <= last; end += 1) count += countAt(end);
    if (count >= least) continue;
    if (gram === 4 && !hasFewWays(pattern, last - stride + 1, last)) continue;
    best = last;
    least = count;
  }
  return best;
}
