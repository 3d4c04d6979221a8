import { isUtf8 } from 'node:buffer';
import type { Entry, ZipFile } from 'yauzl';
import { BrokenBytes } from '../lines/byte-source.ts';
import { zlib } from '../lines/zlib.ts';

const what = 'zip archive';

export function isZip(head: Buffer): boolean {
  const start = head.toString('latin1', 0, 4);
  return start === 'PK\x03\x04' || start === 'PK\x05\x06';
}

/** A file in a zip archive. */
export interface ZipMember {
  readonly name: string;
  /** In the archive. */
  readonly packedBytes: number;
  /** Why it cannot be read, as a clause. */
  readonly problem: string | undefined;
  readonly read: () => AsyncGenerator<Buffer>;
}

/**
 * The files in a zip archive on disk, in the order of its directory.
 *
 * @throws BrokenBytes when it has no directory, or one that contradicts itself
 */
export async function* zipMembers(path: string): AsyncGenerator<ZipMember> {
  const { default: yauzl } = await import('yauzl');
  // Names are decoded here: the library refuses a whole archive for one strange name.
  const options = { lazyEntries: true, autoClose: false, decodeStrings: false } as const;
  const archive = await new Promise<ZipFile>((resolve, reject) => {
    yauzl.open(path, options, (error, opened) => (error ? reject(error) : resolve(opened)));
  }).catch((error: NodeJS.ErrnoException) => {
    throw error.code === undefined ? new BrokenBytes(error.message, what) : error;
  });
  try {
    for (;;) {
      const entry = await nextEntry(archive);
      if (entry === undefined) return;
      const name = nameOf(entry);
      if (name.endsWith('/')) continue;
      yield {
        name,
        packedBytes: entry.compressedSize,
        problem: problemOf(entry),
        read: () => contentOf(archive, entry),
      };
    }
  } finally {
    archive.close();
  }
}

function nextEntry(archive: ZipFile): Promise<Entry | undefined> {
  return new Promise((resolve, reject) => {
    const settle = (how: () => void) => {
      archive.removeAllListeners('entry').removeAllListeners('end').removeAllListeners('error');
      how();
    };
    archive
      .once('entry', (entry: Entry) => settle(() => resolve(entry)))
      .once('end', () => settle(() => resolve(undefined)))
      .once('error', (error: Error) => settle(() => reject(new BrokenBytes(error.message, what))));
    archive.readEntry();
  });
}

function nameOf(entry: Entry): string {
  // With `decodeStrings: false`, it is a buffer.
  const bytes = entry.fileName as unknown as Buffer;
  return bytes.toString(isUtf8(bytes) ? 'utf8' : 'latin1').replaceAll('\\', '/');
}

function problemOf({ generalPurposeBitFlag, compressionMethod }: Entry): string | undefined {
  if ((generalPurposeBitFlag & 1) !== 0)
    return 'it is encrypted; unpack it first: unzip -P PASSWORD FILE';
  if (compressionMethod === 0 || compressionMethod === 8) return undefined;
  return `it is compressed by method ${compressionMethod} of zip; unpack it first: 7z x FILE`;
}

/** @throws BrokenBytes when the content is not what the directory says of it */
async function* contentOf(archive: ZipFile, entry: Entry): AsyncGenerator<Buffer> {
  let crc = 0;
  try {
    const stream = await new Promise<NodeJS.ReadableStream>((resolve, reject) => {
      archive.openReadStream(entry, (error, opened) => (error ? reject(error) : resolve(opened)));
    });
    for await (const piece of stream) {
      crc = zlib().crc32(piece as Buffer, crc);
      yield piece as Buffer;
    }
  } catch (error) {
    throw new BrokenBytes((error as Error).message, what);
  }
  if (crc !== entry.crc32) {
    throw new BrokenBytes('the checksum of a file does not match its content', what);
  }
}
