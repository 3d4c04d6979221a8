import { BrokenBytes, ByteSource } from './byte-source.ts';

const what = 'bzip2 data';
/** A compressed block is not longer: 900,000 bytes, hardly compressed, and its tables. */
const blockBytesMax = 1_200_000;
const outputBytes = 64 * 1024;
const blockMagic = 0x314159265359;
const endMagic = 0x177245385090;
const groupSymbols = 50;
const codeBitsMax = 20;

export function isBzip2(head: Buffer): boolean {
  const start = head.toString('latin1', 4, 10);
  return (
    /^BZh[1-9]/.test(head.toString('latin1', 0, 4)) &&
    (start === '1AY&SY' || start === '\x17rE8P\x90')
  );
}

/**
 * The content of bzip2 data of one or more streams, a block at a time, each checked by its checksum.
 *
 * The format has no specification but its program; https://en.wikipedia.org/wiki/Bzip2#File_format
 * describes it.
 *
 * @throws BrokenBytes after everything readable, for data that is truncated, broken, or followed by
 *   other data
 */
export async function* bunzip2(pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const source = new ByteSource(pieces);
  try {
    for (let stream = 1; ; stream += 1) {
      const head = await source.peek(10);
      if (head.length === 0 && stream > 1) {
        // The error of the source, if any.
        await source.take(1);
        return;
      }
      if (!isBzip2(head)) {
        throw new BrokenBytes(
          head.length < 10 ? 'it is cut off' : 'it is followed by bytes that are not bzip2 data',
          what,
        );
      }
      yield* streamContent(source, (head[3] ?? 0) - 0x30);
    }
  } finally {
    await source.close();
  }
}

async function* streamContent(source: ByteSource, level: number): AsyncGenerator<Buffer> {
  await source.take(4);
  const block = new Uint32Array(level * 100_000);
  let skippedBits = 0;
  let checksum = 0;
  for (;;) {
    const bits = new BitReader(await source.peek(blockBytesMax), skippedBits);
    const magic = bits.read(24) * 2 ** 24 + bits.read(24);
    const expected = bits.read32();
    if (magic === endMagic) {
      if (checksum >>> 0 !== expected) throw new BrokenBytes('its checksum does not match', what);
      await takeAll(source, Math.ceil(bits.position / 8));
      return;
    }
    if (magic !== blockMagic) throw new BrokenBytes('a block does not begin as one', what);
    const { origin, length } = readBlock(bits, block);
    const found = { crc: -1 };
    yield* blockContent(block, origin, length, found);
    const crc = ~found.crc >>> 0;
    if (crc !== expected) {
      throw new BrokenBytes('the checksum of a block does not match its content', what);
    }
    checksum = ((checksum << 1) | (checksum >>> 31)) ^ crc;
    await takeAll(source, Math.floor(bits.position / 8));
    skippedBits = bits.position % 8;
  }
}

async function takeAll(source: ByteSource, count: number): Promise<void> {
  for (let left = count; left > 0; ) left -= (await source.take(left))?.length ?? left;
}

/** Reads bits, the highest of a byte first. */
class BitReader {
  readonly #bytes: Buffer;
  /** In bits. */
  position: number;

  constructor(bytes: Buffer, position: number) {
    this.#bytes = bytes;
    this.position = position;
  }

  /** @param count at most 24 */
  read(count: number): number {
    const at = this.position >>> 3;
    const end = this.position + count;
    const bytes = this.#bytes;
    if (end > bytes.length * 8) throw new BrokenBytes('it is cut off', what);
    const word =
      (((bytes[at] ?? 0) << 24) |
        ((bytes[at + 1] ?? 0) << 16) |
        ((bytes[at + 2] ?? 0) << 8) |
        (bytes[at + 3] ?? 0)) >>>
      0;
    const value = ((word << (this.position & 7)) >>> 0) >>> (32 - count);
    this.position = end;
    return value;
  }

  read32(): number {
    return this.read(16) * 65_536 + this.read(16);
  }
}

/** A code of Huffman: how many codes have each length, and their symbols in order. */
interface HuffmanTable {
  readonly counts: Uint16Array;
  readonly symbols: Uint16Array;
}

/**
 * Decodes one block up to the Burrows-Wheeler transform, which stays undone.
 *
 * @param block receives the bytes, in the order of the transform
 */
function readBlock(bits: BitReader, block: Uint32Array): { origin: number; length: number } {
  if (bits.read(1) === 1) {
    throw new BrokenBytes(
      'it was written by a bzip2 of before 1997; unpack it first: bunzip2',
      what,
    );
  }
  const origin = bits.read(24);
  const bytes = usedBytes(bits);
  const endSymbol = bytes.length + 1;
  const { selectors, tables } = readTables(bits, bytes.length + 2);
  let length = 0;
  let run = 0;
  let runUnit = 1;
  for (let group = 0; ; group += 1) {
    const table = tables[selectors[group] ?? -1];
    if (table === undefined) throw corrupt();
    for (let index = 0; index < groupSymbols; index += 1) {
      const symbol = readSymbol(bits, table);
      if (symbol <= 1) {
        run += runUnit << symbol;
        runUnit *= 2;
        if (run > block.length) throw corrupt();
        continue;
      }
      if (run > 0) {
        if (length + run > block.length) throw corrupt();
        block.fill(bytes[0] ?? 0, length, length + run);
        length += run;
        run = 0;
        runUnit = 1;
      }
      if (symbol === endSymbol) {
        if (origin >= length) throw corrupt();
        return { origin, length };
      }
      if (length >= block.length) throw corrupt();
      // Move to front.
      const at = symbol - 1;
      const byte = bytes[at] ?? 0;
      bytes.copyWithin(1, 0, at);
      bytes[0] = byte;
      block[length] = byte;
      length += 1;
    }
  }
}

