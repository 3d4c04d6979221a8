import { Session } from 'node:inspector';
import { setFlagsFromString } from 'node:v8';

/**
 * Counts the work that code does, so that tests can limit its growth: the same input always gives
 * the same count, however busy the machine is.
 *
 * Three kinds of work are added up:
 * - blocks that run in files of the code under test (V8's precise coverage);
 * - characters and members that built-in functions pass over, which no block shows
 *   (`text.indexOf(mark, 0)` in a loop, `[...list, one]`);
 * - backtracks of regular expressions, which neither of these shows.
 *
 * V8 counts blocks only in functions that it compiles after counting has begun, so import this file
 * first. Not counted: copies by `{...object}` and texts joined by `+`.
 */

/** Files whose blocks count: the product's own code, and the matcher that it uses. */
const countedFiles =
  /\/(?:lambda|queries|query-language|local|doctor|infra)\/[^?]+\.ts$|\/node_modules\/re2js\//;
const tests = /\/test\//;

const session = new Session();
session.connect();
session.post('Profiler.enable');
session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
// It goes on until the process ends: in a process that counts, each suite counts (jest.config.ts).

/** @returns the steps of `run`; an error that it throws passes through. */
export function countSteps(run: () => void): number {
  takeBlocks();
  return countBuiltins(run) + takeBlocks();
}

/**
 * Like {@link countSteps}, without the blocks of the code under test: for regular expressions, which
 * have none. To take the blocks, V8 goes over all code in the process.
 */
function countBuiltins(run: () => void): number {
  const builtins = new BuiltinSteps();
  // Optimized, V8 runs tight loops without the backtracks that are counted here.
  setFlagsFromString('--no-regexp-optimization');
  try {
    run();
  } finally {
    builtins.restore();
    setFlagsFromString('--regexp-optimization');
  }
  return builtins.steps;
}

/** A task for an input of that size; what makes the input does not count. */
type Task = (size: number) => () => void;

/**
 * By what factor the cost of a task grows when its input doubles: about 2 where the cost is linear, 4
 * where it is quadratic, 1 where it is bounded.
 */
export function growth(task: Task, size: number): number {
  return costs(task, size).growth;
}

/** {@link growth} of what {@link countBuiltins} counts. */
export function growthOfBuiltins(task: Task, size: number): number {
  const [once, twice] = [task(size), task(2 * size)];
  task(16)();
  return countBuiltins(twice) / countBuiltins(once);
}

/** {@link growth}, and the steps of the task for an input of that size. */
export function costs(
  task: Task,
  size: number,
): { readonly steps: number; readonly growth: number } {
  const [once, twice] = [task(size), task(2 * size)];
  // What only the first call makes (a compiled expression, a table) is not growth.
  task(16)();
  takeBlocks();
  const more = countBuiltins(twice) + takeBlocks();
  const steps = countBuiltins(once) + takeBlocks();
  return { steps, growth: more / steps };
}

/** Upper limit for linear work, with a margin for a logarithm or a block that V8 merges. */
export const linearGrowth = 2.2;

/** Blocks that ran since the last call. */
function takeBlocks(): number {
  let blocks = 0;
  session.post('Profiler.takePreciseCoverage', (error, taken) => {
    if (error !== null) throw error;
    for (const { url, functions } of taken.result) {
      if (!countedFiles.test(url) || tests.test(url)) continue;
      for (const { ranges } of functions) {
        for (const { count } of ranges) blocks += count;
      }
    }
  });
  return blocks;
}

type Method = (this: unknown, ...args: unknown[]) => unknown;
/** The steps of a call, from the object it was called on, its arguments and its result. */
type Cost = (self: unknown, args: readonly unknown[], result: unknown) => number;

const sizeOf = (value: unknown): number =>
  typeof value === 'string' || Array.isArray(value) || ArrayBuffer.isView(value)
    ? (value as { length: number }).length
    : 0;
const whole: Cost = (self) => sizeOf(self);
const wholeAndResult: Cost = (self, _, result) => sizeOf(self) + sizeOf(result);
const argumentsLength: Cost = (_, args) => args.reduce<number>((sum, arg) => sum + sizeOf(arg), 0);
const resultLength: Cost = (_, __, result) => sizeOf(result);
const one: Cost = () => 1;

/** From the start of the search to the end of what it found, or of the text. */
const searched: Cost = (self, args, result) => {
  const start = Math.max(0, Number(args[1] ?? 0));
  const found = typeof result === 'number' && result >= 0;
  return (found ? result + sizeOf(args[0]) : sizeOf(self)) - Math.min(start, sizeOf(self));
};
const searchedBackwards: Cost = (self, args, result) =>
  Math.min(Number(args[1] ?? sizeOf(self)), sizeOf(self)) - Math.max(0, Number(result));

/**
 * `slice` and `substring` of a text have no growing cost: V8 points into the original text. Whatever
 * reads the part later is counted there.
 */
