import fc from 'fast-check';
import { plainSpelling } from '../../../lambda/text/privilege-phrase.ts';
import { growth, linearGrowth } from '../../counted-steps.ts';

const hex = (code: number, digits: number) => code.toString(16).padStart(digits, '0');
const octal = (code: number) => code.toString(8).padStart(3, '0');

/** How languages write a character by its code. */
const spellings: readonly (readonly [string, (code: number) => string])[] = [
  ['C, Python and printf', (code) => `\\x${hex(code, 2)}`],
  ['Perl', (code) => `\\x{${hex(code, 2)}}`],
  ['JSON', (code) => `\\u${hex(code, 4)}`],
  ['JavaScript', (code) => `\\u{${hex(code, 2)}}`],
  ['Python', (code) => `\\U${hex(code, 8)}`],
  ['octal', (code) => `\\${octal(code)}`],
  ['echo -e', (code) => `\\0${octal(code)}`],
  ['an address', (code) => `%${hex(code, 2)}`],
  ['HTML', (code) => `&#${code};`],
  ['HTML, hexadecimal', (code) => `&#x${hex(code, 2)};`],
];

test.each(spellings)('an escape as in %s becomes its character', (_, spell) => {
  const code = fc.integer({ min: 0x21, max: 0x7e });
  fc.assert(
    fc.property(code, fc.integer({ min: 1, max: 4 }), (one, backslashes) => {
      // A text within a text has doubled backslashes.
      const written = spell(one).replace('\\', '\\'.repeat(backslashes));
      expect(plainSpelling(`users ${written} z`)).toBe(`users ${String.fromCharCode(one)} z`);
    }),
  );
});

test.each([
  ['add\\N{HYPHEN-MINUS}role', 'add-role'],
  ['\\N{LATIN SMALL LETTER A}dd-role', 'add-role'],
  ['users\\0add-role', 'users add-role'],
  ['users\\u0020add-role', 'users add-role'],
])('%s becomes %s', (written, plain) => {
  expect(plainSpelling(written)).toBe(plain);
});

test.each(['airflow users list', 'a\\nb', '\\033[31mred', '\\x1b[0m', 'C:\\new\\x', '100%', '%d'])(
  'a text without escapes of printable characters stays unchanged: %s',
  (text) => {
    expect(plainSpelling(text)).toBe(text);
  },
);

test.each(['\\', '\\x', '\\u{0', '&#0', '\\N{A ', '\\00', '%2'])(
  'a text of %j is read in linear time',
  (part) => {
    const task = (size: number) => () => void plainSpelling(`\\x41${part.repeat(size)}`);
    expect(growth(task, 2_000)).toBeLessThan(linearGrowth);
  },
);
