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
