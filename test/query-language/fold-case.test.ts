import { compileRegexp } from '../../queries/tools/compile-regexp.ts';
import { folded } from '../../query-language/pack/required-strings.ts';
import {
  foldCase,
  lastCodePoint,
  mergeRanges,
} from '../../query-language/regexp/code-point-ranges.ts';

/** The characters that RE2 (re2js) matches for a case-insensitive letter. */
function takenByRe2(codePoint: number) {
  const { ranges } = compileRegexp(`(?i)\\x{${codePoint.toString(16)}}`);
  const [taken = []] = ranges.values();
  const pairs: [number, number][] = [];
  for (let at = 0; at < taken.length; at += 2) pairs.push([taken[at] ?? 0, taken[at + 1] ?? 0]);
  return mergeRanges(pairs);
}

const ascii = Array.from({ length: 0x80 }, (_, at) => at);
/** ı, İ, ſ, K, Å, ß, ẞ, µ, μ, Σ, σ, ς, two digraphs with a case between, a ligature, Cherokee, Adlam. */
const peculiar = [
  ...[0x131, 0x130, 0x17f, 0x212a, 0x212b, 0xdf, 0x1e9e, 0xb5, 0x3bc, 0x3a3, 0x3c3, 0x3c2],
  ...[0x1c4, 0x1c5, 0x1f2, 0xfb01, 0x13a0, 0xab70, 0x1e900, 0x1e922],
];

test.each([...ascii, ...peculiar])('code point %d has the same other cases as in RE2', (one) => {
  expect(foldCase([[one, one]])).toEqual(takenByRe2(one));
});

test('a range gets the other cases of each of its letters', () => {
  expect(foldCase([[0x6a, 0x6c]])).toEqual([
    [0x4a, 0x4c],
    [0x6a, 0x6c],
    [0x212a, 0x212a],
  ]);
});

test('every character is one of the cases of its folded spelling', () => {
  const lost: string[] = [];
  for (let codePoint = 1; codePoint <= lastCodePoint; codePoint += 1) {
    const character = String.fromCodePoint(codePoint);
    if (!character.isWellFormed()) continue;
    const spelling = folded(character).codePointAt(0) ?? 0;
    if (spelling === codePoint) continue;
    const isCase = foldCase([[spelling, spelling]]).some(
      ([from, to]) => from <= codePoint && codePoint <= to,
    );
    if (!isCase) lost.push(character);
  }
  expect(lost).toEqual([]);
});
