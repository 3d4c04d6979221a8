import { createHash } from 'node:crypto';
import { bunzip2 } from '../../../../local/log-readers/lines/bunzip2.ts';
import { BrokenBytes } from '../../../../local/log-readers/lines/byte-source.ts';
import { UnpackBudget, unpacked } from '../../../../local/log-readers/lines/unpack.ts';

/** `line` three times, as the programs of each format compress it (xz 5.4, zstd 1.5, bzip2 1.0.8). */
const line = '[2024-07-06T12:34:20.495+0000] {a.py:1} INFO - line\n';
const samples: readonly (readonly [string, string])[] = [
  [
    'bzip2',
    'QlpoOTFBWSZTWUE1Jo8AAEBfgEAQQAt/sAEhhAoiJUAqIABwYwAEwABMK/1VJo9TagMmQ9PVD0k1WjZgq7qMmKjVcxXSdm5SSrzJqmzXps2j0nJ0WXJoYoQhCGyyzBZk2XtH8XckU4UJBBNSaPA=',
  ],
  [
    'bzip2 of two streams',
    'QlpoOTFBWSZTWQOL4V8AABVfgEAQQAt/sAEhhAoiJUAqIABUYwAEwABMIp6g9TagPSZD01D0hLOsF3OKHQUENrTBeQoUrilPog0cSZGZmarvB48FLou5IpwoSAHF8K+AQlpoMTFBWSZTWdwFzN4AACrfgEAQQAt/sAEhhAoiJUAqIABwYwAEwABMCqqepo9TIaPSbUPTUPKRUTXYqO7JokybIJIHZvZFHk2RasEWqb0idVkEVUlVVVVV1lmKzRdgm/i7kinChIbgLmbw',
  ],
  [
    'xz',
    '/Td6WFoAAATm1rRGAgAhARYAAAB0L+Wj4ACbADpdAC2MggNJUTINSVabUkeUpaMv7K6u2jHAC5w8jhRFOj1xYV7ZPHeXl/PiKyaPQtX/FA+Zoeoj2lzoAAAAAAD6GnxlM/71cAABVpwBAAAAQ5LItbHEZ/sCAAAAAARZWg==',
  ],
  [
    'xz of two streams',
    '/Td6WFoAAATm1rRGAgAhARYAAAB0L+WjAQAzWzIwMjQtMDctMDZUMTI6MzQ6MjAuNDk1KzAwMDBdIHthLnB5OjF9IElORk8gLSBsaW5lCgBMvtMBJQkhBQABTDSXQf5dH7bzfQEAAAAABFla/Td6WFoAAAFpIt42AgAhARYAAAB0L+Wj4ABnADpdAC2MggNJUTINSVabUkeUpaMv7K6u2jHAC5w8jhRFOj1xYV7ZPHeXl/PiKyaPQtX/FA+Zoem/Y3zoAAAAAADw61MmAAFSaJdjYuuQQpkNAQAAAAABWVo=',
  ],
  [
    'zstd',
    'KLUv/QRY5QEARANbMjAyNC0wNy0wNlQxMjozNDoyMC40OTUrMDAwMF0ge2EucHk6MX0gSU5GTyAtIGxpbmUKAQBUbqqgeKltSg==',
  ],
  [
    'zstd of two frames',
    'KLUv/QRYoQEAWzIwMjQtMDctMDZUMTI6MzQ6MjAuNDk1KzAwMDBdIHthLnB5OjF9IElORk8gLSBsaW5lChGJQbYotS/9BFjlAQBEA1syMDI0LTA3LTA2VDEyOjM0OjIwLjQ5NSswMDAwXSB7YS5weToxfSBJTkZPIC0gbGluZQoBAJR7KijQlIAX',
  ],
];

async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** What comes out, and why it ends early. */
async function contentOf(packed: Buffer, pieceSize = 7, budget = new UnpackBudget()) {
  const found: Buffer[] = [];
  let broken: string | undefined;
  try {
    for await (const piece of unpacked(inPieces(packed, pieceSize), budget)) found.push(piece);
  } catch (error) {
    if (!(error instanceof BrokenBytes)) throw error;
    broken = `${error.what}: ${error.message}`;
  }
  return { text: Buffer.concat(found).toString(), broken };
}

test.each(samples)('%s is unpacked, in pieces of any size', async (_, packed) => {
  const bytes = Buffer.from(packed, 'base64');
  for (const size of [1, 7, 100_000]) {
    expect(await contentOf(bytes, size)).toEqual({ text: line.repeat(3), broken: undefined });
  }
});

