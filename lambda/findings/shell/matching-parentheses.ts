/**
 * Where each opening parenthesis of a text is closed, whatever quotes are around it; -1 for one that is
 * not. Made at the first question, in one pass.
 */
export class MatchingParentheses {
  readonly #text: string;
  #closers: Int32Array | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  /** Whether the two parentheses that open here are closed together, as those of `((1 << 2))` are. */
  closeTogether(at: number): number | undefined {
    this.#closers ??= closersOf(this.#text);
    const [outer = -1, inner = -1] = [this.#closers[at], this.#closers[at + 1]];
    return inner >= 0 && outer === inner + 1 ? inner : undefined;
  }
}

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
