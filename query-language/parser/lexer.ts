import { errorAt, quoteBriefly } from '../syntax/query-error.ts';

/** One token of the query text, `[start, end)` in UTF-16 units. */
export type Token = WordToken | TextToken | NumberToken | DurationToken | SymbolToken | EndToken;

interface Place {
  readonly start: number;
  readonly end: number;
}

/** A keyword or a name: `filter`, `@message`, `` a.`b c`.0 ``, `items[1].x`. */
export interface WordToken extends Place {
  readonly kind: 'word';
  readonly path: readonly string[];
  /** The word in lower case if it can be a keyword or a function name; otherwise undefined. */
  readonly keyword: string | undefined;
}

export interface TextToken extends Place {
  readonly kind: 'string';
  readonly value: string;
}

export interface NumberToken extends Place {
  readonly kind: 'number';
  readonly value: number;
}

export interface DurationToken extends Place {
  readonly kind: 'duration';
  readonly amount: number;
  readonly unit: string;
}

interface SymbolToken extends Place {
  readonly kind: 'symbol';
  readonly symbol: string;
}

interface EndToken extends Place {
  readonly kind: 'end';
}

/**
 * Reads one token at a time, on request of the parser: whether `/` divides or starts a regexp
 * depends on the grammar at that place, so a parser that expects a regexp calls {@link readRegex}
 * at the slash.
 */
export function readToken(text: string, from: number): Token {
  const start = skipBlanks(text, from);
  if (start >= text.length) return { kind: 'end', start: text.length, end: text.length };
  const character = text.charAt(start);
  if (character === '"' || character === "'") return readString(text, start);
  if (isDigit(character)) return readNumber(text, start);
  if (isNameCharacter(character) || character === '`') return readWord(text, start);
  const pair = text.slice(start, start + 2);
  const symbol = symbols.has(pair) ? pair : character;
  if (symbols.has(symbol)) return { kind: 'symbol', symbol, start, end: start + symbol.length };
  const unknown = String.fromCodePoint(text.codePointAt(start) ?? 0);
  throw errorAt(
    text,
    { start, end: start + unknown.length },
    `token recognition error at: '${unknown}'`,
    unknown === '\\' ? 'a regexp is only allowed after like, =~, ~= or in parse' : undefined,
  );
}

const symbols = new Set([
  ...['|', ',', '(', ')', '[', ']', '+', '-', '*', '/', '%', '^', '.', ':', '{', '}'],
  ...['=', '==', '!=', '<', '<=', '>', '>=', '=~', '~=', '!'],
]);

/** Blanks, line ends, and comments from `#` to the end of the line. */
function skipBlanks(text: string, from: number): number {
  let at = from;
  while (at < text.length) {
    if (text.charAt(at) === '#') {
      const lineEnd = text.indexOf('\n', at);
      if (lineEnd === -1) return text.length;
      at = lineEnd;
    } else if (!/\s/.test(text.charAt(at))) {
      return at;
    }
    at += 1;
  }
  return at;
}

function isDigit(character: string): boolean {
  return character >= '0' && character <= '9';
}

function isNameCharacter(character: string): boolean {
  return /[A-Za-z0-9_@]/.test(character);
}

/** A string in single or double quotes; a backslash escapes the next character. */
function readString(text: string, start: number): Token {
  const quote = text.charAt(start);
  let value = '';
  for (let at = start + 1; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (character === quote) return { kind: 'string', value, start, end: at + 1 };
    if (character === '\\' && at + 1 < text.length) {
      at += 1;
      value += resolveEscape(text.charAt(at));
    } else {
      value += character;
    }
  }
  throw errorAt(
    text,
    { start, end: text.length },
    `token recognition error at: '${quoteBriefly(text.slice(start))}'`,
    'the string is not closed',
  );
}

/** A backslash before any other character is literal, as in the pattern `'\d'`. */
function resolveEscape(escaped: string): string {
  switch (escaped) {
    case 'n':
      return '\n';
    case 't':
      return '\t';
    case 'r':
      return '\r';
    case '\\':
    case '"':
    case "'":
      return escaped;
    default:
      return `\\${escaped}`;
  }
}

const numberPattern = /\d+(?:\.\d+)?(?:[eE][+-]?\d+(?![A-Za-z0-9_@]))?/y;
const unitPattern = /[A-Za-z0-9_@]+/y;

