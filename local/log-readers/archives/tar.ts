import { BrokenBytes, type ByteSource, exactly } from '../lines/byte-source.ts';

const blockBytes = 512;
const what = 'tar archive';
/** A name is not longer, and neither are the other attributes of a member together. */
const attributeBytesMax = 1024 * 1024;

/** A member of a tar archive, as its header describes it. */
export interface TarMember {
  readonly name: string;
  readonly bytes: number;
  /** `link`: to another member or file. `other`: no file, such as a folder or a device. */
  readonly kind: 'file' | 'link' | 'other' | 'sparse';
}

/** Whether a file begins with the header of a member, which has a checksum of its own. */
export function isTar(head: Buffer): boolean {
  if (head.length < blockBytes || head[0] === 0) return false;
  return storedChecksum(head) === checksumOf(head);
}

function storedChecksum(header: Buffer): number {
  const [digits] = /[0-7]+/.exec(header.toString('latin1', 148, 156)) ?? [];
  return digits === undefined ? Number.NaN : Number.parseInt(digits, 8);
}

/** The sum of all bytes of a header, with blanks in place of the sum itself. */
function checksumOf(header: Buffer): number {
  let sum = 8 * 0x20;
  for (let at = 0; at < blockBytes; at += 1) if (at < 148 || at >= 156) sum += header[at] ?? 0;
  return sum;
}

/**
 * Reads the header of the next member, with the attributes that precede it: names that are too long
 * for a header (GNU), and extended ones (POSIX).
 *
 * https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html#tag_20_94_13_06
 *
 * @returns undefined at the end of the archive
 * @throws BrokenBytes when there is no header and no end
 */
export async function nextTarMember(source: ByteSource): Promise<TarMember | undefined> {
  let longName: string | undefined;
  let attributes: ReadonlyMap<string, string> = new Map();
  for (;;) {
    const header = await exactly(source, blockBytes, what);
    if (header.every((byte) => byte === 0)) {
      await expectEnd(source);
      return undefined;
    }
    if (storedChecksum(header) !== checksumOf(header)) {
      throw new BrokenBytes('a member does not begin with a header', what);
    }
    const type = String.fromCharCode(header[156] ?? 0);
    const bytes = numberIn(header, 124, 136);
    if (type === 'x' || type === 'g' || type === 'L' || type === 'K') {
      if (bytes > attributeBytesMax) throw new BrokenBytes('a name is too long', what);
      const content = await exactly(source, bytes, what);
      await exactly(source, paddingOf(bytes), what);
      if (type === 'L') longName = textIn(content, 0, bytes);
      if (type === 'x') attributes = attributesIn(content);
      continue;
    }
    const size = Number(attributes.get('size') ?? bytes);
    if (!Number.isSafeInteger(size) || size < 0) throw new BrokenBytes('a size is invalid', what);
    const prefix = header.toString('latin1', 257, 262) === 'ustar' ? textIn(header, 345, 500) : '';
    const short = `${prefix === '' ? '' : `${prefix}/`}${textIn(header, 0, 100)}`;
    const isSparse =
      type === 'S' || [...attributes.keys()].some((key) => key.startsWith('GNU.sparse'));
    const isFile = ['0', '\0', '7'].includes(type) && !short.endsWith('/');
    const kind = isSparse
      ? 'sparse'
      : isFile
        ? 'file'
        : type === '1' || type === '2'
          ? 'link'
          : 'other';
    // A link can have a size, but no content.
    return {
      name: attributes.get('path') ?? longName ?? short,
      bytes: kind === 'link' ? 0 : size,
      kind,
    };
  }
}

/** The number of bytes after a member's content, up to the next header. */
export function paddingOf(bytes: number): number {
  return (blockBytes - (bytes % blockBytes)) % blockBytes;
}

/** Only zeros follow the end of an archive; anything else would be skipped silently. */
async function expectEnd(source: ByteSource): Promise<void> {
  for (;;) {
    const piece = await source.take(64 * 1024);
    if (piece === undefined) return;
    if (piece.some((byte) => byte !== 0)) {
      throw new BrokenBytes('its end is followed by other data', what);
    }
  }
}

function textIn(bytes: Buffer, from: number, to: number): string {
  const end = bytes.indexOf(0, from);
  return bytes.toString('utf8', from, end < 0 || end > to ? to : end);
}

/** Octal digits, or a binary number for sizes over 8 GiB. */
function numberIn(header: Buffer, from: number, to: number): number {
  if ((header[from] ?? 0) & 0x80) return Number(header.readBigUInt64BE(to - 8));
  const digits = header
    .toString('latin1', from, to)
    .replace(/[\0 ]+$/, '')
    .trim();
  if (digits === '') return 0;
  if (!/^[0-7]+$/.test(digits)) throw new BrokenBytes('a size is invalid', what);
  return Number.parseInt(digits, 8);
}

/** Lines `<length> <key>=<value>`, where the length counts the whole line. */
function attributesIn(content: Buffer): Map<string, string> {
  const found = new Map<string, string>();
  for (let at = 0; at < content.length; ) {
    const [head = '', digits = ''] =
      /^(\d{1,8}) /.exec(content.toString('latin1', at, at + 9)) ?? [];
    const end = at + Number(digits);
    if (head === '' || end <= at + head.length || end > content.length) {
      throw new BrokenBytes('its extended attributes are invalid', what);
    }
    const [key = '', ...value] = content.toString('utf8', at + head.length, end - 1).split('=');
    found.set(key, value.join('='));
    at = end;
  }
  return found;
}
