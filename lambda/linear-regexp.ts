import { RE2JS } from 're2js';

/** A match in a text. */
export interface LinearMatch {
  readonly index: number;
  readonly end: number;
  /** By number; 0 is the whole match. A group that took no part is undefined. */
  readonly groups: readonly (string | undefined)[];
}

/**
 * A regular expression in RE2's syntax and with RE2's meaning, matched in linear time: for whatever
 * may come from a log, because no text can make it slow.
 *
 * No look-around and no back-references. `\d`, `\w`, `\s` and `\b` are ASCII, `$` without the flag
 * `m` is the end of the text only. Indexes are in UTF-16 units, and a character is a code point.
 */
export class LinearRegexp {
  readonly #pattern: RE2JS;

  /**
   * @param source in RE2's syntax: https://github.com/google/re2/wiki/Syntax
   * @param flags of `i`, `m` and `s`
   * @throws an error of re2js that names what is wrong in the source
   */
  constructor(source: string, flags = '') {
    this.#pattern = RE2JS.compile(flags === '' ? source : `(?${flags})${source}`);
  }

  test(text: string): boolean {
    return this.#pattern.test(text);
  }

  /**
   * The matches from left to right, none inside another, each as a backtracking search would find it.
   *
   * @param options.from where the search begins; what comes before still counts for `^` and `\b`
   * @param options.max how many matches at most
   */
  matches(
    text: string,
    { from = 0, max = Number.POSITIVE_INFINITY }: { from?: number; max?: number } = {},
  ): LinearMatch[] {
    const found: LinearMatch[] = [];
    const matcher = this.#pattern.matcher(text);
    for (let more = max > 0 && matcher.find(from); more; more = matcher.find()) {
      const groups = Array.from(
        { length: matcher.groupCount() + 1 },
        (_, number) => matcher.group(number) ?? undefined,
      );
      found.push({ index: matcher.start(), end: matcher.end(), groups });
      if (found.length >= max) break;
    }
    return found;
  }
}
