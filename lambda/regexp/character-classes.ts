import { op, type RegexpProgram } from './regexp-program.ts';

/** The kinds of character beside a place that assertions distinguish. */
export const side = { none: 0, lineFeed: 1, word: 2, other: 3 } as const;

/** The class of a character from here on is searched for; a log has few of them. */
export const asciiSize = 128;

/** Numbered classes of characters: a program treats all characters of a class alike. */
export class CharacterClasses {
  /** Where each class begins, in ascending order. */
  readonly #begins: readonly number[];
  /** A character of each class. */
  readonly examples: readonly number[];
  /** The {@link side} of each class, and of {@link none}. */
  readonly sides: readonly number[];
  /** The class for the beginning of the text, where there is no character. */
  readonly none: number;
  /** The number of classes, {@link none} included. */
  readonly size: number;
  readonly ascii: Uint16Array;
  readonly hasAssertions: boolean;

  constructor({ ops, ranges }: RegexpProgram) {
    this.hasAssertions = ops.includes(op.assert);
    const begins = new Set([0]);
    for (const pairs of ranges.values()) {
      pairs.forEach((codePoint, at) => {
        begins.add(at % 2 === 0 ? codePoint : codePoint + 1);
      });
    }
    // Assertions distinguish line feeds and the characters of words.
    const besides = [0x0a, 0x0b, 0x30, 0x3a, 0x41, 0x5b, 0x5f, 0x60, 0x61, 0x7b];
    if (this.hasAssertions) for (const codePoint of besides) begins.add(codePoint);
    this.#begins = [...begins].sort((a, b) => a - b);
    this.examples = this.#begins;
    this.none = this.#begins.length;
    this.size = this.none + 1;
    this.sides = [...this.examples.map(sideOf), side.none];
    this.ascii = Uint16Array.from({ length: asciiSize }, (_, codePoint) => this.of(codePoint));
  }

  of(codePoint: number): number {
    let low = 0;
    let high = this.#begins.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((this.#begins[middle] ?? 0) <= codePoint) low = middle;
      else high = middle;
    }
    return low;
  }
}

export function sideOf(codePoint: number): number {
  if (codePoint === 0x0a) return side.lineFeed;
  const isWord =
    (codePoint >= 0x30 && codePoint <= 0x39) ||
    (codePoint >= 0x41 && codePoint <= 0x5a) ||
    codePoint === 0x5f ||
    (codePoint >= 0x61 && codePoint <= 0x7a);
  return isWord ? side.word : side.other;
}

export function takes({ ranges }: RegexpProgram, instruction: number, codePoint: number): boolean {
  const pairs = ranges.get(instruction) ?? [];
  for (let at = 0; at < pairs.length; at += 2) {
    if (codePoint >= (pairs[at] ?? 0) && codePoint <= (pairs[at + 1] ?? 0)) return true;
  }
  return false;
}
