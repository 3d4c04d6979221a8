/** A word of a shell command, its quotes removed. */
export interface ShellWord {
  readonly text: string;
  /** Holds a variable or a substitution, so that only the shell knows what it becomes. */
  readonly dynamic: boolean;
}

/** A simple command: a program and its arguments. */
export interface ShellCommand {
  /** Without assignments in front, redirections and keywords like `then`. */
  readonly words: readonly ShellWord[];
  /** Texts that it reads: here-documents and here-strings. */
  readonly input: readonly string[];
  /** The next command of its pipeline. */
  readonly feeds?: ShellCommand;
  /** Its errors go elsewhere than to the log. */
  readonly silenced: boolean;
}

interface OpenCommand {
  words: ShellWord[];
  input: string[];
  feeds?: OpenCommand;
  silenced: boolean;
  outputIsAway: boolean;
}

/** What a substitution interrupts. */
interface Frame {
  readonly closer: ')' | '`';
  readonly command: OpenCommand;
  readonly word: OpenWord | undefined;
  readonly inQuotes: boolean;
  readonly parentheses: number;
}

type Redirect =
  | { readonly kind: 'output'; readonly descriptor: string }
  | { readonly kind: 'input' | 'here-string' }
  | { readonly kind: 'here-document'; readonly stripsTabs: boolean };

interface OpenWord {
  text: string;
  dynamic: boolean;
}

interface HereDocument {
  readonly owner: OpenCommand;
  readonly delimiter: string;
  readonly stripsTabs: boolean;
}

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

/** Substitutions inside substitutions; nobody's go deeper. */
const maxDepth = 100;

const keywords = new Set([
  ...['if', 'then', 'elif', 'else', 'fi', 'while', 'until', 'do', 'done', 'esac', '{', '}', '!'],
  ...['time', 'function', 'coproc'],
]);

/** Substitutions inside substitutions; each costs memory. */
const maxFrames = 100;

class ShellReader {
  readonly #text: string;
  #at = 0;
  #command: OpenCommand = emptyCommand();
  #word: OpenWord | undefined;
  #inQuotes = false;
  /** Groups that are open inside the present substitution. */
  #parentheses = 0;
  /** What the next word is, where it is no argument. */
  #redirect: Redirect | undefined;
  readonly #frames: Frame[] = [];
  readonly #commands: OpenCommand[] = [];
  #pendingDocuments: HereDocument[] = [];
  #pipeSource: OpenCommand | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  read(): readonly ShellCommand[] {
    while (this.#at < this.#text.length) this.#step();
    while (this.#frames.length > 0) this.#close();
    this.#endCommand();
    return this.#commands;
  }

  #step(): void {
    const ordinary = this.#inQuotes ? ordinaryInQuotes : ordinaryOutside;
    ordinary.lastIndex = this.#at;
    const run = ordinary.exec(this.#text)?.[0];
    if (run !== undefined) {
      this.#at += run.length;
      this.#append(run);
      return;
    }
    const character = this.#text[this.#at] ?? '';
    this.#at += 1;
    if (character === '\\') this.#escaped();
    else if (character === '$') this.#dollar();
    else if (character === '`') this.#backtick();
    else if (character === '"') this.#toggleQuotes();
    else if (this.#inQuotes) this.#append(character);
    else this.#unquoted(character);
  }

  #unquoted(character: string): void {
    switch (character) {
      case "'":
        this.#singleQuoted();
        break;
      case ' ':
      case '\t':
      case '\r':
        this.#endWord();
        break;
      case '\n':
        this.#endCommand();
        this.#readDocuments();
        break;
      case ';':
        this.#endCommand();
        break;
      case '#':
        if (this.#word === undefined) this.#at = this.#indexOf('\n', this.#at);
        else this.#append(character);
        break;
      case '&':
        this.#ampersand();
        break;
      case '|':
        this.#pipe();
        break;
      case '(':
        this.#parentheses += 1;
        this.#endCommand();
        break;
      case ')':
        this.#closeParenthesis();
        break;
      case '<':
      case '>':
        this.#redirection(character);
        break;
      default:
        this.#append(character);
    }
  }

  #append(text: string): void {
    this.#word ??= { text: '', dynamic: false };
    this.#word.text += text;
  }

  #escaped(): void {
    const next = this.#text[this.#at] ?? '';
    this.#at += 1;
    if (next === '\n') return;
    if (next === '\r' && this.#text[this.#at] === '\n') {
      this.#at += 1;
      return;
    }
    this.#append(this.#inQuotes && !/["\\$`]/.test(next) ? `\\${next}` : next);
  }

