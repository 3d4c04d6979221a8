/** The kinds of instructions. */
export const op = { split: 0, capture: 1, assert: 2, skip: 3, fail: 4, match: 5, take: 6 } as const;

/** The properties of a place between two characters that an assertion can require. */
export const place = {
  lineStart: 1,
  lineEnd: 2,
  textStart: 4,
  textEnd: 8,
  wordBoundary: 16,
  noWordBoundary: 32,
} as const;

/** A regular expression as a graph of instructions, numbered from 0, which index each list. */
export interface RegexpProgram {
  readonly start: number;
  readonly ops: Uint8Array;
  readonly next: Int32Array;
  /**
   * A split's second branch, tried when `next` finds nothing; a capture's slot; an assertion's
   * places.
   */
  readonly argument: Int32Array;
  /** The code points that each `take` accepts, as pairs of first and last. */
  readonly ranges: ReadonlyMap<number, readonly number[]>;
  /** The number of slots: two for each group, the whole match included. */
  readonly slots: number;
}

/** Constants of the format that `writeProgram` writes at synth. */
export const programFormat = { version: 1, lastCodePoint: 0x10ffff, placesMax: 63 } as const;

/** RE2 allows a thousand groups. */
const slotsMax = 2 * 1_001;

/** A text that is not a program; the message says what is wrong and where. */
export class ProgramError extends Error {
  override readonly name = 'ProgramError';
}

/**
 * Reads a program that was written at synth. It checks that every instruction, slot and place is in
 * range, so that no text can lead the automaton out of its tables.
 *
 * The format is bytes in base64. A number takes seven bits a byte, the lowest first; all its bytes
 * but the last have the eighth bit set. First comes the version; then the classes of characters,
 * each as the count of its ranges and the distances between their ends, from 0 on; the count of
 * groups; the count of instructions and the first one; then each instruction with its kind and, if
 * it has them, its target and its argument. A place in the program is the distance from the next
 * instruction, modulo the count of instructions.
 *
 * @throws ProgramError
 */
export function readProgram(text: string): RegexpProgram {
  const bytes = new ProgramBytes(text);
  bytes.number('version', programFormat.version, programFormat.version);
  const classes = Array.from({ length: bytes.number('count of classes', bytes.left) }, () =>
    readClass(bytes),
  );
  const slots = 2 * bytes.number('count of groups', slotsMax / 2, 1);
  const count = bytes.number('count of instructions', bytes.left, 1);
  const start = bytes.number('first instruction', count - 1);
  const ops = new Uint8Array(count);
  const next = new Int32Array(count);
  const argument = new Int32Array(count);
  const ranges = new Map<number, readonly number[]>();
  const placeFrom = (at: number) => (at + 1 + bytes.number('place', count - 1)) % count;
  for (let at = 0; at < count; at += 1) {
    const kind = bytes.number('instruction', op.take);
    ops[at] = kind;
    if (kind === op.match || kind === op.fail) continue;
    next[at] = placeFrom(at);
    if (kind === op.split) argument[at] = placeFrom(at);
    if (kind === op.capture) argument[at] = bytes.number('slot', slots - 1);
    if (kind === op.assert) argument[at] = bytes.number('assertion', programFormat.placesMax);
    if (kind === op.take) ranges.set(at, classes[bytes.number('class', classes.length - 1)] ?? []);
  }
  const extra = bytes.left;
  if (extra > 0) throw new ProgramError(`it ends with unexpected bytes: ${extra}`);
  return { start, ops, next, argument, ranges, slots };
}

function readClass(bytes: ProgramBytes): readonly number[] {
  const ends: number[] = [];
  let last = 0;
  for (let left = 2 * bytes.number('count of ranges', bytes.left); left > 0; left -= 1) {
    last += bytes.number('code point', programFormat.lastCodePoint - last);
    ends.push(last);
  }
  return ends;
}

class ProgramBytes {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(text: string) {
    const bytes = Buffer.from(text, 'base64');
    // `Buffer.from` skips characters that are not base64 without an error.
    if (bytes.toString('base64') !== text) throw new ProgramError('it is not base64');
    this.#bytes = bytes;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  number(what: string, max: number, min = 0): number {
    const begin = this.#at;
    let value = 0;
    for (let scale = 1; ; scale *= 0x80) {
      const byte = this.#bytes[this.#at];
      if (byte === undefined) throw new ProgramError(`it ends within the ${what} at byte ${begin}`);
      this.#at += 1;
      value += (byte & 0x7f) * scale;
      if (value > max) break;
      if (byte < 0x80) {
        if (value < min) break;
        return value;
      }
      if (this.#at - begin > 4) break;
    }
    throw new ProgramError(
      `the ${what} at byte ${begin} is ${value}, and must be from ${min} to ${max}`,
    );
  }
}

export const conditionFields = ['message', 'log', 'logStream'] as const;

/**
 * A field of an event that a condition can test: `@message`, `@log` as it is in a row,
 * `@logStream`.
 */
type ConditionField = (typeof conditionFields)[number];

/**
 * A detection's filter as plain data, made at synth from the query's tree, so that the Lambda needs
 * no query parser.
 */
export type Condition =
  | { readonly and: readonly Condition[] }
  | { readonly or: readonly Condition[] }
  | { readonly not: Condition }
  | FieldTest;

/** One test of one field's text. */
export type FieldTest = { readonly field: ConditionField } & (
  | {
      /**
       * A regexp in RE2's syntax that must match somewhere; case, dots and lines are written out.
       */
      readonly like: string;
      /** What {@link like} compiles to, made at synth: the Lambda has no regexp parser either. */
      readonly program: string;
      /**
       * Every match contains one of these, case-sensitive. They are searched for first, since that
       * is cheap.
       * @default no string is in every match
       */
      readonly anchors?: readonly string[] | undefined;
    }
  | { readonly contains: string }
  | { readonly equals: string }
  /** Compared by code points. */
  | { readonly below: string }
  | { readonly above: string }
);
