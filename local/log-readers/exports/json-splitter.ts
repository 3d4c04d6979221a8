import { maxLineBytes } from '../lines/line-splitter.ts';

/** A value of a JSON text, or a place where the text is not JSON. */
export interface JsonUnit {
  /** The line on which it starts, 1-based. */
  readonly line: number;
  /** The text of the value; of a problem, its beginning. */
  readonly text: string;
  /** Why it is not a value. */
  readonly problem?: 'not JSON' | 'cut off' | 'too long';
  /** Whether it is the rest of an object whose long array was given element by element. */
  readonly isRest?: boolean;
}

/**
 * Members of AWS's answers that can be as long as the file: of FilterLogEvents, GetLogEvents,
 * GetQueryResults, and records of streams.
 */
const longArrays: ReadonlySet<string> = new Set(['events', 'results', 'records', 'Records']);

const quote = 0x22;
const comma = 0x2c;
const colon = 0x3a;
const openBracket = 0x5b;
const backslash = 0x5c;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const space = 0x20;

/**
 * Splits JSON into its values, line by line and in memory for one value: JSON values one after the
 * other, on one line or on several, with or without anything between them; the elements of an array;
 * and the elements of a long array of an answer, such as `events`, followed by the rest of the
 * answer.
 *
 * A string never contains a line end, and a line never starts with `{` within a value that is
 * written over several lines: both mean that the text before it breaks off. Everything up to the
 * next line that starts a value is then reported.
 */
export class JsonSplitter {
  #units: JsonUnit[] = [];
  #depth = 0;
  /** The depth at which values are elements; undefined inside an object without a long array. */
  #elementDepth: number | undefined;
  #isCapturing = false;
  #captured: string[] = [];
  #capturedCharacters = 0;
  #line = 0;
  /** What was captured of an object before its long array. */
  #rest: { readonly line: number; readonly captured: string[] } | undefined;
  #key = '';
  #isAfterKey = false;
  #isInString = false;
  #isEscaped = false;
  #isLost = false;

  /** Whether the text so far is complete. */
  get isAtEnd(): boolean {
    return this.#depth === 0 && !this.#isLost;
  }

  /** @returns the units that end on this line */
  push(line: string, number: number): readonly JsonUnit[] {
    if (this.#isInsideValue() && line.charCodeAt(0) === openBrace) this.#breakOff('cut off', line);
    if (this.#isLost && !/^\s*[{[]/.test(line)) {
      if (line.trim() !== '') this.#units.push({ line: number, text: line, problem: 'not JSON' });
      return this.#takeUnits();
    }
    this.#isLost = false;
    this.#scan(line, number);
    return this.#takeUnits();
  }

  /** @returns a unit for a value that has no end */
  end(): readonly JsonUnit[] {
    if (this.#depth > 0) this.#breakOff('cut off', '');
    return this.#takeUnits();
  }

  #takeUnits(): readonly JsonUnit[] {
    const units = this.#units;
    this.#units = [];
    return units;
  }

  #isInsideValue(): boolean {
    if (this.#depth === 0) return false;
    return this.#elementDepth === undefined || this.#depth > this.#elementDepth;
  }

  #scan(line: string, number: number): void {
    let from = 0;
    let stringFrom = 0;
    const begin = (at: number) => {
      this.#isCapturing = true;
      this.#line = number;
      from = at;
    };
    const end = (at: number, isRest = false) => {
      this.#captured.push(line.slice(from, at));
      this.#finish(isRest);
    };
    for (let at = 0; at < line.length; at += 1) {
      const code = line.charCodeAt(at);
      if (this.#isInString) {
        if (this.#isEscaped) this.#isEscaped = false;
        else if (code === backslash) this.#isEscaped = true;
        else if (code === quote) {
          this.#isInString = false;
          if (this.#depth === this.#elementDepth) end(at + 1);
          else if (this.#depth === 1 && !this.#isAfterKey) this.#key = line.slice(stringFrom, at);
        }
        continue;
      }
      if (code <= space) continue;
      const isElement = this.#depth === this.#elementDepth;
      if (this.#depth === 0 && code !== openBrace && code !== openBracket) {
        // Between two values, commas and ends of arrays do no harm.
        if (code === comma || code === closeBracket || code === closeBrace) continue;
        this.#units.push({ line: number, text: line.slice(at), problem: 'not JSON' });
        return;
      }
      if (code === openBrace || code === openBracket) {
        if (this.#depth === 0) {
          if (code === openBrace) begin(at);
          else this.#elementDepth = 1;
        } else if (code === openBracket && this.#isLongArray()) {
          this.#captured.push(line.slice(from, at + 1));
          this.#rest = { line: this.#line, captured: this.#captured };
          this.#captured = [];
          this.#isCapturing = false;
          this.#elementDepth = 2;
        } else if (isElement && !this.#isCapturing) begin(at);
        this.#depth += 1;
      } else if (code === closeBrace || code === closeBracket) {
        this.#depth -= 1;
        if (this.#elementDepth === undefined) {
          if (this.#depth === 0) end(at + 1, this.#rest !== undefined);
        } else if (this.#depth === this.#elementDepth) end(at + 1);
        else if (this.#depth < this.#elementDepth) {
          if (this.#isCapturing) end(at);
          this.#elementDepth = undefined;
          if (this.#rest !== undefined) {
            this.#captured = this.#rest.captured;
            this.#isCapturing = true;
            this.#line = this.#rest.line;
            this.#isAfterKey = false;
            this.#key = '';
            from = at;
          }
        }
      } else if (code === quote) {
        if (isElement && !this.#isCapturing) begin(at);
        this.#isInString = true;
        stringFrom = at + 1;
      } else if (code === comma) {
        if (isElement && this.#isCapturing) end(at);
        if (this.#depth === 1) this.#isAfterKey = false;
      } else if (code === colon) {
        if (this.#depth === 1) this.#isAfterKey = true;
      } else if (isElement && !this.#isCapturing) begin(at);
    }
    if (this.#isCapturing) {
      const piece = line.slice(from);
      this.#captured.push(piece, '\n');
      this.#capturedCharacters += piece.length + 1;
    }
    if (this.#isInString) this.#breakOff('not JSON', line);
    else if (this.#capturedCharacters > maxLineBytes) this.#breakOff('too long', line);
  }

  #isLongArray(): boolean {
    return (
      this.#depth === 1 &&
      this.#elementDepth === undefined &&
      this.#isAfterKey &&
      longArrays.has(this.#key)
    );
  }

  #finish(isRest: boolean): void {
    const text = this.#captured.join('');
    this.#units.push({ line: this.#line, text, ...(isRest && { isRest }) });
    if (this.#depth === 0) this.#rest = undefined;
    this.#forget();
  }

  #forget(): void {
    this.#captured = [];
    this.#capturedCharacters = 0;
    this.#isCapturing = false;
    this.#isAfterKey = false;
    this.#key = '';
  }

  /** Reports the value that breaks off, and looks for the start of another one. */
  #breakOff(problem: 'not JSON' | 'cut off' | 'too long', line: string): void {
    const text = this.#captured.length > 0 ? this.#captured.join('') : line;
    this.#units.push({ line: this.#line, text: text.slice(0, 1000), problem });
    this.#forget();
    this.#rest = undefined;
    this.#depth = 0;
    this.#elementDepth = undefined;
    this.#isInString = false;
    this.#isEscaped = false;
    this.#isLost = true;
  }
}
