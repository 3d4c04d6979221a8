import { undoStringEscapes, undoUnicodeEscapes } from './sql-escapes.ts';

/** A statement as PostgreSQL takes it apart. */
export interface SqlStatement {
  /**
   * Without comments, and with nothing where a string stood. Quoted names stand bare, so that
   * `"public".U&"ab\005frole"` is `public . ab_role`.
   */
  readonly text: string;
  /** What its strings hold; one where `||` joins several, with `{}` for what is no string. */
  readonly strings: readonly string[];
  /** What stands between `$tag$` and `$tag$`: code, as a rule. */
  readonly bodies: readonly string[];
}

export interface SqlReading {
  readonly statements: readonly SqlStatement[];
  /**
   * False where a server with other settings, or another one than PostgreSQL, takes the text apart in
   * another way: there a comment may be none.
   */
  readonly isCertain: boolean;
}

/**
 * Takes SQL apart by the rules of PostgreSQL, which is what Amazon MWAA's metadata database is: block
 * comments nest, `''` is a quote within a string, `$tag$` begins a body.
 *
 * Never throws: what is not closed ends with the text. Linear in the text's length.
 *
 * @see https://www.postgresql.org/docs/current/sql-syntax-lexical.html
 */
export function readSql(text: string): SqlReading {
  return new SqlReader(text).read();
}

const word = /[\w$\u0080-\uffff]+/y;
const space = /\s+/y;
const dollarTag = /\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/y;
const blockMark = /\/\*|\*\//g;

/** Functions between whose parentheses a text stays the text that it is. */
const harmlessCalls =
  /^(?:quote_ident|quote_literal|lower|upper|trim|cast|text|regclass|varchar|\d+)$/i;

/** Whether the next string goes on with the one before. */
type Join = 'none' | 'after-string' | 'after-operator';

