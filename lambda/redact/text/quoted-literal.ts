import {
  backslashesBefore,
  type QuoteCloser,
  type TextView,
  TextViewBuilder,
  unescaped,
  unescapeInto,
} from './text-view.ts';

/** One word of a shell. */
interface UnquotedWord {
  /** Index after its last character, closing quote included. */
  readonly end: number;
  /** The word as the shell reads it, its quotes removed. */
  readonly unquoted: TextView;
}

/**
 * Reads one word of a shell's command line, quoted and plain parts joined, up to white space. `;`,
 * `|` and `&` do not end it: a command that Python joined without quoting may have them in a
 * password, and including them does no harm.
 *
 * If the word begins with a quote that is never closed, it goes to the end of the line; a later one
 * counts as the end of a quoted text around the command.
 *
 * https://www.gnu.org/software/bash/manual/html_node/Quoting.html
 */
export function readShellWord(view: TextView, from: number, closer: QuoteCloser): UnquotedWord {
  const builder = new TextViewBuilder(view, from);
  const end = readParts(view.text, from, closer, builder);
  return { end, unquoted: builder.build() };
}

/**
 * {@link readShellWord}, but an operator (`;`, `|`, `&`, `<`, `(` …) ends the word, as in the shell
 * itself.
 */
export function readScriptWord(view: TextView, from: number, closer: QuoteCloser): UnquotedWord {
  const builder = new TextViewBuilder(view, from);
  const end = readParts(view.text, from, closer, builder, operators);
  return { end, unquoted: builder.build() };
}

/** Where {@link readShellWord} would end. */
export function shellWordEnd(text: string, from: number, closer: QuoteCloser): number {
  return readParts(text, from, closer, undefined);
}

const operators = ';|&()<>';

function readParts(
  text: string,
  from: number,
  closer: QuoteCloser,
  builder: TextViewBuilder | undefined,
  ends = '',
): number {
  let index = from;
  while (index < text.length && !isSpace(text.charCodeAt(index))) {
    if (ends.includes(text[index] ?? ' ')) break;
    const end = readPart(text, index, from, closer, builder, ends !== '');
    if (end === index) break;
    index = end;
  }
  return index;
}

/**
 * Reads one part of the word that began at `from`; returns its end, or `index` if the word ends
 * here.
 */
function readPart(
  text: string,
  index: number,
  from: number,
  closer: QuoteCloser,
  builder: TextViewBuilder | undefined,
  isScript: boolean,
): number {
  const character = text[index] ?? '';
  const next = text[index + 1];
  if (character === "'" || character === '"') {
    const close = closer.find(character, index + 1, character === "'" ? 'none' : 0);
    if (close === -1 && index > from) return index;
    const end = close === -1 ? endOfLine(text, index) : close;
    if (character === "'") return readSingleQuoted(text, index + 1, end, closer, builder);
    if (builder !== undefined) copyDoubleQuoted(builder, text, index + 1, end);
    return close === -1 ? end : close + 1;
  }
  if (character === '\\') return readEscape(text, index, from, closer, builder);
  if (character === '$' && next === "'") {
    const close = closer.find("'", index + 2, 0);
    if (close === -1) return index;
    if (builder !== undefined) unescapeInto(builder, text, index + 2, close);
    return close + 1;
  }
  const end =
    character === '$' && next === '('
      ? substitutionEnd(text, index + 2)
      : character === '`'
        ? afterBackticks(index, closer)
        : plainEnd(text, index, isScript ? plainInScript : plain);
  builder?.copy(index, end);
  return end;
}

const quoteInQuotes = /'(?:\\'|"'")'/y;

/**
 * Reads a single-quoted part. It cannot hold a single quote, which is written `'\''`, or `'"'"'` by
 * Python's `shlex.quote`: either counts as one character, so that replacing it leaves the quotes
 * around it balanced.
 */
