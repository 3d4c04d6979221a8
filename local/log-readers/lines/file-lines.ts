import type { LogEvent } from '../../log-event.ts';
import { cannotRead, unreadable } from '../report/read-report.ts';
import { BrokenBytes, ByteSource } from './byte-source.ts';
import { type LineBatch, type LinePasser, LineSplitter } from './line-splitter.ts';
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

/** The lines of a text; `next` can take a passer, which then is asked about all further lines. */
export type LineBatches = AsyncGenerator<LineBatch, void, LinePasser | undefined>;

/** The beginning is read in smaller pieces: a passer is given once the first lines are known. */
const firstPieceBytes = 16 * 1024;

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
export async function* readLines(path: string, pieces: AsyncIterable<Buffer>): LineBatches {
  let splitter = new LineSplitter(false);
  let brokenOff: string | undefined;
  let passer: LinePasser | undefined;
  let isFirst = true;
  try {
    const text = await asUtf8(pieces);
    splitter = new LineSplitter(text.isConverted, text.leadingNuls());
    for await (const piece of text.pieces) {
      for (let at = 0; at < piece.length; ) {
        const end = isFirst && passer === undefined ? at + firstPieceBytes : piece.length;
        for (const batch of splitter.push(piece.subarray(at, end), () => passer)) {
          passer = (yield batch) ?? passer;
        }
        at = end;
      }
      isFirst = false;
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
    yield { ...batch, ...(brokenOff !== undefined && { brokenOff }) };
  }
}

/** Broken data as a clause about a file. */
export function describeBroken({ what, message }: BrokenBytes): string {
  return `the ${what} is broken (${message}), the rest is lost`;
}

/** Turns the lines of one file into events, a batch at a time. */
export interface BatchReader {
  read(batch: LineBatch): LogEvent[];
  /** Events that were still waiting for more lines. */
  end(): LogEvent[];
}
