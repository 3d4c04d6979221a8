import { isUtf8 } from 'node:buffer';

const newline = 0x0a;

/** No event is longer; a file without line ends must not fill the memory. */
export const maxLineBytes = 16 * 1024 * 1024;
export const tooLong = `longer than ${maxLineBytes} bytes`;

export interface LineBatch {
  /** Number of the first line, 1-based. */
  readonly firstLine: number;
  /**
   * Without their line ends (`\n`, `\r\n` or `\r`); undefined for a line over {@link maxLineBytes}.
   */
  readonly lines: readonly (string | undefined)[];
  /** By index in `lines`, how a line differs from the bytes of the file. */
  readonly damage?: ReadonlyMap<number, string>;
  /** Why the file ends early after these lines. */
  readonly brokenOff?: string;
}

/** Passes over lines of which nothing but their number has to be known to those who read the others. */
export interface LinePasser {
  /**
   * Passes over lines from a place on, up to one that has to be read.
   *
   * @param bytes of whole lines, with their line ends
   * @param from where a line begins
   * @param to where the last line ends
   */
  pass(bytes: Buffer, from: number, to: number): PassedLines;
}

export interface PassedLines {
  /** How many. */
  readonly lines: number;
  /** Where they end. */
  readonly to: number;
}

/**
 * JSON on one line is read in pieces from this length on: an answer of AWS can be one line, however
 * long it is.
 */
const longJsonBytes = maxLineBytes / 4;

interface OpenBatch {
  readonly lines: (string | undefined)[];
  readonly damage: Map<number, string>;
}

/** Splits a stream of bytes at newlines, and JSON on a long line between two of its values. */
export class LineSplitter {
  readonly #isConverted: boolean;
  readonly #leadingNuls: number;
  /** The number of the next line. */
  #line = 1;
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  #atStart = true;
  /** Whether what is pending continues JSON on the same line. */
  #isJsonCut = false;
  #nextCutBytes = longJsonBytes;

  /**
   * @param isConverted whether U+FFFD marks text that could not be converted
   * @param leadingNuls number of NUL bytes before the first line
   */
  constructor(isConverted: boolean, leadingNuls = 0) {
    this.#isConverted = isConverted;
    this.#leadingNuls = leadingNuls;
  }

  /** @param passer asked before each line that is read alone */
  *push(chunk: Buffer, passer: () => LinePasser | undefined): Generator<LineBatch> {
    const end = chunk.lastIndexOf(newline);
    const firstEnd = end < 0 ? chunk.length : chunk.indexOf(newline);
    const first = this.#open();
    this.#keep(chunk.subarray(0, firstEnd));
    if (end < 0) {
      this.#cutLongJson(first.lines, first.damage);
      if (first.lines.length > 0) yield this.#close(first);
      return;
    }
    this.#take(first.lines, first.damage);
    this.#isJsonCut = false;
    yield this.#close(first);
    if (end > firstEnd) yield* this.#wholeLines(chunk.subarray(firstEnd + 1, end + 1), passer);
    this.#keep(chunk.subarray(end + 1));
  }

