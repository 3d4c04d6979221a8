import type { RegexpReader } from './regexp-reader.ts';
import type { RegexpNode } from './regexp-tree.ts';

/** RE2's limit, also for nested repeats: `(a{50}){50}` exceeds it. */
const maxRepeats = 1000;

interface Count {
  readonly min: number;
  readonly max: number;
}

/** The atom with its quantifier, or unchanged without one. */
export function readQuantifier(reader: RegexpReader, start: number, atom: RegexpNode): RegexpNode {
  const quantifierStart = reader.at;
  const count = readCount(reader);
  if (count === undefined) return atom;
  if (count.max < count.min) throw reader.refuse(quantifierStart, 'the repeat is out of order');
  if (reader.accept('+')) throw reader.unsupported(quantifierStart, 'possessive quantifiers');
  const lazy = reader.accept('?');
  const second = reader.at;
  if (readCount(reader) !== undefined) {
    throw reader.refuse(second, 'a quantifier after a quantifier');
  }
  const node: RegexpNode = { kind: 'repeat', body: atom, ...count, lazy };
  if (repeats(node) > maxRepeats) {
    throw reader.refuse(start, `regexps here repeat at most ${maxRepeats} times`);
  }
  return node;
}

/** Whether the text starts with a quantifier. */
export function isQuantifier(text: string): boolean {
  return /^(?:[*+?]|\{\d+(?:,\d*)?\})/.test(text);
}

/** A brace that does not start `{n}`, `{n,}` or `{n,m}` is literal. */
function readCount(reader: RegexpReader): Count | undefined {
  if (reader.accept('*')) return { min: 0, max: Number.POSITIVE_INFINITY };
  if (reader.accept('+')) return { min: 1, max: Number.POSITIVE_INFINITY };
  if (reader.accept('?')) return { min: 0, max: 1 };
  const found = reader.match(/\{(\d+)(,?)(\d*)\}/y);
  if (found === undefined) return undefined;
  const min = Number(found[1]);
  if (found[2] === '') return { min, max: min };
  return { min, max: found[3] === '' ? Number.POSITIVE_INFINITY : Number(found[3]) };
}

/** The number of copies of its innermost part when a node is expanded. */
function repeats(node: RegexpNode): number {
  switch (node.kind) {
    case 'repeat': {
      const own = Number.isFinite(node.max) ? node.max : node.min;
      return Math.max(own, 1) * repeats(node.body);
    }
    case 'sequence':
      return Math.max(1, ...node.items.map(repeats));
    case 'alternation':
      return Math.max(1, ...node.options.map(repeats));
    case 'group':
      return repeats(node.body);
    default:
      return 1;
  }
}
