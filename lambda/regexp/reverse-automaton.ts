import { op, place, type RegexpProgram } from './regexp-program.ts';

/** The kinds of character beside a place that assertions distinguish. */
const side = { none: 0, lineFeed: 1, word: 2, other: 3 } as const;

/** The class of a character from here on is searched for; a log has few of them. */
const asciiSize = 128;

/** Numbered classes of characters: a program treats all characters of a class alike. */
class CharacterClasses {
  /** Where each class begins, in ascending order. */
  readonly #begins: readonly number[];
  /** A character of each class. */
  readonly examples: readonly number[];
  /** The {@link side} of each class, and of {@link none}. */
  readonly sides: readonly number[];
  /** The class for the beginning of the text, where there is no character. */
  readonly none: number;
  /** The number of classes, {@link none} included. */
  readonly size: number;
  readonly ascii: Uint16Array;
  readonly hasAssertions: boolean;

  constructor({ ops, ranges }: RegexpProgram) {
    this.hasAssertions = ops.includes(op.assert);
    const begins = new Set([0]);
    for (const pairs of ranges.values()) {
      pairs.forEach((codePoint, at) => {
        begins.add(at % 2 === 0 ? codePoint : codePoint + 1);
      });
    }
    // Assertions distinguish line feeds and the characters of words.
    const besides = [0x0a, 0x0b, 0x30, 0x3a, 0x41, 0x5b, 0x5f, 0x60, 0x61, 0x7b];
    if (this.hasAssertions) for (const codePoint of besides) begins.add(codePoint);
    this.#begins = [...begins].sort((a, b) => a - b);
    this.examples = this.#begins;
    this.none = this.#begins.length;
    this.size = this.none + 1;
    this.sides = [...this.examples.map(sideOf), side.none];
    this.ascii = Uint16Array.from({ length: asciiSize }, (_, codePoint) => this.of(codePoint));
  }

  of(codePoint: number): number {
    let low = 0;
    let high = this.#begins.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((this.#begins[middle] ?? 0) <= codePoint) low = middle;
      else high = middle;
    }
    return low;
  }
}

function sideOf(codePoint: number): number {
  if (codePoint === 0x0a) return side.lineFeed;
  const isWord =
    (codePoint >= 0x30 && codePoint <= 0x39) ||
    (codePoint >= 0x41 && codePoint <= 0x5a) ||
    codePoint === 0x5f ||
    (codePoint >= 0x61 && codePoint <= 0x7a);
  return isWord ? side.word : side.other;
}

const noTakers = new Int32Array(0);

function takersByClass({ ranges }: RegexpProgram, classes: CharacterClasses): Int32Array[] {
  const takers: number[][] = classes.examples.map(() => []);
  for (const [instruction, pairs] of ranges) {
    for (let at = 0; at < pairs.length; at += 2) {
      const last = classes.of(pairs[at + 1] ?? 0);
      for (let kind = classes.of(pairs[at] ?? 0); kind <= last; kind += 1) {
        takers[kind]?.push(instruction);
      }
    }
  }
  return takers.map((some) => Int32Array.from(some));
}

/** The number of kinds of neighbours that assertions distinguish. */
const sides = Object.keys(side).length;

/** With more states than this, all are discarded; an expression of the pack needs some hundred. */
const maxStates = 1_000;

/** A state that remains valid when the automaton discards its states. */
export interface SavedState {
  readonly takers: Int32Array;
  readonly after: number;
  /** By instruction and kind of the character before, the path from there; a cache. */
  readonly paths: Map<number, Path>;
  /**
   * By what is known of a place in this state, the instructions from which a match can be reached there, a bit for
   * each; a cache.
   */
  readonly leads: Map<number, Int32Array>;
}

/** A path from an instruction to the next character, or to the end of a match. */
export interface Path {
  /** The instruction that takes the character; undefined at the end of the match. */
  readonly taker: number | undefined;
  /** The slots of the groups that begin or end at this place. */
  readonly slots: readonly number[];
}

/**
 * Reads a text from its end towards its beginning and finds for each place whether a match begins
 * there, and which instructions of the program lead to a match. It is a deterministic automaton
 * whose states are built when they are first reached: a character costs one lookup, and at worst
 * one pass over the program.
 *
 * A state is what is known about a place before the character to its left has been read: the
 * instructions that take the character to its right and lead to a match, and the kind of that
 * character.
 */
export class ReverseAutomaton {
  readonly #program: RegexpProgram;
  readonly #classes: CharacterClasses;
  /** By class, the instructions that take its characters. */
  readonly #takersOf: readonly Int32Array[];
  /** By instruction, the instructions that lead to it without taking a character. */
  readonly #sources: readonly (readonly number[])[];
  readonly #matches: readonly number[];

