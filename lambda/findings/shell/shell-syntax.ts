/** A shell text as it is written: words in parts, so that what they become can be told later. */

/** A part of a word. */
export type ShellPart =
  | { readonly kind: 'text'; readonly text: string; readonly quoted: boolean }
  | {
      readonly kind: 'variable';
      readonly name: string;
      readonly quoted: boolean;
      /** `:-` and the like, `#`, `/`, `[` …; undefined where the value is taken as it is. */
      readonly operator?: string;
      /** What stands behind the operator. */
      readonly operand: readonly ShellPart[];
    }
  /** `$(…)`, backticks, or the file of `<(…)` and `>(…)`. */
  | { readonly kind: 'output'; readonly group: ShellGroup; readonly quoted: boolean };

export type SyntaxWord = readonly ShellPart[];

/** Where a command reads from or writes to. */
export type Redirection =
  | { readonly kind: 'output'; readonly descriptor: string; goal: SyntaxWord }
  | { readonly kind: 'input' | 'here-string' | 'here-document'; goal: SyntaxWord };

export interface Assignment {
  readonly name: string;
  /** `+=` */
  readonly appends: boolean;
  /** One, or the members of an array. */
  readonly words: readonly SyntaxWord[];
  readonly isArray: boolean;
}

/** A simple command, without keywords like `then`; `for` and `case` begin one of their own. */
export interface SyntaxCommand {
  readonly kind: 'command';
  readonly group: ShellGroup;
  readonly assignments: Assignment[];
  readonly words: SyntaxWord[];
  readonly redirections: Redirection[];
  /** Stands behind `&&` or `||`, so that it may not run. */
  readonly isConditional: boolean;
  /** The next of its pipeline. */
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
 * Commands that are written together: the whole text, `{ … }`, `( … )`, a loop, a branch, a function's
 * body, a substitution.
 */
export interface ShellGroup {
  readonly kind: GroupKind;

  readonly parent?: ShellGroup;
  /** How many groups are around it. */
  readonly depth: number;
  /** Of a function, whose body it is. */
  readonly functionName?: string;
  readonly redirections: Redirection[];
  feeds?: SyntaxCommand | ShellGroup;
}

/** A shell text, read. */
export interface ShellSyntax {
  /** In the order in which they end: a substitution's before the command that it stands in. */
  readonly commands: readonly SyntaxCommand[];
  /** Their names, and whether they are defined for certain: not in a branch. */
  readonly functions: ReadonlyMap<string, boolean>;
  /** A part was nested too deep to be read. */
  readonly isCutShort: boolean;
}

/** The text of a word that is nothing but text; undefined for any other. */
export function literalText(word: SyntaxWord): string | undefined {
  let text = '';
  for (const part of word) {
    if (part.kind !== 'text') return undefined;
    text += part.text;
  }
  return text;
}

/** {@link literalText}, where nothing of it is quoted: such a word can be a keyword. */
export function bareText(word: SyntaxWord): string | undefined {
  return word.every((part) => part.kind === 'text' && !part.quoted) ? literalText(word) : undefined;
}
