import { createWriteStream, statSync } from 'node:fs';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { shownCount } from '../../shown-count.ts';
import { BrokenBytes, ByteSource, signatureBytes } from '../lines/byte-source.ts';
import { describeBroken, type LineBatches, readLines } from '../lines/file-lines.ts';
import { type ByteRange, FilePieces } from '../lines/file-pieces.ts';
import { standardInput } from '../lines/standard-input.ts';
import { ForeignFormat, isPacked, UnpackBudget, unpacked } from '../lines/unpack.ts';
import { cannotRead, LogReadError } from '../report/read-report.ts';
import { isParquet, parquetRows } from './parquet.ts';
import { isTar, nextTarMember, paddingOf } from './tar.ts';
import { isZip, zipMembers } from './zip.ts';

/** A text, table or failure in a file. */
export interface OpenedText {
  /** The path of the file; for a member of an archive, its path continues that of the archive. */
  readonly path: string;
  readonly isMember: boolean;
  /** Whether its lines are rows of a table, as JSON. */
  readonly isTable?: boolean;
  /** To be read before the next text is asked for. */
  readonly lines: LineBatches;
}

/** A part of a file that is not read. */
export interface UnreadPart {
  readonly path: string;
  readonly isMember: boolean;
  readonly reason: string;
  readonly isHarmless?: boolean;
}

/** Archives within archives, at most. */
const nestingMax = 3;
/** More members than any log folder has files are an attack on the memory. */
const membersMax = 500_000;
const nameCharactersMax = 1000;

/** How a file is read. */
export interface FileAccess {
  /** The part to read. @default - the whole file */
  readonly range?: ByteRange | undefined;
  /** Where the standard input was written to, so that it can be read again. @default - nowhere */
  readonly inputFile?: string | undefined;
}

interface Opening {
  readonly budget: UnpackBudget;
  /** Archives around it. */
  readonly nesting: number;
}

/**
 * The texts in a file: its own content, unpacked, or those of each member of a tar or zip archive, also
 * of archives within it. Nothing is written under the name of a member.
 *
 * @param path a path, or `-` for the standard input
 * @param onBytes called with the number of bytes of the file read so far
 * @throws LogReadError when the file cannot be read
 */
export async function* openFile(
  path: string,
  onBytes: (bytesRead: number) => void = () => {},
  { range, inputFile }: FileAccess = {},
): AsyncGenerator<OpenedText | UnreadPart> {
  const budget = new UnpackBudget();
  const isOnDisk = path !== standardInput && isFile(path);
  const pieces =
    path === standardInput && inputFile === undefined
      ? undefined
      : new FilePieces(inputFile ?? path, range);
  let bytesRead = 0;
  async function* watched(): AsyncGenerator<Buffer> {
    try {
      for await (const chunk of pieces ?? process.stdin) {
        bytesRead += chunk.length;
        budget.read(chunk.length);
        yield chunk;
        onBytes(bytesRead);
      }
    } finally {
      if (pieces === undefined) process.stdin.destroy();
    }
  }
  const source = new ByteSource(watched());
  try {
    const name = path === standardInput ? 'standard input' : path;
    const head = await source.peek(signatureBytes);
    if (isOnDisk && (isZip(head) || isParquet(head))) {
      await source.close();
      budget.read(statSync(path).size);
      yield* randomAccess(name, path, head, { budget, nesting: 0 }, onBytes);
      return;
    }
    // Who unpacks or copies may look far ahead; a text is read one piece after the other.
    const isText = !isPacked(head) && !isTar(head) && !isZip(head) && !isParquet(head);
    if (pieces !== undefined && isText) pieces.mayReuse = true;
    yield* textsIn(name, source.rest(), { budget, nesting: 0 });
  } catch (error) {
    throw error instanceof LogReadError ? error : cannotRead(path, error);
  } finally {
    await source.close();
  }
}

/** Not a pipe, which cannot be read twice. */
function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch (error) {
    throw cannotRead(path, error);
  }
}

async function* textsIn(
  path: string,
  packed: AsyncIterable<Buffer>,
  opening: Opening,
): AsyncGenerator<OpenedText | UnreadPart> {
  const { budget, nesting } = opening;
  const isMember = nesting > 0;
  const source = new ByteSource(unpacked(packed, budget));
  try {
    const head = await source.peek(signatureBytes);
    const isArchive = isTar(head) || isZip(head);
    if (isArchive && nesting === nestingMax) {
      const reason = `it is an archive in more than ${nestingMax} others; unpack it first`;
      yield { path, isMember, reason };
    } else if (!isTar(head) && head.toString('latin1', 257, 262) === 'ustar') {
      const reason = 'it is a tar archive whose first header contradicts its checksum';
      yield { path, isMember, reason };
    } else if (isTar(head)) yield* tarTexts(path, source, opening);
    else if (isArchive || isParquet(head)) yield* spooled(path, source, head, opening);
    else yield { path, isMember, lines: readLines(path, source.rest()) };
  } finally {
    await source.close();
  }
}