function readSingleQuoted(
  text: string,
  from: number,
  firstClose: number,
  closer: QuoteCloser,
  builder: TextViewBuilder | undefined,
): number {
  let start = from;
  let close = firstClose;
  for (;;) {
    builder?.copy(start, close);
    quoteInQuotes.lastIndex = close;
    if (!quoteInQuotes.test(text)) return text[close] === "'" ? close + 1 : close;
    start = quoteInQuotes.lastIndex;
    builder?.put("'", close, start);
    const next = closer.find("'", start, 'none');
    close = next === -1 ? endOfLine(text, start) : next;
  }
}

function readEscape(
  text: string,
  index: number,
  from: number,
  closer: QuoteCloser,
  builder: TextViewBuilder | undefined,
): number {
  if (text[index + 1] === '\n') return index + 2;
  const quoted = index === from ? escapedQuoteEnd(text, index, closer) : undefined;
  const end = quoted ?? index + (index + 1 < text.length ? 2 : 1);
  if (quoted === undefined) builder?.put(text.slice(index + 1, end), index, end);
  else builder?.copy(index, end);
  return end;
}

const escapedQuote = /(\\+)(["'])/y;

/**
 * The end of a value that begins with `\"`: more often it is a quoted text that was quoted again,
 * outside of what is visible here, than a password that begins with a quote.
 */
function escapedQuoteEnd(text: string, index: number, closer: QuoteCloser): number | undefined {
  escapedQuote.lastIndex = index;
  const opening = escapedQuote.exec(text);
  const [token = '', backslashes = '', quote = ''] = opening ?? [];
  if (opening === null) return undefined;
  const close = closer.find(quote, index + token.length, backslashes.length);
  return close === -1 ? undefined : close + 1;
}

const plain = /\$?[^\s'"\\$`]*/y;
const plainInScript = /\$?[^\s'"\\$`;|&()<>]*/y;

function plainEnd(text: string, index: number, pattern: RegExp): number {
  pattern.lastIndex = index;
  return pattern.test(text) && pattern.lastIndex > index ? pattern.lastIndex : index + 1;
}

function afterBackticks(index: number, closer: QuoteCloser): number {
  const close = closer.find('`', index + 1, 0);
  return close === -1 ? index + 1 : close + 1;
}

/** The index after the `)` that closes a `$(`; the text's end if nothing closes it. */
function substitutionEnd(text: string, from: number): number {
  let depth = 1;
  for (let index = from; index < text.length; index += 1) {
    if (text[index] === '(') depth += 1;
    if (text[index] === ')') depth -= 1;
    if (depth === 0) return index + 1;
  }
  return text.length;
}

/** Copies a double-quoted part, in which a backslash escapes only a few characters. */
function copyDoubleQuoted(builder: TextViewBuilder, text: string, from: number, to: number): void {
  const content = text.slice(from, to);
  let done = 0;
  for (let index = content.indexOf('\\'); index !== -1; index = content.indexOf('\\', index + 2)) {
    const next = content[index + 1] ?? '';
    if (!'\n$`"\\'.includes(next)) continue;
    builder.copy(from + done, from + index);
    done = index + (next === '' ? 1 : 2);
    builder.put(next === '\n' ? '' : next, from + index, from + done);
  }
  builder.copy(from + done, to);
}

export function endOfLine(text: string, index: number): number {
  const end = text.indexOf('\n', index);
  return end === -1 ? text.length : end;
}

function isSpace(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13);
}

/** A text in which quotes are searched: a layer of a line. */
interface QuotingText {
  readonly view: TextView;
  readonly text: string;
  readonly closer: QuoteCloser;
}

/** A quoted text inside another text. */
export interface QuotedLiteral {
  /** Index after the closing quote. */
  readonly end: number;
  /** The range between the quotes. */
  readonly contentStart: number;
  readonly contentEnd: number;
  /** The text between the quotes, its escapes undone. */
  readonly content: TextView;
}

/**
 * Reads the quoted text that a quote opens.
 *
 * After a bracket, comma, colon or equals sign it is read as JSON or Python, where a backslash
 * escapes; after anything else as a word of a shell, which joins adjacent parts (`'a'\''b'`).
 *
 * @param index of the quote, which {@link openingQuote} has found
 * @returns undefined if a shell's quote is not closed
 */
export function readQuotedLiteral(
  view: TextView,
  index: number,
  closer: QuoteCloser,
): QuotedLiteral | undefined {
  const { text } = view;
  const escapes = backslashesBefore(text, index);
  if (escapes === 0 && !followsSign(text, index)) {
    const quote = text[index] ?? '';
    const close = closer.find(quote, index + 1, quote === "'" ? 'none' : 0);
    if (close === -1) return undefined;
    const isWholeWord = /[\s;|&)]/.test(text[close + 1] ?? ' ');
    if (isWholeWord && !text.slice(index, close).includes('\\')) {
      return {
        end: close + 1,
        contentStart: index + 1,
        contentEnd: close,
        content: view.slice(index + 1, close),
      };
    }
    return shellLiteral(view, index, closer);
  }
  const literal = readEscapedLiteral(view, index, escapes, closer);
  const isGlued = escapes === 0 && isGlue(text, literal.end);
  return isGlued ? shellLiteral(view, index, closer) : literal;
}

/** Whether a quoted text continues after its closing quote, as only a shell's does. */
function isGlue(text: string, index: number): boolean {
  const next = text[index];
  return next === '\\' || next === "'" || next === '"' || next === '$';
}

function shellLiteral(view: TextView, index: number, closer: QuoteCloser): QuotedLiteral {
  const { end, unquoted } = readShellWord(view, index, closer);
  return { end, contentStart: index, contentEnd: end, content: unquoted };
}

/** Reads a quoted text of JSON or Python; one that is cut off ends with the text. */
function readEscapedLiteral(
  view: TextView,
  index: number,
  escapes: number,
  closer: QuoteCloser,
): QuotedLiteral {
  const close = closer.find(view.text[index] ?? '', index + 1, escapes);
  const end = close === -1 ? view.text.length : close + 1;
  const contentEnd = close === -1 ? end : close - escapes;
  return {
    end,
    contentStart: index + 1,
    contentEnd,
    content: unescaped(view, index + 1, contentEnd),
  };
}

const literalStart = /[bBuUrRfFNE]{0,2}(\\*)(?=["'])/y;

/**
 * The quoted text of JSON, Python, TOML or SQL, prefix included, that begins at a position, if one
 * does.
 */
export function literalAt(
  { view, text, closer }: QuotingText,
  from: number,
): QuotedLiteral | undefined {
  literalStart.lastIndex = from;
  const match = literalStart.exec(text);
  if (match === null) return undefined;
  const index = from + match[0].length;
  const quotes = text.slice(index, index + 3);
  if (quotes === '"""' || quotes === "'''") return readLongLiteral(view, index, quotes);
  return readEscapedLiteral(view, index, match[1]?.length ?? 0, closer);
}

/** Reads a text in three quotes, of Python or TOML; one that is cut off ends with the text. */
function readLongLiteral(view: TextView, index: number, quotes: string): QuotedLiteral {
  const contentStart = index + quotes.length;
  const close = view.text.indexOf(quotes, contentStart);
  const contentEnd = close === -1 ? view.text.length : close;
  const end = Math.min(view.text.length, contentEnd + quotes.length);
  return { end, contentStart, contentEnd, content: view.slice(contentStart, contentEnd) };
}

/**
 * A quote that may open a text, with Python's prefix and the backslashes before it: not after a
 * letter of any language, a digit, a closing sign or another quote.
 */
export const openingQuote = /(?<![\w)\]}.'"\\\u0080-\uffff])[bBuUrRfF]{0,2}\\*["']/;

/** Whether a quoted text follows a sign of JSON or Python, or begins the text. */
function followsSign(text: string, index: number): boolean {
  let before = index;
  while (index - before < 2 && 'bBuUrRfF'.includes(text[before - 1] ?? ' ')) before -= 1;
  const farthest = before - signDistanceMax;
  while (before > farthest && before > 0 && ' \t\r\n'.includes(text[before - 1] ?? '')) before -= 1;
  return before === 0 || '[({<,:='.includes(text[before - 1] ?? '');
}

/** How many spaces may separate a sign from its quoted text: the indentation of printed JSON. */
const signDistanceMax = 40;
