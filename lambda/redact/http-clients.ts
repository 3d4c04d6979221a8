/** An option further away than this many characters is another command's. */
const distanceMax = 1000;

/**
 * Finds the names of HTTP clients in a text. It remembers how far it has read, so that asking at a
 * hundred thousand options reads the text once.
 */
export class HttpClients {
  readonly #text: string;
  readonly #names = /\b(?:curl|https?|wget)\b/g;
  /** Where the last name begins that ends before the position that was asked for. */
  #last = Number.NEGATIVE_INFINITY;
  /** The name after it; undefined before the first question. */
  #next: RegExpExecArray | null | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  /**
   * Whether a client's name comes shortly before a position.
   *
   * @param position not lower than at the call before
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
