import type { RegexLiteral, Span } from '../syntax/ast.ts';
import type { QueryError } from '../syntax/query-error.ts';
import { characterNode, escapedNode, readClass, readStandaloneEscape } from './regexp-escape.ts';
import { acceptFlags, acceptGroupFlags, RegexpReader } from './regexp-reader.ts';
import type { AssertionNode, Regexp, RegexpGroup, RegexpNode } from './regexp-tree.ts';

/**
 * Reads the start of a group and returns whether it captures.
 *
 * @param groups the groups opened before; a capturing group is added
 * @param start offset of the parenthesis, where the reader is
 */
function openGroup(reader: RegexpReader, groups: RegexpGroup[], start: number): boolean {
  const number = groups.length + 1;
  reader.at += 1;
  if (!reader.sees('?')) {
    groups.push({ number, name: undefined, span: { start, end: start + 1 } });
    return true;
  }
  if (acceptGroupFlags(reader, start)) return false;
  const named = reader.match(/\?P?<([A-Za-z_@][A-Za-z0-9_@.]*)>/y);
  if (named === undefined) throw refusedGroup(reader, start);
  const name = named[1] ?? '';
  const span = { start: reader.at - 1 - name.length, end: reader.at - 1 };
  if (groups.some((group) => group.name === name)) {
    throw reader.refuse(span.start, `the group name ${name} is used twice`);
  }
  groups.push({ number, name, span });
  return true;
}

const unsupportedGroups = [
  ['?=', 'look-ahead'],
  ['?!', 'look-ahead'],
  ['?<=', 'look-behind'],
  ['?<!', 'look-behind'],
  ['?>', 'atomic groups'],
  ['?P=', 'back-references'],
  ['?P>', 'recursion'],
  ['?&', 'recursion'],
  ['?#', 'comments'],
  ['?(', 'conditions'],
  ['?|', 'branch reset'],
] as const;

function refusedGroup(reader: RegexpReader, start: number): QueryError {
  for (const [opening, construct] of unsupportedGroups) {
    if (reader.accept(opening)) return reader.unsupported(start, `(${opening} (${construct})`);
  }
  return reader.refuse(start, 'the group starts with unknown syntax');
}

/** RE2's limit, also for nested repeats: `(a{50}){50}` exceeds it. */
const maxRepeats = 1000;

interface Count {
  readonly min: number;
  readonly max: number;
}

