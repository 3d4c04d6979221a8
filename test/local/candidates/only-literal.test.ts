import { seldomPlaces } from '../../../local/candidates/only-literal.ts';

const bytesOf = (text: string) => Array.from(Buffer.from(text), (byte) => [byte]);
const bothCases = (text: string) => Array.from(Buffer.from(text), (byte) => [byte, byte ^ 0x20]);

test.each([
  ['add-role', '-d'],
  ['the role%', '%h'],
  ['eeqee', 'qe'],
  ['ZaZa', 'ZZ'],
])('%s is looked for by its rarest bytes', (text, expected) => {
  const places = seldomPlaces(bytesOf(text));
  expect(places?.map((place) => text[place]).join('')).toBe(expected);
});

test('a letter in both cases is one byte, and a choice of bytes is none', () => {
  expect(seldomPlaces(bothCases('eq'))).toEqual([1, 0]);
  expect(seldomPlaces([[0x61], [0x31, 0x32]])).toEqual([0, 0]);
  expect(
    seldomPlaces([
      [0x31, 0x32],
      [0x33, 0x34, 0x35],
    ]),
  ).toBeUndefined();
});
