/** A shell text and the position up to which it has been read. */
export class ShellText {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get done(): boolean {
    return this.#at >= this.#text.length;
  }

  /** Index of the next character. */
  get at(): number {
    return this.#at;
  }

  /** Steps over the next character and returns it; empty at the end. */
  next(): string {
    const character = this.#text[this.#at] ?? '';
    this.#at += 1;
    return character;
  }

  /** Whether a character comes next. */
  sees(character: string): boolean {
    return this.#text[this.#at] === character;
  }

  /** Steps over a character if it comes next; returns whether it did. */
  accept(character: string): boolean {
    const found = this.sees(character);
    if (found) this.#at += 1;
    return found;
  }

  /** {@link accept} for a text of several characters. */
  acceptText(expected: string): boolean {
    const found = this.#text.startsWith(expected, this.#at);
    if (found) this.#at += expected.length;
    return found;
  }

  /** Steps over what a sticky pattern matches here, and returns it. */
  match(sticky: RegExp): string | undefined {
    sticky.lastIndex = this.#at;
    const found = sticky.exec(this.#text)?.[0];
    this.#at += found?.length ?? 0;
    return found;
  }

  /** Goes to the next such character, or to the end; returns the text before it. */
  upTo(character: string): string {
    const found = this.#text.indexOf(character, this.#at);
    const end = found < 0 ? this.#text.length : found;
    const passed = this.#text.slice(this.#at, end);
    this.#at = end;
    return passed;
  }

  /** {@link upTo}, and steps over the character as well. */
  past(character: string): string {
    const passed = this.upTo(character);
    this.#at += 1;
    return passed;
  }
}