async function* tarTexts(
  archive: string,
  source: ByteSource,
  opening: Opening,
): AsyncGenerator<OpenedText | UnreadPart> {
  const inside = { ...opening, nesting: opening.nesting + 1 };
  try {
    for (let members = 1; ; members += 1) {
      const member = await nextTarMember(source);
      if (member === undefined) return;
      if (members > membersMax) throw tooManyMembers('tar archive');
      const path = memberPath(archive, member.name);
      const about = { path, isMember: true };
      const content = new MemberContent(source, member.bytes);
      if (member.kind === 'file') yield* textsIn(path, content.pieces(), inside);
      else if (member.kind === 'link') {
        yield { ...about, reason: 'a link to another file of the archive', isHarmless: true };
      } else if (member.kind === 'sparse') {
        yield { ...about, reason: 'it is a sparse file; unpack the archive first: tar -xf FILE' };
      }
      await content.skip();
      await skip(source, paddingOf(member.bytes));
    }
  } catch (error) {
    if (!(error instanceof BrokenBytes)) throw error;
    yield { path: archive, isMember: opening.nesting > 0, reason: describeBroken(error) };
  }
}

/** The content of one member of a tar archive. */
class MemberContent {
  readonly #source: ByteSource;
  #left: number;

  constructor(source: ByteSource, bytes: number) {
    this.#source = source;
    this.#left = bytes;
  }

  async *pieces(): AsyncGenerator<Buffer> {
    while (this.#left > 0) {
      const piece = await this.#source.take(Math.min(this.#left, 256 * 1024));
      if (piece === undefined) throw new BrokenBytes('it is cut off', 'tar archive');
      this.#left -= piece.length;
      yield piece;
    }
  }

  /** Skips what was not read. */
  async skip(): Promise<void> {
    const bytes = this.#left;
    this.#left = 0;
    await skip(this.#source, bytes);
  }
}

async function skip(source: ByteSource, bytes: number): Promise<void> {
  for (let left = bytes; left > 0; ) {
    const piece = await source.take(Math.min(left, 256 * 1024));
    if (piece === undefined) throw new BrokenBytes('it is cut off', 'tar archive');
    left -= piece.length;
  }
}

function tooManyMembers(what: string): BrokenBytes {
  return new BrokenBytes(`it has more than ${shownCount(membersMax)} members`, what);
}

/** A member's name below its archive, without steps upwards. */
function memberPath(archive: string, name: string): string {
  const segments = name.split('/').filter((one) => one !== '' && one !== '.' && one !== '..');
  return `${archive}/${segments.join('/').replaceAll('\0', '').slice(0, nameCharactersMax)}`;
}

/** Writes an archive or a table that must be read in any order to a temporary file, and reads that. */
async function* spooled(
  path: string,
  source: ByteSource,
  head: Buffer,
  opening: Opening,
): AsyncGenerator<OpenedText | UnreadPart> {
  const folder = await mkdtemp(join(tmpdir(), 'privilege-monitor-'));
  try {
    const file = join(folder, 'content');
    await pipeline(Readable.from(source.rest()), createWriteStream(file, { mode: 0o600 }));
    yield* randomAccess(path, file, head, opening);
  } catch (error) {
    if (!(error instanceof BrokenBytes || error instanceof ForeignFormat)) throw error;
    const reason = error instanceof BrokenBytes ? describeBroken(error) : error.message;
    yield { path, isMember: opening.nesting > 0, reason };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** @param file where the content is on disk */
async function* randomAccess(
  path: string,
  file: string,
  head: Buffer,
  opening: Opening,
  onBytes: (bytesRead: number) => void = () => {},
): AsyncGenerator<OpenedText | UnreadPart> {
  const isMember = opening.nesting > 0;
  if (isParquet(head)) {
    yield* withPlainPath(file, async function* (plain) {
      yield { path, isMember, isTable: true, lines: parquetRows(path, plain) };
    });
    return;
  }
  const inside = { ...opening, nesting: opening.nesting + 1 };
  let members = 0;
  let bytesRead = 0;
  try {
    for await (const { name, packedBytes, problem, read } of zipMembers(file)) {
      members += 1;
      if (members > membersMax) throw tooManyMembers('zip archive');
      if (name === '[Content_Types].xml') {
        yield { path, isMember, reason: 'it is a file of Microsoft Office; save it as CSV' };
        return;
      }
      const within = memberPath(path, name);
      if (problem !== undefined) yield { path: within, isMember: true, reason: problem };
      else yield* textsIn(within, counted(read(), opening.budget), inside);
      bytesRead += packedBytes;
      onBytes(bytesRead);
    }
  } catch (error) {
    if (!(error instanceof BrokenBytes)) throw error;
    yield { path, isMember, reason: describeBroken(error) };
  }
}

async function* counted(
  pieces: AsyncIterable<Buffer>,
  budget: UnpackBudget,
): AsyncGenerator<Buffer> {
  for await (const piece of pieces) {
    budget.unpack(piece.length, 'zip archive');
    yield piece;
  }
}

/** DuckDB takes `*`, `?` and `[` in a path for a pattern: a link has a name without them. */
async function* withPlainPath<T>(
  path: string,
  read: (plain: string) => AsyncGenerator<T>,
): AsyncGenerator<T> {
  if (!/[*?[\]{}]/.test(path)) {
    yield* read(path);
    return;
  }
  const folder = await mkdtemp(join(tmpdir(), 'privilege-monitor-'));
  try {
    const link = join(folder, 'rows.parquet');
    await symlink(resolve(path), link);
    yield* read(link);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
