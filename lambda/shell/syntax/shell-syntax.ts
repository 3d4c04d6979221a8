/** The syntax of a shell text: words consist of parts, which are expanded later. */

/** A part of a word. */
export type ShellPart =
  | { readonly kind: 'text'; readonly text: string; readonly quoted: boolean }
  | {
      readonly kind: 'variable';
      readonly name: string;
      readonly quoted: boolean;
      /** `:-` and the like, `#`, `/`, `[` …; undefined if the value is used unchanged. */
      readonly operator?: string;
      /** What follows the operator. */
      readonly operand: readonly ShellPart[];
    }
  /** `$(…)`, backticks, or the file of `<(…)` and `>(…)`. */
  | { readonly kind: 'output'; readonly group: ShellGroup; readonly quoted: boolean };

export type SyntaxWord = readonly ShellPart[];

/** Where a command reads from or writes to. */
export type Redirection =
  | { readonly kind: 'output'; readonly descriptor: string; target: SyntaxWord }
  | { readonly kind: 'input' | 'here-string' | 'here-document'; target: SyntaxWord };

export interface Assignment {
  readonly name: string;
  /** `+=` */
  readonly appends: boolean;
  /** One value, or the members of an array. */
  readonly words: readonly SyntaxWord[];
  readonly isArray: boolean;
}

/**
 * A simple command, without keywords like `then`; `for` and `case` are the first word of a command.
 */
export interface SyntaxCommand {
  readonly kind: 'command';
  readonly group: ShellGroup;
  readonly assignments: Assignment[];
  readonly words: SyntaxWord[];
  readonly redirections: Redirection[];
  /** Follows `&&` or `||`, so that it may not run. */
  readonly isConditional: boolean;
  /** The next command of its pipeline. */
  feeds?: SyntaxCommand | ShellGroup;
}

type GroupKind =
  | 'text'
  | 'braces'
  | 'parentheses'
  | 'loop'
  | 'if'
  | 'case'
  | 'output'
  /** `<(…)`: what it writes is read as a file. */
  | 'process-output'
  /** `>(…)` */
  | 'process-input';

/**
 * Commands that belong together: the whole text, `{ … }`, `( … )`, a loop, a branch, a function's
 * body, a substitution.
 */
export interface ShellGroup {
  readonly kind: GroupKind;
  readonly parent?: ShellGroup;
  /** How many groups are around it. */
  readonly depth: number;
  /** The function whose body it is. */
  readonly functionName?: string;
  readonly redirections: Redirection[];
  feeds?: SyntaxCommand | ShellGroup;
}

/** What a shell text was read into. */
export interface ShellSyntax {
  /** In the order in which they end: a substitution's commands before the command around it. */
  readonly commands: readonly SyntaxCommand[];
  /** By name, whether the function is certain to be defined: not in a branch. */
  readonly functions: ReadonlyMap<string, boolean>;
  /** Some part was nested too deep to be read. */
  readonly isCutShort: boolean;
}

/** The text of a word; undefined if it has expansions. */
export function literalText(word: SyntaxWord): string | undefined {
  let text = '';
  for (const part of word) {
    if (part.kind !== 'text') return undefined;
    text += part.text;
  }
  return text;
}

/**
 * {@link literalText} of a word without quotes, which can be a keyword; undefined for any other.
 */
export function bareText(word: SyntaxWord): string | undefined {
  return word.every((part) => part.kind === 'text' && !part.quoted) ? literalText(word) : undefined;
}

const openers: Readonly<Record<string, GroupKind>> = {
  '{': 'braces',
  if: 'if',
  while: 'loop',
  until: 'loop',
  for: 'loop',
  select: 'loop',
  case: 'case',
};
const closers: Readonly<Record<string, GroupKind>> = {
  '}': 'braces',
  fi: 'if',
  done: 'loop',
  esac: 'case',
};
const skipped = new Set(['then', 'elif', 'else', 'do', '!', 'time', 'coproc', '-p']);

/** The group that a keyword opens, if it opens one: a command can follow it directly. */
export function openedBy(word: string): GroupKind | undefined {
  return Object.hasOwn(openers, word) ? openers[word] : undefined;
}

/** The group that a keyword closes, if it closes one. */
export function closedBy(word: string): GroupKind | undefined {
  return Object.hasOwn(closers, word) ? closers[word] : undefined;
}

/** Whether a keyword only precedes a command. */
export function isSkipped(word: string): boolean {
  return skipped.has(word);
}
