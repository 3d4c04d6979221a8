import type { SampleIndex } from './sample-index.ts';
import { fitsFour, type SearchedPattern, WindowScan } from './window-scan.ts';

/** From this length on, patterns are searched for by four of their bytes, in strides of as many. */
const longBytesMin = 7;

/**
 * Searches bytes for many patterns at once without looking at most of them.
 *
 * One short pattern would make all looks frequent. So the short ones, which are few, are searched for in a
 * scan of their own, by their rarest pairs of bytes; the long ones by four bytes, which hardly occur elsewhere.
 */
export class StrideSearch {
  /** By number of owner, 1 if the last search found one of its patterns. */
  readonly found: Uint8Array;
  readonly #scans: readonly WindowScan[];
  #isFound = false;

  /** @param patterns not empty, each of at least one byte */
  constructor(patterns: readonly SearchedPattern[], ownersCount: number, sample: SampleIndex) {
    this.found = new Uint8Array(ownersCount);
    const isLong = ({ pattern }: SearchedPattern) =>
      pattern.length >= longBytesMin && fitsFour(pattern);
    const long = patterns.filter(isLong);
    const short = patterns.filter((one) => !isLong(one));
    this.#scans = [
      ...(short.length > 0 ? [new WindowScan(2, short, sample)] : []),
      ...(long.length > 0 ? [new WindowScan(4, long, sample)] : []),
    ];
  }

  /** @returns whether a pattern is in `bytes` between two places; {@link found} then says whose */
  search(bytes: Uint8Array, from: number, to: number): boolean {
    if (this.#isFound) this.found.fill(0);
    this.#isFound = false;
    for (const scan of this.#scans) {
      if (scan.scan(bytes, from, to, this.found)) this.#isFound = true;
    }
    return this.#isFound;
  }
}
