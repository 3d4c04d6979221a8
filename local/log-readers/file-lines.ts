import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
import { cannotRead } from './log-read-error.ts';

/** No event is that long; a file without line ends must not fill the memory. */
export const maxLineBytes = 16 * 1024 * 1024;

const newline = 0x0a;

export interface LineBatch {
  /** Number of the first line, 1-based. */
  readonly firstLine: number;
  /** Without their ends, `\n` or `\r\n`; undefined stands for a line over {@link maxLineBytes}. */
  readonly lines: readonly (string | undefined)[];
  /** Why the file ends after these lines although there should be more. */
  readonly brokenOff?: string;
}

/**
 * The lines of a UTF-8 file, plain or gzip by its first bytes, a piece of the file at a time.
 *
 * Bytes that are not UTF-8 become U+FFFD. Broken gzip data ends the file at that place.
 *
 * @param onBytes told of the bytes of the file that were read so far
 * @throws LogReadError when the file cannot be read
 */
export async function* readLines(
  path: string,
  onBytes: (bytesRead: number) => void = () => {},
): AsyncGenerator<LineBatch> {
  let firstLine = 1;
  const splitter = new LineSplitter();
  let brokenOff: string | undefined;
  try {
    for await (const chunk of readBytes(path, onBytes)) {
      const lines = splitter.push(chunk);
      if (lines.length === 0) continue;
      yield { firstLine, lines };
      firstLine += lines.length;
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (!code?.startsWith('Z_')) throw cannotRead(path, error);
    brokenOff = `the gzip data is broken (${message}), what follows is lost`;
  }
  const lines = splitter.end();
  if (lines.length > 0 || brokenOff) yield { firstLine, lines, ...(brokenOff && { brokenOff }) };
}

async function* readBytes(
  path: string,
  onBytes: (bytesRead: number) => void,
): AsyncGenerator<Buffer> {
  const gzip = await isGzip(path);
  const file = createReadStream(path, { highWaterMark: 256 * 1024 });
  const content = gzip ? file.pipe(createGunzip({ chunkSize: 256 * 1024 })) : file;
  if (gzip) file.on('error', (error) => content.destroy(error));
  try {
    for await (const chunk of content) {
      yield chunk;
      onBytes(file.bytesRead);
    }
    onBytes(file.bytesRead);
  } finally {
    file.destroy();
  }
}

async function isGzip(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0);
    return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b;
  } finally {
    await file.close();
  }
}

/** Cuts a stream of bytes at its newlines. */
class LineSplitter {
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  #atStart = true;

  push(chunk: Buffer): (string | undefined)[] {
    const end = chunk.lastIndexOf(newline);
    if (end < 0) {
      this.#keep(chunk);
      return [];
    }
    const firstEnd = chunk.indexOf(newline);
    this.#keep(chunk.subarray(0, firstEnd));
    const lines = [this.#take()];
    if (end > firstEnd) {
      for (const line of chunk.toString('utf8', firstEnd + 1, end).split('\n')) {
        lines.push(withoutReturn(line));
      }
    }
    this.#keep(chunk.subarray(end + 1));
    return lines;
  }

  end(): (string | undefined)[] {
    return this.#pendingBytes > 0 ? [this.#take()] : [];
  }

  #keep(bytes: Buffer): void {
    this.#pendingBytes += bytes.length;
    if (this.#pendingBytes <= maxLineBytes) this.#pending.push(bytes);
    else this.#pending = [];
  }

  #take(): string | undefined {
    const text =
      this.#pendingBytes > maxLineBytes ? undefined : Buffer.concat(this.#pending).toString('utf8');
    this.#pending = [];
    this.#pendingBytes = 0;
    if (!this.#atStart) return text && withoutReturn(text);
    this.#atStart = false;
    return text && withoutReturn(text.replace(/^\ufeff/, ''));
  }
}

function withoutReturn(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line;
}
