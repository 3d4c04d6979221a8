import type { FieldTest } from '../../lambda/regexp/regexp-program.ts';
import type { BytePattern } from './byte-patterns.ts';
import { type GroupCondition, needsOfTest } from './group-condition.ts';
import type { Need, Piece } from './required-pieces.ts';
import type { SampleIndex } from './sample-index.ts';
import { type SearchedPattern, StrideSearch } from './stride-search.ts';

type PieceSet = readonly Piece[];

/** A set with a shorter pattern is taken as there: it is in nearly every message. */
const patternBytesMin = 2;

/**
 * Finds which of the needs of all conditions are in one message. It looks at every byte for hundreds of
 * patterns: to be asked about messages that another search found something in.
 */
export class NeedSearch {
  readonly #conditions: readonly GroupCondition[];
  /** By set of pieces, its number; a set without one is taken as there. */
  readonly #numbers = new Map<PieceSet, number>();
  readonly #search: StrideSearch | undefined;
  /** By test, whether the last message lacks what it needs; some tests are asked for often. */
  readonly #ruledOut = new Map<FieldTest, boolean>();
  #isAnyFound = false;

  /** @param patternsOf the patterns of which a message with a piece of a set contains one */
  constructor(
    conditions: readonly GroupCondition[],
    patternsOf: (set: PieceSet) => readonly BytePattern[],
    sample: SampleIndex,
  ) {
    this.#conditions = conditions;
    const owned = new Map<string, { readonly pattern: BytePattern; readonly owners: number[] }>();
    const add = (set: PieceSet) => {
      if (this.#numbers.has(set)) return;
      const patterns = patternsOf(set);
      if (patterns.some(({ length }) => length < patternBytesMin)) return;
      const number = this.#numbers.size;
      this.#numbers.set(set, number);
      for (const pattern of patterns) {
        const key = pattern.join(' ');
        const known = owned.get(key) ?? { pattern, owners: [] };
        if (known.owners.at(-1) !== number) known.owners.push(number);
        owned.set(key, known);
      }
    };
    for (const condition of conditions) {
      if (typeof condition !== 'boolean') for (const set of setsOf(condition)) add(set);
    }
    const patterns: readonly SearchedPattern[] = [...owned.values()];
    if (patterns.length > 0) this.#search = new StrideSearch(patterns, this.#numbers.size, sample);
  }

  /** Looks for all needs in a message, with its edges, about which the other methods then speak. */
  look(bytes: Uint8Array, from: number, to: number): void {
    this.#isAnyFound = this.#search?.search(bytes, from, to) ?? false;
    this.#ruledOut.clear();
  }

  /** Whether the message has all that a condition, by its number, needs. */
  mayMeet(number: number): boolean {
    const condition = this.#conditions[number] ?? true;
    return typeof condition === 'boolean' ? condition : this.#hasAll(condition);
  }

  /** Whether a test of the message cannot be passed, because the message lacks what it needs. */
  rulesOut(test: FieldTest): boolean {
    if (test.field !== 'message') return false;
    const known = this.#ruledOut.get(test);
    if (known !== undefined) return known;
    const needs = needsOfTest(test);
    const isRuledOut = typeof needs === 'boolean' ? !needs : !this.#hasAll(needs);
    this.#ruledOut.set(test, isRuledOut);
    return isRuledOut;
  }

  #hasAll(needs: readonly Need[]): boolean {
    for (const need of needs) {
      if (!('pieces' in need ? this.#has(need.pieces) : this.#hasEither(need.either))) return false;
    }
    return true;
  }

  #hasEither(options: readonly (readonly Need[])[]): boolean {
    for (const option of options) if (this.#hasAll(option)) return true;
    return false;
  }

  #has(set: PieceSet): boolean {
    const number = this.#numbers.get(set);
    if (number === undefined) return true;
    return this.#isAnyFound && this.#search?.found[number] === 1;
  }
}

function setsOf(needs: readonly Need[]): PieceSet[] {
  return needs.flatMap((need) => ('pieces' in need ? [need.pieces] : need.either.flatMap(setsOf)));
}
