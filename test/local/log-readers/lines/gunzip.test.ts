import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { BrokenBytes, gunzip } from '../../../../local/log-readers/lines/byte-source.ts';

async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** All output, and the reason if it ended early. */
async function unpack(bytes: Buffer, pieceSize = 64 * 1024) {
  const found: Buffer[] = [];
  let why: string | undefined;
  try {
    for await (const piece of gunzip(inPieces(bytes, pieceSize))) found.push(piece);
  } catch (error) {
    if (!(error instanceof BrokenBytes)) throw error;
    why = error.message;
  }
  return { content: Buffer.concat(found), why };
}

const content = fc.uint8Array({ maxLength: 20_000 }).map((bytes) => Buffer.from(bytes));
const pieceSize = fc.integer({ min: 1, max: 5_000 });

test('consecutive members give their contents, for any pieces and any number of zeros after them', async () => {
  const member = fc.tuple(content, fc.nat({ max: 300 }));
  await fc.assert(
    fc.asyncProperty(
      fc.array(member, { minLength: 1, maxLength: 4 }),
      pieceSize,
      async (members, size) => {
        const bytes = members.map(([text, zeros]) =>
          Buffer.concat([gzipSync(text), Buffer.alloc(zeros)]),
        );
        expect(await unpack(Buffer.concat(bytes), size)).toEqual({
          content: Buffer.concat(members.map(([text]) => text)),
          why: undefined,
        });
      },
    ),
    { numRuns: 60 },
  );
});

test('truncated data gives the beginning of its content and an error', async () => {
  await fc.assert(
    fc.asyncProperty(
      content,
      fc.double({ min: 0, max: 1, noNaN: true }),
      pieceSize,
      async (text, share, size) => {
        const whole = gzipSync(text);
        const length = 2 + Math.floor(share * (whole.length - 3));
        const unpacked = await unpack(whole.subarray(0, length), size);
        expect(unpacked.why).toBe('it is cut off');
        expect(text.subarray(0, unpacked.content.length)).toEqual(unpacked.content);
      },
    ),
    { numRuns: 60 },
  );
});

test('truncated text gives everything that its data contains', async () => {
  const text = Buffer.from(Array.from({ length: 3_000 }, (_, n) => `line ${n * 7919}\n`).join(''));
  const whole = gzipSync(text);
  const { content: half } = await unpack(whole.subarray(0, whole.length / 2));
  expect(half.length).toBeGreaterThan(text.length * 0.4);
});

test.each([
  ['text', Buffer.from('and more')],
  ['text after zeros', Buffer.concat([Buffer.alloc(100), Buffer.from('and more')])],
  ['half of a magic number', Buffer.from([0x1f])],
])('%s after the data does not lose the data, and is reported', async (_, further) => {
  expect(await unpack(Buffer.concat([gzipSync('a line\n'), further]))).toEqual({
    content: Buffer.from('a line\n'),
    why: 'it is followed by bytes that are not gzip data',
  });
});

test.each([
  ['checksum', -8],
  ['length', -4],
])('a wrong %s is reported after the content', async (_, at) => {
  const bytes = gzipSync('a line\n');
  bytes[bytes.length + at] = (bytes.at(at) ?? 0) ^ 1;
  expect(await unpack(bytes)).toEqual({
    content: Buffer.from('a line\n'),
    why: 'its checksum does not match its content',
  });
});

test('a broken place is reported after the content that is far enough before it', async () => {
  const lines = Array.from({ length: 20_000 }, (_, n) => `line ${(n * 7919) % 10_007}\n`).join('');
  const bytes = gzipSync(lines);
  const [front, back] = [bytes.subarray(0, bytes.length - 2_000), Buffer.alloc(2_000, 0xff)];
  const { content: found, why } = await unpack(Buffer.concat([front, back]));
  expect(why).toBeDefined();
  expect(found.length).toBeGreaterThan(lines.length / 2);
});

test('a header with name, comment, extra field and checksum is skipped', async () => {
  const plain = gzipSync('a line\n');
  const header = Buffer.from([0x1f, 0x8b, 8, 2 + 4 + 8 + 16, 0, 0, 0, 0, 0, 3]);
  const fields = Buffer.concat([
    Buffer.from([3, 0, 1, 2, 3]),
    Buffer.from('name\0comment\0'),
    Buffer.from([9, 9]),
  ]);
  const { content: found } = await unpack(Buffer.concat([header, fields, plain.subarray(10)]), 1);
  expect(found.toString()).toBe('a line\n');
});
