import { RE2JS } from 're2js';
import {
  type Condition,
  op,
  programFormat,
  type RegexpProgram,
} from '../../lambda/regexp/regexp-program.ts';
import type { EventCondition } from '../../query-language/pack/event-condition.ts';

/** A program as text, in the format that `readProgram` documents. */
export function writeProgram(program: RegexpProgram): string {
  const { start, ops, next, argument, ranges, slots } = program;
  const classes = new Map<string, { readonly number: number; readonly ends: readonly number[] }>();
  for (const ends of ranges.values()) {
    const key = ends.join(' ');
    if (!classes.has(key)) classes.set(key, { number: classes.size, ends });
  }
  const numbers: number[] = [programFormat.version, classes.size];
  for (const { ends } of classes.values()) {
    numbers.push(ends.length / 2);
    ends.forEach((end, at) => {
      numbers.push(end - (ends[at - 1] ?? 0));
    });
  }
  const count = ops.length;
  numbers.push(slots / 2, count, start);
  const distance = (from: number, to: number) => (to - from - 1 + count) % count;
  ops.forEach((kind, at) => {
    numbers.push(kind);
    if (kind === op.match || kind === op.fail) return;
    numbers.push(distance(at, next[at] ?? 0));
    const detail = argument[at] ?? 0;
    if (kind === op.split) numbers.push(distance(at, detail));
    if (kind === op.capture || kind === op.assert) numbers.push(detail);
    if (kind === op.take) {
      const { number = 0 } = classes.get((ranges.get(at) ?? []).join(' ')) ?? {};
      numbers.push(number);
    }
  });
  return Buffer.from(numbers.flatMap(bytesOf)).toString('base64');
}

/** Seven bits per byte, lowest first; all bytes but the last have the eighth bit set. */
function bytesOf(number: number): readonly number[] {
  if (!Number.isInteger(number) || number < 0) throw new RangeError(`cannot write ${number}`);
  return number < 0x80 ? [number] : [(number % 0x80) + 0x80, ...bytesOf(Math.floor(number / 0x80))];
}

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

/** A condition as in the scan plan: each of its regexps with its compiled program. */
export function withPrograms(condition: EventCondition): Condition {
  if ('and' in condition) return { and: condition.and.map(withPrograms) };
  if ('or' in condition) return { or: condition.or.map(withPrograms) };
  if ('not' in condition) return { not: withPrograms(condition.not) };
  if (!('like' in condition)) return condition;
  const { field, like, ...anchors } = condition;
  return { field, like, program: regexpProgram(like), ...anchors };
}