  #singleQuoted(): void {
    const end = this.#indexOf("'", this.#at);
    this.#append(this.#text.slice(this.#at, end));
    this.#at = end + 1;
  }

  #toggleQuotes(): void {
    this.#append('');
    this.#inQuotes = !this.#inQuotes;
  }

  #dollar(): void {
    const next = this.#text[this.#at] ?? '';
    if (next === '(') {
      this.#at += 1;
      this.#open(')');
      return;
    }
    if (next === "'" && !this.#inQuotes) {
      this.#at += 1;
      this.#singleQuoted();
      return;
    }
    const variable = /\{[^}\n]*\}?|[A-Za-z_]\w*|[0-9@*#?$!-]/y;
    variable.lastIndex = this.#at;
    const name = variable.exec(this.#text)?.[0] ?? '';
    this.#at += name.length;
    // An unquoted $IFS is what it is for: a separator.
    if (!this.#inQuotes && /^\{?IFS\b/.test(name)) {
      this.#endWord();
      return;
    }
    this.#append(`$${name}`);
    if (name !== '' && this.#word !== undefined) this.#word.dynamic = true;
  }

  #backtick(): void {
    if (this.#frames.at(-1)?.closer === '`') this.#close();
    else this.#open('`');
  }

  #open(closer: Frame['closer']): void {
    // A substitution that nobody writes so deep is read like a group: its commands count all the same.
    if (this.#frames.length >= maxFrames) {
      this.#endCommand();
      this.#inQuotes = false;
      if (closer === ')') this.#parentheses += 1;
      return;
    }
    if (this.#frames.length >= maxDepth) {
      this.#endCommand();
      return;
    }
    this.#word ??= { text: '', dynamic: false };
    this.#word.text += '$()';
    this.#word.dynamic = true;
    this.#frames.push({
      closer,
      command: this.#command,
      word: this.#word,
      inQuotes: this.#inQuotes,
      parentheses: this.#parentheses,
    });
    this.#parentheses = 0;
    this.#command = emptyCommand();
    this.#word = undefined;
    this.#inQuotes = false;
  }

  #close(): void {
    this.#endCommand();
    const frame = this.#frames.pop();
    if (frame === undefined) return;
    this.#command = frame.command;
    this.#word = frame.word;
    this.#inQuotes = frame.inQuotes;
    this.#parentheses = frame.parentheses;
  }

  #closeParenthesis(): void {
    if (this.#parentheses > 0) {
      this.#parentheses -= 1;
      this.#endCommand();
    } else if (this.#frames.at(-1)?.closer === ')') {
      this.#close();
    } else {
      this.#endCommand();
    }
  }

  #ampersand(): void {
    // `&>` is read with its arrow, `2>&1` as the name of where it goes.
    if (this.#text[this.#at] === '>') this.#append('&');
    else if (this.#redirect !== undefined && this.#word === undefined) this.#append('&');
    else this.#endCommand();
  }

  #pipe(): void {
    const isOr = this.#text[this.#at] === '|';
    if (isOr || this.#text[this.#at] === '&') this.#at += 1;
    this.#endWord();
    const source = isOr ? undefined : this.#command;
    this.#endCommand();
    this.#pipeSource = source;
  }

  #redirection(character: '<' | '>'): void {
    // The number in `2>` is no argument.
    const before = this.#word?.text ?? '';
    const descriptor = /^[0-9&]$/.test(before) ? before : '';
    if (descriptor !== '') this.#word = undefined;
    this.#endWord();
    const operator = /[<>|-]*/y;
    operator.lastIndex = this.#at - 1;
    const found = operator.exec(this.#text)?.[0] ?? character;
    this.#at += found.length - 1;
    if (found === '<<<') this.#redirect = { kind: 'here-string' };
    else if (found.startsWith('<<')) {
      this.#redirect = { kind: 'here-document', stripsTabs: found.endsWith('-') };
    } else if (found.startsWith('>')) this.#redirect = { kind: 'output', descriptor };
    else this.#redirect = { kind: 'input' };
  }

  #endWord(): void {
    const word = this.#word;
    if (word === undefined) return;
    this.#word = undefined;
    const redirect = this.#redirect;
    this.#redirect = undefined;
    const command = this.#command;
    switch (redirect?.kind) {
      case undefined:
        this.#addWord(word);
        break;
      case 'output':
        redirectOutput(command, redirect.descriptor, word.text);
        break;
      case 'here-string':
        command.input.push(word.text);
        break;
      case 'here-document':
        this.#pendingDocuments.push({
          owner: command,
          delimiter: word.text,
          stripsTabs: redirect.stripsTabs,
        });
        break;
    }
  }

  #addWord(word: OpenWord): void {
    const { words } = this.#command;
    const isFirst = words.length === 0;
    if (isFirst && !word.dynamic && keywords.has(word.text)) return;
    if (isFirst && /^[A-Za-z_]\w*\+?=/.test(word.text)) return;
    words.push(word);
  }

  #endCommand(): void {
    this.#endWord();
    this.#redirect = undefined;
    const command = this.#command;
    if (command.words.length > 0 && this.#pipeSource !== undefined) {
      this.#pipeSource.feeds = command;
      this.#pipeSource = undefined;
    }
    this.#keep(command);
    this.#command = emptyCommand();
  }

  #keep(command: OpenCommand): void {
    if (command.words.length > 0) this.#commands.push(command);
  }

  #readDocuments(): void {
    for (const { owner, delimiter, stripsTabs } of this.#pendingDocuments) {
      const lines: string[] = [];
      while (this.#at < this.#text.length) {
        const end = this.#indexOf('\n', this.#at);
        const line = this.#text.slice(this.#at, end);
        this.#at = end + 1;
        if ((stripsTabs ? line.replace(/^\t+/, '') : line).trimEnd() === delimiter) break;
        lines.push(line);
      }
      owner.input.push(lines.join('\n'));
    }
    this.#pendingDocuments = [];
  }

  #indexOf(text: string, from: number): number {
    const index = this.#text.indexOf(text, from);
    return index < 0 ? this.#text.length : index;
  }
}

function emptyCommand(): OpenCommand {
  return { words: [], input: [], silenced: false, outputIsAway: false };
}

/** Follows where standard output and error go: `> file`, `2> file`, `2>&1`, `&> file`. */
function redirectOutput(command: OpenCommand, descriptor: string, goal: string): void {
  if (descriptor === '2') command.silenced = goal === '&1' ? command.outputIsAway : goal !== '&2';
  else if (descriptor === '&' || (descriptor === '' && /^&[^12-]/.test(goal))) {
    command.outputIsAway = true;
    command.silenced = true;
  } else if (descriptor === '' || descriptor === '1') {
    command.outputIsAway = goal === '&2' ? command.silenced : goal !== '&1';
  }
}
