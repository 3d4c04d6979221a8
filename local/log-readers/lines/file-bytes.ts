import { createReadStream } from 'node:fs';
import { ByteSource } from './byte-source.ts';
import { foreignFormat, isGzip, signatureBytes } from './file-signatures.ts';
import { gunzip } from './gunzip.ts';

/**
 * Programs that compress compressed files make gzip in gzip; more layers than this are an attack.
 */
const gzipLayersMax = 4;

/** A file in an unsupported format; `message` is a clause that names it and what to do. */
export class ForeignFormat extends Error {
  override readonly name = 'ForeignFormat';
}

/**
 * The content of a file, one piece at a time; gzip is unpacked.
 *
 * @param onBytes called with the number of bytes of the file read so far
 * @throws ForeignFormat before anything is read; BrokenBytes after everything readable; errors of
 *   the file system
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
