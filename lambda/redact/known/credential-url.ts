import { before, type TextRange } from '../text/text-view.ts';
import { looksRandom } from './secret-names.ts';

/** A part of the text without spaces and quotes: its end, and the index of its last `@`. */
interface Stretch {
  readonly end: number;
  readonly lastAt: number;
}

/** `https://ghp_…@github.com`: a token instead of a user's name, which would be shorter. */
const tokenMin = 30;
const mixedTokenMin = 8;

const colon = /:/g;
const encodedColon = /%3a/gi;
const authority = /[^\s'"<>`/?#]*/y;
const outside = /[\s'"<>`]/g;
const outsideEncoded = /[\s'"<>`&]/g;

/**
 * Finds passwords in URLs (`scheme://user:password@host`), plain or percent-encoded as a whole.
 *
 * Browsers end the authority at the first slash; SQLAlchemy reads up to the last `@`, slashes
 * included: the scheme decides. Each stretch of text without spaces is read once, however many
 * `://` it has.
 */
export class CredentialUrls {
  readonly #text: string;
  #plain: Stretch | undefined;
  #encoded: Stretch | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  /** @param slashes index of `://` */
  password(slashes: number): TextRange | undefined {
    const from = slashes + 3;
    const text = this.#text;
    if (isWebScheme(before(text, slashes, 6))) {
      authority.lastIndex = from;
      const at = from + (authority.exec(text)?.[0] ?? '').lastIndexOf('@');
      const password = between(text, from, at, colon);
      return password ?? (isToken(text.slice(from, at)) ? { start: from, end: at } : undefined);
    }
    this.#plain = this.#stretch(this.#plain, from, outside, '@');
    return between(text, from, this.#plain.lastAt, colon);
  }

  /** @param slashes index of `%3A%2F%2F` */
  encodedPassword(slashes: number): TextRange | undefined {
    const from = slashes + '%3A%2F%2F'.length;
    this.#encoded = this.#stretch(this.#encoded, from, outsideEncoded, '%40');
    return between(this.#text, from, this.#encoded.lastAt, encodedColon);
  }

  #stretch(known: Stretch | undefined, from: number, stop: RegExp, at: string): Stretch {
    if (known !== undefined && from < known.end) return known;
    stop.lastIndex = from;
    const end = stop.exec(this.#text)?.index ?? this.#text.length;
    return { end, lastAt: from + this.#text.slice(from, end).lastIndexOf(at) };
  }
}

/** Whether the text before the `@` is a token, not a user's name: it is long or looks random. */
function isToken(user: string): boolean {
  return user.length >= tokenMin || (user.length >= mixedTokenMin && looksRandom(user));
}

function isWebScheme(scheme: string): boolean {
  return /(?:^|[^a-z])(?:https?|wss?|ftps?)$/i.test(scheme);
}

/** The range after the first separator and before `at`; undefined if it is empty. */
function between(text: string, from: number, at: number, separator: RegExp): TextRange | undefined {
  if (at < from) return undefined;
  separator.lastIndex = from;
  const start = separator.test(text) ? separator.lastIndex : at;
  return start < at ? { start, end: at } : undefined;
}

/** An option this many characters after a client's name belongs to another command. */
const distanceMax = 1000;

/**
 * Finds the names of HTTP clients in a text. It remembers how far it has read, so that a hundred
 * thousand queries read the text once.
 */
export class HttpClients {
  readonly #text: string;
  readonly #names = /\b(?:curl|https?|wget)\b/g;
  /** The index of the last name that ends before the position of the last query. */
  #last = Number.NEGATIVE_INFINITY;
  /** The name after it; undefined before the first query. */
  #next: RegExpExecArray | null | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  /**
   * Whether a client's name comes shortly before a position.
   *
   * @param position not lower than in the previous call
   */
  isNear(position: number): boolean {
    if (this.#next === undefined) this.#next = this.#names.exec(this.#text);
    while (this.#next !== null && this.#next.index + this.#next[0].length <= position) {
      this.#last = this.#next.index;
      this.#next = this.#names.exec(this.#text);
    }
    return this.#last >= position - distanceMax;
  }
}
