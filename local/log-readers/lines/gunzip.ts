import { crc32, createInflateRaw } from 'node:zlib';
import { ByteSource } from './byte-source.ts';
import { isGzip } from './file-signatures.ts';

/** Data that ends early; `message` is a clause with the reason. */
export class BrokenBytes extends Error {
  override readonly name = 'BrokenBytes';
}

const outputBytes = 256 * 1024;
/** Input of one decompressor call: a call that fails loses its whole output. */
const pieceBytes = 16 * 1024;
/** This many bytes are read in smaller pieces first: in a small file every line counts. */
const carefulBytes = 16 * 1024;
const carefulPieceBytes = 512;

const flagCrc = 2;
const flagExtra = 4;
const flagName = 8;
const flagComment = 16;

/**
 * The content of gzip data of one or more members (https://www.rfc-editor.org/rfc/rfc1952), with
 * zeros after a member, as gzip itself allows.
 *
 * Node's own gzip reader is not used: at broken data it drops what it has read, and it silently
 * skips anything after zeros.
 *
 * @throws BrokenBytes after everything readable, for data that is truncated, broken, or followed
 *   by other data
 */
export async function* gunzip(pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const source = new ByteSource(pieces);
  try {
    for (let member = 1; ; member += 1) {
      if (member > 1) await skipZeros(source);
      const head = await source.peek(2);
      if (head.length === 0 && member > 1) {
        // The error of the source, if any.
        await source.take(1);
        return;
      }
      if (!isGzip(head)) throw new BrokenBytes('it is followed by bytes that are not gzip data');
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

/** The content of one member, after its header. */
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
    throw new BrokenBytes('its checksum does not match its content');
  }
}

/** Node's decompressor, one call at a time. */
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

  /** @returns how many of the bytes belong to the data; fewer than given only at its end */
  async write(bytes: Buffer): Promise<number> {
    const before = this.#stream.bytesWritten;
    await new Promise<void>((resolve) => {
      this.#settle = resolve;
      // The callback does not run when the data ends within these bytes; the event `end` does.
      this.#stream.write(bytes, () => resolve());
    });
    return this.#stream.bytesWritten - before;
  }

  /** The output since the last call. */
  output(): readonly Buffer[] {
    const output = this.#output;
    this.#output = [];
    return output;
  }

  close(): void {
    this.#stream.destroy();
  }
}