const methodCosts: readonly (readonly [object, Readonly<Record<string | symbol, Cost>>])[] = [
  [
    String.prototype,
    {
      ...{ indexOf: searched, includes: whole, lastIndexOf: searchedBackwards },
      ...{ startsWith: argumentsLength, endsWith: argumentsLength, localeCompare: whole },
      ...{ split: whole, replace: wholeAndResult, replaceAll: wholeAndResult },
      ...{ toLowerCase: whole, toUpperCase: whole, normalize: whole, toWellFormed: whole },
      ...{ isWellFormed: whole, trim: one, trimStart: one, trimEnd: one },
      ...{ repeat: resultLength, padStart: resultLength, padEnd: resultLength },
      concat: resultLength,
    },
  ],
  [
    Array.prototype,
    {
      ...{
        indexOf: searched,
        lastIndexOf: searchedBackwards,
        includes: whole,
        concat: resultLength,
      },
      ...{ slice: resultLength, splice: whole, shift: whole, unshift: whole, reverse: whole },
      ...{ join: wholeAndResult, flat: resultLength, fill: whole, sort: whole, toSorted: whole },
      ...{ toReversed: whole, toSpliced: whole, with: whole, push: argumentsCount, at: one },
    },
  ],
  [Object.getPrototypeOf(Uint8Array.prototype), { indexOf: searched }],
  [Object.getPrototypeOf([][Symbol.iterator]()), { next: one }],
  [Object.getPrototypeOf(''[Symbol.iterator]()), { next: one }],
  [Object.getPrototypeOf(new Map()[Symbol.iterator]()), { next: one }],
  [Object.getPrototypeOf(new Set()[Symbol.iterator]()), { next: one }],
  [JSON, { parse: argumentsLength, stringify: resultLength }],
  [Object, { keys: resultLength, values: resultLength, entries: resultLength }],
  [Buffer, { byteLength: argumentsLength, from: argumentsLength }],
];

function argumentsCount(_: unknown, args: readonly unknown[]): number {
  return args.length;
}

/** Counts the steps of built-in functions until {@link restore} is called. */
class BuiltinSteps {
  steps = 0;
  readonly #undo: (() => void)[] = [];
  #isCounting = true;

  constructor() {
    for (const [owner, methods] of methodCosts) {
      for (const name of Reflect.ownKeys(methods)) {
        this.#wrap(owner, name, (methods as Record<string | symbol, Cost>)[name] ?? one);
      }
    }
    this.#wrapExec();
  }

  restore(): void {
    for (const undo of this.#undo.reverse()) undo();
  }

  #wrap(owner: object, name: string | symbol, cost: Cost): void {
    const counter = this;
    this.#replace(owner, name, (original) => {
      // Called for each member of each loop: a list of arguments would cost more than the call.
      if (name === 'next') {
        return function counted(this: unknown) {
          if (counter.#isCounting) counter.steps += 1;
          return original.call(this);
        };
      }
      return function counted(this: unknown, ...args: unknown[]) {
        const result = Reflect.apply(original, this, args);
        if (counter.#isCounting) counter.steps += cost(this, args, result);
        return result;
      };
    });
  }

  /** Every method that takes a regular expression (`test`, `match`, `replace`, `split` …) calls `exec`. */
  #wrapExec(): void {
    const counter = this;
    this.#replace(RegExp.prototype, 'exec', (original) => {
      return function counted(this: unknown, ...args: unknown[]) {
        const expression = this as RegExp;
        const text = args[0];
        if (typeof text !== 'string' || !counter.#isCounting) {
          return Reflect.apply(original, this, args);
        }
        // The counter's own calls do not count.
        counter.#isCounting = false;
        try {
          const twins = limitedTwins(expression);
          const from = twins.goesOn ? expression.lastIndex : 0;
          const result = Reflect.apply(original, this, args) as RegExpExecArray | null;
          const end = result === null ? text.length : result.index + result[0].length;
          counter.steps += twins.isTriedOnce && result === null ? 1 : Math.max(1, end - from);
          counter.steps += twins.backtracks(text, from, original);
          return result;
        } finally {
          counter.#isCounting = true;
        }
      };
    });
  }

  #replace(owner: object, name: string | symbol, replacement: (original: Method) => Method): void {
    const before = Object.getOwnPropertyDescriptor(owner, name);
    if (before === undefined || typeof before.value !== 'function') {
      throw new Error(`there is no built-in function ${String(name)}`);
    }
    Object.defineProperty(owner, name, { ...before, value: replacement(before.value) });
    this.#undo.push(() => Object.defineProperty(owner, name, before));
  }
}

/** Makes a regular expression whose search fails after this many backtracks. */
type MakeLimited = (source: string, flags: string, backtracksMax: number) => RegExp;

setFlagsFromString('--allow-natives-syntax');
const makeLimited = new Function(
  'source',
  'flags',
  'backtracksMax',
  'return %NewRegExpWithBacktrackLimit(source, flags, backtracksMax)',
) as MakeLimited;
setFlagsFromString('--no-allow-natives-syntax');

