import type { BytePattern } from './byte-patterns.ts';

/** A pattern, and the numbers of those who search for it. */
export interface SearchedPattern {
  readonly pattern: BytePattern;
  readonly owners: readonly number[];
}

/** A longer window would let the search skip further than texts in logs are long. */
const windowMax = 8;
const blocks = 0x10000;

/** How often each pair of bytes occurs in a sample of what is searched. */
export class PairCounts {
  readonly #counts = new Uint32Array(blocks);

  add(bytes: Uint8Array, from: number, to: number): void {
    for (let at = from + 1; at < to; at += 1) {
      const block = ((bytes[at - 1] ?? 0) << 8) | (bytes[at] ?? 0);
      this.#counts[block] = (this.#counts[block] ?? 0) + 1;
    }
  }

  of(block: number): number {
    return this.#counts[block] ?? 0;
  }
}

/**
 * Searches bytes for many patterns at once, as Wu and Manber do ("A fast algorithm for multi-pattern
 * searching", 1994): it looks at two bytes at a time, and a table says how far the next place is where one
 * of the patterns can end. Most bytes are never looked at.
 *
 * Every pattern is represented by a window, as long as the shortest pattern: the part of it whose pairs of
 * bytes are the rarest in a sample.
 */
export class SkipSearch {
  /** By number of owner, 1 if the last search found one of its patterns. */
  readonly found: Uint8Array;
  readonly #window: number;
  /** By the last two bytes of a window, how far to go on; 0 where a pattern's window may end. */
  readonly #shifts: Uint8Array;
  /** By the last two bytes of a window, the first entry of the list of its patterns, or -1. */
  readonly #heads = new Int32Array(blocks).fill(-1);
  readonly #next: number[] = [];
  readonly #entries: {
    /** Where the window ends in the pattern. */
    readonly end: number;
    /** For each byte of the pattern, the table of the bytes that are possible there. */
    readonly tables: readonly Uint8Array[];
    readonly owners: readonly number[];
  }[] = [];

  /** @param patterns not empty, each of at least one byte */
  constructor(patterns: readonly SearchedPattern[], ownersCount: number, counts: PairCounts) {
    this.found = new Uint8Array(ownersCount);
    const lengths = patterns.map(({ pattern }) => pattern.length);
    this.#window = Math.min(windowMax, ...lengths);
    const step = Math.max(1, this.#window - 1);
    this.#shifts = new Uint8Array(blocks).fill(step);
    const tables = new Map<string, Uint8Array>();
    const tableOf = (bytes: readonly number[]) => {
      const key = bytes.join();
      const known = tables.get(key) ?? tableWith(bytes);
      tables.set(key, known);
      return known;
    };
    for (const { pattern, owners } of patterns) {
      const end = this.#chooseEnd(pattern, counts);
      for (let back = 0; back < step; back += 1) this.#lower(pattern, end - back, back);
      const entry = { end, tables: pattern.map(tableOf), owners };
      for (const block of blocksAt(pattern, end)) {
        this.#next.push(this.#heads[block] ?? -1);
        this.#heads[block] = this.#entries.push(entry) - 1;
      }
    }
  }

  /**
   * @returns whether a pattern is in `bytes` between two places; {@link found} then says whose
   */
  search(bytes: Uint8Array, from: number, to: number): boolean {
    const shifts = this.#shifts;
    const heads = this.#heads;
    let isFound = false;
    let at = from + this.#window - 1;
    while (at < to) {
      const block = ((bytes[at - 1] as number) << 8) | (bytes[at] as number);
      const shift = shifts[block] as number;
      if (shift !== 0) {
        at += shift;
        continue;
      }
      for (let entry = heads[block] as number; entry >= 0; entry = this.#next[entry] as number) {
        if (!this.#isAt(entry, bytes, at, from, to)) continue;
        if (!isFound) this.found.fill(0);
        isFound = true;
        for (const owner of this.#entries[entry]?.owners ?? []) this.found[owner] = 1;
      }
      at += 1;
    }
    return isFound;
  }

  #isAt(entry: number, bytes: Uint8Array, at: number, from: number, to: number): boolean {
    const { end = 0, tables = [] } = this.#entries[entry] ?? {};
    const start = at - end;
    if (start < from || start + tables.length > to) return false;
    for (let index = 0; index < tables.length; index += 1) {
      if (tables[index]?.[bytes[start + index] as number] !== 1) return false;
    }
    return true;
  }

  /** Where the rarest window of a pattern ends. */
  #chooseEnd(pattern: BytePattern, counts: PairCounts): number {
    const weightAt = (end: number) =>
      blocksAt(pattern, end).reduce((sum, block) => sum + counts.of(block) + 1, 0);
    let best = this.#window - 1;
    let bestWeight = Number.POSITIVE_INFINITY;
    for (let end = this.#window - 1; end < pattern.length; end += 1) {
      let weight = 0;
      for (let back = 0; back < Math.max(1, this.#window - 1); back += 1) {
        // The last pair counts most: each time that it occurs, the pattern is compared.
        weight += weightAt(end - back) * (back === 0 ? 4 : 1);
      }
      if (weight >= bestWeight) continue;
      best = end;
      bestWeight = weight;
    }
    return best;
  }

  #lower(pattern: BytePattern, end: number, shift: number): void {
    for (const block of blocksAt(pattern, end)) {
      this.#shifts[block] = Math.min(this.#shifts[block] ?? 0, shift);
    }
  }
}

/** The pairs of bytes that may end at a place of a pattern; any byte may precede its first one. */
function blocksAt(pattern: BytePattern, end: number): number[] {
  const last = pattern[end] ?? [];
  const before = pattern[end - 1] ?? Array.from({ length: 256 }, (_, byte) => byte);
  return before.flatMap((one) => last.map((other) => (one << 8) | other));
}

function tableWith(bytes: readonly number[]): Uint8Array {
  const table = new Uint8Array(256);
  for (const byte of bytes) table[byte] = 1;
  return table;
}
