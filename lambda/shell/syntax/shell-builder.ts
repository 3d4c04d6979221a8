import {
  type Assignment,
  bareText,
  closedBy,
  isSkipped,
  literalText,
  openedBy,
  type Redirection,
  type ShellGroup,
  type SyntaxCommand,
  type SyntaxWord,
} from './shell-syntax.ts';
import { announcedDocument, type HereDocument } from './shell-text.ts';
import { WordBuilder } from './word-builder.ts';

interface OpenGroup extends ShellGroup {
  /** Whether the next word of this `case` is a pattern. */
  expectsPattern: boolean;
}

/** What was being read when a substitution began. */
export interface Interrupted {
  readonly command: SyntaxCommand;
  readonly word: WordBuilder;
  readonly awaited: Awaited | undefined;
  readonly pipeSource: SyntaxCommand | ShellGroup | undefined;
  readonly closed: ShellGroup | undefined;
  readonly functionName: string | undefined;
  readonly group: OpenGroup;
}

/** A redirection whose target is the next word. */
interface Awaited {
  readonly redirection: Redirection;
  /** Only for a here-document. */
  readonly stripsTabs?: boolean;
}

const assigned = /^([A-Za-z_]\w*)(?:\[[^\]]*\])?(\+?)=/;

/** The name of a function after the keyword `function`, until its name is read. */
const unnamed = '';

/** Groups in groups: deeper ones are read as if they had no parentheses. */
const maxGroupDepth = 1_000;

/** Builds words, commands and groups from parts; the reader says where each of them ends. */
export class ShellBuilder {
  readonly commands: SyntaxCommand[] = [];
  readonly functions = new Map<string, boolean>();
  isCutShort = false;
  /** The word that is being read. */
  word = new WordBuilder();
  #group: OpenGroup = { kind: 'text', depth: 0, redirections: [], expectsPattern: false };
  #command: SyntaxCommand = this.#emptyCommand();
  #awaited: Awaited | undefined;
  #pipeSource: SyntaxCommand | ShellGroup | undefined;
  /** A group that has just ended: a redirection or pipe that follows belongs to it. */
  #closed: ShellGroup | undefined;
  #functionName: string | undefined;
  #announced: HereDocument[] = [];

  /** Whether the command has no words yet, so that a keyword or a group may follow. */
  get isAtStart(): boolean {
    const { words, assignments } = this.#command;
    const isHead =
      words.length === 0 || (words.length === 1 && literalText(words[0] ?? []) === 'for');
    return !this.word.isOpen && assignments.length === 0 && isHead;
  }

  get awaitsTarget(): boolean {
    return this.#awaited !== undefined && !this.word.isOpen;
  }

  get isInPattern(): boolean {
    return this.#group.kind === 'case' && this.#group.expectsPattern;
  }

  get isInCase(): boolean {
    return this.#group.kind === 'case';
  }

  openOperand(operand: Parameters<WordBuilder['openOperand']>[0]): void {
    if (!this.word.openOperand(operand)) this.isCutShort = true;
  }

  /** Makes the next word the target of a redirection. */
  redirect(redirection: Redirection, stripsTabs?: boolean): void {
    this.#awaited = { redirection, ...(stripsTabs === undefined ? {} : { stripsTabs }) };
  }

