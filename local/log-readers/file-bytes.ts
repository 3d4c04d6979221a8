import { createReadStream } from 'node:fs';
import { ByteSource } from './byte-source.ts';
import { foreignFormat, isGzip, signatureBytes } from './file-signatures.ts';
import { gunzip } from './gunzip.ts';

/** Gzip in gzip comes from programs that compress what was compressed; more layers are an attack. */
const gzipLayersMax = 4;

/** A file in a format that is not read here; `message` says which, and what to do, as a clause. */
export class ForeignFormat extends Error {
  override readonly name = 'ForeignFormat';
}

/**
 * The content of a file, unpacked where it is gzip, a piece at a time.
 *
 * @param onBytes told of the bytes of the file that were read so far
 * @throws ForeignFormat before anything was read; BrokenBytes after all that could be; errors of the
 *   file system
 */
export async function* readBytes(
  path: string,
  onBytes: (bytesRead: number) => void,
): AsyncGenerator<Buffer> {
  const file = createReadStream(path, { highWaterMark: 256 * 1024 });
  async function* watched(): AsyncGenerator<Buffer> {
    try {
      for await (const chunk of file) {
        yield chunk;
        onBytes(file.bytesRead);
      }
    } finally {
      file.destroy();
    }
  }
  yield* unpacked(watched(), 0);
}

async function* unpacked(pieces: AsyncIterable<Buffer>, layers: number): AsyncGenerator<Buffer> {
  const source = new ByteSource(pieces);
  const head = await source.peek(signatureBytes);
  const foreign = isGzip(head) && layers === gzipLayersMax ? tooManyLayers : foreignFormat(head);
  if (foreign !== undefined) {
    await source.close();
    throw new ForeignFormat(foreign);
  }
  if (isGzip(head)) yield* unpacked(gunzip(source.rest()), layers + 1);
  else yield* source.rest();
}

const tooManyLayers = `it is gzip in gzip, more than ${gzipLayersMax} times; unpack it first: gunzip -k FILE`;
