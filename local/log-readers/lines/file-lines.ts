import { isUtf8 } from 'node:buffer';
import { cannotRead, unreadable } from '../report/log-read-error.ts';
import { ForeignFormat, readBytes } from './file-bytes.ts';
import { BrokenBytes } from './gunzip.ts';
import { asUtf8 } from './text-bytes.ts';

/** No event is longer; a file without line ends must not fill the memory. */
export const maxLineBytes = 16 * 1024 * 1024;

const newline = 0x0a;

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
 * The lines of a text file, one piece of the file at a time. Its first bytes decide between UTF-8
 * and UTF-16, plain and gzip.
 *
 * Bytes that are not text become U+FFFD, NUL bytes around a line are skipped; both are reported as
 * damage. Broken gzip data ends the file at that place.
 *
 * @param onBytes called with the number of bytes of the file read so far
 * @throws LogReadError when the file cannot be read, or its format is not supported
 */
export async function* readLines(
  path: string,
  onBytes: (bytesRead: number) => void = () => {},
): AsyncGenerator<LineBatch> {
  let firstLine = 1;
  let splitter = new LineSplitter(false);
  let brokenOff: string | undefined;
  try {
    const text = await asUtf8(readBytes(path, onBytes));
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
    brokenOff = `the gzip data is broken (${error.message}), the rest is lost`;
  }
  const batch = splitter.end();
  if (batch.lines.length > 0 || brokenOff !== undefined) {
    yield { firstLine, ...batch, ...(brokenOff !== undefined && { brokenOff }) };
  }
}

type Lines = Pick<LineBatch, 'lines' | 'damage'>;

/** Splits a stream of bytes at newlines. */
class LineSplitter {
  readonly #isConverted: boolean;
  readonly #leadingNuls: number;
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  #atStart = true;

  /**
   * @param isConverted whether U+FFFD marks text that could not be converted
   * @param leadingNuls number of NUL bytes before the first line
   */
  constructor(isConverted: boolean, leadingNuls = 0) {
    this.#isConverted = isConverted;
    this.#leadingNuls = leadingNuls;
  }

  push(chunk: Buffer): Lines {
    const end = chunk.lastIndexOf(newline);
    if (end < 0) {
      this.#keep(chunk);
      return { lines: [] };
    }
    const firstEnd = chunk.indexOf(newline);
    this.#keep(chunk.subarray(0, firstEnd));
    const lines: (string | undefined)[] = [];
    const damage = new Map<number, string>();
    this.#take(lines, damage);
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

  #take(lines: (string | undefined)[], damage: Map<number, string>): void {
    if (this.#pendingBytes > maxLineBytes) lines.push(undefined);
    else this.#addLine(Buffer.concat(this.#pending), lines, damage);
    this.#pending = [];
    this.#pendingBytes = 0;
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
