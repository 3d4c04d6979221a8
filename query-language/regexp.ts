import type { RegexLiteral, Span } from './ast.ts';
import { characterNode, escapedNode, readClass } from './regexp-class.ts';
import { readStandaloneEscape } from './regexp-escape.ts';
import { isQuantifier, readQuantifier } from './regexp-quantifier.ts';
import { RegexpReader } from './regexp-reader.ts';
import type { AssertionNode, Regexp, RegexpGroup, RegexpNode } from './regexp-tree.ts';

/** As for queries: deeper than anyone writes. */
const maxDepth = 100;

/**
 * Reads a regexp of a query: what Hyperscan (filter), RE2 (DuckDB) and JavaScript share.
 * `\d`, `\w`, `\s` and `\b` are ASCII; `.` is anything but a line feed; `$` matches at the end or
 * before a line feed that is the last character; `(?i)`, `(?m)`, `(?s)` and `(?i:…)` are known.
 *
 * @param literal from the query's tree.
 * @param text the query that holds it, for the positions of errors.
 * @throws QueryError for what the engines do not share: look-around, atomic groups, possessive
 *   quantifiers, back-references, `(?x)`, `\K`, `\X`, `\cA`, repeats over 1000.
 */
export function readRegexp(literal: RegexLiteral, text: string): Regexp {
  const start = literal.span.start + 1;
  const end = literal.span.end - 1;
  const source = text.slice(start, end);
  const known = readBefore.get(source) ?? new RegexpParser(text, { start, end }).parse();
  if (!readBefore.has(source)) {
    if (readBefore.size >= maxReadBefore) readBefore.clear();
    readBefore.set(source, moved(known, -start));
    return known;
  }
  return moved(known, start);
}

/**
 * Regexps by their source, with spans from its beginning: one query is read several times on its way
 * to an answer, and a monitor asks the same one every tick.
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

/** {@link readRegexp} for a pattern that stands by itself, without slashes around it. */
export function readRegexpSource(source: string): Regexp {
  return new RegexpParser(source, { start: 0, end: source.length }).parse();
}

class RegexpParser {
  readonly #reader: RegexpReader;
  readonly #groups: RegexpGroup[] = [];
  #depth = 0;

  constructor(text: string, span: Span) {
    this.#reader = new RegexpReader(text, span);
  }

  parse(): Regexp {
    const root = this.#alternation();
    if (!this.#reader.done) {
      throw this.#reader.refuse(this.#reader.at, 'a parenthesis closes that was not opened');
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
    const reader = this.#reader;
    const items: RegexpNode[] = [];
    while (!reader.done && !reader.sees('|') && !reader.sees(')')) {
      const start = reader.at;
      if (this.#acceptFlags() || reader.accept('\\E')) continue;
      if (reader.accept('\\Q')) {
        items.push(...this.#quoted(start));
        continue;
      }
      const atom = this.#atom();
      items.push(...hoistEnd(readQuantifier(reader, start, atom)));
    }
    const [only] = items;
    return items.length === 1 && only ? only : { kind: 'sequence', items };
  }

  /** `\Q…\E`: everything stands for itself, and a quantifier after it is for the last character. */
  #quoted(start: number): readonly RegexpNode[] {
    const reader = this.#reader;
    const items: RegexpNode[] = [];
    while (!reader.done && !reader.accept('\\E')) items.push(characterNode(reader, reader.next()));
    const last = items.pop();
    return last === undefined ? [] : [...items, readQuantifier(reader, start, last)];
  }

  /** `(?i)`, `(?s-i)`: from here to the end of the group. */
  #acceptFlags(): boolean {
    const found = this.#reader.match(/\(\?([a-zA-Z]*)(?:-([a-zA-Z]+))?\)/y);
    if (found === undefined) return false;
    this.#setFlags(this.#reader.at - found[0].length, found[1] ?? '', found[2] ?? '');
    return true;
  }

  #setFlags(start: number, on: string, off: string): void {
    const reader = this.#reader;
    for (const [flags, value] of [
      [on, true],
      [off, false],
    ] as const) {
      for (const flag of flags) {
        if (flag === 'i') reader.ignoreCase = value;
        else if (flag === 's') reader.dotAll = value;
        else if (flag === 'm') reader.multiline = value;
        else throw reader.unsupported(start, `(?${flag}) flag`);
      }
    }
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
        return { kind: 'class', negated: true, ranges: this.#notDot(), properties: [] };
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

  #notDot(): readonly (readonly [number, number])[] {
    return this.#reader.dotAll ? [] : [[0x0a, 0x0a]];
  }

  #group(): RegexpNode {
    const reader = this.#reader;
    const start = reader.at;
    this.#depth += 1;
    if (this.#depth > maxDepth) {
      throw reader.refuse(start, `the regexp is nested more than ${maxDepth} levels deep`);
    }
    const node = reader.inScope(() => {
      const captures = this.#openGroup(start);
      const body = this.#alternation();
      if (!reader.accept(')')) throw reader.refuse(start, 'the group is not closed');
      return captures ? ({ kind: 'group', body } as const) : body;
    });
    this.#depth -= 1;
    return node;
  }

  /** Reads what opens a group, and says whether it captures. */
  #openGroup(start: number): boolean {
    const reader = this.#reader;
    reader.at += 1;
    if (!reader.sees('?')) {
      this.#addGroup(undefined, { start, end: start + 1 });
      return true;
    }
    const flags = reader.match(/\?([a-zA-Z]*)(?:-([a-zA-Z]+))?:/y);
    if (flags !== undefined) {
      this.#setFlags(start, flags[1] ?? '', flags[2] ?? '');
      return false;
    }
    const named = reader.match(/\?P?<([A-Za-z_@][A-Za-z0-9_@.]*)>/y);
    if (named === undefined) throw this.#refusedGroup(start);
    const name = named[1] ?? '';
    const span = { start: reader.at - 1 - name.length, end: reader.at - 1 };
    if (this.#groups.some((group) => group.name === name)) {
      throw reader.refuse(span.start, `the group name ${name} stands twice`);
    }
    this.#addGroup(name, span);
    return true;
  }

  #addGroup(name: string | undefined, span: Span): void {
    this.#groups.push({ number: this.#groups.length + 1, name, span });
  }

  #refusedGroup(start: number) {
    const reader = this.#reader;
    for (const [opening, construct] of unsupportedGroups) {
      if (reader.accept(opening)) return reader.unsupported(start, `(${opening} (${construct})`);
    }
    return reader.refuse(start, 'the group opens with what is not known');
  }
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

function assertion(at: AssertionNode['at']): AssertionNode {
  return { kind: 'assertion', at };
}

/**
 * `(x$)` as `(x)$`: RE2 has no look-ahead, so that `$` takes the last line feed with it, which must
 * not get into what the group captures.
 */
function hoistEnd(node: RegexpNode): readonly RegexpNode[] {
  if (node.kind !== 'group' || node.body.kind !== 'sequence') return [node];
  const last = node.body.items.at(-1);
  if (last?.kind !== 'assertion' || last.at !== 'end-or-newline') return [node];
  const body: RegexpNode = { kind: 'sequence', items: node.body.items.slice(0, -1) };
  return [...hoistEnd({ kind: 'group', body }), last];
}
