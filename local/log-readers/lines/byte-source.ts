import type { Transform } from 'node:stream';
import { zlib } from './zlib.ts';

/**
 * A stream of byte pieces that can be read in any amounts.
 *
 * A piece may be overwritten once the next one is asked for. What is taken is valid until more is taken or peeked at.
 */
export class ByteSource {
  readonly #pieces: AsyncIterator<Buffer>;
  #next: Buffer = Buffer.alloc(0);
  /** The error that ended reading; thrown once all bytes before it are taken. */
  #failure: { readonly error: unknown } | undefined;
  #isAtEnd = false;

  constructor(pieces: AsyncIterable<Buffer>) {
    this.#pieces = pieces[Symbol.asyncIterator]();
  }

  /** The next bytes, without taking them; fewer than requested only at the end. */
  async peek(count: number): Promise<Buffer> {
    const held: Buffer[] = [this.#next];
    let bytes = this.#next.length;
    while (bytes < count && !this.#isAtEnd) {
      const last = held.pop();
      if (last !== undefined && last.length > 0) held.push(Buffer.from(last));
      const piece = await this.#read();
      if (piece === undefined) break;
      held.push(piece);
      bytes += piece.length;
    }
    this.#next = held.length === 1 ? (held[0] ?? this.#next) : Buffer.concat(held);
    return this.#next.subarray(0, count);
  }

  /**
   * The next bytes, at most `max`; undefined at the end.
   *
   * @throws the source's error, once all bytes before it are taken
   */
  async take(max: number): Promise<Buffer | undefined> {
    if (this.#next.length === 0) this.#next = (await this.#read()) ?? this.#next;
    if (this.#next.length === 0) {
      if (this.#failure !== undefined) throw this.#failure.error;
      return undefined;
    }
    const taken = this.#next.subarray(0, max);
    this.#next = this.#next.subarray(taken.length);
    return taken;
  }

  /** Puts back bytes that were taken last. */
  putBack(bytes: Buffer): void {
    if (bytes.length > 0) this.#next = Buffer.concat([bytes, this.#next]);
  }

  /** All remaining bytes, in pieces as they arrive. */
  async *rest(): AsyncGenerator<Buffer> {
    try {
      for (;;) {
        const piece = await this.take(Number.POSITIVE_INFINITY);
        if (piece === undefined) return;
        yield piece;
      }
    } finally {
      await this.close();
    }
  }

  async close(): Promise<void> {
    await this.#pieces.return?.();
  }

  async #read(): Promise<Buffer | undefined> {
    if (this.#isAtEnd) return undefined;
    try {
      for (;;) {
        const { done, value } = await this.#pieces.next();
        if (done) break;
        if (value.length > 0) return value;
      }
    } catch (error) {
      this.#failure = { error };
    }
    this.#isAtEnd = true;
    return undefined;
  }
}

/** The number of bytes that identify a file format. */
export const signatureBytes = 512;

/** Gzip: https://www.rfc-editor.org/rfc/rfc1952. */
export function isGzip(head: Buffer): boolean {
  return head[0] === 0x1f && head[1] === 0x8b;
}

interface Signature {
  readonly offset?: number;
  /** One byte per character. */
  readonly bytes: string;
  readonly name: string;
  readonly advice: string;
}

const unpack = (command: string) => `unpack it first: ${command}`;

/** Formats that sometimes contain logs and are not supported, by their first bytes. */
const signatures: readonly Signature[] = [
  { bytes: '\x5d\x00\x00', name: 'lzma data', advice: unpack('xz -dk FILE') },
  { bytes: 'LZIP\x01', name: 'lzip data', advice: unpack('lzip -dk FILE') },
  { bytes: '\x04\x22\x4d\x18', name: 'lz4 data', advice: unpack('lz4 -dk FILE') },
  { bytes: '\x1f\x9d', name: 'compress data', advice: unpack('uncompress FILE') },
  { bytes: '\xff\x06\x00\x00sNaPpY', name: 'snappy data', advice: unpack('snzip -dk FILE') },
  { bytes: '7z\xbc\xaf\x27\x1c', name: 'a 7z archive', advice: unpack('7z x FILE -oFOLDER') },
  { bytes: 'Rar!\x1a\x07', name: 'a rar archive', advice: unpack('unrar x FILE') },
  {
    bytes: '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1',
    name: 'a file of Microsoft Office',
    advice: 'save it as CSV',
  },
  { bytes: '%PDF-', name: 'a PDF file', advice: 'export the events as JSON or CSV' },
  { bytes: 'Obj\x01', name: 'an Avro file', advice: 'write it as NDJSON first' },
  { bytes: 'SQLite format 3\x00', name: 'an SQLite database', advice: 'it contains no lines' },
  {
    ...{ bytes: '\xff\xfe\x00\x00', name: 'UTF-32 text' },
    advice: 'convert it first: iconv -f UTF-32 -t UTF-8 FILE',
  },
  {
    ...{ bytes: '\x00\x00\xfe\xff', name: 'UTF-32 text' },
    advice: 'convert it first: iconv -f UTF-32 -t UTF-8 FILE',
  },
];

/**
 * The unsupported format of a file and what to do, as a clause, or undefined. Read as text, such a
 * file would look like a log in which nothing happened.
 *
 * @param head at least {@link signatureBytes} bytes, unless the file is shorter
 */
export function foreignFormat(head: Buffer): string | undefined {
  const start = head.toString('latin1', 0, signatureBytes);
  const found = signatures.find(({ offset = 0, bytes }) => start.startsWith(bytes, offset));
  return found && `it is ${found.name}; ${found.advice}`;
}

/** Data that ends early; `message` is a clause with the reason. */
export class BrokenBytes extends Error {
  override readonly name = 'BrokenBytes';
  /** What is broken, such as `gzip data`. */
  readonly what: string;

  constructor(message: string, what = 'gzip data') {
    super(message);
    this.what = what;
  }
}

const outputBytes = 512 * 1024;
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
export async function exactly(source: ByteSource, count: number, what?: string): Promise<Buffer> {
  const found: Buffer[] = [];
  for (let left = count; left > 0; ) {
    const piece = await source.take(left);
    if (piece === undefined) throw cutOff(what);
    found.push(piece);
    left -= piece.length;
  }
  return Buffer.concat(found);
}

function cutOff(what?: string): BrokenBytes {
  return new BrokenBytes('it is cut off', what);
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
        crc = zlib().crc32(content, crc);
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

/** One of Node's decompressors, one call at a time. */
export class Inflater {
  readonly #stream: Transform & { readonly bytesWritten: number };
  #output: Buffer[] = [];
  #settle: () => void = () => {};
  isAtEnd = false;
  failure: Error | undefined;

  /** @param stream a decompressor of `node:zlib`, for raw deflate data by default */
  constructor(
    stream: Transform & { readonly bytesWritten: number } = zlib().createInflateRaw({
      chunkSize: outputBytes,
    }),
  ) {
    this.#stream = stream
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

  /** Tells the decompressor that nothing follows; sets `failure` when data is missing. */
  async finish(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#settle = resolve;
      this.#stream.end();
    });
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
