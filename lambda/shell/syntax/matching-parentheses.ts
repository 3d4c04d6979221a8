/**
 * Which parentheses of a text belong together, quotes ignored. Computed on first use, in one pass.
 */
export class MatchingParentheses {
  readonly #text: string;
  #closers: Int32Array | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  /**
   * The index of the inner `)` if the `((` at an index is closed by a `))`, as in `((1 << 2))`;
   * undefined otherwise.
   */
  closeTogether(at: number): number | undefined {
    this.#closers ??= closersOf(this.#text);
    const [outer = -1, inner = -1] = [this.#closers[at], this.#closers[at + 1]];
    return inner >= 0 && outer === inner + 1 ? inner : undefined;
  }
}

/** For each index of a `(` the index of its `)`, -1 where there is none. */
function closersOf(text: string): Int32Array {
  const closers = new Int32Array(text.length).fill(-1);
  const open: number[] = [];
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === '(') open.push(at);
    else if (text[at] === ')') {
      const opener = open.pop();
      if (opener !== undefined) closers[opener] = at;
    }
  }
  return closers;
}