function corrupt(): BrokenBytes {
  return new BrokenBytes('a block contradicts itself', what);
}

/** The bytes that occur in a block. */
function usedBytes(bits: BitReader): Uint8Array {
  const ranges = bits.read(16);
  const found: number[] = [];
  for (let range = 0; range < 16; range += 1) {
    if ((ranges & (0x8000 >>> range)) === 0) continue;
    const map = bits.read(16);
    for (let bit = 0; bit < 16; bit += 1) {
      if ((map & (0x8000 >>> bit)) !== 0) found.push(range * 16 + bit);
    }
  }
  if (found.length === 0) throw corrupt();
  return Uint8Array.from(found);
}

function readTables(bits: BitReader, symbols: number) {
  const count = bits.read(3);
  const selectorCount = bits.read(15);
  if (count < 2 || count > 6 || selectorCount === 0) throw corrupt();
  const order = Array.from({ length: count }, (_, index) => index);
  const selectors = new Uint8Array(selectorCount);
  for (let index = 0; index < selectorCount; index += 1) {
    let at = 0;
    while (bits.read(1) === 1) at += 1;
    const [chosen] = order.splice(at, 1);
    if (chosen === undefined) throw corrupt();
    order.unshift(chosen);
    selectors[index] = chosen;
  }
  const tables = Array.from({ length: count }, () => readTable(bits, symbols));
  return { selectors, tables };
}

function readTable(bits: BitReader, symbols: number): HuffmanTable {
  const lengths = new Uint8Array(symbols);
  let length = bits.read(5);
  for (let symbol = 0; symbol < symbols; symbol += 1) {
    while (bits.read(1) === 1) length += bits.read(1) === 0 ? 1 : -1;
    if (length < 1 || length > codeBitsMax) throw corrupt();
    lengths[symbol] = length;
  }
  const counts = new Uint16Array(codeBitsMax + 1);
  for (const one of lengths) counts[one] = (counts[one] ?? 0) + 1;
  const inOrder = [...lengths.keys()].sort(
    (a, b) => (lengths[a] ?? 0) - (lengths[b] ?? 0) || a - b,
  );
  return { counts, symbols: Uint16Array.from(inOrder) };
}

function readSymbol(bits: BitReader, { counts, symbols }: HuffmanTable): number {
  let code = 0;
  let first = 0;
  let index = 0;
  for (let length = 1; length <= codeBitsMax; length += 1) {
    code |= bits.read(1);
    const count = counts[length] ?? 0;
    if (code - first < count) return symbols[index + code - first] ?? 0;
    index += count;
    first = (first + count) << 1;
    code <<= 1;
  }
  throw corrupt();
}

const crcTable = Uint32Array.from({ length: 256 }, (_, index) => {
  let crc = index << 24;
  for (let bit = 0; bit < 8; bit += 1) crc = crc < 0 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
  return crc;
});

/**
 * Undoes the transform of a block, and the lengths of runs: four equal bytes are followed by how
 * often the byte occurs again.
 *
 * @param checked receives the checksum
 */
function* blockContent(
  block: Uint32Array,
  origin: number,
  length: number,
  checked: { crc: number },
): Generator<Buffer> {
  const starts = new Uint32Array(257);
  for (let at = 0; at < length; at += 1) {
    const next = ((block[at] ?? 0) & 0xff) + 1;
    starts[next] = (starts[next] ?? 0) + 1;
  }
  for (let byte = 1; byte < 256; byte += 1)
    starts[byte] = (starts[byte] ?? 0) + (starts[byte - 1] ?? 0);
  for (let at = 0; at < length; at += 1) {
    const byte = (block[at] ?? 0) & 0xff;
    const place = starts[byte] ?? 0;
    starts[byte] = place + 1;
    block[place] = ((block[place] ?? 0) & 0xff) | (at << 8);
  }
  let output = Buffer.allocUnsafe(outputBytes);
  let filled = 0;
  let equal = 0;
  let before = -1;
  let crc = checked.crc;
  let position = (block[origin] ?? 0) >>> 8;
  for (let read = 0; read < length; read += 1) {
    const entry = block[position] ?? 0;
    position = entry >>> 8;
    const byte = entry & 0xff;
    let times = 1;
    let written = byte;
    if (equal === 4) {
      times = byte;
      written = before;
      equal = 0;
      before = -1;
    } else if (byte === before) equal += 1;
    else {
      equal = 1;
      before = byte;
    }
    for (; times > 0; times -= 1) {
      output[filled] = written;
      filled += 1;
      crc = (crc << 8) ^ (crcTable[((crc >>> 24) ^ written) & 0xff] ?? 0);
      if (filled === outputBytes) {
        yield output;
        output = Buffer.allocUnsafe(outputBytes);
        filled = 0;
      }
    }
  }
  checked.crc = crc;
  if (filled > 0) yield output.subarray(0, filled);
}
