/** Where the parts of a view begin, in it and in its parent. */
interface Parts {
  readonly starts: readonly number[];
  readonly sources: readonly number[];
}

/**
 * A text with a layer of quoting undone, which knows the index of each character in the original
 * text.
 */
export class TextView {
  readonly text: string;
  readonly #parent: TextView | undefined;
  readonly #parts: Parts;
  readonly #end: number;

  /** @param end index in the parent after the last character */
  constructor(
    text: string,
    parent?: TextView,
    parts: Parts = { starts: [], sources: [] },
    end = 0,
  ) {
    this.text = text;
    this.#parent = parent;
    this.#parts = parts;
    this.#end = end;
  }

  slice(from: number, to: number): TextView {
    return new TextView(this.text.slice(from, to), this, { starts: [0], sources: [from] }, to);
  }

  /** The index in the original text; `index` may be the text's length. */
  at(index: number): number {
    if (this.#parent === undefined) return index;
    if (index >= this.text.length) return this.#parent.at(this.#end);
    const { starts, sources } = this.#parts;
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] ?? 0) <= index) low = middle;
      else high = middle - 1;
    }
    return this.#parent.at((sources[low] ?? 0) + index - (starts[low] ?? 0));
  }
}

/** Builds a view from parts of another one, in their order. */
export class TextViewBuilder {
  readonly #source: TextView;
  readonly #starts: number[] = [];
  readonly #sources: number[] = [];
  #text = '';
  #end: number;

  /** @param start where it begins in the source, used if it stays empty */
  constructor(source: TextView, start: number) {
    this.#source = source;
    this.#end = start;
  }

  copy(from: number, to: number): void {
    if (to > from) this.put(this.#source.text.slice(from, to), from, to);
  }

  /** Appends a text that is written as the characters `from` to `to` of the source. */
  put(text: string, from: number, to: number): void {
    this.#starts.push(this.#text.length);
    this.#sources.push(from);
    this.#text += text;
    this.#end = to;
  }

  build(): TextView {
    const parts = { starts: this.#starts, sources: this.#sources };
    return new TextView(this.#text, this.#source, parts, this.#end);
  }
}

const colours = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]{0,20}[A-Za-z]`, 'g');

/** Removes the escape sequences by which Airflow colours names in its lines. */
export function viewWithoutColours(view: TextView): TextView {
  if (!view.text.includes('\u001b')) return view;
  const builder = new TextViewBuilder(view, 0);
  let from = 0;
  for (const { index, 0: sequence } of view.text.matchAll(colours)) {
    builder.copy(from, index);
    from = index + sequence.length;
  }
  builder.copy(from, view.text.length);
  return builder.build();
}

/** A range of a text: `start` inclusive, `end` exclusive. */
export interface TextRange {
  readonly start: number;
  readonly end: number;
}

/** Sorts ranges and merges those that touch or overlap; empty ones are dropped. */
export function mergeRanges(ranges: readonly TextRange[]): TextRange[] {
  const merged: TextRange[] = [];
  const inOrder = ranges.every((range, index) => range.start >= (ranges[index - 1]?.start ?? 0));
  for (const range of inOrder ? ranges : ranges.toSorted((a, b) => a.start - b.start)) {
    const last = merged.at(-1);
    if (last !== undefined && range.start <= last.end) {
      merged[merged.length - 1] = { start: last.start, end: Math.max(last.end, range.end) };
    } else if (range.end > range.start) {
      merged.push(range);
    }
  }
  return merged;
}

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
