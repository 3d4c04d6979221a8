import { createReadStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { readLines } from '../../../../local/log-readers/lines/file-lines.ts';
import { UnpackBudget, unpacked } from '../../../../local/log-readers/lines/unpack.ts';

const folder = mkdtempSync(join(tmpdir(), 'lines-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** The lines of a file with these bytes, and their damage by line number. */
async function linesOf(content: string | Buffer) {
  const path = join(folder, 'file.log');
  writeFileSync(path, content);
  const lines: (string | undefined)[] = [];
  const damage: Record<number, string> = {};
  let brokenOff: string | undefined;
  for await (const batch of readLines(path, unpacked(createReadStream(path), new UnpackBudget()))) {
    for (const [index, what] of batch.damage ?? []) damage[batch.firstLine + index] = what;
    lines.push(...batch.lines);
    brokenOff = batch.brokenOff;
  }
  return { lines, damage, brokenOff };
}

const text = 'one é😀\ntwo\n\nfour "x"\n';
const whole = { lines: ['one é😀', 'two', '', 'four "x"'], damage: {}, brokenOff: undefined };

function bigEndian(bytes: Buffer): Buffer {
  return Buffer.from(bytes).swap16();
}

test.each([
  ['UTF-8', Buffer.from(text)],
  ['UTF-8 with a byte order mark', Buffer.from(`\ufeff${text}`)],
  ['UTF-16, little-endian', Buffer.from(`\ufeff${text}`, 'utf16le')],
  ['UTF-16, little-endian, without a byte order mark', Buffer.from(text, 'utf16le')],
  ['UTF-16, big-endian', bigEndian(Buffer.from(`\ufeff${text}`, 'utf16le'))],
  ['UTF-16, big-endian, without a byte order mark', bigEndian(Buffer.from(text, 'utf16le'))],
  ['UTF-16 with CRLF', Buffer.from(text.replaceAll('\n', '\r\n'), 'utf16le')],
  ['CRLF', Buffer.from(text.replaceAll('\n', '\r\n'))],
  ['CR alone', Buffer.from(text.replaceAll('\n', '\r'))],
  ['gzip', gzipSync(text)],
  ['gzip in gzip', gzipSync(gzipSync(text))],
  ['gzip of UTF-16', gzipSync(Buffer.from(`\ufeff${text}`, 'utf16le'))],
])('%s gives the same lines', async (_, bytes) => {
  expect(await linesOf(bytes)).toEqual(whole);
});

test('a carriage return within a line is a part of it if lines end differently', async () => {
  expect((await linesOf('10 %\r20 %\r30 %\nnext\n')).lines).toEqual(['10 %\r20 %\r30 %', 'next']);
});

test('bytes that are not text are reported with their lines, which are still read', async () => {
  const latin = Buffer.from('caf\xe9 add-role\n', 'latin1');
  const content = Buffer.concat([
    Buffer.from('good é\n'),
    latin,
    Buffer.from('good \ufffd\n'),
    latin,
  ]);
  const what = 'it contains bytes that are not text, read as U+FFFD';
  expect(await linesOf(content)).toEqual({
    lines: ['good é', 'caf\ufffd add-role', 'good \ufffd', 'caf\ufffd add-role'],
    damage: { 2: what, 4: what },
    brokenOff: undefined,
  });
});

test('NUL bytes are reported; around a line they are skipped, within it they stay', async () => {
  const { lines, damage } = await linesOf('x\n\0\0[2026] y\0\0\na\0b\nz\n');
  expect(lines).toEqual(['x', '[2026] y', 'a\0b', 'z']);
  expect(damage).toEqual({ 2: 'it contains NUL bytes', 3: 'it contains NUL bytes' });
});

test('NUL bytes at the start of a log truncated while open are counted and skipped', async () => {
  const { lines, damage } = await linesOf(
    Buffer.concat([Buffer.alloc(200_000), Buffer.from(text)]),
  );
  expect(lines).toEqual(whole.lines);
  expect(damage).toEqual({ 1: expect.stringContaining('200000 NUL bytes precede it') });
});

test('half a character at the end of UTF-16 is reported', async () => {
  const { damage } = await linesOf(Buffer.from(`${text}end`, 'utf16le').subarray(0, -1));
  expect(Object.keys(damage)).toEqual(['5']);
});

test('truncated UTF-16 in gzip gives its first lines', async () => {
  const bytes = gzipSync(Buffer.from(`\ufeff${text.repeat(2_000)}`, 'utf16le'));
  const { lines, brokenOff } = await linesOf(bytes.subarray(0, bytes.length - 20));
  expect(lines.slice(0, 4)).toEqual(whole.lines);
  expect(brokenOff).toBe('the gzip data is broken (it is cut off), the rest is lost');
});

test.each([
  ['lzma data', '\x5d\0\0\x80\0'],
  ['lz4 data', '\x04\x22\x4d\x18'],
  ['compress data', '\x1f\x9d\x90'],
  ['a 7z archive', '7z\xbc\xaf\x27\x1c'],
  ['a rar archive', 'Rar!\x1a\x07'],
  ['an SQLite database', 'SQLite format 3\0'],
  ['UTF-32 text', '\xff\xfe\0\0[\0\0\0'],
])('%s is refused with file, format and advice, also in gzip', async (name, bytes) => {
  const content = Buffer.from(bytes, 'latin1');
  for (const packed of [content, gzipSync(content)]) {
    await expect(linesOf(packed)).rejects.toMatchObject({
      name: 'LogReadError',
      message: expect.stringMatching(new RegExp(`^cannot read .*file\\.log: it is ${name}; \\w+ `)),
    });
  }
});

test('endlessly nested gzip is refused', async () => {
  let bytes = Buffer.from(text);
  for (let layer = 0; layer < 6; layer += 1) bytes = gzipSync(bytes);
  await expect(linesOf(bytes)).rejects.toThrow('gzip in gzip, more than 4 times');
});

test.each(['PK is a word', 'BZh is none', 'ORChestra', '7z', 'Rar', 'PAR'])(
  'a text that starts with %p is read as text',
  async (line) => {
    expect((await linesOf(`${line}\n`)).lines).toEqual([line]);
  },
);

test('any text of lines is read unchanged in every encoding', async () => {
  const line = fc
    .string({ unit: 'grapheme', maxLength: 40 })
    .map((one) => one.replace(/[\0\r\n\ufffd\ufeff]/g, ' '));
  const encodings = [
    (one: string) => Buffer.from(one),
    (one: string) => Buffer.from(`\ufeff${one}`, 'utf16le'),
    (one: string) => gzipSync(one),
  ];
  await fc.assert(
    fc.asyncProperty(
      fc.array(line, { maxLength: 30 }),
      fc.constantFrom(...encodings),
      async (all, encode) => {
        const lines = ['first', ...all];
        const read = await linesOf(encode(`${lines.join('\n')}\n`));
        expect(read).toEqual({ lines, damage: {}, brokenOff: undefined });
      },
    ),
    { numRuns: 60 },
  );
});
