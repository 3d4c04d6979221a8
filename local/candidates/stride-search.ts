import type { BytePattern } from './byte-patterns.ts';
import { anyByte, pairsAt, type SampleIndex } from './sample-index.ts';

/** A pattern, and the numbers of those who search for it. */
export interface SearchedPattern {
  readonly pattern: BytePattern;
  readonly owners: readonly number[];
}

/** With longer windows hardly a byte less is looked at. */
const windowMax = 8;
const pairs = 0x10000;

/**
 * Searches bytes for many patterns at once without looking at most of them.
 *
 * Every pattern is represented by a window, as long as the shortest pattern: the part of it whose pairs of
 * bytes are the rarest in a sample. The search looks at a pair of bytes in each stride, and a stride is so
 * short that no window fits between two looks. A table says whether the pair is in any window, which is seldom;
 * only then the patterns are compared.
 *
 * Wu and Manber ("A fast algorithm for multi-pattern searching", 1994) look at the same pairs, but go on as
 * far as the last pair allows. Then each look has to wait for the one before it, which takes longer than
 * looking twice as often.
 */
export class StrideSearch {
  /** By number of owner, 1 if the last search found one of its patterns. */
  readonly found: Uint8Array;
  readonly #stride: number;
  #pairsCount = 0;
  /** By pair of bytes, 0 if it is in no window; otherwise its number, which some pairs may share. */
  readonly #numbers = new Uint8Array(pairs);
  /** By number of a pair and byte before it, 1 if that is possible. */
  readonly #before = new Uint8Array(pairs);
  /** By number of a pair and byte after it, 1 if that is possible. */
  readonly #after = new Uint8Array(pairs);
  /** By pair of bytes, the first entry of the list of the places where it is in windows, or -1. */
  readonly #heads = new Int32Array(pairs).fill(-1);
  /** By entry, the next one of the list. */
  readonly #next: Int32Array;
  /** By entry, the number of the pattern. */
  readonly #patternOf: Int32Array;
  /** By entry, where the pair ends in the pattern. */
  readonly #endOf: Int32Array;
  /** By pattern, where its bytes begin in the list of all, and after the last one the end. */
  readonly #starts: Int32Array;
  /** By byte of all patterns, where its table of possible bytes begins. */
  readonly #tableOf: Int32Array;
  /** The tables, each 256 bytes long. */
  readonly #tables: Uint8Array;
  readonly #owners: readonly (readonly number[])[];

  /** @param patterns not empty, each of at least one byte */
  constructor(patterns: readonly SearchedPattern[], ownersCount: number, sample: SampleIndex) {
    this.found = new Uint8Array(ownersCount);
    const window = Math.min(windowMax, ...patterns.map(({ pattern }) => pattern.length));
    this.#stride = Math.max(1, window - 1);
    this.#owners = patterns.map(({ owners }) => owners);

    const next: number[] = [];
    const patternOf: number[] = [];
    const endOf: number[] = [];
    for (const [number, { pattern }] of patterns.entries()) {
      const last = lastPlace(pattern, window, sample);
      for (let end = last - this.#stride + 1; end <= last; end += 1) {
        for (const pair of pairsAt(pattern, end)) {
          next.push(this.#heads[pair] ?? -1);
          endOf.push(end);
          this.#heads[pair] = patternOf.push(number) - 1;
          this.#number(pair, pattern[end - 2], pattern[end + 1]);
        }
      }
    }
    this.#next = Int32Array.from(next);
    this.#patternOf = Int32Array.from(patternOf);
    this.#endOf = Int32Array.from(endOf);

    const starts = [0];
    const tableOf: number[] = [];
    const classes = new Map<string, readonly number[]>();
    const numbers = new Map<string, number>();
    for (const { pattern } of patterns) {
      for (const bytes of pattern) {
        const key = bytes.join();
        const number = numbers.get(key) ?? numbers.size;
        numbers.set(key, number);
        classes.set(key, bytes);
        tableOf.push(number * 256);
      }
      starts.push(tableOf.length);
    }
    this.#starts = Int32Array.from(starts);
    this.#tableOf = Int32Array.from(tableOf);
    this.#tables = new Uint8Array(classes.size * 256);
    for (const [key, bytes] of classes) {
      for (const byte of bytes) this.#tables[(numbers.get(key) ?? 0) * 256 + byte] = 1;
    }
  }

  #number(
    pair: number,
    before: readonly number[] = anyByte,
    after: readonly number[] = anyByte,
  ): void {
    const number = this.#numbers[pair] || (this.#pairsCount++ % 255) + 1;
    this.#numbers[pair] = number;
    for (const byte of before) this.#before[(number << 8) | byte] = 1;
    for (const byte of after) this.#after[(number << 8) | byte] = 1;
  }

  /** @returns whether a pattern is in `bytes` between two places; {@link found} then says whose */
  search(bytes: Uint8Array, from: number, to: number): boolean {
    const stride = this.#stride;
    let isFound = false;
    // A pattern of one byte is found with the byte before it, whatever that is.
    let at = from + (stride === 1 ? 0 : stride);
    for (;;) {
      at = this.#nextInWindow(bytes, at, to);
      if (at >= to) return isFound;
      const pair = ((bytes[at - 1] as number) << 8) | (bytes[at] as number);
      const number = (this.#numbers[pair] as number) << 8;
      // Two more bytes rule out nearly all.
      if (
        this.#before[number | (bytes[at - 2] as number)] !== 0 &&
        this.#after[number | (bytes[at + 1] as number)] !== 0
      ) {
        isFound = this.#compare(pair, bytes, at, from, to, isFound);
      }
      at += stride;
    }
  }

  #nextInWindow(bytes: Uint8Array, from: number, to: number): number {
    const numbers = this.#numbers;
    const stride = this.#stride;
    // Without `| 0` the compiler allows for places that are no small integers: twice as slow.
    for (let at = from; at < to; at = (at + stride) | 0) {
      if (numbers[((bytes[at - 1] as number) << 8) | (bytes[at] as number)] !== 0) return at;
    }
    return to;
  }

  #compare(
    pair: number,
    bytes: Uint8Array,
    at: number,
    from: number,
    to: number,
    wasFound: boolean,
  ): boolean {
    let isFound = wasFound;
    for (let entry = this.#heads[pair] as number; entry >= 0; entry = this.#next[entry] as number) {
      const pattern = this.#patternOf[entry] as number;
      const start = at - (this.#endOf[entry] as number);
      if (start < from || !this.#isAt(pattern, bytes, start, to)) continue;
      if (!isFound) this.found.fill(0);
      isFound = true;
      for (const owner of this.#owners[pattern] ?? []) this.found[owner] = 1;
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

/** Where the window of a pattern ends whose pairs are the rarest. */
function lastPlace(pattern: BytePattern, window: number, sample: SampleIndex): number {
  const counts = pattern.map((_, end) => sample.countAt(pattern, end) + 1);
  let best = window - 1;
  let least = Number.POSITIVE_INFINITY;
  for (let last = window - 1; last < pattern.length; last += 1) {
    const of = counts.slice(Math.min(last, last - window + 2), last + 1);
    const count = of.reduce((sum, one) => sum + one, 0);
    if (count >= least) continue;
    best = last;
    least = count;
  }
  return best;
}
