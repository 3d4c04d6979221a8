import type { Redirection, ShellPart, SyntaxWord } from './shell-syntax.ts';

/** A shell text and the position up to which it has been read. */
export class ShellText {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get done(): boolean {
    return this.#at >= this.#text.length;
  }

  /** Index of the next character. */
  get at(): number {
    return this.#at;
  }

  /** Steps over the next character and returns it; empty at the end. */
  next(): string {
    const character = this.#text[this.#at] ?? '';
    this.#at += 1;
    return character;
  }

  /** Whether a character comes next. */
  sees(character: string): boolean {
    return this.#text[this.#at] === character;
  }

  /** Steps over a character if it comes next; returns whether it did. */
  accept(character: string): boolean {
    const found = this.sees(character);
    if (found) this.#at += 1;
    return found;
  }

  /** {@link accept} for a text of several characters. */
  acceptText(expected: string): boolean {
    const found = this.#text.startsWith(expected, this.#at);
    if (found) this.#at += expected.length;
    return found;
  }

  /** Steps over what a sticky pattern matches here, and returns it. */
  match(sticky: RegExp): string | undefined {
    sticky.lastIndex = this.#at;
    const found = sticky.exec(this.#text)?.[0];
    this.#at += found?.length ?? 0;
    return found;
  }

  /** Goes to the next such character, or to the end; returns the text before it. */
  upTo(character: string): string {
    const found = this.#text.indexOf(character, this.#at);
    const end = found < 0 ? this.#text.length : found;
    const passed = this.#text.slice(this.#at, end);
    this.#at = end;
    return passed;
  }

  /** {@link upTo}, and steps over the character as well. */
  past(character: string): string {
    const passed = this.upTo(character);
    this.#at += 1;
    return passed;
  }
}

/** A here-document whose `<<` was read; its text begins on the next line. */
export interface HereDocument {
  /** Its target becomes the text. */
  readonly redirection: Redirection;
  readonly delimiter: string;
  /** The delimiter is quoted, so that the shell expands nothing in the text. */
  readonly quoted: boolean;
  /** `<<-`: tabs at the beginning of a line are removed. */
  readonly stripsTabs: boolean;
}

/**
 * The here-document that a `<<` announces.
 *
 * @param word its delimiter, which is not expanded; quotes in it keep the text from being expanded
 */
export function announcedDocument(
  redirection: Redirection,
  word: SyntaxWord,
  stripsTabs: boolean,
): HereDocument {
  return {
    redirection,
    delimiter: word.map(writtenText).join(''),
    quoted: word.some((part) => part.kind === 'text' && part.quoted),
    stripsTabs,
  };
}

/** A part as it is written, without its quotes. */
function writtenText(part: ShellPart): string {
  if (part.kind === 'text') return part.text;
  return part.kind === 'variable' ? `$${part.name}` : '$';
}

/** Reads the text up to the line of the delimiter, and steps over that line. */
export function hereDocumentText(text: ShellText, { delimiter, stripsTabs }: HereDocument): string {
  const lines: string[] = [];
  while (!text.done) {
    const written = text.past('\n');
    const line = stripsTabs ? written.replace(/^\t+/, '') : written;
    if (line === delimiter || line === `${delimiter}\r`) break;
    lines.push(line);
  }
  return lines.join('\n');
}

const escapes =
  /\\(?:x[0-9a-fA-F]{1,2}|u[0-9a-fA-F]{1,4}|U[0-9a-fA-F]{1,8}|[0-7]{1,4}|c[\s\S]|[\s\S]|$)/g;

const controls: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  e: '\x1b',
  E: '\x1b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

/**
 * Undoes backslash escapes as `$'…'`, `printf` and `echo -e` do.
 *
 * https://www.gnu.org/software/bash/manual/html_node/ANSI_002dC-Quoting.html
 *
 * @param use `printed`: `\\0` becomes NUL; `quoted`: it stays as written, since an argument cannot
 *   hold NUL
 */
export function ansiCText(text: string, use: 'quoted' | 'printed' = 'quoted'): string {
  if (!text.includes('\\')) return text;
  return text.replace(escapes, (escaped) => {
    const first = escaped[1] ?? '\\';
    if (/[0-7]/.test(first)) {
      const code = Number.parseInt(escaped.slice(1), 8) & 0xff;
      return code === 0 && use === 'printed' ? '\0' : character(code, escaped);
    }
    if (first === 'c' && escaped.length === 3)
      return character(escaped.charCodeAt(2) & 0x1f, escaped);
    if (escaped.length > 2) return character(Number.parseInt(escaped.slice(2), 16), escaped);
    return controls[first] ?? (/["'?\\]/.test(first) ? first : escaped);
  });
}

function character(code: number, written: string): string {
  return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : written;
}

/**
 * Which parentheses of a text belong together, quotes ignored. Computed on first use, in one pass.
 */
export class MatchingParentheses {
  readonly #text: string;
  #closers: Int32Array | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  /**
   * The index of the inner `)` if the `((` at an index is closed by a `))`, as in `((1 << 2))`;
   * undefined otherwise.
   */
  closeTogether(at: number): number | undefined {
    this.#closers ??= closersOf(this.#text);
    const [outer = -1, inner = -1] = [this.#closers[at], this.#closers[at + 1]];
    return inner >= 0 && outer === inner + 1 ? inner : undefined;
  }
}

/** For each index of a `(` the index of its `)`, -1 where there is none. */
function closersOf(text: string): Int32Array {
  const closers = new Int32Array(text.length).fill(-1);
  const open: number[] = [];
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === '(') open.push(at);
    else if (text[at] === ')') {
      const opener = open.pop();
      if (opener !== undefined) closers[opener] = at;
    }
  }
  return closers;
}
