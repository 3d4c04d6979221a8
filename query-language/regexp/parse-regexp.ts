import type { Span } from '../syntax/ast.ts';
import { characterNode, escapedNode, readClass } from './regexp-class.ts';
import { readStandaloneEscape } from './regexp-escape.ts';
import { acceptFlags } from './regexp-flags.ts';
import { openGroup } from './regexp-group.ts';
import { isQuantifier, readQuantifier } from './regexp-quantifier.ts';
import { RegexpReader } from './regexp-reader.ts';
import type { AssertionNode, Regexp, RegexpGroup, RegexpNode } from './regexp-tree.ts';

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
