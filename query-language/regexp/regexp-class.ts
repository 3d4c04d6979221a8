import { complement, foldCase, mergeRanges, posixClasses } from './code-point-ranges.ts';
import { type EscapedCharacters, readEscapedCharacters } from './regexp-escape.ts';
import type { RegexpReader } from './regexp-reader.ts';
import type { CodePointRange, RegexpNode } from './regexp-tree.ts';

/** A literal character, or with `(?i)` all its cases. */
export function characterNode(reader: RegexpReader, codePoint: number): RegexpNode {
  if (!reader.ignoreCase) return { kind: 'literal', codePoint };
  const ranges = foldCase([[codePoint, codePoint]]);
  const isSingle = ranges.length === 1 && ranges[0]?.[0] === ranges[0]?.[1];
  if (isSingle) return { kind: 'literal', codePoint };
  return { kind: 'class', negated: false, ranges, properties: [] };
}

/** An escape outside of brackets. */
export function escapedNode(reader: RegexpReader): RegexpNode {
  const escaped = readEscapedCharacters(reader);
  switch (escaped.kind) {
    case 'character':
      return characterNode(reader, escaped.codePoint);
    case 'ranges':
      return { kind: 'class', negated: false, ranges: escaped.ranges, properties: [] };
    case 'property':
      return { kind: 'class', negated: false, ranges: [], properties: [escaped.property] };
  }
}

/** `[…]`, from the opening bracket. A closing bracket in first place is literal. */
export function readClass(reader: RegexpReader): RegexpNode {
  const start = reader.at;
  reader.at += 1;
  const negated = reader.accept('^');
  const characters: CodePointRange[] = [];
  // The reader of a set such as \w handles (?i) itself.
  const sets: CodePointRange[] = [];
  const properties: string[] = [];
  for (let first = true; first || !reader.sees(']'); first = false) {
    if (reader.done) {
      reader.at = reader.end;
      throw reader.refuse(start, 'the class is not closed');
    }
    const itemStart = reader.at;
    const item = readPosixClass(reader) ?? readItem(reader);
    if (item.kind === 'ranges') sets.push(...item.ranges);
    else if (item.kind === 'property') properties.push(item.property);
    else characters.push([item.codePoint, readRangeEnd(reader, itemStart, item.codePoint)]);
  }
  reader.at += 1;
  const folded = reader.ignoreCase ? foldCase(characters) : characters;
  return { kind: 'class', negated, ranges: mergeRanges([...folded, ...sets]), properties };
}

function readItem(reader: RegexpReader): EscapedCharacters {
  if (reader.accept('\\b')) return { kind: 'character', codePoint: 0x08 };
  if (reader.sees('\\')) return readEscapedCharacters(reader);
  return { kind: 'character', codePoint: reader.next() };
}

/** The last character of a range; a hyphen before `]` or before a set is literal. */
function readRangeEnd(reader: RegexpReader, start: number, from: number): number {
  if (!reader.sees('-') || reader.sees('-]')) return from;
  const hyphen = reader.at;
  reader.at += 1;
  if (reader.done) return from;
  const to = reader.sees('[:') ? undefined : readItem(reader);
  if (to?.kind !== 'character') {
    reader.at = hyphen;
    return from;
  }
  if (to.codePoint < from) throw reader.refuse(start, 'the range is out of order');
  return to.codePoint;
}

function readPosixClass(reader: RegexpReader): EscapedCharacters | undefined {
  const start = reader.at;
  const found = reader.match(/\[:(\^?)([A-Za-z]+):\]/y);
  if (found === undefined) return undefined;
  const named = posixClasses.get(found[2] ?? '');
  if (named === undefined) throw reader.refuse(start, `there is no class ${found[0]}`);
  const ranges = reader.ignoreCase ? foldCase(named) : named;
  return { kind: 'ranges', ranges: found[1] === '^' ? complement(ranges) : ranges };
}
