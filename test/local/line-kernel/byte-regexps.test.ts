import fc from 'fast-check';
import { LinearRegexp } from '../../../lambda/regexp/linear-regexp.ts';
import type { Condition } from '../../../lambda/regexp/regexp-program.ts';
import { readProgram } from '../../../lambda/regexp/regexp-program.ts';
import { ByteRegexps } from '../../../local/line-kernel/byte-regexps.ts';
import { LineKernel } from '../../../local/line-kernel/line-kernel.ts';
import { regexpProgram } from '../../../queries/tools/compile-regexp.ts';
import { readRegexpSource } from '../../../query-language/regexp/parse-regexp.ts';
import { chooser, matchingText, regexpSource } from '../../query-language/regexp-arbitrary.ts';
import { catalogueLines, numbersFrom, plan, recordedLines } from '../candidates/prefilter.ts';

/** Regexps in the kernel, and the function's own of the same programs. */
class BothWays {
  readonly kernel = new LineKernel();
  readonly #regexps = new ByteRegexps(this.kernel);
  readonly #linear = new Map<string, LinearRegexp>();

  /** @returns what differs, or undefined */
  difference(programs: readonly string[], text: string, alignment = 0): object | undefined {
    const from = this.kernel.input(Buffer.from(`${' '.repeat(alignment)}${text}~`)) + alignment;
    this.#regexps.setText(from, from + text.length);
    const expected = programs.some((program) => this.#linearOf(program).test(text));
    const regexps = programs.map((program) => this.#regexps.of(program));
    const found = this.#regexps.anyMatches(regexps);
    const again = this.#regexps.anyMatches(regexps);
    const oneByOne = regexps.some((regexp) => this.#regexps.anyMatches([regexp]));
    if (found === expected && again === expected && oneByOne === expected) return undefined;
    return { programs, text, found, again, oneByOne, expected };
  }

  #linearOf(program: string): LinearRegexp {
    const known = this.#linear.get(program) ?? new LinearRegexp(readProgram(program));
    this.#linear.set(program, known);
    return known;
  }
}

function programsOf(condition: Condition): readonly string[] {
  if ('not' in condition) return programsOf(condition.not);
  if ('and' in condition) return condition.and.flatMap(programsOf);
  if ('or' in condition) return condition.or.flatMap(programsOf);
  return 'like' in condition && condition.field === 'message' ? [condition.program] : [];
}

const packPrograms = [
  ...new Set(plan.candidates.flatMap(({ condition }) => programsOf(condition))),
];

const isAscii = (text: string) => Buffer.byteLength(text) === text.length;
const linesOfPack = [...catalogueLines, ...recordedLines.filter((_, at) => at % 20 === 0)].map(
  ({ message }) => message,
);
const packTexts = [...new Set(linesOfPack)].filter(isAscii);

test('the regexps of the pack match the same lines in the kernel', () => {
  const both = new BothWays();
  const random = numbersFrom(3);
  for (const text of packTexts) {
    const count = 1 + Math.floor(random() * 9);
    const some = Array.from(
      { length: count },
      () => packPrograms[Math.floor(random() * packPrograms.length)] ?? '',
    );
    const cut = random() < 0.5 ? text : text.slice(Math.floor(random() * text.length));
    expect(both.difference(some, cut, Math.floor(random() * 16))).toBeUndefined();
  }
  for (const program of packPrograms) expect(both.difference([program], '')).toBeUndefined();
});

const odd = fc.constantFrom(
  'a',
  'b',
  'role',
  'User ',
  '\n',
  '"',
  '\\',
  '_',
  '1',
  '\0',
  '\x7f',
  ' ',
);

test('random regexps match the same texts in the kernel', () => {
  const both = new BothWays();
  fc.assert(
    fc.property(
      fc.array(regexpSource, { minLength: 1, maxLength: 9, size: 'max' }),
      fc.array(fc.tuple(fc.array(fc.nat(), { minLength: 1 }), odd, odd), {
        ...{ minLength: 1, maxLength: 4 },
      }),
      fc.nat(15),
      (sources, made, alignment) => {
        const roots = sources.map((source) => readRegexpSource(source).root);
        const programs = sources.map(regexpProgram);
        for (const [at, [numbers, before, after]] of made.entries()) {
          const inner = matchingText(
            roots[at % roots.length] ?? roots[0] ?? { kind: 'sequence', items: [] },
            chooser(numbers),
          );
          const text = `${before}${inner}${after}`.replaceAll(/[^\0-\x7f]/g, '?');
          for (const one of [text, inner.replaceAll(/[^\0-\x7f]/g, ''), '']) {
            expect(both.difference(programs, one, alignment)).toBeUndefined();
          }
        }
      },
    ),
    { seed: 52, numRuns: 80 },
  );
});

/** Read from its end, a text leads to a state for each combination of eleven letters. */
const manyStates = ['c[ab]{11}a[ab]*x', 'c[ab]{10}b[ab]*[wx]', 'c[ab]{11}b[ab]*[xy]'].map(
  regexpProgram,
);

test('states that are discarded change no match, and memory does not grow with the texts', () => {
  const both = new BothWays();
  const random = numbersFrom(5);
  const texts = (count: number) => {
    for (let left = count; left > 0; left -= 1) {
      const letters: string[] = Array.from({ length: 60 }, () => (random() < 0.5 ? 'a' : 'b'));
      if (random() < 0.7) letters[Math.floor(random() * letters.length)] = 'c';
      const text = `${letters.join('')}${'wxyz'[Math.floor(random() * 4)]}`;
      const [one = '', other = '', third = ''] = manyStates;
      // One program can be in a condition twice.
      for (const some of [[one, one, other], [third, one, other, third, other, one], [one]]) {
        expect(both.difference(some, text)).toBeUndefined();
      }
    }
  };
  texts(300);
  const { length } = both.kernel.bytes;
  texts(300);
  expect(both.kernel.bytes.length).toBe(length);
});

test('a match is known of the text that is set, and of no other', () => {
  const kernel = new LineKernel();
  const regexps = new ByteRegexps(kernel);
  const some = ['a', 'b', 'c', 'd', 'e'].map((source) => regexps.of(regexpProgram(source)));
  const from = kernel.input(Buffer.from('abcdef'));
  const known = Array.from({ length: 6 }, (_, at) => {
    regexps.setText(from + at, from + at + 1);
    const [first] = some;
    return [first !== undefined && regexps.anyMatches([first]), regexps.anyMatches(some)];
  });
  expect(known).toEqual([
    [true, true],
    ...Array.from({ length: 4 }, () => [false, true]),
    [false, false],
  ]);
});
