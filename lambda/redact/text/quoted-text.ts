import { type TextView, TextViewBuilder } from './text-view.ts';

/** How many backslashes come right before a position. */
export function backslashesBefore(text: string, index: number, lowest = 0): number {
  let first = index;
  while (first > lowest && text[first - 1] === '\\') first -= 1;
  return index - first;
}

/** The last `count` characters before a position, or fewer. */
export function before(text: string, index: number, count: number): string {
  return text.slice(index > count ? index - count : 0, index);
}

/**
 * Finds where quoted texts end. It remembers which quotes are never closed, so that a hundred
 * thousand queries read the text once.
 */
export class QuoteCloser {
  readonly #text: string;
  #neverClosed: Set<string> | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  /**
   * The index of the quote that closes a text; -1 if there is none.
   *
   * @param from the index after the opening quote
   * @param escapes the number of backslashes before the opening quote: the closing one has as many,
   *   since quoting a text again escapes every backslash and quote; `none` if a backslash has no
   *   meaning (in a shell's single quotes)
   */
  find(quote: string, from: number, escapes: number | 'none'): number {
    if (this.#neverClosed?.has(`${quote}${escapes}`)) return -1;
    for (
      let index = this.#text.indexOf(quote, from);
      index !== -1;
      index = this.#text.indexOf(quote, index + 1)
    ) {
      if (escapes === 'none') return index;
      const extra = backslashesBefore(this.#text, index, from) - escapes;
      if (extra >= 0 && extra % (2 * (escapes + 1)) === 0) return index;
    }
    this.#neverClosed ??= new Set();
    this.#neverClosed.add(`${quote}${escapes}`);
    return -1;
  }
}

const shortEscapes: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  b: '\b',
  f: '\f',
  v: '\v',
  a: '\u0007',
  e: '\u001b',
  '0': '\0',
  '\n': '',
};

const coded = /\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|x([0-9a-fA-F]{2}))/y;

/** Undoes the escapes of JSON, Python's `repr` and a shell's `$'…'`, which are mostly the same. */
export function unescapeInto(
  builder: TextViewBuilder,
  text: string,
  from: number,
  to: number,
): void {
  const content = text.slice(from, to);
  let done = 0;
  for (let index = content.indexOf('\\'); index !== -1; index = content.indexOf('\\', done)) {
    builder.copy(from + done, from + index);
    const next = content[index + 1] ?? '';
    const short = shortEscapes[next];
    const code = 'uUx'.includes(next) ? codeAt(content, index) : undefined;
    done = index + (code?.length ?? (next === '' ? 1 : 2));
    const isKept = !`"'\\/`.includes(next) || next === '';
    const text = code?.text ?? short ?? (isKept ? `\\${next}` : next);
    builder.put(text, from + index, from + done);
  }
  builder.copy(from + done, to);
}

function codeAt(content: string, index: number): { text: string; length: number } | undefined {
  coded.lastIndex = index;
  const match = coded.exec(content);
  if (match === null) return undefined;
  const code = Number.parseInt(match[1] ?? match[2] ?? match[3] ?? '', 16);
  const text = code > 0x10ffff ? '\ufffd' : codeText(code);
  return { text, length: match[0].length };
}

/** Half a surrogate pair stays as it is, since its other half follows. */
function codeText(code: number): string {
  return code > 0xffff ? String.fromCodePoint(code) : String.fromCharCode(code);
}

/** The content of a quoted text of JSON or Python, its escapes undone. */
export function unescaped(view: TextView, from: number, to: number): TextView {
  if (!view.text.slice(from, to).includes('\\')) return view.slice(from, to);
  const builder = new TextViewBuilder(view, from);
  unescapeInto(builder, view.text, from, to);
  return builder.build();
}
