import type { HereDocument } from './here-document.ts';
import {
  type Assignment,
  bareText,
  literalText,
  type Redirection,
  type ShellGroup,
  type ShellPart,
  type SyntaxCommand,
  type SyntaxWord,
} from './shell-syntax.ts';

/** `${NAME` and an operator that have been read; what stands behind them is being read. */
interface OpenOperand {
  readonly name: string;
  readonly operator: string;
  readonly quoted: boolean;
  readonly closer: '}' | ']';
  /** Of the word around it. */
  readonly outer: ShellPart[];
  /** Inside quotes of its own, within the quotes that the whole stands in: `"${a:-"}"}"`. */
  isQuotedAgain?: boolean;
}

interface OpenWord {
  parts: ShellPart[];
  readonly operands: OpenOperand[];
}

interface OpenGroup extends ShellGroup {
  /** Of a `case`, where its next word is a pattern. */
  expectsPattern: boolean;
}

/** What a substitution interrupts. */
export interface Interrupted {
  readonly command: SyntaxCommand;
  readonly word: OpenWord | undefined;
  readonly awaited: Awaited | undefined;
  readonly pipeSource: SyntaxCommand | ShellGroup | undefined;
  readonly closed: ShellGroup | undefined;
  readonly functionName: string | undefined;
  readonly group: OpenGroup;
}

/** A redirection whose goal is the next word. */
interface Awaited {
  readonly redirection: Redirection;
  /** Of a here-document. */
  readonly stripsTabs?: boolean;
}

/** Keywords that a command can follow directly. */
const openers: Readonly<Record<string, ShellGroup['kind']>> = {
  '{': 'braces',
  if: 'if',
  while: 'loop',
  until: 'loop',
  for: 'loop',
  select: 'loop',
  case: 'case',
};
const closers: Readonly<Record<string, ShellGroup['kind']>> = {
  '}': 'braces',
  fi: 'if',
  done: 'loop',
  esac: 'case',
};
const skipped = new Set(['then', 'elif', 'else', 'do', '!', 'time', 'coproc', '-p']);

const assigned = /^([A-Za-z_]\w*)(?:\[[^\]]*\])?(\+?)=/;

/** In a function that has not been named yet. */
const unnamed = '';

/** `${a:-${b:-…}}`: nobody writes more of them in each other. */
const maxOperands = 50;

/** Groups in groups: deeper ones are read as if their parentheses were not there. */
const maxGroupDepth = 1_000;

/** Puts parts together into words, commands and groups, as the reader tells where each of them ends. */
export class ShellBuilder {
  readonly commands: SyntaxCommand[] = [];
  readonly functions = new Map<string, boolean>();
  isCutShort = false;
  #group: OpenGroup = { kind: 'text', depth: 0, redirections: [], expectsPattern: false };
  #command: SyntaxCommand = this.#emptyCommand();
  #word: OpenWord | undefined;
  #awaited: Awaited | undefined;
  #pipeSource: SyntaxCommand | ShellGroup | undefined;
  /** A group that has just ended: what follows redirects or pipes it. */
  #closed: ShellGroup | undefined;
  #functionName: string | undefined;
  #announced: HereDocument[] = [];

  get isInWord(): boolean {
    return this.#word !== undefined;
  }

  /** Whether a command has no words yet, so that a keyword or a group can stand here. */
  get isAtStart(): boolean {
    const { words, assignments } = this.#command;
    const isHead =
      words.length === 0 || (words.length === 1 && literalText(words[0] ?? []) === 'for');
    return this.#word === undefined && assignments.length === 0 && isHead;
  }

  get awaitsGoal(): boolean {
    return this.#awaited !== undefined && this.#word === undefined;
  }

  get isInPattern(): boolean {
    return this.#group.kind === 'case' && this.#group.expectsPattern;
  }

  get isInCase(): boolean {
    return this.#group.kind === 'case';
  }

  /** What ends the operand of the `${NAME…` that is open in the present word. */
  get operandCloser(): '}' | ']' | undefined {
    return this.#word?.operands.at(-1)?.closer;
  }

