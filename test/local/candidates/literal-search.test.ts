import fc from 'fast-check';
import { LiteralSearch, placeLiterals } from '../../../local/candidates/literal-search.ts';
import { isLongLiteral } from '../../../local/candidates/long-literals.ts';
import { SampleIndex } from '../../../local/candidates/sample-index.ts';
import type { SearchedPattern } from '../../../local/candidates/written-pattern.ts';
import { LineKernel, paddingBytes } from '../../../local/line-kernel/line-kernel.ts';

const patternBytesMax = 16;
const ownersMax = 100;

/** Few bytes, so that patterns are found by chance and nearly found often. */
const byte = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom(...Buffer.from('aAbB_role"\\u0 ')) },
  // A pair that differs as the two cases of a letter do, and bytes beyond ASCII that differ so.
  { weight: 2, arbitrary: fc.constantFrom(0x40, 0x60, 0x00, 0x20, 0xc3, 0xe3, 0xff, 0xdf) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 255 }) },
);
const bothCases = byte.map((one) => [one, one ^ 0x20]);
const possible = fc.oneof(
  { weight: 8, arbitrary: byte.map((one) => [one]) },
  { weight: 4, arbitrary: bothCases },
  { weight: 2, arbitrary: fc.uniqueArray(byte, { minLength: 2, maxLength: 6 }) },
  { weight: 1, arbitrary: fc.constant(Array.from({ length: 256 }, (_, one) => one)) },
);
const patternOf = (minLength: number, maxLength: number): fc.Arbitrary<SearchedPattern> =>
  fc.record({
    pattern: fc.array(possible, { minLength, maxLength, size: 'max' }),
    owners: fc.uniqueArray(fc.nat(ownersMax - 1), { minLength: 1, maxLength: 4 }),
  });
const anyPattern = patternOf(1, patternBytesMax);
const shortPattern = patternOf(1, 6);
const longPattern = patternOf(7, patternBytesMax).filter(isLongLiteral);

const text = (maxLength: number) =>
  fc.array(byte, { maxLength, size: 'max' }).map((bytes) => Uint8Array.from(bytes));

const thousand = 1000;

/** Where a text has a pattern, written in one of its ways; the place may be partly outside of the text. */
interface Planted {
  readonly pattern: number;
  readonly at: number;
  readonly ways: readonly number[];
}
const planted: fc.Arbitrary<Planted> = fc.record({
  pattern: fc.nat(),
  at: fc.noBias(fc.nat(thousand)),
  ways: fc.array(fc.nat(), { minLength: patternBytesMax, maxLength: patternBytesMax }),
});

interface Searched {
  readonly patterns: readonly SearchedPattern[];
  readonly sample: readonly Uint8Array[];
  readonly alignment: number;
  /** What precedes and follows the text in memory. */
  readonly around: Uint8Array;
  readonly text: Uint8Array;
  readonly planted: readonly Planted[];
}

const searched = (patterns: fc.Arbitrary<SearchedPattern[]>, bytesMax: number) =>
  fc.record<Searched>({
    patterns,
    sample: fc.array(text(60), { maxLength: 3 }),
    alignment: fc.nat(15),
    around: fc.uint8Array({ minLength: 2 * paddingBytes, maxLength: 2 * paddingBytes }),
    text: text(bytesMax),
    planted: fc.array(planted, { maxLength: 4 }),
  });

let kernel = new LineKernel();
const memoryMax = 32 * 1024 * 1024;

