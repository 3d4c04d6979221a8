/** What an instruction does. */
export const op = { split: 0, capture: 1, assert: 2, skip: 3, fail: 4, match: 5, take: 6 } as const;

/** What an assertion may ask of a place between two characters. */
export const place = {
  lineStart: 1,
  lineEnd: 2,
  textStart: 4,
  textEnd: 8,
  wordBoundary: 16,
  noWordBoundary: 32,
} as const;

/** A regular expression as a graph of instructions, numbered from 0; each list is by instruction. */
export interface RegexpProgram {
  readonly start: number;
  readonly ops: Uint8Array;
  readonly next: Int32Array;
  /** Of a split: where to go when `next` finds nothing. Of a capture: its slot. Of an assertion: places. */
  readonly argument: Int32Array;
  /** By instruction that takes a character: the code points that it takes, from and to in turn. */
  readonly ranges: ReadonlyMap<number, readonly number[]>;
  /** Two a group, the whole match included. */
  readonly slots: number;
}