/** The atom with its quantifier, or unchanged without one. */
function readQuantifier(reader: RegexpReader, start: number, atom: RegexpNode): RegexpNode {
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
function isQuantifier(text: string): boolean {
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

/** Like for queries: more than anyone writes. */
const maxDepth = 100;

/**
 * Parses the regexp at `span` of a text.
 *
 * @param spans filled with the place of each part of the tree in the text
 * @throws QueryError with the place in the text, for constructs that the engines do not share
 */
export function parseRegexp(text: string, span: Span, spans?: Map<RegexpNode, Span>): Regexp {
  return new RegexpParser(new RegexpReader(text, span), spans).parse();
}

class RegexpParser {
  readonly #reader: RegexpReader;
  readonly #groups: RegexpGroup[] = [];
  readonly #spans: Map<RegexpNode, Span> | undefined;
  #depth = 0;

  constructor(reader: RegexpReader, spans: Map<RegexpNode, Span> | undefined) {
    this.#reader = reader;
    this.#spans = spans;
  }

  parse(): Regexp {
    const root = this.#alternation();
    if (!this.#reader.done) {
      throw this.#reader.refuse(this.#reader.at, 'the closing parenthesis was not opened');
    }
    return { root, groups: this.#groups };
  }

  #alternation(): RegexpNode {
    const options = [this.#sequence()];
    while (this.#reader.accept('|')) options.push(this.#sequence());
    const [only] = options;
    return options.length === 1 && only ? only : { kind: 'alternation', options };
  }

  #sequence(): RegexpNode {
    const begin = this.#reader.at;
    const items = this.#items();
    const [only] = items;
    const node: RegexpNode = items.length === 1 && only ? only : { kind: 'sequence', items };
    this.#record(node, begin);
    return node;
  }

  /** Keeps the first span of a node, which excludes parentheses around it. */
  #record(node: RegexpNode, start: number): void {
    if (this.#spans?.has(node) === false) this.#spans.set(node, { start, end: this.#reader.at });
  }

  #items(): readonly RegexpNode[] {
    const reader = this.#reader;
    const items: RegexpNode[] = [];
    while (!reader.done && !reader.sees('|') && !reader.sees(')')) {
      const start = reader.at;
      if (acceptFlags(reader) || reader.accept('\\E')) continue;
      if (reader.accept('\\Q')) {
        items.push(...this.#quoted(start));
        continue;
      }
      const atom = this.#atom();
      this.#record(atom, start);
      const item = readQuantifier(reader, start, atom);
      this.#record(item, start);
      items.push(...hoistEnd(item));
    }
    return items;
  }

  /** `\Q…\E`: everything is literal, and a quantifier after it applies to the last character. */
  #quoted(start: number): readonly RegexpNode[] {
    const reader = this.#reader;
    const items: RegexpNode[] = [];
    while (!reader.done && !reader.accept('\\E')) items.push(characterNode(reader, reader.next()));
    const last = items.pop();
    return last === undefined ? [] : [...items, readQuantifier(reader, start, last)];
  }

  #atom(): RegexpNode {
    const reader = this.#reader;
    const start = reader.at;
    if (reader.sees('\\')) return readStandaloneEscape(reader) ?? escapedNode(reader);
    if (reader.sees('[')) return readClass(reader);
    if (reader.sees('(')) return this.#group();
    const codePoint = reader.next();
    switch (String.fromCodePoint(codePoint)) {
      case '.':
        return anyCharacter(reader);
      case '^':
        return assertion(reader.multiline ? 'line-start' : 'start');
      case '$':
        return assertion(reader.multiline ? 'line-end' : 'end-or-newline');
      case '*':
      case '+':
      case '?':
      case '{':
        if (!isQuantifier(reader.text.slice(start, reader.end)))
          return characterNode(reader, codePoint);
        throw reader.refuse(start, 'the quantifier has nothing to repeat');
      default:
        return characterNode(reader, codePoint);
    }
  }

  #group(): RegexpNode {
    const reader = this.#reader;
    const start = reader.at;
    this.#depth += 1;
    if (this.#depth > maxDepth) {
      throw reader.refuse(start, `the regexp is nested more than ${maxDepth} levels deep`);
    }
    const node = reader.inScope(() => {
      const captures = openGroup(reader, this.#groups, start);
      const body = this.#alternation();
      if (!reader.accept(')')) throw reader.refuse(start, 'the group is not closed');
      return captures ? ({ kind: 'group', body } as const) : body;
    });
    this.#depth -= 1;
    return node;
  }
}

/** The meaning of `.`: with `(?s)` it includes a line feed. */
function anyCharacter({ dotAll }: RegexpReader): RegexpNode {
  return { kind: 'class', negated: true, ranges: dotAll ? [] : [[0x0a, 0x0a]], properties: [] };
}

function assertion(at: AssertionNode['at']): AssertionNode {
  return { kind: 'assertion', at };
}

/**
 * `(x$)` as `(x)$`: RE2 has no look-ahead, so `$` consumes the last line feed, which the group must
 * not capture.
 */
function hoistEnd(node: RegexpNode): readonly RegexpNode[] {
  if (node.kind !== 'group' || node.body.kind !== 'sequence') return [node];
  const last = node.body.items.at(-1);
  if (last?.kind !== 'assertion' || last.at !== 'end-or-newline') return [node];
  const body: RegexpNode = { kind: 'sequence', items: node.body.items.slice(0, -1) };
  return [...hoistEnd({ kind: 'group', body }), last];
}

/**
 * Reads a regexp of a query in the syntax that Hyperscan (filter), RE2 (DuckDB) and JavaScript
 * share. `\d`, `\w`, `\s` and `\b` are ASCII, except two letters of `(?i)\w`; `.` matches anything
 * but a line feed; `$` matches at the end or before a final line feed; `(?i)`, `(?m)`, `(?s)` and
 * `(?i:…)` are supported.
 *
 * @param literal a regexp of the query's tree.
 * @param text the query that contains it, for the positions of errors.
 * @throws QueryError for constructs that the engines do not share: look-around, atomic groups,
 *   possessive quantifiers, back-references, `(?x)`, `\K`, `\X`, `\cA`, repeats over 1000.
 */
export function readRegexp(literal: RegexLiteral, text: string): Regexp {
  const start = literal.span.start + 1;
  const end = literal.span.end - 1;
  const source = text.slice(start, end);
  const known = readBefore.get(source) ?? parseRegexp(text, { start, end });
  if (!readBefore.has(source)) {
    if (readBefore.size >= maxReadBefore) readBefore.clear();
    readBefore.set(source, moved(known, -start));
    return known;
  }
  return moved(known, start);
}

/**
 * A cache of regexps by source, with spans relative to it: one query is parsed several times before
 * it is answered, and a monitor runs the same one every tick.
 */
const readBefore = new Map<string, Regexp>();
const maxReadBefore = 1_000;

function moved({ root, groups }: Regexp, by: number): Regexp {
  return {
    root,
    groups: groups.map((group) => ({
      ...group,
      span: { start: group.span.start + by, end: group.span.end + by },
    })),
  };
}

/** {@link readRegexp} for a pattern without slashes. */
export function readRegexpSource(source: string): Regexp {
  return parseRegexp(source, { start: 0, end: source.length });
}
