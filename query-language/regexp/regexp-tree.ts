import type { Span } from '../syntax/ast.ts';

/**
 * A parsed regexp in which everything that engines interpret differently is resolved: flags,
 * escapes, classes, the meaning of `.` and `$`. The regexps for JavaScript and RE2 are written from
 * this tree, so that both find the same.
 */
export type RegexpNode =
  | LiteralNode
  | ClassNode
  | AssertionNode
  | SequenceNode
  | AlternationNode
  | GroupNode
  | RepeatNode;

/** One literal character. */
interface LiteralNode {
  readonly kind: 'literal';
  readonly codePoint: number;
}

/** From and to, both inclusive, as code points. */
export type CodePointRange = readonly [from: number, to: number];

/** One character of a set. */
export interface ClassNode {
  readonly kind: 'class';
  readonly negated: boolean;
  readonly ranges: readonly CodePointRange[];
  /** Unicode general categories, in the syntax of both engines: `\p{Lu}`, `\P{N}`. */
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

interface SequenceNode {
  readonly kind: 'sequence';
  readonly items: readonly RegexpNode[];
}

interface AlternationNode {
  readonly kind: 'alternation';
  readonly options: readonly RegexpNode[];
}

/** A capturing group; a group that does not capture is replaced by its body. */
interface GroupNode {
  readonly kind: 'group';
  readonly body: RegexpNode;
}

interface RepeatNode {
  readonly kind: 'repeat';
  readonly body: RegexpNode;
  readonly min: number;
  /** Infinity without a limit. */
  readonly max: number;
  readonly lazy: boolean;
}

/** A capturing group of the source, in order of opening parentheses. */
export interface RegexpGroup {
  /** From 1, including unnamed groups. */
  readonly number: number;
  readonly name: string | undefined;
  /** The span of the name, or of the opening parenthesis without a name. */
  readonly span: Span;
}

export interface Regexp {
  readonly root: RegexpNode;
  readonly groups: readonly RegexpGroup[];
}

export function childrenOf(node: RegexpNode): readonly RegexpNode[] {
  switch (node.kind) {
    case 'sequence':
      return node.items;
    case 'alternation':
      return node.options;
    case 'group':
    case 'repeat':
      return [node.body];
    default:
      return [];
  }
}

/** Whether it is or contains a capturing group. */
export function hasGroup(node: RegexpNode): boolean {
  return node.kind === 'group' || childrenOf(node).some(hasGroup);
}

/** Whether it can match an empty string. */
export function canBeEmpty(node: RegexpNode): boolean {
  switch (node.kind) {
    case 'literal':
    case 'class':
      return false;
    case 'assertion':
      return true;
    case 'sequence':
      return node.items.every(canBeEmpty);
    case 'alternation':
      return node.options.some(canBeEmpty);
    case 'group':
      return canBeEmpty(node.body);
    case 'repeat':
      return node.min === 0 || canBeEmpty(node.body);
  }
}
