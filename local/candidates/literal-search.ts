import type { LiteralTable } from '../line-kernel/group-table.ts';
import type { LineKernel } from '../line-kernel/line-kernel.ts';
import { isLongLiteral, type LongLiterals, placeLong, writeLongLiterals } from './long-literals.ts';
import { seldomPlaces } from './only-literal.ts';
import type { SampleIndex } from './sample-index.ts';
import { placeShort, type ShortLiterals, writeShortLiterals } from './short-literals.ts';
import { type SearchedPattern, writePattern, writtenBytes } from './written-pattern.ts';

/** As `Search` in kernel/search-literals.ts. */
const field = {
  ...{
    found: 0,
    foundWords: 4,
    short: 8,
    long: 12,
    only: 16,
    place: 20,
    otherPlace: 24,
    bytes: 28,
  },
} as const;

/**
 * Patterns, and by which of their bytes each is found; plain data. One short pattern would make all looks
 * frequent. So the short ones, which are few, are searched for in a way of their own.
 */
export interface PlacedLiterals {
  readonly long: LongLiterals;
  /** By bucket. */
  readonly short: readonly (readonly ShortLiterals[])[];
}

/**
 * @param patterns each of one byte or more, and of no more than the kernel compares at once
 * @param sample decides by which bytes a pattern is found; changes the speed alone
 * @param tries how many ways to place them are compared; each takes about as long as to search 30 MB
 */
export function placeLiterals(
  patterns: readonly SearchedPattern[],
  sample: SampleIndex,
  tries = 1,
): PlacedLiterals {
  const long = placeLong(patterns.filter(isLongLiteral), sample);
  const short = patterns.filter((one) => !isLongLiteral(one));
  return { long, short: short.length === 0 ? [] : placeShort(short, sample, tries) };
}

/** Searches bytes for many patterns at once, in the kernel. */
export class LiteralSearch implements LiteralTable {
  readonly address: number;
  readonly #kernel: LineKernel;
  readonly #found: number;
  readonly #foundWords: number;

  constructor(kernel: LineKernel, { long, short }: PlacedLiterals, ownersCount: number) {
    this.#kernel = kernel;
    const ownerWords = Math.max(1, Math.ceil(ownersCount / 32));
    const shortTable = writeShortLiterals(kernel, short, ownerWords);
    const longTable = writeLongLiterals(kernel, long, ownerWords);
    this.#foundWords = ownerWords;
    this.#found = kernel.allocate(ownerWords * 4);
    this.address = kernel.allocate(field.bytes);
    kernel.view.setUint32(this.address + field.found, this.#found, true);
    kernel.view.setUint32(this.address + field.foundWords, ownerWords, true);
    kernel.view.setUint32(this.address + field.short, shortTable, true);
    kernel.view.setUint32(this.address + field.long, longTable, true);
    const [only, ...others] = [
      ...long.patterns,
      ...short.flat().flatMap(({ patterns }) => patterns),
    ];
    if (only !== undefined && others.length === 0) this.#writeOnly(only, ownerWords);
  }

  /** A single pattern is found faster than several. */
  #writeOnly(only: SearchedPattern, ownerWords: number): void {
    const places = seldomPlaces(only.pattern);
    if (places === undefined) return;
    const at = this.#kernel.allocate(writtenBytes);
    writePattern(this.#kernel, at, only, { ownerWords });
    const { view } = this.#kernel;
    view.setUint32(this.address + field.only, at, true);
    view.setUint32(this.address + field.place, places[0], true);
    view.setUint32(this.address + field.otherPlace, places[1], true);
  }

  /** @returns whether a pattern is between two addresses of the kernel; {@link take} then says whose */
  search(from: number, to: number): boolean {
    return this.#kernel.run.search(this.address, from, to) !== 0;
  }

  /** The owners of the patterns that were found since the last call, in ascending order. */
  take(): number[] {
    const { view } = this.#kernel;
    const owners: number[] = [];
    for (let word = 0; word < this.#foundWords; word += 1) {
      let bits = view.getUint32(this.#found + word * 4, true);
      view.setUint32(this.#found + word * 4, 0, true);
      while (bits !== 0) {
        const bit = 31 - Math.clz32(bits & -bits);
        owners.push(word * 32 + bit);
        bits &= bits - 1;
      }
    }
    return owners;
  }
}
