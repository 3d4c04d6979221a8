import { type FileHandle, open } from 'node:fs/promises';
import { layoutOf } from '../log-readers/exports/line-layout.ts';
import type { ByteRange } from '../log-readers/lines/file-pieces.ts';

/** The beginning of a file that shows how it is written. */
const headBytes = 64 * 1024;
/** A line that is longer is not looked for. */
const lineBytesMax = 1024 * 1024;
const newline = 0x0a;
const openBrace = 0x7b;

/**
 * Cuts a large file of JSON lines into parts that begin and end with a line, of about the given size.
 *
 * Whether each part can be read without the others is known only afterwards.
 *
 * @returns undefined for a file of another kind, or one that is too small
 */
export async function partsOfFile(
  file: string,
  fileBytes: number,
  partBytes: number,
): Promise<ByteRange[] | undefined> {
  const count = Math.floor(fileBytes / partBytes);
  if (count < 2) return undefined;
  const handle = await open(file);
  try {
    if (!(await hasEventLines(handle))) return undefined;
    const parts: ByteRange[] = [];
    let from = 0;
    for (let part = 1; part < count; part += 1) {
      const to = await lineStartAfter(handle, Math.floor((fileBytes / count) * part));
      if (to === undefined || to <= from) continue;
      parts.push({ from, to });
      from = to;
    }
    parts.push({ from, to: fileBytes });
    return parts.length < 2 ? undefined : parts;
  } finally {
    await handle.close();
  }
}

async function hasEventLines(handle: FileHandle): Promise<boolean> {
  const head = await bytesAt(handle, 0, headBytes);
  const [line = ''] = head.toString('utf8').split('\n', 1);
  return layoutOf(line.replace(/\r$/, '')) !== undefined;
}

/** Where the first line after a place begins; undefined if it does not look like an event. */
async function lineStartAfter(handle: FileHandle, place: number): Promise<number | undefined> {
  // Most lines are short.
  for (const length of [headBytes, lineBytesMax]) {
    const bytes = await bytesAt(handle, place, length);
    const end = bytes.indexOf(newline);
    if (end < 0 || end + 1 === bytes.length) continue;
    return bytes[end + 1] === openBrace ? place + end + 1 : undefined;
  }
  return undefined;
}

async function bytesAt(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, position);
  return buffer.subarray(0, bytesRead);
}