  /** @param inQuotes whether the text that is being read stands in double quotes */
  endsOperand(character: string, inQuotes: boolean): boolean {
    const operand = this.#word?.operands.at(-1);
    if (operand?.closer !== character || operand.isQuotedAgain === true) return false;
    return character === ']' || inQuotes === operand.quoted;
  }

  /**
   * Takes a double quote in an operand that stands in quotes: what is between two of them is quoted once
   * more, and an apostrophe is one there.
   *
   * @returns false where no such operand is open
   */
  quoteOperandAgain(): boolean {
    const operand = this.#word?.operands.at(-1);
    if (operand === undefined || operand.closer === ']' || !operand.quoted) return false;
    operand.isQuotedAgain = operand.isQuotedAgain !== true;
    return true;
  }

  append(text: string, quoted: boolean): void {
    this.#word ??= { parts: [], operands: [] };
    const { parts } = this.#word;
    const last = parts.at(-1);
    if (last?.kind === 'text' && last.quoted === quoted) {
      parts[parts.length - 1] = { kind: 'text', text: last.text + text, quoted };
    } else parts.push({ kind: 'text', text, quoted });
  }

  appendPart(part: ShellPart): void {
    this.#word ??= { parts: [], operands: [] };
    this.#word.parts.push(part);
  }

  openOperand(operand: Omit<OpenOperand, 'outer' | 'isQuotedAgain'>): void {
    this.#word ??= { parts: [], operands: [] };
    if (this.#word.operands.length >= maxOperands) {
      this.isCutShort = true;
      return;
    }
    this.#word.operands.push({ ...operand, outer: this.#word.parts });
    this.#word.parts = [];
  }

  closeOperand(): void {
    const word = this.#word;
    const operand = word?.operands.pop();
    if (word === undefined || operand === undefined) return;
    const { name, operator, quoted, outer } = operand;
    outer.push({ kind: 'variable', name, operator, quoted, operand: word.parts });
    word.parts = outer;
  }

  /** Takes back the number in `2>`, which is no argument; empty when none stands there. */
  takeDescriptor(): string {
    const before = this.#word?.parts.length === 1 ? (bareText(this.#word.parts) ?? '') : '';
    const descriptor = /^(?:[0-9]{1,2}|&)$/.test(before) ? before : '';
    if (descriptor !== '') this.#word = undefined;
    return descriptor;
  }

  /** Says what the word to come is. */
  redirect(redirection: Redirection, stripsTabs?: boolean): void {
    this.#awaited = { redirection, ...(stripsTabs === undefined ? {} : { stripsTabs }) };
  }

  endWord(): void {
    const word = this.#takeWord();
    if (word === undefined) return;
    const awaited = this.#awaited;
    this.#awaited = undefined;
    if (awaited === undefined) this.#addWord(word);
    else this.#addGoal(awaited, word);
  }

  endCommand(): void {
    this.endWord();
    this.#awaited = undefined;
    const command = this.#command;
    if (!isEmpty(command)) {
      this.#takePipe(command);
      this.commands.push(command);
    }
    this.#command = this.#emptyCommand();
    this.#closed = undefined;
  }

  /** {@link endCommand}, where the next command reads what this one writes. */
  endPiped(): void {
    this.endWord();
    const source = this.#closed ?? this.#command;
    this.endCommand();
    this.#pipeSource = source;
  }

  /** {@link endCommand}, where the next command reads nothing of it, whatever stood before. */
  endUnpiped(isConditional: boolean): void {
    this.endCommand();
    this.#pipeSource = undefined;
    this.#command = this.#emptyCommand(isConditional);
  }

  /** The words before the `)` of a pattern are no command. */
  endPattern(): void {
    this.endWord();
    this.#command = this.#emptyCommand();
    this.#group.expectsPattern = false;
  }

