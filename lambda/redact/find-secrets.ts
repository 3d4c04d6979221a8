import { CredentialUrls } from './credential-url.ts';
import { landmarkPattern } from './landmarks.ts';
import { type QuotedLiteral, readEscapedLiteral, readQuotedLiteral } from './quoted-literal.ts';
import { before, QuoteCloser } from './quoted-text.ts';
import { isHeaderName, isSecretName, isSecretOption, nameCharactersMax } from './secret-names.ts';
import { endOfLine, readShellWord, shellWordEnd } from './shell-word.ts';
import type { Span } from './span.ts';
import { TextView, withoutColours } from './text-view.ts';

/** Texts inside of texts: JSON around a Python list around `bash -c` around a function's body. */
const depthMax = 6;

/** The shortest text that holds a secret: `-px`. */
const secretTextMin = 3;

/** A command gives a password or two; each variable is looked for. */
const variablesMax = 20;

/** One a depth, since a reader is in the middle of its own when it starts another one. */
const landmarks = Array.from({ length: depthMax + 1 }, landmarkPattern);

/** `find -path`, `java -port` …: words of other tools that begin like a glued `-p`. */
const otherOptions = /^(?:rint0?|rintf|ath|rune|erm|arents|thread|ort|id)(?![\w-])/;

const optionGap = /(?:[ \t]|\\\r?\n)+/y;
const nameGap = /\s{0,4}(?::|=>|=)\s{0,4}/y;
const keyGap = /\s*(?:\]\s*)?(?::|=>|=)\s*/y;
const listGap = /\s*,\s*/y;
const literalStart = /[bBuUrRfF]{0,2}(\\*)(?=["'])/y;
const bareValue = /[^\s,;)}\]'"]+/y;
const parameterValue = /[^\s&'"]*/y;
const bearerToken = /[\w.~+/=-]+/y;
const noSecret = /^(?:null|None|true|True|false|False|\*{1,20})$/;
const variable = /"?\$\{?([A-Za-z_]\w*)/y;
const httpClient = /\b(?:curl|http|https|wget)\b/;
const basicAuth = /\(\s*[bu]?(["'])[^"'\\]*\1\s*,\s*/y;

export interface Secrets {
  readonly spans: readonly Span[];
  /** Shell variables whose value was given as a secret. */
  readonly variables: ReadonlySet<string>;
}

/** @param variables further names whose assigned values are secrets */
export function findSecrets(text: string, variables: ReadonlySet<string>): Secrets {
  const spans: Span[] = [];
  const found = new Set<string>();
  new Reader(new TextView(text), 0, { spans, found, known: variables }).read();
  return { spans, variables: found };
}

interface Findings {
  readonly spans: Span[];
  readonly found: Set<string>;
  readonly known: ReadonlySet<string>;
}

/** Reads one layer: from landmark to landmark, and each quoted text with a reader of its own. */
class Reader {
  readonly #view: TextView;
  readonly #text: string;
  readonly #depth: number;
  readonly #findings: Findings;
  readonly #closer: QuoteCloser;
  readonly #urls: CredentialUrls;

  constructor(view: TextView, depth: number, findings: Findings) {
    this.#view = withoutColours(view);
    this.#text = this.#view.text;
    this.#depth = depth;
    this.#findings = findings;
    this.#closer = new QuoteCloser(this.#text);
    this.#urls = new CredentialUrls(this.#text);
  }

  read(): void {
    const pattern = landmarks[this.#depth] ?? landmarkPattern();
    pattern.lastIndex = 0;
    for (let match = pattern.exec(this.#text); match; match = pattern.exec(this.#text)) {
      const next = this.#pass(match);
      pattern.lastIndex = next > match.index ? next : match.index + 1;
    }
  }

  /** Takes what begins at a landmark; returns where to read on. */
  #pass({ index, 0: mark, 1: credential }: RegExpExecArray): number {
    const end = index + mark.length;
    if (credential !== undefined) return this.#credential(index, end);
    const last = mark.at(-1);
    if (last === '"' || last === "'") return this.#quoted(end - 1);
    if (mark === '://') return this.#url(this.#urls.password(index), end);
    if (mark.startsWith('%')) return this.#url(this.#urls.encodedPassword(index), end);
    if (mark === '-p' || /^-v+p$/.test(mark)) return this.#shortOption(end);
    if (mark === '-u') return this.#userAndPassword(end);
    if (mark.startsWith('--')) return this.#longOption(mark.slice(2), end);
    if (/\s$/.test(mark)) return this.#take(end, this.#endOf(bearerToken, end));
    return this.#named(mark.replace(/^-+/, ''), index, end);
  }

  #url(password: Span | undefined, end: number): number {
    if (password !== undefined) this.#take(password.start, password.end);
    return end;
  }

  /** @param index of the quote */
  #quoted(index: number): number {
    const literal =
      this.#depth < depthMax ? readQuotedLiteral(this.#view, index, this.#closer) : undefined;
    if (literal === undefined) return index + 1;
    const content = literal.content.text;
    if (content.length <= nameCharactersMax) {
      const gap = isOption(content) ? listGap : isSecretName(content) ? keyGap : undefined;
      const valueStart = gap && this.#matched(gap, literal.end);
      if (valueStart !== undefined) return this.#plainValue(content, valueStart);
    }
    this.#readInside(literal);
    return literal.end;
  }

  #readInside({ content }: QuotedLiteral): void {
    if (content.text.length >= secretTextMin)
      new Reader(content, this.#depth + 1, this.#findings).read();
  }

  #credential(index: number, end: number): number {
    if (!this.#text.startsWith('-----BEGIN', index)) return this.#take(index, end);
    const last = /-----END [A-Z0-9 ]{0,40}PRIVATE KEY-----/g;
    last.lastIndex = end;
    const close = last.exec(this.#text);
    return this.#take(end, close?.index ?? this.#text.length);
  }

  #shortOption(end: number): number {
    const gap = this.#matched(optionGap, end);
    if (gap !== undefined) return this.#optionValue(gap);
    if (this.#text[end] === '=') return this.#optionValue(end + 1);
    const glued = this.#text.slice(end, end + 20);
    if (!/^[^\s,;)\]}]/.test(glued) || otherOptions.test(glued)) return end;
    return this.#optionValue(end);
  }

  #longOption(name: string, end: number): number {
    const gap = this.#text[end] === '=' ? end + 1 : this.#matched(optionGap, end);
    if (name === 'user' || name === 'proxy-user') {
      return gap === undefined ? end : this.#userAndPassword(gap);
    }
    return gap === undefined || !isSecretOption(name) ? end : this.#optionValue(gap);
  }

  /** A word of a shell. */
  #optionValue(from: number): number {
    variable.lastIndex = from;
    const name = variable.exec(this.#text)?.[1];
    const { found } = this.#findings;
    if (name !== undefined && found.size < variablesMax) found.add(name);
    return this.#take(from, shellWordEnd(this.#text, from, this.#closer));
  }

  /** `-u name:password` of an HTTP client; Airflow's own `-u` takes a name. */
  #userAndPassword(end: number): number {
    const from = this.#matched(optionGap, end) ?? end;
    if (!httpClient.test(before(this.#text, end, 1000))) return from;
    const { end: wordEnd, unquoted } = readShellWord(this.#view, from, this.#closer);
    const colon = unquoted.text.indexOf(':');
    if (colon === -1) return from;
    this.#mark(unquoted.at(colon + 1), unquoted.at(unquoted.text.length));
    return wordEnd;
  }

  /** A name that `=`, `:` or a quoted text follows. */
  #named(name: string, index: number, end: number): number {
    const isBasicAuth = name === 'auth';
    if (!isBasicAuth && !isSecretName(name) && !this.#findings.known.has(name)) {
      const byPassword =
        /^by$/i.test(name) && /identified\s+$/i.test(before(this.#text, index, 30));
      if (!byPassword) return end;
    }
    const gap = this.#matched(nameGap, end);
    if (isBasicAuth) {
      const second = gap === undefined ? undefined : this.#matched(basicAuth, gap);
      return second === undefined ? end : this.#plainValue(name, second);
    }
    if (gap === undefined) {
      // `WITH PASSWORD '…'`, `IDENTIFIED BY '…'`
      const isSql = /^(?:password|by)$/i.test(name);
      return isSql ? this.#plainValue(name, this.#matched(/\s+/y, end) ?? end) : end;
    }
    if (this.#text[end] !== '=' || isHeaderName(name)) return this.#plainValue(name, gap);
    return this.#assigned(name, index, end + 1);
  }

  /** What stands right behind a `=`. */
  #assigned(name: string, index: number, from: number): number {
    const { text } = this.#view;
    if ('?&'.includes(text[index - 1] ?? ' ')) {
      return this.#take(from, this.#endOf(parameterValue, from));
    }
    if ('{['.includes(text[from] ?? ' ')) {
      return /^airflow_conn_|credential/i.test(name)
        ? this.#take(from, endOfLine(text, from))
        : from;
    }
    if (/\s|^$/.test(text[from] ?? '')) return this.#plainValue(name, from);
    const wordEnd = shellWordEnd(text, from, this.#closer);
    const literal = this.#literalAt(from);
    const follows = literal === undefined ? '' : (text[literal.end] ?? ',');
    if (literal === undefined || !/[\s,)\]};]/.test(follows)) return this.#take(from, wordEnd);
    // With `\'` in it, only its language tells where it ends: take the longer reading.
    const isClear = !/\\["']/.test(text.slice(literal.contentStart, literal.contentEnd));
    if (isClear) return this.#take(literal.contentStart, literal.contentEnd, literal.end);
    return this.#take(from, Math.max(wordEnd, literal.end));
  }

  /** A value of JSON, Python, YAML or a header. */
  #plainValue(name: string, from: number): number {
    const literal = this.#literalAt(from);
    if (literal !== undefined) {
      return this.#take(literal.contentStart, literal.contentEnd, literal.end);
    }
    if (isHeaderName(name)) return this.#take(from, this.#endOf(/[^\r\n"']*/y, from));
    if ('{[('.includes(this.#text[from] ?? ' ')) return from;
    return this.#take(from, this.#endOf(bareValue, from));
  }

  #literalAt(from: number): QuotedLiteral | undefined {
    literalStart.lastIndex = from;
    const match = literalStart.exec(this.#text);
    if (match === null) return undefined;
    const quote = from + match[0].length;
    return readEscapedLiteral(this.#view, quote, match[1]?.length ?? 0, this.#closer);
  }

  /** Where a sticky pattern ends that matches at `from`; undefined when it does not. */
  #matched(pattern: RegExp, from: number): number | undefined {
    pattern.lastIndex = from;
    return pattern.test(this.#text) ? pattern.lastIndex : undefined;
  }

  #endOf(pattern: RegExp, from: number): number {
    return this.#matched(pattern, from) ?? from;
  }

  #take(from: number, to: number, end = to): number {
    const mayBeNone = to - from <= 20 && 'nNtTfF*'.includes(this.#text[from] ?? ' ');
    if (!mayBeNone || !noSecret.test(this.#text.slice(from, to))) {
      this.#mark(this.#view.at(from), this.#view.at(to));
    }
    return end;
  }

  #mark(start: number, end: number): void {
    if (end > start) this.#findings.spans.push({ start, end });
  }
}

function isOption(content: string): boolean {
  return /^-v*p$/.test(content) || (content.startsWith('--') && isSecretOption(content.slice(2)));
}
