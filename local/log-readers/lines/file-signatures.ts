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
  { offset: 4, bytes: '1AY&SY', name: 'bzip2 data', advice: unpack('bunzip2 -k FILE') },
  { bytes: '\xfd7zXZ\x00', name: 'xz data', advice: unpack('xz -dk FILE') },
  { bytes: '\x5d\x00\x00', name: 'lzma data', advice: unpack('xz -dk FILE') },
  { bytes: 'LZIP\x01', name: 'lzip data', advice: unpack('lzip -dk FILE') },
  { bytes: '\x28\xb5\x2f\xfd', name: 'zstd data', advice: unpack('zstd -dk FILE') },
  { bytes: '\x04\x22\x4d\x18', name: 'lz4 data', advice: unpack('lz4 -dk FILE') },
  { bytes: '\x1f\x9d', name: 'compress data', advice: unpack('uncompress FILE') },
  { bytes: '\xff\x06\x00\x00sNaPpY', name: 'snappy data', advice: unpack('snzip -dk FILE') },
  { bytes: 'PK\x03\x04', name: 'a zip archive', advice: unpack('unzip FILE -d FOLDER') },
  { bytes: 'PK\x05\x06', name: 'a zip archive', advice: unpack('unzip FILE -d FOLDER') },
  { bytes: '7z\xbc\xaf\x27\x1c', name: 'a 7z archive', advice: unpack('7z x FILE -oFOLDER') },
  { bytes: 'Rar!\x1a\x07', name: 'a rar archive', advice: unpack('unrar x FILE') },
  {
    ...{ offset: 257, bytes: 'ustar', name: 'a tar archive' },
    advice: unpack('tar -xf FILE -C FOLDER'),
  },
  { bytes: 'PAR1', name: 'a Parquet file', advice: 'write it as NDJSON first' },
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