/** More are not counted: an expression that needs this many is not linear in any test. */
const backtracksMax = 2 ** 24;
/** V8 interprets an expression at first. */
const runsUntilCompiled = 3;
/**
 * The number of limits from one power of two to the next: the precision of the count. Twice a limit is
 * a limit again, so that work which doubles counts as exactly twice as much.
 */
const limitsPerDoubling = 16;
const limits = limitsUpTo(backtracksMax);

function limitsUpTo(max: number): number[] {
  const all = new Set<number>();
  for (let power = 1; power < max; power *= 2) {
    for (let at = 0; at < limitsPerDoubling; at += 1) {
      all.add(power + Math.floor((power * at) / limitsPerDoubling));
    }
  }
  return [...all, max];
}

/**
 * An expression under limits of backtracks.
 *
 * A search under a limit is written as one match at its start: a lazy repeat in front of the
 * expression moves the start on, and an empty alternative after it matches where the expression does
 * not, so that only a limit that is too small finds nothing.
 */
class LimitedTwins {
  readonly isTriedOnce: boolean;
  /** Whether a search starts where the last one ended. */
  readonly goesOn: boolean;
  /** How many objects are stored for it. */
  objects = 0;
  readonly #source: string;
  readonly #flags: string;
  /** The index of the limit of the last search. */
  #last = 0;
  /** By the index of the limit; made when first tried. */
  readonly #twins: (RegExp | undefined)[] = [];

  constructor(expression: RegExp) {
    this.isTriedOnce = isTriedOnce(expression);
    this.goesOn = expression.global || expression.sticky;
    this.#source = `(?:${this.isTriedOnce ? '' : '[^]*?'}(?:${expression.source}))|`;
    this.#flags = `${expression.flags.replace(/[gyd]/g, '')}y`;
  }

  /**
   * Backtracks of one search: the smallest limit under which it still ends. Found near the last
   * one, for most searches with an expression are alike.
   */
  backtracks(text: string, from: number, exec: Method): number {
    let [low, high] = [-1, limits.length - 1];
    let [isTooLow, isEnough] = [false, false];
    let at = this.#last;
    for (let step = 1; high - low > 1; step *= 2) {
      if (this.#ends(at, text, from, exec)) [high, isEnough] = [at, true];
      else [low, isTooLow] = [at, true];
      const next = isEnough ? at - step : at + step;
      at = isTooLow && isEnough ? (low + high) >> 1 : Math.min(Math.max(next, low + 1), high - 1);
    }
    this.#last = Math.min(high, limits.length - 2);
    return limits[high] ?? backtracksMax;
  }

  #ends(limit: number, text: string, from: number, exec: Method): boolean {
    const twin = this.#twin(limit, exec);
    twin.lastIndex = from;
    return exec.call(twin, text) !== null;
  }

  #twin(limit: number, exec: Method): RegExp {
    const known = this.#twins[limit];
    if (known !== undefined) return known;
    const twin = makeLimited(this.#source, this.#flags, limits[limit] ?? 0);
    twinsMade += 1;
    // V8 compiles for the characters of a text, which changes where it backtracks: the same for all.
    for (let run = 0; run < runsUntilCompiled; run += 1) exec.call(twin, '');
    this.#twins[limit] = twin;
    return twin;
  }
}

/** By source and flags, for a function may make a new object of an expression at each call. */
let twinsOf = new Map<string, Map<string, LimitedTwins>>();
let twinsOfObject = new WeakMap<RegExp, LimitedTwins>();
let twinsMade = 0;
/** V8's space for compiled code is small, and a process runs many suites: more are not stored. */
const twinsMax = 3_000;
/** With more objects than this, an expression is made at each call, and none of them is used again. */
const objectsMax = 8;

function limitedTwins(expression: RegExp): LimitedTwins {
  if (twinsMade > twinsMax) {
    twinsOf = new Map();
    twinsOfObject = new WeakMap();
    twinsMade = 0;
  }
  const known = twinsOfObject.get(expression);
  if (known !== undefined) return known;
  const { source, flags } = expression;
  const byFlags = twinsOf.get(source) ?? new Map<string, LimitedTwins>();
  twinsOf.set(source, byFlags);
  const twins = byFlags.get(flags) ?? new LimitedTwins(expression);
  byFlags.set(flags, twins);
  if (twins.objects < objectsMax) {
    twins.objects += 1;
    twinsOfObject.set(expression, twins);
  }
  return twins;
}

/** Whether an expression is tried at one place only: sticky, or with all of it after a `^`. */
function isTriedOnce({ source, sticky, multiline }: RegExp): boolean {
  if (sticky || !source.startsWith('^') || multiline) return sticky;
  const outermost = source.replace(/\\.|\[(?:\\.|[^\]\\])*\]/gs, '');
  let depth = 0;
  for (const character of outermost) {
    if (character === '(') depth += 1;
    if (character === ')') depth -= 1;
    if (character === '|' && depth === 0) return false;
  }
  return true;
}
