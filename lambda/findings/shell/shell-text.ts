/** A place in a shell text. What is not closed ends with the text. */
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

  /** The next character, stepped over; empty at the end. */
  next(): string {
    const character = this.#text[this.#at] ?? '';
    this.#at += 1;
    return character;
  }

  /** Whether a character comes next. */
  sees(character: string): boolean {
    return this.#text[this.#at] === character;
  }

  /** {@link sees}, and steps over it. */
  accept(character: string): boolean {
    const found = this.sees(character);
    if (found) this.#at += 1;
    return found;
  }

  /** Steps over a text that comes next, if it does. */
  acceptText(expected: string): boolean {
    const found = this.#text.startsWith(expected, this.#at);
    if (found) this.#at += expected.length;
    return found;
  }

  /** What a sticky pattern matches here, stepped over. */
  match(sticky: RegExp): string | undefined {
    sticky.lastIndex = this.#at;
    const found = sticky.exec(this.#text)?.[0];
    this.#at += found?.length ?? 0;
    return found;
  }

  /** What stands before the next such character; goes to it. */
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
