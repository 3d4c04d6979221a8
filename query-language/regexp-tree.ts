import type { Span } from './ast.ts';

/**
 * A regexp read once, with everything resolved that engines read differently: flags, escapes,
 * classes, what `.` and `$` mean. What JavaScript and RE2 get is written from this tree, so that
 * both search for the same.
 */
export type RegexpNode =
  | LiteralNode
  | ClassNode
  | AssertionNode
  | SequenceNode
  | AlternationNode
  | GroupNode
  | RepeatNode;

/** One character, as it stands. */
export interface LiteralNode {
  readonly kind: 'literal';
  readonly codePoint: number;
}

/** From and to, both inclusive, as code points. */
export type CodePointRange = readonly [from: number, to: number];

/** One character out of a set. */
export interface ClassNode {
  readonly kind: 'class';
  readonly negated: boolean;
  readonly ranges: readonly CodePointRange[];
  /** General categories of Unicode as both engines write them: `\p{Lu}`, `\P{N}`. */
  readonly properties: readonly string[];
}

export interface AssertionNode {
  readonly kind: 'assertion';
  /** `end-or-newline` is `$` and `\Z`: the end, or before a line feed that is the last character. */
  readonly at:
    | 'start'
    | 'end'
    | 'end-or-newline'
    | 'line-start'
    | 'line-end'
    | 'word-boundary'
    | 'no-word-boundary';
}

export interface SequenceNode {
  readonly kind: 'sequence';
  readonly items: readonly RegexpNode[];
}

export interface AlternationNode {
  readonly kind: 'alternation';
  readonly options: readonly RegexpNode[];
}

/** A capturing group; groups that do not capture leave only their body. */
export interface GroupNode {
  readonly kind: 'group';
  readonly body: RegexpNode;
}

export interface RepeatNode {
  readonly kind: 'repeat';
  readonly body: RegexpNode;
  readonly min: number;
  /** Infinity where there is no limit. */
  readonly max: number;
  readonly lazy: boolean;
}

/** A capturing group of the source, in the order of the opening parentheses. */
export interface RegexpGroup {
  /** From 1, unnamed groups counted. */
  readonly number: number;
  readonly name: string | undefined;
  /** Of the name, or of the opening parenthesis where there is none. */
  readonly span: Span;
}

export interface Regexp {
  readonly root: RegexpNode;
  readonly groups: readonly RegexpGroup[];
}
