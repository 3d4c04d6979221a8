/** Words that one word may expand to; with more it is left as it is. */
const maxWords = 256;

/**
 * Expands braces as bash does: `a{b,c}d` becomes `abd` and `acd`, `{1..3}` becomes `1`, `2` and
 * `3`.
 *
 * @param text unquoted; the caller replaces quoted braces and commas by other characters
 * @returns the text alone if it holds no such braces, or would become too many words
 */
export function expandBraces(text: string): readonly string[] {
  if (!text.includes('{') || !/,|\.\./.test(text)) return [text];
  const expansion = new BraceExpansion(text);
  const words = expansion.read();
  return expansion.failed ? [text] : words;
}

/** `{1..3}`, `{a..e}` */
const sequence = /^(-?\d{1,6}|[A-Za-z])\.\.(-?\d{1,6}|[A-Za-z])$/;

class BraceExpansion {
  failed = false;
  readonly #text: string;
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  read(): string[] {
    const words = this.#join('');
    // A closing brace without an opening one is plain text.
    while (this.#at < this.#text.length && !this.failed) {
      const character = this.#text[this.#at] ?? '';
      this.#at += 1;
      const rest = this.#join('');
      if (!this.#fits(words.length * rest.length)) break;
      const before = words.splice(0);
      for (const a of before) for (const b of rest) words.push(a + character + b);
    }
    return words;
  }

  /** Reads up to the comma or brace that ends the part; returns the words that it expands to. */
  #join(ends: string): string[] {
    let words = [''];
    let from = this.#at;
    while (this.#at < this.#text.length && !this.failed) {
      const character = this.#text[this.#at] ?? '';
      if (character === '}' || (character === ',' && ends !== '')) break;
      if (character !== '{') {
        this.#at += 1;
        continue;
      }
      const plain = this.#text.slice(from, this.#at);
      const choices = this.#braces();
      from = this.#at;
      if (!this.#fits(words.length * choices.length)) break;
      words = words.flatMap((word) => choices.map((choice) => word + plain + choice));
    }
    const rest = this.#text.slice(from, this.#at);
    return words.map((word) => word + rest);
  }

  #braces(): string[] {
    const start = this.#at;
    this.#depth += 1;
    if (this.#depth > 20) this.failed = true;
    this.#at += 1;
    const choices: string[] = [];
    let commas = 0;
    while (!this.failed) {
      for (const choice of this.#join(',')) choices.push(choice);
      if (this.#text[this.#at] !== ',') break;
      commas += 1;
      this.#at += 1;
    }
    this.#depth -= 1;
    if (this.#text[this.#at] !== '}') {
      // Not closed: all of it is plain text.
      this.failed = true;
      return [this.#text.slice(start, this.#at)];
    }
    this.#at += 1;
    if (commas > 0) return this.#fits(choices.length) ? choices : [];
    return this.#sequence(choices[0] ?? '') ?? choices.map((choice) => `{${choice}}`);
  }

  #sequence(text: string): string[] | undefined {
    const [, first = '', last = ''] = sequence.exec(text) ?? [];
    if (first === '' || /\d/.test(first) !== /\d/.test(last)) return undefined;
    const isNumber = /\d/.test(first);
    const [from, to] = [first, last].map((end) => (isNumber ? Number(end) : end.charCodeAt(0)));
    if (from === undefined || to === undefined) return undefined;
    const count = Math.abs(to - from) + 1;
    if (!this.#fits(count)) return undefined;
    return Array.from({ length: count }, (_, at) => {
      const value = from + Math.sign(to - from) * at;
      return isNumber ? String(value) : String.fromCharCode(value);
    });
  }

  #fits(count: number): boolean {
    if (count > maxWords) this.failed = true;
    return !this.failed;
  }
}
