import type { CommandWord } from './shell-command.ts';

/** Collects the words that one written word expands to. */
export class WordFields {
  readonly #words: CommandWord[] = [];
  readonly #separators: string;
  #text = '';
  #dynamic = false;
  #isPattern = false;
  #isExpanded = false;
  #isOpen = false;

  /** @param separators the characters at which {@link split} splits: `IFS`, or none */
  constructor(separators: string) {
    this.#separators = separators;
  }

  /** @param isBare neither quoted nor the result of an expansion */
  literal(text: string, isBare: boolean): void {
    this.#text += text;
    this.#isOpen = true;
    if (isBare && /[*?[]/.test(text)) this.#isPattern = true;
  }

  /** Appends the result of a variable or a substitution, unsplit. */
  append(text: string, dynamic: boolean, isBare = false): void {
    this.#text += text;
    this.#isOpen = true;
    this.#isExpanded = true;
    if (dynamic) this.#dynamic = true;
    if (isBare && /[*?[]/.test(text)) this.#isPattern = true;
  }

  /** Appends the result of a variable or a substitution, and splits it at the separators. */
  split(text: string, dynamic: boolean): void {
    let from = 0;
    for (let at = 0; at < text.length; at += 1) {
      if (!this.#separators.includes(text[at] ?? '')) continue;
      if (at > from) this.append(text.slice(from, at), dynamic, true);
      this.next();
      from = at + 1;
    }
    if (from < text.length) this.append(text.slice(from), dynamic, true);
  }

  /** Ends the current word, if there is one. */
  next(): void {
    if (this.#isOpen) {
      this.#words.push({
        text: this.#text,
        dynamic: this.#dynamic,
        ...(this.#isPattern ? { isPattern: true } : {}),
        ...(this.#isExpanded ? { isExpanded: true } : {}),
      });
    }
    this.#text = '';
    this.#dynamic = false;
    this.#isPattern = false;
    this.#isExpanded = false;
    this.#isOpen = false;
  }

  end(): readonly CommandWord[] {
    this.next();
    return this.#words;
  }
}