test.each(samples)('%s that is cut off anywhere is never complete', async (_, packed) => {
  const bytes = Buffer.from(packed, 'base64');
  for (let length = 10; length < bytes.length; length += 1) {
    const { text, broken } = await contentOf(bytes.subarray(0, length), 100_000);
    // Between two streams, nothing shows that one is missing.
    if (broken === undefined) expect(text).toBe(line);
  }
});

test.each(samples)('%s that is followed by other data is reported', async (name, packed) => {
  const bytes = Buffer.concat([Buffer.from(packed, 'base64'), Buffer.from('other data')]);
  const { text, broken } = await contentOf(bytes);
  if (!name.startsWith('xz')) expect(text).toBe(line.repeat(3));
  expect(broken).toMatch(/followed by bytes that are not/);
});

/** Random bytes, runs of all lengths, and more than one block of 100 kB. */
const content = Buffer.concat([
  ...Array.from({ length: 12 }, (_, index) => createHash('sha256').update(`${index}`).digest()),
  Buffer.from(`${'x'.repeat(1_000_003)}${'ab'.repeat(150_000)}yyyy`),
]);
/** `bzip2 -1` of it. */
const blocks =
  'QlpoMTFBWSZTWTEbtuQAAEt////fu+/3r/9w1/m2//e/uf973+Uen1/X2fvf/v///8GOsAFRmbYxQGgGh6gM1AAAANABoAAAANAAMhpoYIAAaANAA0APU9Q00GgPUDTxRAaAADQ0ADQADRowmgGgADRppgmjQ00Bo0aNNAyAaaDIbU0yGmgAaaaNNDQaDTQjVUABoAAAAAADQAAAAAAAAaAAAAAAAAaAAAAADRpoUfAlM3mLiFrGIxUDD0eYGGhXsR5iiFM6MFeEhUJZ2/+VoVIVkCJAuYRNqq8ZhKtK5lHzVX8i4WrVqaoK81B4rZ1rWXN9KOkMsBh86AS5TTIEznBvcbj1JMkgA7JpcvyZInhoDwQ4gTa+YsNC3cmHHEkB4YmR9G75Rp0VaNVEn388N7ngUooweI+lYNPrSu9nBEACIiABE321SigiABERAAiNxuWovurFGPvo49akl+6s4jnhubUdW7UvC5h03i+hnn0c6YMSq6CIgQIAd6eQBAAAgAggCBJkkOxjVKc1G3WSVF6SnKfKUC/C+qkZT29zQnUQHG2xjztXoYvglko4w5/TqIZVZ7SlVdfRliy45LEkTVA5W3Hdg++ecFE1/K/2d+CJ0gz6D2F+H2DeYxazlxwlP/Z2IsZS2lUh64oiHspsCYLKiyGVBpCJU4yHwIH0Z2rtjlW3H6iKdiZQeYzfu+BsyBpf6rUxlaf74HjX6efonXqqmWOvRyLYXarBEQIEAF89V/JARP7sLZr/MUFZJlNZAb7efABhowEAMAAgADCAKRqhKCyhKC5igrJMprPilxZOAMNGAgBgAEAAYQBSMoSgtUJQXMUFZJlNZ+CFjOQATlUGAQAAwAAAgIAAwzTQKVHptEio/okVGtwu5IpwoSEpIXdO';

test('bzip2 of several blocks, with runs of all lengths, is unpacked', async () => {
  const found: Buffer[] = [];
  for await (const piece of bunzip2(inPieces(Buffer.from(blocks, 'base64'), 64))) found.push(piece);
  expect(Buffer.concat(found).equals(content)).toBe(true);
});

test('a changed byte in bzip2 never gives other content silently', async () => {
  const [, packed = ''] = samples[0] ?? [];
  for (let at = 4; at < Buffer.from(packed, 'base64').length; at += 1) {
    const bytes = Buffer.from(packed, 'base64');
    bytes[at] = (bytes[at] ?? 0) ^ 0x10;
    const { text, broken } = await contentOf(bytes, 100_000);
    if (broken === undefined && text !== bytes.toString()) expect(text).toBe(line.repeat(3));
  }
});

test('more than any log contains does not come out of a small file', async () => {
  const budget = new UnpackBudget();
  budget.read(1000);
  budget.unpack(2 ** 30, 'gzip data');
  budget.unpack(2000 * 1000, 'gzip data');
  expect(() => budget.unpack(1, 'gzip data')).toThrow('more than 2000 times as much');
});
