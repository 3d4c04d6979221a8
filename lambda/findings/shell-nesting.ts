import type { InterruptedCommand, ShellCommandBuilder } from './shell-command-builder.ts';

/** Substitutions inside substitutions: nobody's go deeper, and each costs memory. */
const maxFrames = 100;

/** What a substitution interrupts. */
interface Frame {
  readonly closer: ')' | '`';
  readonly interrupted: InterruptedCommand;
  readonly inQuotes: boolean;
  readonly parentheses: number;
}

/** In which quotes, groups and substitutions a shell text is, as it is read. */
export class ShellNesting {
  /** Between double quotes. */
  inQuotes = false;
  /** Groups that are open inside the present substitution. */
  #parentheses = 0;
  readonly #frames: Frame[] = [];
  readonly #builder: ShellCommandBuilder;

  constructor(builder: ShellCommandBuilder) {
    this.#builder = builder;
  }

  openGroup(): void {
    this.#parentheses += 1;
    this.#builder.endCommand();
  }

  /** Ends a group or a `$(…)`; one that ends nothing still ends a command, as in `case`. */
  closeParenthesis(): void {
    if (this.#parentheses > 0) {
      this.#parentheses -= 1;
      this.#builder.endCommand();
    } else if (this.#frames.at(-1)?.closer === ')') {
      this.#close();
    } else {
      this.#builder.endCommand();
    }
  }

  /** Opens or closes a substitution in backticks. */
  backtick(): void {
    if (this.#frames.at(-1)?.closer === '`') this.#close();
    else this.openSubstitution('`');
  }

  openSubstitution(closer: Frame['closer']): void {
    // A substitution that nobody writes so deep is read like a group: its commands count all the same.
    if (this.#frames.length >= maxFrames) {
      this.#builder.endCommand();
      this.inQuotes = false;
      if (closer === ')') this.#parentheses += 1;
      return;
    }
    this.#builder.append('$()', true);
    this.#frames.push({
      closer,
      interrupted: this.#builder.interrupt(),
      inQuotes: this.inQuotes,
      parentheses: this.#parentheses,
    });
    this.#parentheses = 0;
    this.inQuotes = false;
  }

  /** Ends all that is open at the end of the text. */
  closeAll(): void {
    while (this.#frames.length > 0) this.#close();
    this.#builder.endCommand();
  }

  #close(): void {
    const frame = this.#frames.pop();
    if (frame === undefined) return;
    this.#builder.resume(frame.interrupted);
    this.inQuotes = frame.inQuotes;
    this.#parentheses = frame.parentheses;
  }
}