  /** The numbers of the states by their content. */
  #numbers = new Map<string, number>();
  #states: SavedState[] = [];
  /**
   * By state and class of the character before: twice the next state, plus 1 if a match begins
   * here.
   */
  #edges = new Int32Array(0);

  constructor(program: RegexpProgram) {
    this.#program = program;
    const classes = new CharacterClasses(program);
    this.#classes = classes;
    this.#takersOf = takersByClass(program, classes);
    const sources: number[][] = Array.from(program.ops, () => []);
    const matches: number[] = [];
    program.ops.forEach((kind, at) => {
      if (kind === op.match) matches.push(at);
      if (kind === op.match || kind === op.take || kind === op.fail) return;
      sources[program.next[at] ?? 0]?.push(at);
      if (kind === op.split) sources[program.argument[at] ?? 0]?.push(at);
    });
    this.#sources = sources;
    this.#matches = matches;
  }

  /** The state at the end of a text. Discards all others when they have become too many. */
  begin(): number {
    return this.#resumed(new Int32Array(0), side.none);
  }

  /** The number of a saved state. Discards all others when they have become too many. */
  resume({ takers, after }: SavedState): number {
    return this.#resumed(takers, after);
  }

  #resumed(takers: Int32Array, after: number): number {
    if (this.#states.length > maxStates) {
      this.#numbers = new Map();
      this.#states = [];
      this.#edges = new Int32Array(0);
    }
    return this.#numberOf(takers, after);
  }

  save(state: number): SavedState {
    const saved = this.#states[state];
    if (saved === undefined) throw new RangeError(`there is no state ${state}`);
    return saved;
  }

  /**
   * The path that a backtracking search would find: at each branch the first one that leads to a
   * match.
   *
   * @param state at the place, from which the instruction is known to lead to a match
   */
  path(text: string, at: number, state: number, instruction: number): Path {
    const saved = this.save(state);
    const before = this.#classes.hasAssertions ? sideBefore(text, at) : side.other;
    const key = instruction * sides + before;
    const known = saved.paths.get(key);
    if (known !== undefined) return known;
    const path = this.#findPath(saved, placesBetween(before, saved.after), instruction);
    if (path === undefined) throw new Error(`no match at ${at}, although one was found there`);
    saved.paths.set(key, path);
    return path;
  }

  #findPath({ takers }: SavedState, places: number, start: number): Path | undefined {
    const { ops, next, argument } = this.#program;
    // A loop that takes no character ends when it returns to an instruction.
    const visited = new Uint8Array(ops.length);
    const open: { readonly instruction: number; readonly slots: readonly number[] }[] = [];
    open.push({ instruction: start, slots: [] });
    for (let branch = open.pop(); branch !== undefined; branch = open.pop()) {
      let { instruction, slots } = branch;
      while (visited[instruction] === 0) {
        visited[instruction] = 1;
        const kind = ops[instruction];
        const detail = argument[instruction] ?? 0;
        if (kind === op.match) return { taker: undefined, slots };
        if (kind === op.take) {
          if (takers.includes(instruction)) return { taker: instruction, slots };
          break;
        }
        if (kind === op.fail || (kind === op.assert && (detail & ~places) !== 0)) break;
        if (kind === op.capture) slots = [...slots, detail];
        if (kind === op.split) open.push({ instruction: detail, slots });
        instruction = next[instruction] ?? 0;
      }
    }
    return undefined;
  }

  /**
   * Reads backwards from one place to another; neither may be inside a surrogate pair.
   *
   * @param state at `from`
   * @param starts is set to 1 where a match begins and otherwise to 0, for the places after `to` up
   *   to `from`
   * @param states if given, is set to the state of each place, by its distance from `to`
   * @returns the state at `to`
   */
  read(
    text: string,
    { from, to }: { from: number; to: number },
    state: number,
    starts: Uint8Array,
    states?: Int32Array,
  ): number {
    const { ascii, size } = this.#classes;
    let edges = this.#edges;
    let current = state;
    let at = from;
    while (at > to) {
      let before = at - 1;
      const unit = text.charCodeAt(before);
      let kind: number;
      if (unit < asciiSize) kind = ascii[unit] ?? 0;
      else {
        const codePoint = codePointBefore(text, at);
        if (codePoint > 0xffff) {
          before -= 1;
          starts[before + 1] = 0;
        }
        kind = this.#classes.of(codePoint);
      }
      let edge = edges[current * size + kind] ?? -1;
      if (edge < 0) {
        edge = this.#edge(current, kind);
        edges = this.#edges;
      }
      starts[at] = edge & 1;
      if (states !== undefined) states[at - to] = current;
      current = edge >> 1;
      at = before;
    }
    if (states !== undefined) states[0] = current;
    return current;
  }

  /** The number of states that are known. */
  get stateCount(): number {
    return this.#states.length;
  }

  /** The number of classes of characters, that of {@link classOfNone} included. */
  get classCount(): number {
    return this.#classes.size;
  }

  /** The class of the place before the text, where there is no character. */
  get classOfNone(): number {
    return this.#classes.none;
  }

  classOf(codePoint: number): number {
    return this.#classes.of(codePoint);
  }

  /** Twice the state before a character of a class, plus 1 if a match begins after that character. */
  edgeOf(state: number, kind: number): number {
    const known = this.#edges[state * this.#classes.size + kind] ?? -1;
    return known < 0 ? this.#edge(state, kind) : known;
  }

  /** Whether a match begins at a place in this state. */
  startsAt(text: string, at: number, state: number): boolean {
    const kind = at === 0 ? this.#classes.none : this.#classes.of(codePointBefore(text, at));
    return (this.edgeOf(state, kind) & 1) === 1;
  }

  #edge(state: number, kind: number): number {
    const saved = this.save(state);
    const before = this.#classes.sides[kind] ?? side.none;
    const leads = this.#leadsOf(saved, placesBetween(before, saved.after));
    const { next, start } = this.#program;
    const takersBefore = (this.#takersOf[kind] ?? noTakers).filter((at) => hasBit(leads, next[at]));
    const number = this.#numberOf(takersBefore, before);
    const edge = number * 2 + (hasBit(leads, start) ? 1 : 0);
    this.#edges[state * this.#classes.size + kind] = edge;
    return edge;
  }

  /** It is the same before most characters. */
  #leadsOf({ takers, leads }: SavedState, places: number): Int32Array {
    const known = leads.get(places) ?? this.#leadingToMatch(takers, places);
    leads.set(places, known);
    return known;
  }

  /** The instructions from which a match can be reached at a place, a bit for each. */
  #leadingToMatch(takers: Int32Array, places: number): Int32Array {
    const { ops, argument } = this.#program;
    const leads = new Int32Array((ops.length + 31) >> 5);
    const open = [...this.#matches, ...takers];
    for (const at of open) setBit(leads, at);
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      for (const source of this.#sources[at] ?? []) {
        if (hasBit(leads, source)) continue;
        if (ops[source] === op.assert && ((argument[source] ?? 0) & ~places) !== 0) continue;
        setBit(leads, source);
        open.push(source);
      }
    }
    return leads;
  }

  #numberOf(takers: Int32Array, before: number): number {
    // Without assertions the kind of the neighbour does not matter.
    const after = this.#classes.hasAssertions ? before : side.other;
    const key = `${after} ${takers.join(' ')}`;
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    const number = this.#states.length;
    this.#numbers.set(key, number);
    this.#states.push({ takers, after, paths: new Map(), leads: new Map() });
    const needed = (number + 1) * this.#classes.size;
    if (needed > this.#edges.length) {
      const edges = new Int32Array(Math.max(needed, 2 * this.#edges.length)).fill(-1);
      edges.set(this.#edges);
      this.#edges = edges;
    }
    return number;
  }
}

function hasBit(bits: Int32Array, at = 0): boolean {
  return (((bits[at >> 5] ?? 0) >> (at & 31)) & 1) === 1;
}

function setBit(bits: Int32Array, at: number): void {
  bits[at >> 5] = (bits[at >> 5] ?? 0) | (1 << (at & 31));
}

function sideBefore(text: string, at: number): number {
  return at === 0 ? side.none : sideOf(codePointBefore(text, at));
}

function placesBetween(before: number, after: number): number {
  let places =
    (before === side.word) === (after === side.word) ? place.noWordBoundary : place.wordBoundary;
  if (before === side.none) places |= place.textStart | place.lineStart;
  if (before === side.lineFeed) places |= place.lineStart;
  if (after === side.none) places |= place.textEnd | place.lineEnd;
  if (after === side.lineFeed) places |= place.lineEnd;
  return places;
}

/** A surrogate without its other half counts as a character. */
function codePointBefore(text: string, at: number): number {
  const pair = at > 1 ? (text.codePointAt(at - 2) ?? 0) : 0;
  return pair > 0xffff ? pair : text.charCodeAt(at - 1);
}
