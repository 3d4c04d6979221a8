import { crc32, deflateRawSync } from 'node:zlib';

/** 1980-01-01, the earliest date of the format: equal contents make equal archives. */
const dosDate = 0x0021;

const localHeader = 0x04034b50;
const centralHeader = 0x02014b50;
const endOfCentral = 0x06054b50;
const version = 20;
const deflated = 8;
/** A regular file that everybody may read, as Lambda requires: Unix, in the upper half. */
const attributes = 0o100644 * 0x10000;
const madeByUnix = 3 * 0x100;

/**
 * A ZIP archive of small files.
 *
 * Format: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
 */
export function zipArchive(files: ReadonlyMap<string, Uint8Array>): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, contents] of [...files].sort(([one], [other]) => (one < other ? -1 : 1))) {
    const packed = deflateRawSync(contents, { level: 9 });
    const about = Buffer.alloc(26);
    about.writeUInt16LE(version, 0);
    about.writeUInt16LE(deflated, 4);
    about.writeUInt16LE(dosDate, 8);
    about.writeUInt32LE(crc32(contents), 10);
    about.writeUInt32LE(packed.length, 14);
    about.writeUInt32LE(contents.length, 18);
    about.writeUInt16LE(Buffer.byteLength(name), 22);
    const entry = [uint32(localHeader), about, Buffer.from(name), packed];
    const place = Buffer.alloc(14);
    place.writeUInt32LE(attributes, 6);
    place.writeUInt32LE(offset, 10);
    directory.push(
      uint32(centralHeader),
      uint16(madeByUnix + version),
      about,
      place,
      Buffer.from(name),
    );
    parts.push(...entry);
    offset += Buffer.concat(entry).length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(files.size, 4);
  end.writeUInt16LE(files.size, 6);
  end.writeUInt32LE(central.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...parts, central, uint32(endOfCentral), end]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}
