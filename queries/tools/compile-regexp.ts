import { RE2JS } from 're2js';
import { op, type RegexpProgram } from '../../lambda/regexp/regexp-program.ts';
import { writeProgram } from './write-program.ts';

/** A cache of programs by source: loading and planning the detections compile the same regexps. */
const compiled = new Map<string, string>();

/**
 * The program of a regexp, as in the scan plan: the function contains no regexp parser.
 *
 * @param source in RE2's syntax: https://github.com/google/re2/wiki/Syntax
 * @throws re2js's error, which names the problem in the source
 */
export function regexpProgram(source: string): string {
  const program = compiled.get(source) ?? writeProgram(compileRegexp(source));
  compiled.set(source, program);
  return program;
}

/** The supported instructions of re2js: https://github.com/le0pard/re2js, src/Inst.js. */
const known = {
  alternative: 1,
  capture: 3,
  assertion: 4,
  fail: 5,
  match: 6,
  nothing: 7,
  class: 8,
  character: 9,
  any: 10,
  anyButLineFeed: 11,
} as const;

const lastCodePoint = 0x10ffff;

/** re2js's flag of a case-insensitive character. */
const foldCase = 1;

/** The last letter with another case (Adlam). */
const lastCasedCodePoint = 0x1e943;

interface Re2Instruction {
  readonly op: number;
  readonly out: number;
  readonly arg: number;
  readonly runes: Int32Array;
  matchRune(codePoint: number): boolean;
}

/**
 * Parses and compiles a regexp with re2js, which implements RE2's syntax and semantics.
 *
 * @param source in RE2's syntax
 * @throws re2js's error, which names the problem in the source
 */
export function compileRegexp(source: string): RegexpProgram {
  const { prog } = RE2JS.compile(source).re2();
  const instructions: readonly Re2Instruction[] = prog.inst;
  const count = instructions.length;
  const ops = new Uint8Array(count);
  const next = new Int32Array(count);
  const argument = new Int32Array(count);
  const ranges = new Map<number, readonly number[]>();
  instructions.forEach((instruction, at) => {
    next[at] = instruction.out;
    argument[at] = instruction.arg;
    const kind = kindOf(instruction.op);
    ops[at] = kind;
    if (kind === op.take) ranges.set(at, rangesOf(instruction));
  });
  return { start: prog.start, ops, next, argument, ranges, slots: Math.max(2, prog.numCap) };
}

function kindOf(instruction: number): number {
  switch (instruction) {
    case known.alternative:
      return op.split;
    case known.capture:
      return op.capture;
    case known.assertion:
      return op.assert;
    case known.nothing:
      return op.skip;
    case known.fail:
      return op.fail;
    case known.match:
      return op.match;
    case known.class:
    case known.character:
    case known.any:
    case known.anyButLineFeed:
      return op.take;
    default:
      throw new Error(`re2js compiled to an unsupported instruction: ${instruction}`);
  }
}

function rangesOf(instruction: Re2Instruction): readonly number[] {
  const { op: kind, runes, arg } = instruction;
  if (kind === known.any) return [0, lastCodePoint];
  if (kind === known.anyButLineFeed) return [0, 0x09, 0x0b, lastCodePoint];
  const [only = 0] = runes;
  if (runes.length !== 1) return [...runes];
  if ((arg & foldCase) === 0) return [only, only];
  return casesOf(only, instruction).flatMap((codePoint) => [codePoint, codePoint]);
}

/** In ascending order. */
function casesOf(codePoint: number, instruction: Re2Instruction): readonly number[] {
  // ASCII letters fold with each other, with the long s and with the Kelvin sign.
  const candidates =
    codePoint < 0x80
      ? [codePoint & ~0x20, codePoint, codePoint | 0x20, 0x17f, 0x212a]
      : Array.from({ length: lastCasedCodePoint }, (_, at) => at + 1);
  return [...new Set(candidates)].filter((other) => instruction.matchRune(other));
}
