import type { SeededRandom } from '../simulation/seeded-random.ts';

/** Pieces that scanners treat specially. */
const specials = [
  ...[
    "'",
    '"',
    '`',
    '\\',
    '/',
    '#',
    '|',
    '(',
    ')',
    '[',
    ']',
    '{',
    '}',
    ',',
    '.',
    '*',
    ':',
    ';',
    '--',
  ],
  ...[
    '\0',
    '\n',
    '\r',
    '\t',
    '\u2028',
    '\ufeff',
    '\ud800',
    '\udfff',
    '🤦',
    'ſ',
    'İ',
    'é',
    '\u0301',
  ],
  ...[
    '/*',
    '*/',
    '$$',
    ' as ',
    ' by ',
    ' not ',
    ' like ',
    ' in [',
    '1e',
    '0x',
    '@',
    '@@',
    '..',
    '\\/',
  ],
];

/**
 * A text with some of its characters changed, lost, repeated, moved or replaced by those of another text.
 *
 * @param other a text to take pieces from
 */
export function mutated(text: string, other: string, random: SeededRandom): string {
  let result = text;
  for (let change = random.int(1, 6); change > 0; change -= 1) {
    const at = random.int(0, result.length);
    const length = random.pick([0, 1, 1, 2, 5, 20]);
    const [before, after] = [result.slice(0, at), result.slice(at + length)];
    const cut = result.slice(at, at + length);
    const from = random.int(0, other.length);
    const piece = random.pick([
      () => '',
      () => random.pick(specials),
      () => String.fromCharCode(random.int(0, 0x7f)),
      () => String.fromCharCode(random.int(0, 0xffff)),
      () => cut.repeat(random.pick([2, 3, 50])),
      () => other.slice(from, from + random.int(1, 30)),
    ])();
    result = `${before}${piece}${after}`;
  }
  return result;
}

/** Bytes with some of them changed, lost, repeated or moved. */
export function mutatedBytes(bytes: Uint8Array, random: SeededRandom): Uint8Array {
  let result = Buffer.from(bytes);
  for (let change = random.int(1, 8); change > 0; change -= 1) {
    const at = random.int(0, result.length);
    const length = random.pick([0, 1, 1, 4, 64, 1024]);
    const from = random.int(0, result.length);
    const piece = random.pick([
      () => Buffer.alloc(0),
      () => Buffer.from([random.int(0, 255)]),
      () => Buffer.from(random.pick(specials)),
      () => Buffer.alloc(length, random.pick([0, 0x0a, 0x22, 0x5b, 0x7b, 0xff])),
      () => result.subarray(from, from + random.int(1, 300)),
    ])();
    result = Buffer.concat([result.subarray(0, at), piece, result.subarray(at + length)]);
  }
  return result;
}
