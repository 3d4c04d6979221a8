import fc from 'fast-check';
import { LinearRegexp } from '../../../lambda/regexp/linear-regexp.ts';
import {
  op,
  ProgramError,
  type RegexpProgram,
  readProgram,
} from '../../../lambda/regexp/regexp-program.ts';
import {
  compileRegexp,
  regexpProgram,
  writeProgram,
} from '../../../queries/tools/compile-regexp.ts';

/** The instructions with an argument; it is not read for the others. */
function read({ ops, next, argument, ...program }: RegexpProgram) {
  const asked: readonly number[] = [op.split, op.capture, op.assert];
  return {
    ...program,
    instructions: Array.from(ops, (kind, at) => [
      kind,
      kind === op.match || kind === op.fail ? undefined : next[at],
      asked.includes(kind) ? argument[at] : undefined,
    ]),
  };
}

test.each([
  'a',
  '(?i)k(é)|[^\\x00-\\x{fffe}]',
  '(?m:^)(?:a|(b)*?)\\b.(?s:.)\\z',
  '',
  '[^\\x00-\\x{10ffff}]',
])('a program is read as it was written: %s', (source) => {
  const program = compileRegexp(source);
  expect(read(readProgram(writeProgram(program)))).toEqual(read(program));
});

const start: readonly number[] = [1, 1, 1, 97, 1];
/** One class, one group, and: take of the class, match. */
const base = [...start, 1, 2, 0, op.take, 0, 0, op.match];
const textOf = (bytes: readonly number[]) => Buffer.from(bytes).toString('base64');

test('the bytes of the smallest program follow the format', () => {
  const regexp = new LinearRegexp(readProgram(textOf(base)));
  expect(regexp.matches('-ab').map(({ index, end }) => [index, end])).toEqual([
    [1, 2],
    [2, 3],
  ]);
});

test.each<[string, readonly number[], string]>([
  ['another version', [2, ...base.slice(1)], 'the version at byte 0 is 2, and must be from 1 to 1'],
  [
    'more classes than bytes',
    [1, 99],
    'the count of classes at byte 1 is 99, and must be from 0 to 1',
  ],
  ['no character', [1, 1, 1, 97, 0x80, 0x80, 0x44], 'the code point at byte 4 is '],
  ['no group', [...start, 0, 2], 'the count of groups at byte 5 is 0, and must be from 1 to 1001'],
  ['no instruction', [...start, 1, 0], 'the count of instructions at byte 6 is '],
  ['a start outside', [...start, 1, 2, 2, 5, 5], 'the first instruction at byte 7 is '],
  ['an unknown instruction', [...start, 1, 1, 0, 7], 'the instruction at byte 8 is '],
  [
    'a way out',
    [...start, 1, 1, 0, op.skip, 1],
    'the place at byte 9 is 1, and must be from 0 to 0',
  ],
  ['a slot of no group', [...start, 1, 1, 0, op.capture, 0, 2], 'the slot at byte 10 is '],
  ['an unknown place', [...start, 1, 1, 0, op.assert, 0, 64], 'the assertion at byte 10 is '],
  ['a class that is none', [...start, 1, 1, 0, op.take, 0, 1], 'the class at byte 10 is '],
  [
    'a number without an end',
    [1, 1, 1, 97, 1, 1, 0x80],
    'it ends within the count of instructions',
  ],
  ['an end too early', base.slice(0, -1), 'it ends within the instruction at byte 11'],
  ['more than it says', [...base, 5], 'it ends with unexpected bytes: 1'],
])('a program with %s is refused', (_, bytes, problem) => {
  expect(() => readProgram(textOf(bytes))).toThrow(new RegExp(`^${problem}`));
});

test.each(['no base64', 'AQ', `${textOf(base)}\n`])(
  'a text that is not base64 is refused: %j',
  (text) => {
    expect(() => readProgram(text)).toThrow('it is not base64');
  },
);

const sources = ['(a)(b)?', '(?i)x+\\b|^y', '[0-9]{2,3}(?:\\n?\\z)'] as const;

test('no text leads the automaton out of its tables, whatever its bytes', () => {
  const spoiled = fc
    .tuple(
      fc.constantFrom(...sources),
      fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), {
        minLength: 1,
        maxLength: 3,
      }),
    )
    .map(([source, changes]) => {
      const bytes = Buffer.from(regexpProgram(source), 'base64');
      for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
      return bytes;
    });
  const anyBytes = fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from([1, ...bytes]));
  fc.assert(
    fc.property(fc.oneof(spoiled, anyBytes), (bytes) => {
      let program: RegexpProgram;
      try {
        program = readProgram(bytes.toString('base64'));
      } catch (error) {
        expect(error).toBeInstanceOf(ProgramError);
        return;
      }
      const { ops, next, argument, ranges, slots } = program;
      ops.forEach((kind, at) => {
        expect(next[at]).toBeLessThan(ops.length);
        if (kind === op.split) expect(argument[at]).toBeLessThan(ops.length);
        if (kind === op.capture) expect(argument[at]).toBeLessThan(slots);
        expect(ranges.has(at)).toBe(kind === op.take);
      });
      const regexp = new LinearRegexp(program);
      for (const text of ['', 'ab', 'xX\n12\n', '😀é']) {
        expect(regexp.test(text)).toBe(regexp.matches(text, { max: 1 }).length > 0);
      }
    }),
    { numRuns: 500 },
  );
});
