import { crc32, createInflateRaw } from 'node:zlib';
import { ByteSource } from './byte-source.ts';
import { isGzip } from './file-signatures.ts';

/** Bytes that end before they should; `message` says why, as a clause. */
export class BrokenBytes extends Error {
  override readonly name = 'BrokenBytes';
}

const outputBytes = 256 * 1024;
/** What one call of the decompressor takes: where it fails, all that the call would have given is lost. */
const pieceBytes = 16 * 1024;
/** The first so many bytes are given in smaller pieces: in a small file each line counts. */
const carefulBytes = 16 * 1024;
const carefulPieceBytes = 512;

const flagCrc = 2;
const flagExtra = 4;
const flagName = 8;
const flagComment = 16;

/**
 * The content of gzip data of one or more members (https://www.rfc-editor.org/rfc/rfc1952), with zeros
 * behind a member as gzip itself allows them.
 *
 * Node's own reader of gzip is not used: it keeps back what it has read when it comes to a broken place,
 * and passes over in silence whatever stands behind zeros.
 *
 * @throws BrokenBytes after everything that could be read, for data that is cut off, broken, or followed
 *   by something that is no gzip data
 */
export async function* gunzip(pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const source = new ByteSource(pieces);
  try {
    for (let member = 1; ; member += 1) {
      if (member > 1) await skipZeros(source);
      const head = await source.peek(2);
      if (head.length === 0 && member > 1) {
        // What the source ends with, should it be an error.
        await source.take(1);
        return;
      }
      if (!isGzip(head)) throw new BrokenBytes('it is followed by bytes that are no gzip data');
      await skipHeader(source);
      yield* memberContent(source);
    }
  } finally {
    await source.close();
  }
}

async function skipZeros(source: ByteSource): Promise<void> {
  for (;;) {
    const piece = await source.peek(pieceBytes);
    const first = piece.findIndex((byte) => byte !== 0);
    const zeros = first < 0 ? piece.length : first;
    if (zeros === 0) return;
    await source.take(zeros);
  }
}

async function skipHeader(source: ByteSource): Promise<void> {
  const [, , , flags = 0] = await exactly(source, 10);
  if (flags & flagExtra) await exactly(source, (await exactly(source, 2)).readUInt16LE());
  for (const flag of [flagName, flagComment]) {
    if ((flags & flag) === 0) continue;
    while ((await exactly(source, 1))[0] !== 0);
  }
  if (flags & flagCrc) await exactly(source, 2);
}

/** @throws BrokenBytes when there are fewer */
async function exactly(source: ByteSource, count: number): Promise<Buffer> {
  const found: Buffer[] = [];
  for (let left = count; left > 0; ) {
    const piece = await source.take(left);
    if (piece === undefined) throw cutOff();
    found.push(piece);
    left -= piece.length;
  }
  return Buffer.concat(found);
}

function cutOff(): BrokenBytes {
  return new BrokenBytes('it is cut off');
}

/** The content of one member, whose header was read. */
async function* memberContent(source: ByteSource): AsyncGenerator<Buffer> {
  const inflater = new Inflater();
  let crc = 0;
  let bytes = 0;
  try {
    for (let read = 0; !inflater.isAtEnd; ) {
      const piece = await source.take(read < carefulBytes ? carefulPieceBytes : pieceBytes);
      if (piece === undefined) throw cutOff();
      read += piece.length;
      const taken = await inflater.write(piece);
      for (const content of inflater.output()) {
        crc = crc32(content, crc);
        bytes += content.length;
        yield content;
      }
      if (inflater.failure !== undefined) throw new BrokenBytes(inflater.failure.message);
      source.putBack(piece.subarray(taken));
    }
  } finally {
    inflater.close();
  }
  const trailer = await exactly(source, 8);
  if (trailer.readUInt32LE(0) !== crc || trailer.readUInt32LE(4) !== bytes % 2 ** 32) {
    throw new BrokenBytes('its checksum is not that of its content');
  }
}

/** Node's decompressor, a call at a time. */
class Inflater {
  readonly #stream = createInflateRaw({ chunkSize: outputBytes });
  #output: Buffer[] = [];
  #settle: () => void = () => {};
  isAtEnd = false;
  failure: Error | undefined;

  constructor() {
    this.#stream
      .on('data', (content: Buffer) => this.#output.push(content))
      .on('error', (error) => {
        this.failure = error;
        this.#settle();
      })
      .on('end', () => {
        this.isAtEnd = true;
        this.#settle();
      });
  }

  /** @returns how many of the bytes belong to the data, all but after its end */
  async write(bytes: Buffer): Promise<number> {
    const before = this.#stream.bytesWritten;
    await new Promise<void>((resolve) => {
      this.#settle = resolve;
      // Not called back when the data ends within these bytes: the event `end` tells of that.
      this.#stream.write(bytes, () => resolve());
    });
    return this.#stream.bytesWritten - before;
  }

  /** What has been read since the last call. */
  output(): readonly Buffer[] {
    const output = this.#output;
    this.#output = [];
    return output;
  }

  close(): void {
    this.#stream.destroy();
  }
}
