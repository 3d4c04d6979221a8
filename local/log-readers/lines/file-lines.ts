import { isUtf8 } from 'node:buffer';
import type { LogEvent } from '../../log-event.ts';
import { cannotRead, unreadable } from '../report/read-report.ts';
import { BrokenBytes, ByteSource } from './byte-source.ts';
import { ForeignFormat } from './unpack.ts';

/** The number of bytes that decide the encoding of a text. */
const examinedBytes = 64 * 1024;

const carriageReturn = 0x0d;
const newline = 0x0a;

/** A text as UTF-8 with `\n` as line ends, and what was changed. */
interface TextBytes {
  readonly pieces: AsyncIterable<Buffer>;
  /** Whether it was in another encoding: U+FFFD then marks text that could not be converted. */
  readonly isConverted: boolean;
  /** Number of NUL bytes at its beginning, which were skipped. */
  readonly leadingNuls: () => number;
}

/**
 * Detects from its first bytes how a text is written: UTF-16 with or without a byte order mark, as
 * PowerShell writes it; lines that end in `\r` alone; NUL bytes at the beginning, as in a log that
 * was truncated while a process had it open.
 */
async function asUtf8(bytes: AsyncIterable<Buffer>): Promise<TextBytes> {
  const source = new ByteSource(bytes);
  const leadingNuls = { count: 0 };
  const encoding = utf16Of(await source.peek(examinedBytes));
  if (encoding === undefined) leadingNuls.count = await passNuls(source);
  const plain = new ByteSource(encoding ? converted(source.rest(), encoding) : source.rest());
  const head = await plain.peek(examinedBytes);
  const endsInReturns = !head.includes(newline) && head.includes(carriageReturn);
  return {
    pieces: endsInReturns ? withNewlines(plain.rest()) : plain.rest(),
    isConverted: encoding !== undefined,
    leadingNuls: () => leadingNuls.count,
  };
}

type Utf16 = 'utf-16le' | 'utf-16be';

/** Text in UTF-16 has a NUL in nearly every pair of bytes; text in UTF-8 has none. */
function utf16Of(head: Buffer): Utf16 | undefined {
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le';
  if (head[0] === 0xfe && head[1] === 0xff) return 'utf-16be';
  const pairs = Math.floor(Math.min(head.length, 4096) / 2);
  let evenNuls = 0;
  let oddNuls = 0;
  for (let at = 0; at < pairs * 2; at += 2) {
    if (head[at] === 0) evenNuls += 1;
    if (head[at + 1] === 0) oddNuls += 1;
  }
  const [few, many] = [pairs / 20, pairs / 2];
  if (oddNuls > many && evenNuls <= few) return 'utf-16le';
  return evenNuls > many && oddNuls <= few ? 'utf-16be' : undefined;
}

async function* converted(pieces: AsyncIterable<Buffer>, encoding: Utf16): AsyncGenerator<Buffer> {
  const decoder = new TextDecoder(encoding);
  for await (const piece of pieces) yield Buffer.from(decoder.decode(piece, { stream: true }));
  // An incomplete character at the end becomes U+FFFD.
  yield Buffer.from(decoder.decode());
}

async function passNuls(source: ByteSource): Promise<number> {
  for (let passed = 0; ; ) {
    const head = await source.peek(examinedBytes);
    const first = head.findIndex((byte) => byte !== 0);
    const nuls = first < 0 ? head.length : first;
    if (nuls === 0) return passed;
    await source.take(nuls);
    passed += nuls;
  }
}

async function* withNewlines(pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  for await (const piece of pieces) {
    yield piece.map((byte) => (byte === carriageReturn ? newline : byte)) as Buffer;
  }
}

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

/**
 * The lines of a text, one piece of it at a time. Its first bytes decide between UTF-8 and UTF-16.
 *
 * Bytes that are not text become U+FFFD, NUL bytes around a line are skipped; both are reported as
 * damage. Broken compressed data ends the text at that place.
 *
 * @param path the name of the text, for errors
 * @param pieces its bytes, unpacked
 * @throws LogReadError when the bytes cannot be read, or their format is not supported
 */
export async function* readLines(
  path: string,
  pieces: AsyncIterable<Buffer>,
): AsyncGenerator<LineBatch> {
  let firstLine = 1;
  let splitter = new LineSplitter(false);
  let brokenOff: string | undefined;
  try {
    const text = await asUtf8(pieces);
    splitter = new LineSplitter(text.isConverted, text.leadingNuls());
    for await (const piece of text.pieces) {
      const batch = splitter.push(piece);
      if (batch.lines.length === 0) continue;
      yield { firstLine, ...batch };
      firstLine += batch.lines.length;
    }
  } catch (error) {
    if (error instanceof ForeignFormat) {
      throw unreadable(path, error.message, error);
    }
    if (!(error instanceof BrokenBytes)) throw cannotRead(path, error);
    brokenOff = describeBroken(error);
  }
  const batch = splitter.end();
  if (batch.lines.length > 0 || brokenOff !== undefined) {
    yield { firstLine, ...batch, ...(brokenOff !== undefined && { brokenOff }) };
  }
}

/** Broken data as a clause about a file. */
export function describeBroken({ what, message }: BrokenBytes): string {
  return `the ${what} is broken (${message}), the rest is lost`;
}

type Lines = Pick<LineBatch, 'lines' | 'damage'>;

/**
 * JSON on one line is read in pieces from this length on: an answer of AWS can be one line, however
 * long it is.
 */
const longJsonBytes = maxLineBytes / 4;

/** Splits a stream of bytes at newlines, and JSON on a long line between two of its values. */
class LineSplitter {
  readonly #isConverted: boolean;
  readonly #leadingNuls: number;
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

  push(chunk: Buffer): Lines {
    const lines: (string | undefined)[] = [];
    const damage = new Map<number, string>();
    const end = chunk.lastIndexOf(newline);
    if (end < 0) {
      this.#keep(chunk);
      this.#cutLongJson(lines, damage);
      return damage.size === 0 ? { lines } : { lines, damage };
    }
    const firstEnd = chunk.indexOf(newline);
    this.#keep(chunk.subarray(0, firstEnd));
    this.#take(lines, damage);
    this.#isJsonCut = false;
    if (end > firstEnd) {
      const bytes = chunk.subarray(firstEnd + 1, end);
      if (this.#isWhole(bytes)) {
        for (const line of bytes.toString('utf8').split('\n')) lines.push(withoutReturn(line));
      } else {
        for (const line of linesOf(bytes)) this.#addLine(line, lines, damage);
      }
    }
    this.#keep(chunk.subarray(end + 1));
    return damage.size === 0 ? { lines } : { lines, damage };
  }

  end(): Lines {
    const isAllNuls = this.#atStart && this.#leadingNuls > 0;
    if (this.#pendingBytes === 0 && !isAllNuls) return { lines: [] };
    const lines: (string | undefined)[] = [];
    const damage = new Map<number, string>();
    this.#take(lines, damage);
    return damage.size === 0 ? { lines } : { lines, damage };
  }

  #keep(bytes: Buffer): void {
    this.#pendingBytes += bytes.length;
    if (this.#pendingBytes <= maxLineBytes) this.#pending.push(bytes);
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

/** Turns the lines of one file into events, a batch at a time. */
export interface BatchReader {
  read(batch: LineBatch): LogEvent[];
  /** Events that were still waiting for more lines. */
  end(): LogEvent[];
}