  /** @param bytes whole lines, with their line ends */
  *#wholeLines(bytes: Buffer, passerNow: () => LinePasser | undefined): Generator<LineBatch> {
    // Where one line has to be read, its neighbours often have to, too.
    let together = 1;
    for (let at = 0; at < bytes.length; ) {
      const passer = this.#isConverted ? undefined : passerNow();
      const passed = passer?.pass(bytes, at, bytes.length) ?? { lines: 0, to: at };
      this.#line += passed.lines;
      at = passed.to;
      if (at >= bytes.length) return;
      together = passed.lines > 0 ? 1 : Math.min(together * 2, linesTogetherMax);
      const end = passer === undefined ? bytes.length - 1 : endOfLines(bytes, at, together);
      yield this.#batchOf(bytes.subarray(at, end));
      at = end + 1;
    }
  }

  #batchOf(bytes: Buffer): LineBatch {
    const batch = this.#open();
    if (this.#isWhole(bytes)) {
      for (const line of bytes.toString('utf8').split('\n')) batch.lines.push(withoutReturn(line));
    } else {
      for (const line of linesOf(bytes)) this.#addLine(line, batch.lines, batch.damage);
    }
    return this.#close(batch);
  }

  end(): LineBatch {
    const batch = this.#open();
    const isAllNuls = this.#atStart && this.#leadingNuls > 0;
    if (this.#pendingBytes > 0 || isAllNuls) this.#take(batch.lines, batch.damage);
    return this.#close(batch);
  }

  #open(): OpenBatch {
    return { lines: [], damage: new Map() };
  }

  #close({ lines, damage }: OpenBatch): LineBatch {
    const firstLine = this.#line;
    this.#line += lines.length;
    return damage.size === 0 ? { firstLine, lines } : { firstLine, lines, damage };
  }

  #keep(bytes: Buffer): void {
    this.#pendingBytes += bytes.length;
    // What they are a part of may be overwritten.
    if (this.#pendingBytes <= maxLineBytes) this.#pending.push(Buffer.from(bytes));
    else this.#pending = [];
  }

  #cutLongJson(lines: (string | undefined)[], damage: Map<number, string>): void {
    if (this.#pendingBytes < this.#nextCutBytes || this.#pendingBytes > maxLineBytes) return;
    const bytes = Buffer.concat(this.#pending);
    if (!this.#isJsonCut && !/^[\ufeff\s]*[{[]/.test(bytes.toString('utf8', 0, 100))) return;
    const cut = lastCutOfJson(bytes);
    this.#pending = [bytes];
    // A single long string has no place for a cut: look again when twice as much of it is there.
    this.#nextCutBytes = cut === 0 ? this.#pendingBytes * 2 : longJsonBytes;
    if (cut === 0) return;
    this.#isJsonCut = true;
    this.#pending = [bytes.subarray(0, cut)];
    this.#pendingBytes = cut;
    this.#take(lines, damage);
    this.#nextCutBytes = longJsonBytes;
    this.#keep(bytes.subarray(cut));
  }

  #take(lines: (string | undefined)[], damage: Map<number, string>): void {
    if (this.#pendingBytes > maxLineBytes) lines.push(undefined);
    else this.#addLine(Buffer.concat(this.#pending), lines, damage);
    this.#pending = [];
    this.#pendingBytes = 0;
    this.#nextCutBytes = longJsonBytes;
    if (!this.#atStart) return;
    this.#atStart = false;
    const [first] = lines;
    if (first !== undefined) lines[0] = first.replace(/^\ufeff/, '');
    if (this.#leadingNuls > 0) {
      damage.set(0, `${this.#leadingNuls} NUL bytes precede it: the text that was there is lost`);
    }
  }

  #addLine(bytes: Buffer, lines: (string | undefined)[], damage: Map<number, string>): void {
    const text = bytes.toString('utf8');
    if (this.#isWhole(bytes)) {
      lines.push(withoutReturn(text));
      return;
    }
    const kinds = [
      ...(bytes.includes(0) ? ['NUL bytes'] : []),
      ...(this.#isReadable(bytes) ? [] : ['bytes that are not text, read as U+FFFD']),
    ];
    damage.set(lines.length, `it contains ${kinds.join(' and ')}`);
    lines.push(withoutReturn(text.replace(/^\0+/, '')).replace(/(?<!\0)\0+$/, ''));
  }

  #isWhole(bytes: Buffer): boolean {
    return !bytes.includes(0) && this.#isReadable(bytes);
  }

  #isReadable(bytes: Buffer): boolean {
    return this.#isConverted ? !bytes.includes('\ufffd') : isUtf8(bytes);
  }
}

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const closeBrace = 0x7d;

/** The length of JSON up to the last comma or brace outside its strings; 0 if there is none. */
function lastCutOfJson(bytes: Buffer): number {
  let cut = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (byte === comma || byte === closeBrace) cut = at + 1;
    if (byte !== quote) continue;
    for (at += 1; at < bytes.length && bytes[at] !== quote; at += 1) {
      if (bytes[at] === backslash) at += 1;
    }
  }
  return cut;
}

/** Lines that are read together where a passer passes over none. */
const linesTogetherMax = 256;

/** Where the last of some lines ends, before its line end. */
function endOfLines(bytes: Buffer, from: number, count: number): number {
  let end = from - 1;
  for (let left = count; left > 0 && end < bytes.length - 1; left -= 1) {
    end = bytes.indexOf(newline, end + 1);
  }
  return end;
}

function* linesOf(bytes: Buffer): Generator<Buffer> {
  for (let start = 0; start <= bytes.length; ) {
    const end = bytes.indexOf(newline, start);
    yield bytes.subarray(start, end < 0 ? bytes.length : end);
    if (end < 0) return;
    start = end + 1;
  }
}

function withoutReturn(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line;
}
