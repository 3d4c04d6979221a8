import { readScriptWord } from './text/quoted-literal.ts';
import { QuoteCloser, type TextView } from './text/text-view.ts';

/** A word of a command, its quotes removed. */
export interface ScriptWord {
  readonly view: TextView;
}

/** A command of a shell script, or a list of words that a program was started with. */
export interface Command {
  readonly words: ScriptWord[];
  /** What it reads: here-strings, and the bodies of here-documents. */
  readonly inputs: ScriptWord[];
  /** Files that its output is redirected to. */
  readonly writes: string[];
  /** The command whose output it reads: before the `|`, or inside `<(…)`. */
  producer?: Command | undefined;
  /** If it follows the `)` of a group: the commands of the group. */
  group?: readonly Command[] | undefined;
  /** The variable of `NAME=(…)`, if the words are the members of its array and no command. */
  readonly array?: string | undefined;
}

export interface Script {
  readonly commands: readonly Command[];
  /** Names of the functions that the script defines. */
  readonly functions: ReadonlySet<string>;
}

interface HereDocument {
  readonly command: Command;
  readonly end: string;
}

const blank = /(?:[ \t\r]|\\\r?\n)+/y;
const redirection = /(?:<<<|<<-?|>>|>\||[<>]&?|&>>?)[ \t]*/y;
const arrayStart = /^([A-Za-z_]\w*)\+?=$/;
/** The end of a word in a list of Python or JSON, which is no word of a shell. */
const listMember = /["'](?:,|\]'?)$/;
const functionBody = /\(\s*\)/y;

export function newCommand(rest: Pick<Command, 'producer' | 'array'> = {}): Command {
  return { words: [], inputs: [], writes: [], ...rest };
}

/**
 * Reads a text as a shell's commands: their words, what they read and write, and whose output they
 * read. The words of a text that is no script are meaningless, but do no harm.
 *
 * It is only as exact as secrets require: bodies of here-documents are read as commands too, and a
 * `$(…)` is also a part of its word.
 */
export function readScript(view: TextView, closer: QuoteCloser, depth = 0): Script {
  return new ScriptReader(view, closer, depth).read();
}

/** How many `$(…)` inside each other are read. */
const substitutionsMax = 3;

class ScriptReader {
  readonly #view: TextView;
  readonly #closer: QuoteCloser;
  readonly #depth: number;
  readonly #commands: Command[] = [];
  readonly #functions = new Set<string>();
  #documents: HereDocument[] = [];
  /** Where the next here-document ends, by its delimiter. */
  readonly #documentEnds = new Map<string, number>();
  /** How many commands there were before each open group. */
  readonly #groups: number[] = [];
  #command = newCommand();
  /** Where the last word ends. */
  #wordEnd = -1;
  #index = 0;

  constructor(view: TextView, closer: QuoteCloser, depth: number) {
    this.#view = view;
    this.#closer = closer;
    this.#depth = depth;
  }

  read(): Script {
    const { text } = this.#view;
    while (this.#index < text.length) this.#readNext(text, text[this.#index] ?? '');
    this.#end();
    return { commands: this.#commands, functions: this.#functions };
  }

  #readNext(text: string, character: string): void {
    if (this.#skip(blank)) return;
    const from = this.#index;
    if (character === '\n') {
      this.#index += 1;
      this.#takeDocuments(text);
      this.#end();
    } else if ('<>'.includes(character) || (character === '&' && text[from + 1] === '>')) {
      this.#readRedirection(text);
    } else if (character === '(') {
      this.#openParenthesis(text);
    } else if (';&|)'.includes(character)) {
      this.#index += 1;
      const isPipe = character === '|' && text[from - 1] !== '|' && text[from + 1] !== '|';
      this.#end(isPipe ? { producer: this.#command } : {});
      const start = character === ')' ? this.#groups.pop() : undefined;
      if (start !== undefined) this.#command.group = this.#commands.slice(start);
    } else {
      const word = this.#readWord();
      if (!listMember.test(text.slice(Math.max(from, this.#index - 4), this.#index))) {
        this.#command.words.push(word);
      }
    }
  }

  #skip(pattern: RegExp): boolean {
    pattern.lastIndex = this.#index;
    if (!pattern.test(this.#view.text)) return false;
    this.#index = pattern.lastIndex;
    return true;
  }

  #readWord(): ScriptWord {
    const from = this.#index;
    const { end, unquoted } = readScriptWord(this.#view, from, this.#closer);
    this.#index = Math.max(end, from + 1);
    this.#wordEnd = this.#index;
    this.#readSubstitution(from, this.#index);
    return { view: unquoted };
  }

  /**
   * Reads the commands of a `$(…)` in a word; quoted texts are also read as layers of their own.
   */
  #readSubstitution(from: number, to: number): void {
    if (this.#depth >= substitutionsMax) return;
    const start = /\$\(|`/.exec(this.#view.text.slice(from, to));
    if (start === null) return;
    const inside = this.#view.slice(from + start.index + start[0].length, to);
    const { commands } = readScript(inside, new QuoteCloser(inside.text), this.#depth + 1);
    this.#commands.push(...commands);
  }

  /** Ends the command and begins the next one. */
  #end(rest: Pick<Command, 'producer' | 'array'> = {}): void {
    const { words, inputs } = this.#command;
    if (words.length > 0 || inputs.length > 0) this.#commands.push(this.#command);
    const keyword = words.findIndex(({ view }) => view.text === 'function');
    if (keyword !== -1) this.#functions.add(words[keyword + 1]?.view.text ?? '');
    this.#command = newCommand(rest);
  }

  #openParenthesis(text: string): void {
    const last = this.#command.words.at(-1)?.view.text ?? '';
    const isGlued = this.#wordEnd === this.#index;
    if (this.#skip(functionBody)) {
      this.#functions.add(last);
    } else {
      const reader = text[this.#index - 1] === '<' ? this.#command : undefined;
      const array = isGlued ? arrayStart.exec(last)?.[1] : undefined;
      this.#index += 1;
      const { words, producer } = this.#command;
      const handedOn = words.length === 0 ? { producer } : {};
      this.#end(array === undefined ? handedOn : { array });
      if (reader !== undefined) reader.producer = this.#command;
      this.#groups.push(this.#commands.length);
      return;
    }
    this.#end();
  }

  #readRedirection(text: string): void {
    const from = this.#index;
    redirection.lastIndex = from;
    const sign = redirection.exec(text)?.[0] ?? text[from] ?? '';
    this.#index += sign.length;
    const next = text[this.#index] ?? '\n';
    if ('\n;|&()<>'.includes(next)) return;
    const target = this.#readWord();
    if (sign.startsWith('<<<')) this.#command.inputs.push(target);
    else if (sign.startsWith('<<')) {
      this.#documents.push({ command: this.#command, end: target.view.text });
    } else if (sign.includes('>')) this.#command.writes.push(target.view.text);
  }

  /** Gives each command its here-document; the first begins at this line. */
  #takeDocuments(text: string): void {
    let from = this.#index;
    for (const { command, end } of this.#documents) {
      const close = this.#documentEnd(text, from, end);
      const newline = text[close - 1] === '\n' && close > from ? 1 : 0;
      const bodyEnd = Math.min(close - newline, from + documentCharactersMax);
      command.inputs.push({ view: this.#view.slice(from, bodyEnd) });
      from = Math.min(text.length, close + end.length + 1);
    }
    this.#documents = [];
  }

  /** {@link documentEnd}, searched once if many documents have the same delimiter. */
  #documentEnd(text: string, from: number, end: string): number {
    const known = this.#documentEnds.get(end) ?? -1;
    if (known >= from) return known;
    const close = documentEnd(text, from, end);
    this.#documentEnds.set(end, close);
    return close;
  }
}

/** How much of a here-document counts as a command's input. */
const documentCharactersMax = 4000;

/** How many tabs may precede the delimiter of a `<<-`. */
const tabsMax = 20;

/** Where the delimiter's line begins that ends a here-document; the text's end if there is none. */
function documentEnd(text: string, from: number, end: string): number {
  for (let index = text.indexOf(end, from); index !== -1; index = text.indexOf(end, index + 1)) {
    let lineStart = index;
    const farthest = Math.max(from, index - tabsMax);
    while (lineStart > farthest && text[lineStart - 1] === '\t') lineStart -= 1;
    const after = text[index + end.length] ?? '\n';
    if ((lineStart === from || text[lineStart - 1] === '\n') && after === '\n') return lineStart;
    if (end === '') break;
  }
  return text.length;
}