  /** Behind `;;`. */
  expectPattern(): void {
    if (this.#group.kind === 'case') this.#group.expectsPattern = true;
  }

  /** Whether the present word is `NAME=`, so that a parenthesis begins an array. */
  get isBeforeArray(): boolean {
    if (this.#word === undefined || this.#word.operands.length > 0) return false;
    const text = bareText(this.#word.parts) ?? '';
    return assigned.exec(text)?.[0] === text && text !== '';
  }

  /** Makes the words of an array, which were read as a command's, the value of the word before it. */
  addArrayTo(interrupted: Interrupted): void {
    const members = this.resume(interrupted, true);
    const word = this.#takeWord() ?? [];
    const [, name = '', plus = ''] = assigned.exec(literalText(word) ?? '') ?? [];
    const assignment: Assignment = { name, appends: plus !== '', words: members, isArray: true };
    this.#command.assignments.push(assignment);
  }

  /** Whether a parenthesis can make a function of the one word that stands before it. */
  get isFunctionHead(): boolean {
    if (this.#functionName !== undefined) return true;
    const { words, assignments } = this.#command;
    return words.length + (this.#word === undefined ? 0 : 1) === 1 && assignments.length === 0;
  }

  nameFunction(): void {
    if (this.#functionName !== undefined) return;
    const word = this.#takeWord() ?? this.#command.words[0] ?? [];
    this.#functionName = literalText(word) ?? unnamed;
    this.#define(this.#functionName);
    this.#command = this.#emptyCommand();
  }

  openGroup(kind: ShellGroup['kind']): void {
    this.endCommand();
    this.#enter(kind);
  }

  /** Ends the innermost group, and keeps it for what may follow: a pipe, a redirection. */
  closeGroup(): void {
    this.endCommand();
    const { parent } = this.#group;
    if (parent === undefined) return;
    this.#closed = this.#group;
    this.#group = parent as OpenGroup;
    this.#command = this.#emptyCommand();
  }

  /** Ends groups up to an open parenthesis, itself included; false where none is open. */
  closeParenthesis(): boolean {
    let group: ShellGroup | undefined = this.#group;
    while (group !== undefined && !isBoundary(group) && group.kind !== 'parentheses') {
      group = group.parent;
    }
    if (group?.kind !== 'parentheses') return false;
    while (this.#group !== group) this.closeGroup();
    this.closeGroup();
    return true;
  }

  /** The here-documents whose text comes next, each told once. */
  takeAnnounced(): readonly HereDocument[] {
    const announced = this.#announced;
    this.#announced = [];
    return announced;
  }

  /** Begins commands inside the present word. */
  interrupt(kind?: ShellGroup['kind']): Interrupted {
    const interrupted: Interrupted = {
      command: this.#command,
      word: this.#word,
      awaited: this.#awaited,
      pipeSource: this.#pipeSource,
      closed: this.#closed,
      functionName: this.#functionName,
      group: this.#group,
    };
    this.#word = undefined;
    this.#awaited = undefined;
    this.#pipeSource = undefined;
    this.#closed = undefined;
    this.#functionName = undefined;
    if (kind !== undefined) this.#enter(kind);
    this.#command = this.#emptyCommand();
    return interrupted;
  }

  /** The substitution that is being read. */
  get boundary(): ShellGroup {
    let group: ShellGroup = this.#group;
    while (!isBoundary(group) && group.parent !== undefined) group = group.parent;
    return group;
  }

  /**
   * Goes on with what was interrupted.
   *
   * @param dropsCommand where the words that were read since are no command
   * @returns these words
   */
  resume(interrupted: Interrupted, dropsCommand: boolean): readonly SyntaxWord[] {
    this.endWord();
    const { words } = this.#command;
    if (!dropsCommand) this.endCommand();
    this.#command = interrupted.command;
    this.#word = interrupted.word;
    this.#awaited = interrupted.awaited;
    this.#pipeSource = interrupted.pipeSource;
    this.#closed = interrupted.closed;
    this.#functionName = interrupted.functionName;
    this.#group = interrupted.group;
    return words;
  }

  /** Of a text that is one word: a here-document. */
  takeParts(): SyntaxWord {
    return this.#takeWord() ?? [];
  }

  #takeWord(): SyntaxWord | undefined {
    const word = this.#word;
    while (word !== undefined && word.operands.length > 0) this.closeOperand();
    this.#word = undefined;
    return word?.parts;
  }

  #addGoal({ redirection, stripsTabs }: Awaited, word: SyntaxWord): void {
    const owner = this.#closed ?? this.#command;
    owner.redirections.push(redirection);
    if (redirection.kind !== 'here-document') {
      redirection.goal = word;
      return;
    }
    this.#announced.push({
      redirection,
      delimiter: writtenText(word),
      quoted: word.some((part) => part.kind === 'text' && part.quoted),
      stripsTabs: stripsTabs === true,
    });
  }

  #addWord(word: SyntaxWord): void {
    const { words, assignments } = this.#command;
    const isFirst = words.length === 0 && assignments.length === 0;
    const bare = isFirst || this.isInCase ? bareText(word) : undefined;
    if (this.#functionName === unnamed && bare !== undefined && isFirst && bare !== '{') {
      this.#functionName = bare;
      this.#define(bare);
      return;
    }
    if (isFirst && bare !== undefined && this.#isKeyword(bare)) return;
    this.#closed = undefined;
    const first = word[0];
    if (words.length === 0 && first?.kind === 'text' && !first.quoted) {
      const [whole, name = '', plus = ''] = assigned.exec(first.text) ?? [];
      if (whole !== undefined) {
        const value = [{ ...first, text: first.text.slice(whole.length) }, ...word.slice(1)];
        assignments.push({ name, appends: plus !== '', words: [value], isArray: false });
        return;
      }
    }
    words.push(word);
    if (bare === 'in' && this.isInCase && words.length === 3) {
      this.endCommand();
      this.#group.expectsPattern = true;
    }
  }

  #define(name: string): void {
    const isCertain = this.#group.kind === 'text' && !this.#command.isConditional;
    this.functions.set(name, isCertain && this.functions.get(name) !== false);
  }

  #isKeyword(word: string): boolean {
    if (word === 'function') {
      this.#functionName = unnamed;
      return true;
    }
    const closes = Object.hasOwn(closers, word) ? closers[word] : undefined;
    if (closes !== undefined) {
      if (this.#group.kind === closes) this.closeGroup();
      return true;
    }
    if (this.isInPattern) return false;
    const opens = Object.hasOwn(openers, word) ? openers[word] : undefined;
    if (opens !== undefined) {
      this.#enter(opens);
      this.#command = this.#emptyCommand();
      if (['for', 'select', 'case'].includes(word)) {
        this.#command.words.push([{ kind: 'text', text: word, quoted: false }]);
      }
      return true;
    }
    return skipped.has(word);
  }

  #enter(kind: ShellGroup['kind']): void {
    const parent = this.#group;
    if (parent.depth >= maxGroupDepth) {
      this.isCutShort = true;
      return;
    }
    const functionName = this.#functionName;
    this.#functionName = undefined;
    const group: OpenGroup = {
      ...{ kind, parent, depth: parent.depth + 1, redirections: [], expectsPattern: false },
      ...(functionName === undefined ? {} : { functionName }),
    };
    this.#takePipe(group);
    this.#group = group;
    this.#command = this.#emptyCommand();
  }

  #takePipe(sink: SyntaxCommand | ShellGroup): void {
    if (this.#pipeSource !== undefined) this.#pipeSource.feeds = sink;
    this.#pipeSource = undefined;
  }

  #emptyCommand(isConditional = false): SyntaxCommand {
    return {
      kind: 'command',
      group: this.#group,
      assignments: [],
      words: [],
      redirections: [],
      isConditional,
    };
  }
}

/** A word as it is written, its quotes removed: what ends a here-document is not expanded. */
function writtenText(word: SyntaxWord): string {
  return word.map((part) => (part.kind === 'text' ? part.text : `$${nameOf(part)}`)).join('');
}

function nameOf(part: ShellPart): string {
  return part.kind === 'variable' ? part.name : '';
}

function isEmpty({ words, assignments, redirections }: SyntaxCommand): boolean {
  return words.length + assignments.length + redirections.length === 0;
}

/** Whether a substitution or the text begins with the group. */
function isBoundary({ kind }: ShellGroup): boolean {
  return kind === 'text' || kind === 'output' || kind.startsWith('process');
}
