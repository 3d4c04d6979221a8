/** Undoes the escapes of `E'…'`; a code point that does not exist becomes nothing. */
function undoStringEscapes(text: string): string {
  return text.replace(
    /\\(?:x([0-9a-f]{1,2})|u([0-9a-f]{4})|U([0-9a-f]{8})|([0-7]{1,3})|([\s\S]))/gi,
    (_, hex?: string, short?: string, long?: string, octal?: string, other?: string) => {
      if (other !== undefined) return { n: '\n', r: '\r', t: '\t' }[other] ?? other;
      const code = octal
        ? Number.parseInt(octal, 8)
        : Number.parseInt(hex ?? short ?? long ?? '', 16);
      return code <= 0x10ffff ? String.fromCodePoint(code) : '';
    },
  );
}

/**
 * Undoes the escapes of `U&"…"`: four hexadecimal digits, or a plus sign and six.
 *
 * @param mark the character that begins an escape; logs may double a backslash
 */
function undoUnicodeEscapes(text: string, mark = '\\'): string {
  const written = mark === '\\' ? text : text.replaceAll(mark, '\\');
  const escapes = /(?<!\\)\\+(?:([0-9a-f]{4})|\+([0-9a-f]{6}))/giu;
  return written.replace(escapes, (_, short?: string, long?: string) => {
    const code = Number.parseInt(short ?? long ?? '', 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : '';
  });
}

/** A statement as PostgreSQL reads it. */
export interface SqlStatement {
  /**
   * Without comments, and with a space for each string. Quoted names lose their quotes:
   * `"public".U&"ab\005frole"` becomes `public . ab_role`.
   */
  readonly text: string;
  /**
   * The contents of its strings; those that `||` joins are one, with `{}` for any other operand.
   */
  readonly strings: readonly string[];
  /** The texts between `$tag$` and `$tag$`: usually code. */
  readonly bodies: readonly string[];
}

export interface SqlReading {
  readonly statements: readonly SqlStatement[];
  /**
   * False if a server with other settings, or another one than PostgreSQL, may read the text
   * differently, so that a comment there may be none.
   */
  readonly isCertain: boolean;
}

/**
 * Splits SQL into statements by the rules of PostgreSQL, Amazon MWAA's metadata database: block
 * comments nest, `''` is a quote within a string, `$tag$` begins a body.
 *
 * Never throws: whatever is not closed ends with the text. Linear in the text's length.
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

/** Functions and types that leave a string unchanged, apart from quotes and case. */
const harmlessCalls =
  /^(?:quote_ident|quote_literal|lower|upper|trim|cast|text|regclass|varchar|\d+)$/i;

/** Whether the next string continues the one before it. */
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
      // Strings that only a line break separates are one.
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
        // In PostgreSQL, ` may be part of an operator.
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
    // A backslash escapes a quote if standard_conforming_strings is off.
    if (character === '\\' && /['"]/.test(this.#text[this.#at] ?? '')) this.#isCertain = false;
    this.#parts.push(character === '\\' ? ' ' : character);
  }

  /** Adds an operand of `||` that is no string: a variable, `chr(95)`. */
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

  /** Reads the text between two marks; a doubled mark is part of it. */
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
    // A name with other characters cannot be one of Airflow's tables.
    this.#parts.push(' ', /^(?:\w|\*{3})+$/.test(text) ? text : 'x', ' ');
  }

  /**
   * `U&"ab!005frole" UESCAPE '!'`: the statement may choose the character that begins an escape.
   */
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
    // MySQL runs the text inside /*! … */.
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

/** The indexes of each dollar tag, so that a text of tags that are never closed costs one pass. */
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

/** The first place after `start`. @param places in ascending order */
function nextAfter(places: readonly number[], start: number): number | undefined {
  let [low, high] = [0, places.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((places[middle] ?? 0) > start) high = middle;
    else low = middle + 1;
  }
  return places[low];
}
