import { readHereDocument } from './here-document.ts';
import type { ShellCommand } from './shell-command.ts';
import { ShellCommandBuilder } from './shell-command-builder.ts';
import { ShellNesting } from './shell-nesting.ts';
import { readRedirect } from './shell-redirect.ts';
import { ShellText } from './shell-text.ts';

/**
 * Splits a shell text into the simple commands that it runs, those inside substitutions, groups,
 * functions and loops included. One pass, in time linear in the text; what is not closed ends with the
 * text.
 */
export function readShellCommands(text: string): readonly ShellCommand[] {
  return new ShellReader(text).read();
}

/** Characters that stand for themselves, a run at a time. */
const ordinaryInQuotes = /[^"\\$`]+/y;
const ordinaryOutside = /[^\s'"\\$`;&|()<>#]+/y;

const variable = /\{[^}\n]*\}?|[A-Za-z_]\w*|[0-9@*#?$!-]/y;

class ShellReader {
  readonly #text: ShellText;
  readonly #builder = new ShellCommandBuilder();
  readonly #nesting = new ShellNesting(this.#builder);

  constructor(text: string) {
    this.#text = new ShellText(text);
  }

  read(): readonly ShellCommand[] {
    while (!this.#text.done) this.#step();
    this.#nesting.closeAll();
    return this.#builder.commands;
  }

  #step(): void {
    const { inQuotes } = this.#nesting;
    const run = this.#text.match(inQuotes ? ordinaryInQuotes : ordinaryOutside);
    if (run !== undefined) {
      this.#builder.append(run);
      return;
    }
    const character = this.#text.next();
    if (character === '\\') this.#escaped();
    else if (character === '$') this.#dollar();
    else if (character === '`') this.#nesting.backtick();
    else if (character === '"') this.#toggleQuotes();
    else if (inQuotes) this.#builder.append(character);
    else this.#unquoted(character);
  }

  #unquoted(character: string): void {
    const builder = this.#builder;
    switch (character) {
      case "'":
        builder.append(this.#text.past("'"));
        break;
      case ' ':
      case '\t':
      case '\r':
        builder.endWord();
        break;
      case '\n':
        builder.endCommand();
        for (const document of builder.takeAnnounced()) readHereDocument(this.#text, document);
        break;
      case ';':
        builder.endCommand();
        break;
      case '#':
        if (builder.isInWord) builder.append(character);
        else this.#text.upTo('\n');
        break;
      case '&':
        this.#ampersand();
        break;
      case '|':
        this.#pipe();
        break;
      case '(':
        this.#nesting.openGroup();
        break;
      case ')':
        this.#nesting.closeParenthesis();
        break;
      case '<':
      case '>':
        this.#redirection(character);
        break;
      default:
        builder.append(character);
    }
  }

  #escaped(): void {
    const next = this.#text.next();
    if (next === '\n' || (next === '\r' && this.#text.accept('\n'))) return;
    const isKept = this.#nesting.inQuotes && !/["\\$`]/.test(next);
    this.#builder.append(isKept ? `\\${next}` : next);
  }

  #toggleQuotes(): void {
    // Quotes around nothing are a word all the same.
    this.#builder.append('');
    this.#nesting.inQuotes = !this.#nesting.inQuotes;
  }

  #dollar(): void {
    if (this.#text.accept('(')) {
      this.#nesting.openSubstitution(')');
      return;
    }
    const { inQuotes } = this.#nesting;
    if (!inQuotes && this.#text.accept("'")) {
      this.#builder.append(this.#text.past("'"));
      return;
    }
    const name = this.#text.match(variable) ?? '';
    // An unquoted $IFS is what it is for: a separator.
    if (!inQuotes && /^\{?IFS\b/.test(name)) this.#builder.endWord();
    else this.#builder.append(`$${name}`, name !== '');
  }

  #ampersand(): void {
    // `&>` is read with its arrow, `2>&1` as the name of where it goes.
    if (this.#text.sees('>') || this.#builder.awaitsGoal) this.#builder.append('&');
    else this.#builder.endCommand();
  }

  #pipe(): void {
    if (this.#text.accept('|')) {
      this.#builder.endUnpiped();
      return;
    }
    this.#text.accept('&');
    this.#builder.endPiped();
  }

  #redirection(arrow: '<' | '>'): void {
    const descriptor = this.#builder.takeDescriptor();
    this.#builder.endWord();
    this.#builder.redirect(readRedirect(this.#text, arrow, descriptor));
  }
}