  endWord(): void {
    const word = this.word.take();
    if (word === undefined) return;
    const awaited = this.#awaited;
    this.#awaited = undefined;
    if (awaited === undefined) this.#addWord(word);
    else this.#addTarget(awaited, word);
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

  /** {@link endCommand} at a `|`: the next command reads what this one writes. */
  endPiped(): void {
    this.endWord();
    const source = this.#closed ?? this.#command;
    this.endCommand();
    this.#pipeSource = source;
  }

  /** {@link endCommand} at `&`, `&&` or `||`: the next command reads nothing from this one. */
  endUnpiped(isConditional: boolean): void {
    this.endCommand();
    this.#pipeSource = undefined;
    this.#command = this.#emptyCommand(isConditional);
  }

  /** Drops the words before the `)` of a pattern: they are no command. */
  endPattern(): void {
    this.endWord();
    this.#command = this.#emptyCommand();
    this.#group.expectsPattern = false;
  }

  /** After `;;`, a pattern follows. */
  expectPattern(): void {
    if (this.#group.kind === 'case') this.#group.expectsPattern = true;
  }

  /** Whether the current word is `NAME=`, so that a parenthesis begins an array. */
  get isBeforeArray(): boolean {
    const text = this.word.bareText;
    return assigned.exec(text)?.[0] === text && text !== '';
  }

  /** Ends an array, whose words were read as a command's: they become the value of `NAME=`. */
  addArrayTo(interrupted: Interrupted): void {
    const members = this.resume(interrupted, true);
    const word = this.word.take() ?? [];
    const [, name = '', plus = ''] = assigned.exec(literalText(word) ?? '') ?? [];
    const assignment: Assignment = { name, appends: plus !== '', words: members, isArray: true };
    this.#command.assignments.push(assignment);
  }

  /** Whether `()` here would define a function: only one word comes before it. */
  get isFunctionHead(): boolean {
    if (this.#functionName !== undefined) return true;
    const { words, assignments } = this.#command;
    return words.length + (this.word.isOpen ? 1 : 0) === 1 && assignments.length === 0;
  }

  nameFunction(): void {
    if (this.#functionName !== undefined) return;
    const word = this.word.take() ?? this.#command.words[0] ?? [];
    this.#functionName = literalText(word) ?? unnamed;
    this.#define(this.#functionName);
    this.#command = this.#emptyCommand();
  }

  openGroup(kind: ShellGroup['kind']): void {
    this.endCommand();
    this.#enter(kind);
  }

  /** Ends the innermost group, and remembers it for a pipe or redirection that may follow. */
  closeGroup(): void {
    this.endCommand();
    const { parent } = this.#group;
    if (parent === undefined) return;
    this.#closed = this.#group;
    this.#group = parent as OpenGroup;
    this.#command = this.#emptyCommand();
  }

  /** Ends groups up to and including an open parenthesis; false if none is open. */
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

  /** The here-documents whose text comes next; each is returned once. */
  takeAnnounced(): readonly HereDocument[] {
    const announced = this.#announced;
    this.#announced = [];
    return announced;
  }

  /** Begins commands inside the current word. */
  interrupt(kind?: ShellGroup['kind']): Interrupted {
    const interrupted: Interrupted = {
      command: this.#command,
      word: this.word,
      awaited: this.#awaited,
      pipeSource: this.#pipeSource,
      closed: this.#closed,
      functionName: this.#functionName,
      group: this.#group,
    };
    this.word = new WordBuilder();
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
   * Continues what was interrupted.
   *
   * @param dropsCommand whether the words read since then are no command
   * @returns these words
   */
  resume(interrupted: Interrupted, dropsCommand: boolean): readonly SyntaxWord[] {
    this.endWord();
    const { words } = this.#command;
    if (!dropsCommand) this.endCommand();
    this.#command = interrupted.command;
    this.word = interrupted.word;
    this.#awaited = interrupted.awaited;
    this.#pipeSource = interrupted.pipeSource;
    this.#closed = interrupted.closed;
    this.#functionName = interrupted.functionName;
    this.#group = interrupted.group;
    return words;
  }

  /** Takes the whole text as one word: a here-document. */
  takeParts(): SyntaxWord {
    return this.word.take() ?? [];
  }

  #addTarget({ redirection, stripsTabs }: Awaited, word: SyntaxWord): void {
    const owner = this.#closed ?? this.#command;
    owner.redirections.push(redirection);
    if (redirection.kind !== 'here-document') {
      redirection.target = word;
      return;
    }
    this.#announced.push(announcedDocument(redirection, word, stripsTabs === true));
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
    const closes = closedBy(word);
    if (closes !== undefined) {
      if (this.#group.kind === closes) this.closeGroup();
      return true;
    }
    if (this.isInPattern) return false;
    const opens = openedBy(word);
    if (opens !== undefined) {
      this.#enter(opens);
      this.#command = this.#emptyCommand();
      if (['for', 'select', 'case'].includes(word)) {
        this.#command.words.push([{ kind: 'text', text: word, quoted: false }]);
      }
      return true;
    }
    return isSkipped(word);
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

function isEmpty({ words, assignments, redirections }: SyntaxCommand): boolean {
  return words.length + assignments.length + redirections.length === 0;
}

/** Whether the group is the whole text or a substitution. */
function isBoundary({ kind }: ShellGroup): boolean {
  return kind === 'text' || kind === 'output' || kind.startsWith('process');
}
