import { backslashesBefore, type QuoteCloser, unescaped } from './quoted-text.ts';
import { readShellWord } from './shell-words.ts';
import type { TextView } from './text-view.ts';

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
export function readEscapedLiteral(
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
