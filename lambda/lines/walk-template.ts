import { mask } from '../text/masked-text.ts';
import { action, count, name, type Row } from './line-templates.ts';

/** What may come before a line of Airflow that another text quotes, and after it. */
const before = /[\s'"([=:,>]/;
const after = /^(?:\s*$|['\\\]]|"[,}\]]| +\[)/;

/** Matches a line with a template in all possible ways at once; a mask may be any text. */
export class Walk {
  readonly #line: string;
  readonly #places: Row['places'];
  readonly #isWhole: boolean;
  readonly #endsAtQuote: boolean;
  /** By place: the most letters matched on a way there, without and with masked words. */
  #plain = new Map<number, number>();
  #masked = new Map<number, number>();
  #most = 0;
  #isPlainLine = false;

  /**
   * @param isWhole whether the line must begin with the template; a quote then ends a quoted name
   */
  constructor(line: string, { places, isQuoted }: Row, isWhole: boolean) {
    this.#line = line;
    this.#places = places;
    this.#isWhole = isWhole;
    this.#endsAtQuote = isWhole && isQuoted;
  }

  /** @returns the most letters of the template's words that are left; `all` if none is masked */
  most(): number | 'all' {
    const line = this.#line;
    for (let at = 0; at < line.length; ) {
      const isMask = line[at] === '*' && line.startsWith(mask, at);
      // Only a template's first letter, a mask or a leading name can begin it.
      const [first] = this.#places;
      const mayBegin = isMask || line[at] === first || (first === name && at === 0);
      if (mayBegin && (at === 0 || (!this.#isWhole && before.test(line[at - 1] ?? '')))) {
        this.#reach(this.#plain, 0, 0);
      }
      if (isMask) {
        this.#stepOverMask();
        at += mask.length;
      } else {
        this.#step(line[at] ?? '');
        at += 1;
      }
      this.#end(at);
      if (this.#plain.size === 0 && this.#masked.size === 0 && this.#isWhole) break;
    }
    return this.#isPlainLine ? 'all' : this.#most;
  }

  #reach(ways: Map<number, number>, place: number, letters: number): void {
    for (let to = place; to <= this.#places.length; to += 1) {
      if ((ways.get(to) ?? -1) < letters) ways.set(to, letters);
      // A name may be empty or masked.
      if (typeof this.#places[to] !== 'symbol') return;
    }
  }

  #step(character: string): void {
    this.#plain = this.#stepped(this.#plain, character);
    this.#masked = this.#stepped(this.#masked, character);
  }

  #stepped(ways: Map<number, number>, character: string): Map<number, number> {
    if (ways.size === 0) return ways;
    const next = new Map<number, number>();
    for (const [at, letters] of ways) {
      if (at === this.#places.length) continue;
      const here = this.#places[at];
      if (here === count) {
        if (/\d/.test(character)) this.#reach(next, at, letters);
      } else if (here === action) {
        if (/[a-z_ ]/.test(character)) this.#reach(next, at, letters);
      } else if (here === name) {
        if (!(this.#endsAtQuote && character === '"')) this.#reach(next, at, letters);
      } else if (here === character) {
        this.#reach(next, at + 1, letters + (/[A-Za-z]/.test(character) ? 1 : 0));
      }
    }
    return next;
  }

  /** A mask may be any places: each later one is reached by the best way to an earlier one. */
  #stepOverMask(): void {
    const plain = new Map<number, number>();
    const masked = new Map<number, number>();
    let best = -1;
    for (let at = 0; at <= this.#places.length; at += 1) {
      const here = this.#plain.get(at);
      if (best >= 0) this.#reach(masked, at, best);
      // A mask within a name is part of the name, and hides no words.
      const place = this.#places[at];
      if (here !== undefined && (place === name || place === count)) this.#reach(plain, at, here);
      best = Math.max(best, here ?? -1, this.#masked.get(at) ?? -1);
      const already = this.#masked.get(at);
      if (already !== undefined) this.#reach(masked, at, already);
    }
    this.#plain = plain;
    this.#masked = masked;
  }

  #end(at: number): void {
    const last = this.#places.length;
    const plain = this.#plain.get(last);
    const masked = this.#masked.get(last);
    if (plain === undefined && masked === undefined) return;
    if (!after.test(this.#line.slice(at, at + 3)) && at < this.#line.length) return;
    if (plain !== undefined) this.#isPlainLine = true;
    if (masked !== undefined) this.#most = Math.max(this.#most, masked);
  }
}
