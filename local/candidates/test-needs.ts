import type { FieldTest } from '../../lambda/regexp/regexp-program.ts';
import { needsOfTest } from './group-condition.ts';
import { edge, type Need, type Piece } from './required-pieces.ts';

type PieceSet = readonly Piece[];

/**
 * Decides whether a message lacks what a test of it needs, so that the test's regexp need not be run: that one
 * is safe for any text, and takes up to a hundred times as long as a search for some strings.
 */
export class TestNeeds {
  /** By test; undefined for one that needs nothing in particular. */
  readonly #needs = new Map<FieldTest, readonly Need[] | undefined>();
  readonly #searches = new Map<PieceSet, RegExp>();
  /** By set, whether {@link #message} has one of its pieces. */
  readonly #known = new Map<PieceSet, boolean>();
  #message = '';

  /** Whether a test of this message cannot be passed. */
  rulesOut(test: FieldTest, message: string): boolean {
    if (test.field !== 'message' || !('like' in test)) return false;
    if (message !== this.#message) {
      this.#message = message;
      this.#known.clear();
    }
    const needs = this.#needsOf(test);
    return needs !== undefined && !needs.every((need) => this.#has(need));
  }

  #needsOf(test: FieldTest): readonly Need[] | undefined {
    if (this.#needs.has(test)) return this.#needs.get(test);
    const needs = needsOfTest(test);
    const some = typeof needs === 'boolean' ? undefined : needs;
    this.#needs.set(test, some);
    return some;
  }

  #has(need: Need): boolean {
    if ('either' in need) {
      return need.either.some((option) => option.every((one) => this.#has(one)));
    }
    const known = this.#known.get(need.pieces);
    if (known !== undefined) return known;
    const isThere = this.#searchFor(need.pieces).test(this.#message);
    this.#known.set(need.pieces, isThere);
    return isThere;
  }

  #searchFor(pieces: PieceSet): RegExp {
    const search = this.#searches.get(pieces) ?? new RegExp(pieces.map(sourceOf).join('|'), 'u');
    this.#searches.set(pieces, search);
    return search;
  }
}

/** A piece as a regexp, which repeats nothing and thus takes time that is linear in the text. */
function sourceOf(piece: Piece): string {
  return piece.map(placeSource).join('');
}

function placeSource(characters: readonly number[]): string {
  const some = characters.filter((one) => one !== edge).map((one) => `\\u{${one.toString(16)}}`);
  const oneOf = some.length === 1 ? some.join('') : `[${some.join('')}]`;
  if (some.length === characters.length) return oneOf;
  return some.length === 0 ? '(?:^|$)' : `(?:^|$|${oneOf})`;
}