class SqlReader {
  readonly #text: string;
  readonly #statements: SqlStatement[] = [];
  #at = 0;
  #isCertain = true;
  #parts: string[] = [];
  #strings: string[] = [];
  #bodies: string[] = [];
  #join: Join = 'none';
  #tags: ReadonlyMap<string, readonly number[]> | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  read(): SqlReading {
    while (this.#at < this.#text.length) this.#token();
    this.#endStatement();
    return { statements: this.#statements, isCertain: this.#isCertain };
  }

  #token(): void {
    const blank = this.#match(space);
    if (blank !== undefined) {
      this.#parts.push(' ');
      // Strings on two lines, with nothing between them, are one.
      if (this.#join === 'after-string' && blank.includes('\n') && this.#text[this.#at] === "'") {
        this.#join = 'after-operator';
      }
      return;
    }
    const character = this.#text[this.#at] ?? '';
    switch (character) {
      case "'":
        this.#string('plain');
        return;
      case '"':
      case '`':
        // PostgreSQL lets an operator be called `.
        if (character === '`') this.#isCertain = false;
        this.#name(this.#quoted(character));
        return;
      case '-':
        if (this.#skipLineComment()) return;
        break;
      case '/':
        if (this.#skipBlockComment()) return;
        break;
      case '$':
        if (this.#body()) return;
        break;
      case ';':
        this.#at += 1;
        this.#endStatement();
        return;
      case '|':
        if (this.#text.startsWith('||', this.#at)) {
          this.#at += 2;
          this.#join = this.#join === 'none' ? 'none' : 'after-operator';
          return;
        }
        break;
    }
    const name = this.#match(word);
    if (name === undefined) this.#sign(character);
    else this.#word(name);
  }

  #match(sticky: RegExp): string | undefined {
    sticky.lastIndex = this.#at;
    const found = sticky.exec(this.#text)?.[0];
    if (found === undefined || found === '') return undefined;
    this.#at += found.length;
    return found;
  }

  #word(text: string): void {
    const next = this.#text[this.#at];
    if (/^e$/i.test(text) && next === "'") {
      this.#string('escaped');
      return;
    }
    if (/^u$/i.test(text) && next === '&') {
      const mark = this.#text[this.#at + 1];
      if (mark === '"' || mark === "'") {
        this.#at += 1;
        if (mark === "'") this.#string('unicode');
        else this.#unicodeName();
        return;
      }
    }
    if (this.#join === 'after-operator' && !harmlessCalls.test(text)) this.#unknownPart();
    else if (this.#join === 'after-string' && !harmlessCalls.test(text)) this.#join = 'none';
    this.#parts.push(text);
  }

  #sign(character: string): void {
    this.#at += 1;
    if (!/[():]/.test(character)) this.#join = 'none';
    // A backslash before a quote means something where standard_conforming_strings is off.
    if (character === '\\' && /['"]/.test(this.#text[this.#at] ?? '')) this.#isCertain = false;
    this.#parts.push(character === '\\' ? ' ' : character);
  }

  /** What `||` takes in that is no string: a variable, `chr(95)`. */
  #unknownPart(): void {
    const last = this.#strings.length - 1;
    this.#strings[last] = `${this.#strings[last] ?? ''}{}`;
    this.#join = 'after-string';
  }

  #string(kind: 'plain' | 'escaped' | 'unicode'): void {
    const written = kind === 'escaped' ? this.#escapedString() : this.#quoted("'");
    if (kind === 'plain' && written.endsWith('\\')) this.#isCertain = false;
    const held =
      kind === 'plain'
        ? written
        : kind === 'escaped'
          ? undoStringEscapes(written)
          : undoUnicodeEscapes(written);
    const last = this.#strings.length - 1;
    if (this.#join === 'after-operator')
      this.#strings[last] = `${this.#strings[last] ?? ''}${held}`;
    else this.#strings.push(held);
    this.#join = 'after-string';
    this.#parts.push(' ');
  }

  /** What stands between two marks, where a mark that is doubled is a part of it. */
  #quoted(mark: string): string {
    const start = this.#at + 1;
    let end = this.#text.indexOf(mark, start);
    while (end >= 0 && this.#text[end + 1] === mark) end = this.#text.indexOf(mark, end + 2);
    if (end < 0) {
      this.#isCertain = false;
      end = this.#text.length;
    }
    this.#at = end + 1;
    return this.#text.slice(start, end).replaceAll(mark + mark, mark);
  }

  #escapedString(): string {
    const start = this.#at + 1;
    let end = start;
    while (end < this.#text.length && this.#text[end] !== "'") {
      end += this.#text[end] === '\\' ? 2 : 1;
    }
    if (end >= this.#text.length) this.#isCertain = false;
    this.#at = end + 1;
    return this.#text.slice(start, end);
  }

  #name(text: string): void {
    this.#join = 'none';
    // Another character than a word's makes it a name that no table of ours has.
    this.#parts.push(' ', /^(?:\w|\*{3})+$/.test(text) ? text : 'x', ' ');
  }

  /** `U&"ab!005frole" UESCAPE '!'`: the character that begins an escape may be chosen. */
  #unicodeName(): void {
    const written = this.#quoted('"');
    const chosen = this.#match(/\s+uescape\s+'[^']'/iy)?.at(-2);
    this.#name(undoUnicodeEscapes(written, chosen));
  }

  #skipLineComment(): boolean {
    if (!this.#text.startsWith('--', this.#at)) return false;
    const end = this.#text.indexOf('\n', this.#at);
    this.#at = end < 0 ? this.#text.length : end;
    return true;
  }

  #skipBlockComment(): boolean {
    if (!this.#text.startsWith('/*', this.#at)) return false;
    // MySQL runs what stands in /*! … */.
    if (this.#text[this.#at + 2] === '!') this.#isCertain = false;
    blockMark.lastIndex = this.#at;
    let depth = 0;
    for (let mark = blockMark.exec(this.#text); mark !== null; mark = blockMark.exec(this.#text)) {
      depth += mark[0] === '/*' ? 1 : -1;
      if (depth === 0) break;
    }
    if (depth > 0) this.#isCertain = false;
    this.#at = depth > 0 ? this.#text.length : blockMark.lastIndex;
    this.#parts.push(' ');
    return true;
  }

  #body(): boolean {
    const start = this.#at;
    const tag = this.#match(dollarTag);
    if (tag === undefined) return false;
    this.#tags ??= dollarTags(this.#text);
    const end = nextAfter(this.#tags.get(tag) ?? [], start);
    if (end === undefined) this.#isCertain = false;
    this.#bodies.push(this.#text.slice(this.#at, end));
    this.#at = end === undefined ? this.#text.length : end + tag.length;
    this.#join = 'none';
    this.#parts.push(' ');
    return true;
  }

  #endStatement(): void {
    this.#statements.push({
      text: this.#parts.join(''),
      strings: this.#strings,
      bodies: this.#bodies,
    });
    [this.#parts, this.#strings, this.#bodies] = [[], [], []];
    this.#join = 'none';
  }
}

/** Where each dollar tag stands, so that a text of tags that are never closed costs one pass. */
function dollarTags(text: string): ReadonlyMap<string, readonly number[]> {
  const tags = new Map<string, number[]>();
  for (const { index, 1: name = '' } of text.matchAll(
    /\$(?=((?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?)\$)/g,
  )) {
    const places = tags.get(`$${name}$`) ?? [];
    if (places.length === 0) tags.set(`$${name}$`, places);
    places.push(index);
  }
  return tags;
}

/** @param places in ascending order */
function nextAfter(places: readonly number[], start: number): number | undefined {
  let [low, high] = [0, places.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((places[middle] ?? 0) > start) high = middle;
    else low = middle + 1;
  }
  return places[low];
}
