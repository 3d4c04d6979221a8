import { bunzip2, isBzip2 } from './bunzip2.ts';
import {
  BrokenBytes,
  ByteSource,
  foreignFormat,
  gunzip,
  Inflater,
  isGzip,
  signatureBytes,
} from './byte-source.ts';
import { zlib } from './zlib.ts';

/** A file in an unsupported format; `message` is a clause that names it and what to do. */
export class ForeignFormat extends Error {
  override readonly name = 'ForeignFormat';
}

/**
 * Programs that compress compressed files make gzip in gzip; more layers than this are an attack.
 */
const layersMax = 4;

/** No log compresses better than this, so that what does is an attack on disk or time. */
const ratioMax = 2000;
const unpackedBytesMin = 2 ** 30;

/** What may come out of a file, for each byte of it. */
export class UnpackBudget {
  /** Whether xz data is being read: see {@link unxz}. */
  isXzOpen = false;
  #packedBytes = 0;
  #unpackedBytes = 0;

  /** Counts bytes of the file itself. */
  read(bytes: number): void {
    this.#packedBytes += bytes;
  }

  /** @throws BrokenBytes when more comes out than any log contains */
  unpack(bytes: number, what: string): void {
    this.#unpackedBytes += bytes;
    if (this.#unpackedBytes <= unpackedBytesMin + ratioMax * this.#packedBytes) return;
    throw new BrokenBytes(
      `more than ${ratioMax} times as much comes out of it as is in it, which is no log`,
      what,
    );
  }
}

interface Compression {
  readonly what: string;
  readonly isIt: (head: Buffer) => boolean;
  readonly unpack: (pieces: AsyncIterable<Buffer>, budget: UnpackBudget) => AsyncIterable<Buffer>;
  readonly command: string;
}

const compressions: readonly Compression[] = [
  { what: 'gzip', isIt: isGzip, unpack: gunzip, command: 'gunzip -k FILE' },
  { what: 'bzip2', isIt: isBzip2, unpack: bunzip2, command: 'bunzip2 -k FILE' },
  { what: 'xz', isIt: isXz, unpack: unxz, command: 'xz -dk FILE' },
  { what: 'zstd', isIt: isZstd, unpack: unzstd, command: 'zstd -dk FILE' },
];

/** Whether {@link unpacked} unpacks what begins like this. */
export function isPacked(head: Buffer): boolean {
  return compressions.some(({ isIt }) => isIt(head));
}

/**
 * The content of a file, one piece at a time: gzip, bzip2, xz and zstd are unpacked, also within each
 * other.
 *
 * @throws ForeignFormat before anything is read; BrokenBytes after everything readable; errors of
 *   the file system
 */
export async function* unpacked(
  pieces: AsyncIterable<Buffer>,
  budget: UnpackBudget,
  layers = 0,
): AsyncGenerator<Buffer> {
  const source = new ByteSource(pieces);
  const head = await source.peek(signatureBytes);
  const compression = compressions.find(({ isIt }) => isIt(head));
  if (compression === undefined) {
    const foreign = foreignFormat(head);
    if (foreign === undefined) {
      yield* source.rest();
      return;
    }
    await source.close();
    throw new ForeignFormat(foreign);
  }
  const { what, unpack, command } = compression;
  if (layers === layersMax) {
    await source.close();
    throw new ForeignFormat(
      `it is ${what} in ${what}, more than ${layersMax} times; unpack it first: ${command}`,
    );
  }
  async function* counted(): AsyncGenerator<Buffer> {
    for await (const piece of unpack(source.rest(), budget)) {
      budget.unpack(piece.length, `${what} data`);
      yield piece;
    }
  }
  yield* unpacked(counted(), budget, layers + 1);
}

function isZstd(head: Buffer): boolean {
  if (head.length < 4) return false;
  const magic = head.readUInt32LE(0);
  // A frame, or one to be skipped, as parallel compressors write.
  return magic === 0xfd2fb528 || (magic & 0xfffffff0) >>> 0 === 0x184d2a50;
}

/** One call of the decompressor: 128 kB can come out of four bytes. */
const zstdPieceBytes = 2048;

async function* unzstd(pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const what = 'zstd data';
  if (typeof zlib().createZstdDecompress !== 'function') {
    throw new ForeignFormat(
      'it is zstd data, which this Node cannot unpack; unpack it first: zstd -dk FILE',
    );
  }
  const source = new ByteSource(pieces);
  let decoder = new Inflater(zlib().createZstdDecompress());
  try {
    for (;;) {
      const piece = await source.take(zstdPieceBytes);
      const taken = piece === undefined ? 0 : await decoder.write(piece);
      if (piece === undefined) await decoder.finish();
      yield* decoder.output();
      if (decoder.failure !== undefined) throw new BrokenBytes(decoder.failure.message, what);
      if (piece === undefined) return;
      source.putBack(piece.subarray(taken));
      if (!decoder.isAtEnd) continue;
      decoder.close();
      const next = await source.peek(4);
      if (next.length === 0) return;
      if (!isZstd(next))
        throw new BrokenBytes('it is followed by bytes that are not zstd data', what);
      decoder = new Inflater(zlib().createZstdDecompress());
    }
  } finally {
    decoder.close();
    await source.close();
  }
}

function isXz(head: Buffer): boolean {
  return head.toString('latin1', 0, 6) === '\xfd7zXZ\x00';
}

/** Errors of the library by number: https://github.com/tukaani-project/xz-embedded, `enum xz_ret`. */
const xzErrors: Readonly<Record<string, string>> = {
  3: 'it needs too much memory',
  4: 'it needs too much memory',
  5: 'it is followed by bytes that are not xz data',
  6: 'it has options or a checksum that are not supported; unpack it first: xz -dk FILE',
  7: 'it contradicts itself or its checksum',
  8: 'it is cut off, or followed by bytes that are not xz data',
};

async function* unxz(pieces: AsyncIterable<Buffer>, budget: UnpackBudget): AsyncGenerator<Buffer> {
  const what = 'xz data';
  // The library has one decompressor, which waits for the end of what it is reading.
  if (budget.isXzOpen) throw new ForeignFormat('it is xz in xz; unpack it first: xz -dk FILE');
  budget.isXzOpen = true;
  let failure: { readonly error: unknown } | undefined;
  async function* watched(): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    try {
      for await (const piece of pieces) yield new Uint8Array(piece);
    } catch (error) {
      failure = { error };
    }
  }
  const { default: library } = await import('xz-decompress');
  const { ReadableStream } = await import('node:stream/web');
  // The library's types are those of browsers.
  const packed = ReadableStream.from(watched()) as unknown as globalThis.ReadableStream<Uint8Array>;
  const reader = new library.XzReadableStream(packed).getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read().catch((error: Error) => {
        // An error of the source is the cause of that of the library.
        if (failure !== undefined) throw failure.error;
        const [code = ''] = /\d+$/.exec(error.message) ?? [];
        throw new BrokenBytes(xzErrors[code] ?? error.message, what);
      });
      if (done) break;
      yield Buffer.from(value.buffer, value.byteOffset, value.byteLength);
    }
    if (failure !== undefined) throw failure.error;
  } finally {
    budget.isXzOpen = false;
    await reader.cancel().catch(() => {});
  }
}
