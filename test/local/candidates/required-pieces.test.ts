import fc from 'fast-check';
import {
  edge,
  type Need,
  needsOfRegexp,
  type Piece,
} from '../../../local/candidates/required-pieces.ts';
import { readRegexpSource } from '../../../query-language/regexp/parse-regexp.ts';
import { toJavaScriptRegExp } from '../../../query-language/regexp/write-regexp.ts';
import { chooser, matchingText, regexpSource } from '../../query-language/regexp-arbitrary.ts';

function needsOf(source: string): readonly Need[] {
  return needsOfRegexp(readRegexpSource(source).root);
}

/** The code points of a text between its edges. */
function between(text: string): readonly number[] {
  return [edge, ...Array.from(text, (character) => character.codePointAt(0) ?? 0), edge];
}

function isIn(piece: Piece, text: readonly number[]): boolean {
  return text.some((_, at) =>
    piece.every((characters, index) => characters.includes(text[at + index] ?? Number.NaN)),
  );
}

function has(need: Need, text: readonly number[]): boolean {
  if ('pieces' in need) return need.pieces.some((piece) => isIn(piece, text));
  return need.either.some((option) => option.every((one) => has(one, text)));
}

test('a text in which a regexp matches has all that the regexp needs', () => {
  fc.assert(
    fc.property(
      regexpSource,
      fc.array(fc.nat(), { minLength: 1, maxLength: 20 }),
      fc.constantFrom('', 'x', '\n', 'aA0_ '),
      (source, numbers, around) => {
        const regexp = readRegexpSource(source);
        const text = `${around}${matchingText(regexp.root, chooser(numbers))}${around}`;
        if (!toJavaScriptRegExp(regexp).test(text)) return;
        for (const need of needsOfRegexp(regexp.root)) {
          expect({ source, text, need, has: has(need, between(text)) }).toMatchObject({
            has: true,
          });
        }
      },
    ),
    { seed: 40, numRuns: 3000 },
  );
});

const written = (need: Need | undefined): unknown =>
  need === undefined || !('pieces' in need)
    ? need
    : need.pieces.map((piece) =>
        piece
          .map((characters) =>
            characters.map((one) => (one === edge ? '^' : String.fromCodePoint(one))).join(''),
          )
          .join('.'),
      );

test.each<[source: string, first: readonly string[]]>([
  ['abc', ['a.b.c']],
  ['a(b|cd)e', ['a.b.e', 'a.c.d.e']],
  ['[ab]c', ['ab.c']],
  ['\\Aab', ['^.a.b']],
  ['ab\\z', ['a.b.^']],
  // An optional repeat: none, or one and then anything.
  ['ab*c', ['a.c', 'a.b']],
  ['a(bc)?d', ['a.d', 'a.b.c.d']],
  ['a[^x]b', ['a']],
])('%s needs one of %j', (source, first) => {
  expect(written(needsOf(source)[0])).toEqual(first);
});

test('the ways in which alternatives go on are needed one by one', () => {
  const [beginnings, options] = needsOf('(User \\w+ was|Role \\w+ is) gone');
  expect(written(beginnings)).toEqual(['U.s.e.r. ', 'R.o.l.e. ']);
  expect(options).toHaveProperty('either');
  expect(needsOf('\\w+[^x]*')).toEqual([]);
});
