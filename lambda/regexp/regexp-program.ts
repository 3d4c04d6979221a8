/** The kinds of instructions. */
export const op = { split: 0, capture: 1, assert: 2, skip: 3, fail: 4, match: 5, take: 6 } as const;

/** The properties of a place between two characters that an assertion can require. */
export const place = {
  lineStart: 1,
  lineEnd: 2,
  textStart: 4,
  textEnd: 8,
  wordBoundary: 16,
  noWordBoundary: 32,
} as const;

/** A regular expression as a graph of instructions, numbered from 0, which index each list. */
export interface RegexpProgram {
  readonly start: number;
  readonly ops: Uint8Array;
  readonly next: Int32Array;
  /**
   * A split's second branch, tried when `next` finds nothing; a capture's slot; an assertion's
   * places.
   */
  readonly argument: Int32Array;
  /** The code points that each `take` accepts, as pairs of first and last. */
  readonly ranges: ReadonlyMap<number, readonly number[]>;
  /** The number of slots: two for each group, the whole match included. */
  readonly slots: number;
}
