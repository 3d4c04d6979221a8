import { type RegexpProgram, readProgram } from './regexp-program.ts';
import { type Path, ReverseAutomaton, type SavedState } from './reverse-automaton.ts';

/** A match in a text. */
interface LinearMatch {
  readonly index: number;
  readonly end: number;
  /** By number; 0 is the whole match. A group that took no part is undefined. */
  readonly groups: readonly (string | undefined)[];
}

/** A long text is read in blocks of this size, so that the states of its places fit in memory. */
const blockCharacters = 1_024;

/**
 * Arrays that are reused for short texts. A log line is read by a dozen expressions, one after the
 * other: allocating these each time took half as long as the reading.
 */
const shortCharacters = 4_096;
const shortStarts = new Uint8Array(shortCharacters + 2);
const blockStates = new Int32Array(blockCharacters + 2);

/** One entry for each place of a text, and after them a 1 at which every search ends. */
function startsFor(text: string): Uint8Array {
  const starts = text.length <= shortCharacters ? shortStarts : new Uint8Array(text.length + 2);
  starts[text.length + 1] = 1;
  return starts;
}

/**
 * A regular expression with RE2's semantics, for text from a log: no text can make it slow. It
 * finds all matches of a text in time that is linear in the length of the text.
 *
 * There is no look-around and there are no back-references. `\d`, `\w`, `\s` and `\b` are ASCII;
 * `$` without the flag `m` is the end of the text only. Indexes are in UTF-16 units, and a
 * character is a code point.
 *
 * It works in two passes. From right to left it finds where matches begin and which branches of the
 * program lead to an end. From left to right it then follows the first such branch, which gives the
 * match that a backtracking search would find. (re2js itself, which parses and compiles at synth,
 * starts again after each match and may read the rest of the text each time: all matches of a text
 * take quadratic time.)
 */
export class LinearRegexp {
  readonly #program: RegexpProgram;
  readonly #automaton: ReverseAutomaton;

  constructor(program: RegexpProgram) {
    this.#program = program;
    this.#automaton = new ReverseAutomaton(program);
  }

  test(text: string): boolean {
    const starts = startsFor(text);
    let state = this.#automaton.begin();
    for (let from = text.length; from > 0; ) {
      const to = blockStart(text, from, 0);
      state = this.#automaton.read(text, { from, to }, state, starts);
      // The search ends with the block: what follows was looked at before.
      starts[from + 1] = 1;
      if (starts.indexOf(1, to + 1) <= from) return true;
      from = to;
      state = this.#automaton.resume(this.#automaton.save(state));
    }
    return this.#automaton.startsAt(text, 0, state);
  }

  /**
   * The matches from left to right, none overlapping another, each as a backtracking search would
   * find it.
   *
   * @param options.from where the search begins; `^` and `\b` still see the text before it
   * @param options.max the highest number of matches
   */
  matches(
    text: string,
    { from = 0, max = Number.POSITIVE_INFINITY }: { from?: number; max?: number } = {},
  ): LinearMatch[] {
    const reading = new Reading(text, from, this.#automaton);
    const found: LinearMatch[] = [];
    let next = from;
    while (found.length < max && next <= text.length) {
      const index = reading.nextStart(next);
      if (index < 0) break;
      const slots = this.#follow(text, index, reading);
      const end = slots[1] ?? index;
      found.push({ index, end, groups: groupsOf(text, slots) });
      next = end > index ? end : end + widthAt(text, end);
    }
    return found;
  }

  /** @returns the begin and end of each group, -1 for one that took no part */
  #follow(text: string, start: number, reading: Reading): Int32Array {
    const { next } = this.#program;
    const slots = new Int32Array(this.#program.slots).fill(-1);
    slots[0] = start;
    let at = start;
    let path = reading.path(at, this.#program.start);
    for (;;) {
      for (const slot of path.slots) slots[slot] = at;
      if (path.taker === undefined) break;
      at += widthAt(text, at);
      path = reading.path(at, next[path.taker] ?? 0);
    }
    slots[1] = at;
    return slots;
  }
}

/**
 * What the pass from right to left found, block by block. Readings share arrays: only one at a
 * time.
 */
class Reading {
  readonly #text: string;
  readonly #automaton: ReverseAutomaton;
  readonly #starts: Uint8Array;
  /**
   * The blocks, from the text's end to where the search begins, and the state at the end of each.
   */
  readonly #blocks: { readonly from: number; readonly to: number; readonly state: SavedState }[] =
    [];
  /** The block whose states are in {@link blockStates}. */
  #current = 0;

  constructor(text: string, begin: number, automaton: ReverseAutomaton) {
    this.#text = text;
    this.#automaton = automaton;
    this.#starts = startsFor(text);
    let from = text.length;
    let state = automaton.begin();
    do {
      const to = blockStart(text, from, begin);
      this.#blocks.push({ from, to, state: automaton.save(state) });
      if (from < text.length) state = automaton.resume(automaton.save(state));
      state = automaton.read(text, { from, to }, state, this.#starts, blockStates);
      from = to;
    } while (from > begin);
    this.#current = this.#blocks.length - 1;
    this.#starts[begin] = automaton.startsAt(text, begin, state) ? 1 : 0;
  }

  /** @returns -1 if no match begins at `from` or after it */
  nextStart(from: number): number {
    const start = this.#starts.indexOf(1, from);
    return start > this.#text.length ? -1 : start;
  }

  /** The path from an instruction at a place; the place never decreases from call to call. */
  path(at: number, instruction: number): Path {
    let block = this.#blocks[this.#current];
    while (block !== undefined && at >= block.from && this.#current > 0) {
      this.#current -= 1;
      block = this.#blocks[this.#current];
      if (block !== undefined && at < block.from) {
        const state = this.#automaton.resume(block.state);
        this.#automaton.read(this.#text, block, state, this.#starts, blockStates);
      }
    }
    const state = blockStates[at - (block?.to ?? 0)] ?? 0;
    return this.#automaton.path(this.#text, at, state, instruction);
  }
}

/** Where the block that ends at `from` begins: never between the halves of a surrogate pair. */
function blockStart(text: string, from: number, begin: number): number {
  const to = Math.max(begin, from - blockCharacters);
  return to > begin && (text.codePointAt(to - 1) ?? 0) > 0xffff ? to - 1 : to;
}

function widthAt(text: string, at: number): number {
  return (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
}

function groupsOf(text: string, slots: Int32Array): readonly (string | undefined)[] {
  return Array.from({ length: slots.length / 2 }, (_, number) => {
    const begin = slots[2 * number] ?? -1;
    const end = slots[2 * number + 1] ?? -1;
    return begin < 0 || end < 0 ? undefined : text.slice(begin, end);
  });
}

/** The plan's regexps by program. They outlive a tick, with the states that they have built. */
const known = new Map<string, LinearRegexp>();

/**
 * @param program a program of the scan plan, which bounds the size of the cache
 * @throws ProgramError for a text that is not a program
 */
export function compiledRegexp(program: string): LinearRegexp {
  const regexp = known.get(program) ?? new LinearRegexp(readProgram(program));
  known.set(program, regexp);
  return regexp;
}
