import {
  complement,
  digitRanges,
  foldCase,
  horizontalSpaceRanges,
  lastCodePoint,
  mergeRanges,
  posixClasses,
  spaceRanges,
  verticalSpaceRanges,
  wordRanges,
} from './code-point-ranges.ts';
import type { RegexpReader } from './regexp-reader.ts';
import type { AssertionNode, CodePointRange, RegexpNode } from './regexp-tree.ts';

/** The meaning of an escape that is also allowed in a class. */
type EscapedCharacters =
  | { readonly kind: 'character'; readonly codePoint: number }
  | { readonly kind: 'ranges'; readonly ranges: readonly CodePointRange[] }
  | { readonly kind: 'property'; readonly property: string };

const controlEscapes = new Map([
  ['a', 0x07],
  ['e', 0x1b],
  ['f', 0x0c],
  ['n', 0x0a],
  ['r', 0x0d],
  ['t', 0x09],
]);

const classEscapes = new Map<string, readonly CodePointRange[]>([
  ['d', digitRanges],
  ['D', complement(digitRanges)],
  ['w', wordRanges],
  ['W', complement(wordRanges)],
  ['s', spaceRanges],
  ['S', complement(spaceRanges)],
  ['h', horizontalSpaceRanges],
  ['H', complement(horizontalSpaceRanges)],
]);

/**
 * With `(?i)`, the long s and the Kelvin sign are word characters, as in RE2: they are other cases
 * of s and k.
 */
function classEscapesInEitherCase(): ReadonlyMap<string, readonly CodePointRange[]> {
  foldedClassEscapes ??= new Map(classEscapes)
    .set('w', foldCase(wordRanges))
    .set('W', complement(foldCase(wordRanges)));
  return foldedClassEscapes;
}

/** Made when it is needed: finding the cases of all letters takes a tenth of a short command's time. */
let foldedClassEscapes: ReadonlyMap<string, readonly CodePointRange[]> | undefined;

const assertionEscapes = new Map<string, AssertionNode['at']>([
  ['A', 'start'],
  ['z', 'end'],
  ['Z', 'end-or-newline'],
  ['b', 'word-boundary'],
  ['B', 'no-word-boundary'],
]);

/**
 * Reads an escape that is only allowed outside classes; otherwise undefined, without reading
 * anything.
 */
export function readStandaloneEscape(reader: RegexpReader): RegexpNode | undefined {
  const letter = reader.text.charAt(reader.at + 1);
  const at = assertionEscapes.get(letter);
  if (at === undefined && letter !== 'N' && letter !== 'R') return undefined;
  reader.at += 2;
  if (at !== undefined) return { kind: 'assertion', at };
  if (letter === 'N') {
    return { kind: 'class', negated: true, ranges: [[0x0a, 0x0a]], properties: [] };
  }
  return anyLineEnd;
}

const anyLineEnd: RegexpNode = {
  kind: 'alternation',
  options: [
    {
      kind: 'sequence',
      items: [
        { kind: 'literal', codePoint: 0x0d },
        { kind: 'literal', codePoint: 0x0a },
      ],
    },
    { kind: 'class', negated: false, ranges: verticalSpaceRanges, properties: [] },
  ],
};

/**
 * Reads an escape for a character or a set of characters, from the backslash, inside or outside a
 * class.
 */
function readEscapedCharacters(reader: RegexpReader): EscapedCharacters {
  const start = reader.at;
  reader.at += 1;
  if (reader.done) throw reader.refuse(start, 'a backslash at the end of the regexp');
  const codePoint = reader.next();
  const letter = String.fromCodePoint(codePoint);
  const ranges = (reader.ignoreCase ? classEscapesInEitherCase() : classEscapes).get(letter);
  if (ranges !== undefined) return { kind: 'ranges', ranges };
  if (letter === 'p' || letter === 'P') return readProperty(reader, start, letter);
  const control = controlEscapes.get(letter);
  if (control !== undefined) return { kind: 'character', codePoint: control };
  if (letter === 'x' || letter === 'u') return readHexadecimal(reader, start, letter);
  if (letter === '0') {
    const digits = reader.match(/[0-7]{0,2}/y)?.[0] ?? '';
    return { kind: 'character', codePoint: Number.parseInt(`0${digits}`, 8) };
  }
  if (/[1-9]/.test(letter) || letter === 'k' || letter === 'g') {
    throw reader.unsupported(start, `\\${letter} (back-references)`);
  }
  if (/[A-Za-z]/.test(letter)) throw reader.unsupported(start, `\\${letter}`);
  return { kind: 'character', codePoint };
}

function readHexadecimal(
  reader: RegexpReader,
  start: number,
  letter: 'x' | 'u',
): EscapedCharacters {
  const pattern = letter === 'x' ? /([0-9A-Fa-f]{2})|\{([0-9A-Fa-f]{1,6})\}/y : /([0-9A-Fa-f]{4})/y;
  const found = reader.match(pattern);
  const codePoint = Number.parseInt(found?.[1] ?? found?.[2] ?? '', 16);
  const isSurrogate = codePoint >= 0xd800 && codePoint <= 0xdfff;
  if (!(codePoint <= lastCodePoint) || isSurrogate) {
    throw reader.refuse(start, `\\${letter} names no character`);
  }
  return { kind: 'character', codePoint };
}

/** General categories: the values of `\p` that all engines spell the same way. */
const categories = /(?:\{(L[ultmo]?|M[nce]?|N[dlo]?|P[cdseifo]?|S[mcko]?|Z[slp]?)\}|([LMNPSZ]))/y;

const casedCategories: ReadonlySet<string> = new Set(['Lu', 'Ll', 'Lt']);

function readProperty(reader: RegexpReader, start: number, letter: 'p' | 'P'): EscapedCharacters {
  const found = reader.match(categories);
  const category = found?.[1] ?? found?.[2];
  if (category === undefined) {
    throw reader.refuse(start, `\\${letter} takes a general category such as {Lu}`);
  }
  if (reader.ignoreCase && casedCategories.has(category)) {
    // With (?i), RE2 adds the other cases, which makes the category equivalent to {L}.
    throw reader.unsupported(start, `\\${letter}{${category}} with (?i)`);
  }
  return { kind: 'property', property: `\\${letter}{${category}}` };
}

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