/** A number, or a duration if a unit follows directly. */
function readNumber(text: string, start: number): Token {
  numberPattern.lastIndex = start;
  const digits = numberPattern.exec(text)?.[0] ?? '';
  const value = Number(digits);
  if (!Number.isFinite(value)) {
    const span = { start, end: start + digits.length };
    throw errorAt(text, span, `the number ${quoteBriefly(digits)} is too large`);
  }
  unitPattern.lastIndex = start + digits.length;
  const unit = unitPattern.exec(text)?.[0];
  if (unit === undefined) return { kind: 'number', value, start, end: start + digits.length };
  const end = start + digits.length + unit.length;
  return { kind: 'duration', amount: value, unit: unit.toLowerCase(), start, end };
}

/** A name of one or more segments; only a single unquoted segment can be a keyword. */
function readWord(text: string, start: number): WordToken {
  const { path, end } = readPath(text, start, []);
  const alone = path.length === 1 && text.charAt(start) !== '`';
  const keyword = alone ? path[0]?.toLowerCase() : undefined;
  return { kind: 'word', path, keyword, start, end };
}

/**
 * The segments of a name: plain, in backticks, or an index in brackets. `before` contains segments
 * that are already read, `from` is where the next one starts.
 */
export function readPath(
  text: string,
  from: number,
  before: readonly string[],
): { path: readonly string[]; end: number } {
  const path = [...before];
  let at = from;
  for (;;) {
    const segment = readSegment(text, at);
    path.push(segment.name);
    at = segment.end;
    // `in[1]` is a list, not an element of a field.
    const isKeyword = path.length === 1 && segment.name.toLowerCase() === 'in';
    for (let index = isKeyword ? undefined : readIndex(text, at); index; ) {
      path.push(index.name);
      at = index.end;
      index = readIndex(text, at);
    }
    if (path.length > maxNameParts) {
      throw errorAt(text, { start: from, end: at }, `a name has at most ${maxNameParts} parts`);
    }
    if (text.charAt(at) !== '.' || !/[A-Za-z0-9_@`]/.test(text.charAt(at + 1))) break;
    at += 1;
  }
  return { path, end: at };
}

/** Deeper than any JSON of a log. */
const maxNameParts = 100;

interface Segment {
  readonly name: string;
  readonly end: number;
}

const plainSegmentPattern = /[A-Za-z0-9_@]+/y;
const indexPattern = /\[(\d+)\]/y;

function readSegment(text: string, start: number): Segment {
  if (text.charAt(start) === '`') {
    const close = text.indexOf('`', start + 1);
    const name = text.slice(start + 1, close);
    if (close !== -1 && name !== '') return { name, end: close + 1 };
    throw errorAt(
      text,
      { start, end: close === -1 ? text.length : close + 1 },
      `token recognition error at: '${quoteBriefly(text.slice(start, close === -1 ? undefined : close + 1))}'`,
      close === -1 ? 'the backtick is not closed' : 'the name between the backticks is empty',
    );
  }
  plainSegmentPattern.lastIndex = start;
  const name = plainSegmentPattern.exec(text)?.[0] ?? '';
  return { name, end: start + name.length };
}

function readIndex(text: string, start: number): Segment | undefined {
  if (text.charAt(start) !== '[') return undefined;
  indexPattern.lastIndex = start;
  const found = indexPattern.exec(text);
  return found ? { name: found[1] ?? '', end: start + found[0].length } : undefined;
}

/**
 * A regexp whose opening slash is at `start`, up to the next slash without a backslash, possibly on
 * another line. A slash in a class also closes it, because Logs Insights requires `\/` there.
 */
export function readRegex(text: string, start: number): { source: string; end: number } {
  for (let at = start + 1; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (character === '\\') at += 1;
    else if (character === '/') {
      if (at === start + 1) {
        const span = { start, end: at + 1 };
        throw errorAt(text, span, 'empty regexp', 'a comment starts with #');
      }
      return { source: text.slice(start + 1, at), end: at + 1 };
    }
  }
  throw errorAt(
    text,
    { start, end: text.length },
    `token recognition error at: '${quoteBriefly(text.slice(start))}'`,
    'the regexp is not closed',
  );
}