/** The owners of what is found, by the kernel and by looking at every place. */
function bothWays({ patterns, sample, alignment, around, text, planted }: Searched) {
  // What a kernel holds is never given back.
  if (kernel.bytes.length > memoryMax) kernel = new LineKernel();
  const memory = Buffer.concat([
    around.subarray(0, paddingBytes),
    text,
    around.subarray(paddingBytes),
  ]);
  for (const { pattern, at, ways } of planted) {
    const { pattern: bytes } = patterns[pattern % patterns.length] as SearchedPattern;
    // From one that only ends in the text to one that only begins there.
    const first = paddingBytes - bytes.length;
    const start = first + Math.round((at / thousand) * (text.length + bytes.length));
    for (const [place, some] of bytes.entries()) {
      memory[start + place] = some[(ways[place] ?? 0) % some.length] ?? 0;
    }
  }
  const search = new LiteralSearch(
    kernel,
    placeLiterals(patterns, new SampleIndex(sample)),
    ownersMax,
  );
  const from = kernel.allocate(memory.length + 16 + paddingBytes) + alignment + paddingBytes;
  kernel.bytes.set(memory, from - paddingBytes);
  const isFound = search.search(from, from + text.length);
  const whole = memory.subarray(paddingBytes, paddingBytes + text.length);
  return {
    byKernel: { isFound, owners: search.take(), ownersLeft: search.take() },
    expected: expectedIn(whole, patterns),
    // Nothing of a search is left for the next one.
    again: { isFound: search.search(from, from + text.length), owners: search.take() },
    elsewhere: { isFound: search.search(from, from), owners: search.take() },
  };
}

function expectedIn(text: Uint8Array, patterns: readonly SearchedPattern[]) {
  const found = patterns.filter(({ pattern }) =>
    text.some(
      (_, at) =>
        at + pattern.length <= text.length &&
        pattern.every((bytes, place) => bytes.includes(text[at + place] as number)),
    ),
  );
  const owners = [...new Set(found.flatMap((one) => one.owners))].sort((a, b) => a - b);
  return { isFound: found.length > 0, owners, ownersLeft: [] };
}

const mixed = fc.array(anyPattern, { minLength: 1, maxLength: 40, size: 'max' });
const oneShort = shortPattern.map((one) => [one]);
const oneLong = longPattern.map((one) => [one]);
const onlyShort = fc.array(shortPattern, { minLength: 2, maxLength: 30, size: 'max' });
const onlyLong = fc.array(longPattern, { minLength: 2, maxLength: 30, size: 'max' });

test.each<[name: string, patterns: fc.Arbitrary<SearchedPattern[]>, bytes: number, runs: number]>([
  ['patterns of all lengths', mixed, 100, 60],
  ['one short pattern', oneShort, 100, 150],
  ['one long pattern', oneLong, 100, 150],
  ['short patterns', onlyShort, 100, 60],
  ['long patterns', onlyLong, 100, 60],
  ['patterns of all lengths in long texts', mixed, 4000, 12],
])('a search for %s finds what looking at every place finds', (_, patterns, bytesMax, numRuns) => {
  fc.assert(
    fc.property(searched(patterns, bytesMax), (one) => {
      const { byKernel, expected, again, elsewhere } = bothWays(one);
      expect(byKernel).toEqual(expected);
      expect(again).toEqual({ isFound: expected.isFound, owners: expected.owners });
      expect(elsewhere).toEqual({ isFound: false, owners: [] });
    }),
    { seed: 51, numRuns },
  );
});

test('a pattern is found at every place of a text and at every alignment, and nowhere outside', () => {
  const wrong: object[] = [];
  for (const length of [1, 2, 3, 4, 6, 7, 8, 11, 12, 16]) {
    const pattern = Array.from({ length }, (_, place) => [0x61 + place, 0x41 + place]);
    const own = new LineKernel();
    const placed = placeLiterals([{ pattern, owners: [33] }], new SampleIndex([]));
    const search = new LiteralSearch(own, placed, 34);
    const written = Buffer.from(
      pattern.map(([lower = 0, upper = 0], at) => (at % 3 ? lower : upper)),
    );
    const room = own.allocate(256) + 64;
    for (let alignment = 0; alignment < 16; alignment += 1) {
      const from = room + alignment;
      const to = from + 40;
      for (let at = from - length; at <= to; at += 1) {
        own.bytes.fill(0x7a, room - 64, room + 192);
        own.bytes.set(written, at);
        const isInside = at >= from && at + length <= to;
        const isFound = search.search(from, to);
        const owners = search.take().join();
        if (isFound !== isInside || owners !== (isInside ? '33' : '')) {
          wrong.push({ length, alignment, at: at - from, isFound, owners });
        }
      }
    }
  }
  expect(wrong).toEqual([]);
});
