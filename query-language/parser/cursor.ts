import type { Name, RegexLiteral, Span } from '../syntax/ast.ts';
import { errorAt, type QueryError, quoteBriefly } from '../syntax/query-error.ts';
import { readPath, readRegex, readToken, type Token, type WordToken } from './lexer.ts';

/** More than any query needs, and less than overflows our stack or DuckDB's. */
const maxDepth = 100;

/** The parser's position in the text, with one token of look-ahead. */
export class Cursor {
  readonly text: string;
  token: Token;
  /** Where the token before the current one ended. */
  previousEnd = 0;
  #depth = 0;

  constructor(text: string) {
    this.text = text;
    this.token = readToken(text, 0);
  }

  advance(): void {
    this.#moveTo(this.token.end);
  }

  #moveTo(end: number): void {
    this.previousEnd = end;
    this.token = readToken(this.text, end);
  }

  /** From `start` to the end of the last token read. */
  spanFrom(start: number): Span {
    return { start, end: this.previousEnd };
  }

  isKeyword(keyword: string): boolean {
    return this.token.kind === 'word' && this.token.keyword === keyword;
  }

  isSymbol(symbol: string): boolean {
    return this.token.kind === 'symbol' && this.token.symbol === symbol;
  }

  /** Skips the keyword if it is next, and returns whether it was. */
  acceptKeyword(keyword: string): boolean {
    const found = this.isKeyword(keyword);
    if (found) this.advance();
    return found;
  }

  acceptSymbol(symbol: string): boolean {
    const found = this.isSymbol(symbol);
    if (found) this.advance();
    return found;
  }

  expectSymbol(symbol: string): void {
    if (!this.acceptSymbol(symbol)) throw this.unexpected(`expected ${symbol}`);
  }

  expectKeyword(keyword: string): void {
    if (!this.acceptKeyword(keyword)) throw this.unexpected(`expected ${keyword}`);
  }

  /** Reads a regexp whose opening slash is the current token. */
  readRegex(): RegexLiteral {
    const { start } = this.token;
    const { source, end } = readRegex(this.text, start);
    this.#moveTo(end);
    return { kind: 'regex', source, span: { start, end } };
  }

  /** The segments after a call's closing parenthesis; the current token is the dot. */
  readMembers(): readonly string[] {
    const { end } = this.token;
    if (!/[A-Za-z0-9_@`]/.test(this.text.charAt(end))) throw this.unexpected('expected a name');
    const members = readPath(this.text, end, []);
    this.#moveTo(members.end);
    return members.path;
  }

  /** Reads a name that a command defines. */
  readName(): Name {
    const token = this.expectWord('expected a name');
    return { name: token.path.join('.'), span: { start: token.start, end: token.end } };
  }

  /** Reads a word that can be a name, which excludes unquoted operators and separators. */
  expectWord(hint: string): WordToken {
    const { token } = this;
    if (token.kind !== 'word' || reservedWords.has(token.keyword ?? ''))
      throw this.unexpected(hint);
    this.advance();
    return token;
  }

  /** Runs `read` one nesting level deeper, up to the limit. */
  nested<T>(read: () => T): T {
    this.#depth += 1;
    if (this.#depth > maxDepth) {
      throw this.failure(`the query is nested more than ${maxDepth} levels deep`);
    }
    const result = read();
    this.#depth -= 1;
    return result;
  }

  /** The error for an unexpected token. */
  unexpected(hint?: string): QueryError {
    const found =
      this.token.kind === 'end' ? '<EOF>' : this.text.slice(this.token.start, this.token.end);
    return this.failure(`unexpected symbol found ${quoteBriefly(found)}`, hint);
  }

  failure(problem: string, hint?: string, span: Span = this.token): QueryError {
    return errorAt(this.text, { start: span.start, end: span.end }, problem, hint);
  }
}

/** These words join or end an expression, so without quotes they cannot start one or be a name. */
const reservedWords = new Set(['and', 'or', 'not', 'like', 'in', 'as', 'by']);
