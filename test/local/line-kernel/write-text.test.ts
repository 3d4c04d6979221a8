import fc from 'fast-check';
import { LineKernel, paddingBytes } from '../../../local/line-kernel/line-kernel.ts';

const partsMax = 60;
const bytesMax = 2 * 16 * partsMax + 16;
const untouched = 0xee;

const kernel = new LineKernel();
const source = kernel.allocate(bytesMax + 16 + 2 * paddingBytes) + paddingBytes;
const roomBytes = bytesMax + 16 + 2 * paddingBytes;
const room = kernel.allocate(roomBytes);

/** All ways to write a character of ASCII in a string of JSON. */
function waysOf(code: number): readonly string[] {
  const digits = code.toString(16).padStart(4, '0');
  const plain = JSON.stringify(String.fromCharCode(code)).slice(1, -1);
  const slash = code === 0x2f ? ['\\/'] : [];
  return [plain, `\\u${digits}`, `\\u${digits.toUpperCase()}`, ...slash];
}

const frequent = Array.from('ab "\\/_\n\t', (one) => waysOf(one.charCodeAt(0))).flat();
const part = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...frequent) },
  { weight: 3, arbitrary: fc.nat(0x7f).chain((code) => fc.constantFrom(...waysOf(code))) },
  { weight: 1, arbitrary: fc.constantFrom('x'.repeat(14), 'x'.repeat(15), 'x'.repeat(16)) },
);
const asciiJson = fc.array(part, { maxLength: partsMax, size: 'max' }).map((some) => some.join(''));
const around = fc.oneof(
  fc.constantFrom(...['\\', '"', 'é', '\\u00', 'x'].map((one) => Buffer.from(one.repeat(40)))),
  fc.uint8Array({ minLength: paddingBytes, maxLength: paddingBytes }),
);
const alignments = fc.record({ from: fc.nat(15), into: fc.nat(15) });

/** Writes the text of a string without its quotes. @returns -1 as its length if it is not all ASCII */
function textOf(json: string, beside: Uint8Array, at: { from: number; into: number }) {
  const bytes = Buffer.from(json);
  const from = source + at.from;
  const into = room + at.into;
  const some = beside.subarray(0, paddingBytes);
  kernel.bytes.set(some, source - paddingBytes + at.from);
  kernel.bytes.set(bytes, from);
  kernel.bytes.set(some, from + bytes.length);
  kernel.bytes.fill(untouched, room, room + roomBytes);
  const length = kernel.run.writeText(from, from + bytes.length, into);
  const written = kernel.bytes.subarray(room, room + roomBytes);
  const after = at.into + Math.max(length, 0) + paddingBytes;
  const isBesides =
    written.subarray(0, at.into).some((byte) => byte !== untouched) ||
    (length >= 0 && written.subarray(after).some((byte) => byte !== untouched));
  return {
    ...{ length, isBesides },
    text: written.toString('latin1', at.into, at.into + Math.max(length, 0)),
  };
}

test('a string of ASCII is written as JSON.parse reads it, in its room alone', () => {
  fc.assert(
    fc.property(asciiJson, around, alignments, (json, beside, at) => {
      const text: string = JSON.parse(`"${json}"`);
      const expected = { length: text.length, isBesides: false, text };
      expect(textOf(json, beside, at)).toEqual(expected);
    }),
    { seed: 53, numRuns: 1500 },
  );
});

test('every escape of ASCII is written as JSON.parse reads it at every place of 16 bytes', () => {
  const wrong: object[] = [];
  for (let code = 0; code < 0x80; code += 1) {
    for (const way of waysOf(code)) {
      for (let place = 0; place < 18; place += 1) {
        const json = `${'x'.repeat(place)}${way}y`;
        const { text } = textOf(json, Buffer.from('\\'.repeat(paddingBytes)), { from: 0, into: 0 });
        if (text !== JSON.parse(`"${json}"`)) wrong.push({ json, text });
      }
    }
  }
  expect(wrong).toEqual([]);
});

test('a string with any other character is said not to be ASCII', () => {
  const other = fc.constantFrom(
    ...[
      'é',
      'ÿ',
      '\u0080',
      '東',
      '😀',
      '\\u0080',
      '\\u00e9',
      '\\uD83D\\ude00',
      '\\ud800',
      '\\uffff',
    ],
  );
  fc.assert(
    fc.property(asciiJson, other, asciiJson, around, alignments, (head, one, tail, beside, at) => {
      expect(textOf(`${head}${one}${tail}`, beside, at).length).toBe(-1);
    }),
    { seed: 54, numRuns: 300 },
  );
});
