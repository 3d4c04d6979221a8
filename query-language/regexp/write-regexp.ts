import type { ClassNode, Regexp, RegexpNode } from './regexp-tree.ts';

/**
 * As a JavaScript regexp. Groups have numbers but no names (`@domain` is not a valid name there),
 * so look up a name in {@link Regexp.groups}. Case, dots and lines are expanded: the only flag is
 * `u`. Matches like RE2, except for what `engineDifference` names.
 */
export function toJavaScriptRegExp(regexp: Regexp): RegExp {
  return new RegExp(write(regexp.root, javaScript), 'u');
}

/** As RE2 syntax, in ASCII, without group names; groups keep their numbers. */
export function toRe2({ root }: Regexp): string {
  const text = writtenForRe2.get(root) ?? write(root, re2);
  writtenForRe2.set(root, text);
  return text;
}

const writtenForRe2 = new WeakMap<RegexpNode, string>();

/** Differences between the two dialects. */
interface Dialect {
  readonly hexadecimal: (codePoint: number) => string;
  readonly anyCharacter: string;
  readonly noCharacter: string;
  readonly assertions: Readonly<Record<(RegexpNode & { kind: 'assertion' })['at'], string>>;
}

const javaScript: Dialect = {
  hexadecimal: (codePoint) => `\\u{${codePoint.toString(16)}}`,
  anyCharacter: '[^]',
  noCharacter: '[]',
  assertions: {
    start: '^',
    end: '$',
    'end-or-newline': '(?:\\n?$)',
    // Not the flag m, with which a carriage return would also end a line. Not a negative
    // look-around, which V8 matches between the halves of a surrogate pair.
    'line-start': '(?<=^|\\n)',
    'line-end': '(?=\\n|$)',
    'word-boundary': '\\b',
    'no-word-boundary': '\\B',
  },
};

const re2: Dialect = {
  hexadecimal: (codePoint) => `\\x{${codePoint.toString(16)}}`,
  anyCharacter: '(?s:.)',
  noCharacter: '[^\\x{0}-\\x{10ffff}]',
  assertions: {
    start: '\\A',
    end: '\\z',
    'end-or-newline': '(?:\\n?\\z)',
    'line-start': '(?m:^)',
    'line-end': '(?m:$)',
    'word-boundary': '\\b',
    'no-word-boundary': '\\B',
  },
};

function write(node: RegexpNode, dialect: Dialect): string {
  switch (node.kind) {
    case 'literal':
      return writeCharacter(node.codePoint, /[\^$\\.*+?()[\]{}|/]/, dialect);
    case 'class':
      return writeClass(node, dialect);
    case 'assertion':
      return dialect.assertions[node.at];
    case 'sequence':
      return node.items.map((item) => writeItem(item, dialect)).join('');
    case 'alternation':
      return node.options.map((option) => write(option, dialect)).join('|');
    case 'group':
      return `(${write(node.body, dialect)})`;
    case 'repeat':
      return `${writeAtom(node.body, dialect)}${quantifier(node)}`;
  }
}

function writeItem(node: RegexpNode, dialect: Dialect): string {
  const text = write(node, dialect);
  return node.kind === 'alternation' ? `(?:${text})` : text;
}

function writeAtom(node: RegexpNode, dialect: Dialect): string {
  const text = write(node, dialect);
  const isAtom = node.kind === 'literal' || node.kind === 'class' || node.kind === 'group';
  return isAtom ? text : `(?:${text})`;
}

function quantifier({ min, max, lazy }: RegexpNode & { kind: 'repeat' }): string {
  const count = () => {
    if (max === Number.POSITIVE_INFINITY) return min === 0 ? '*' : min === 1 ? '+' : `{${min},}`;
    if (min === 0 && max === 1) return '?';
    return min === max ? `{${min}}` : `{${min},${max}}`;
  };
  return `${count()}${lazy ? '?' : ''}`;
}

function writeClass({ negated, ranges, properties }: ClassNode, dialect: Dialect): string {
  if (ranges.length === 0 && properties.length === 0) {
    return negated ? dialect.anyCharacter : dialect.noCharacter;
  }
  const character = (codePoint: number) => writeCharacter(codePoint, /[\\\][^-]/, dialect);
  const parts = ranges.map(([from, to]) =>
    from === to ? character(from) : `${character(from)}-${character(to)}`,
  );
  return `[${negated ? '^' : ''}${parts.join('')}${properties.join('')}]`;
}

function writeCharacter(codePoint: number, special: RegExp, dialect: Dialect): string {
  if (codePoint === 0x0a) return '\\n';
  if (codePoint < 0x20 || codePoint > 0x7e) return dialect.hexadecimal(codePoint);
  const character = String.fromCodePoint(codePoint);
  return special.test(character) ? `\\${character}` : character;
}
