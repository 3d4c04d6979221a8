import { readProgram } from '../../lambda/regexp/regexp-program.ts';
import { ReverseAutomaton } from '../../lambda/regexp/reverse-automaton.ts';
import type { LineKernel } from './line-kernel.ts';

const asciiSize = 128;
const edgeBytes = 2;
const rowBytes = asciiSize * edgeBytes;
const unknownEdge = 0xffff;
/** States that there is room for at first. */
const statesMin = 16;
/** With more states than this, all are discarded; an expression of the pack needs some hundred. */
const statesMax = 500;

/** Automata that are read through at once. */
const lanes = 4;
/** As `Reading` and `Automaton` in kernel/read-regexps.ts. */
const reading = { at: 0, automata: 16, bytes: 64 } as const;
const automatonField = { edges: 0, state: 4, edge: 8, bytes: 12 } as const;

/**
 * A regexp of the plan for ASCII in the kernel's memory: the automaton of `lambda/regexp/`, whose edges are
 * copied there when they are first needed.
 */
export class ByteRegexp {
  readonly #kernel: LineKernel;
  readonly #program: string;
  #automaton: ReverseAutomaton;
  /** By class of characters, its bytes. */
  readonly #bytesOf = new Map<number, number[]>();
  edges = 0;
  #states = 0;
  /** The state at the end of a text. */
  firstState: number;
  /** The number of the text that it was read for last, and whether it matches it. */
  #text = -1;
  #matches = false;

  constructor(kernel: LineKernel, program: string) {
    this.#kernel = kernel;
    this.#program = program;
    this.#automaton = new ReverseAutomaton(readProgram(program));
    for (let byte = 0; byte < asciiSize; byte += 1) {
      const kind = this.#automaton.classOf(byte);
      const bytes = this.#bytesOf.get(kind) ?? [];
      bytes.push(byte);
      this.#bytesOf.set(kind, bytes);
    }
    this.#makeRoom(statesMin);
    this.firstState = this.#automaton.begin();
  }

  /** Whether it matches a text, as far as that was noted. */
  knows(text: number): boolean | undefined {
    return text === this.#text ? this.#matches : undefined;
  }

  note(text: number, matches: boolean): void {
    this.#text = text;
    this.#matches = matches;
  }

  /** Whether a match begins at the beginning of a text. @param state there */
  startsAtBeginning(state: number): boolean {
    return (this.#automaton.edgeOf(state, this.#automaton.classOfNone) & 1) === 1;
  }

  /**
   * Adds the edge from a state for a byte, and with it those for all bytes of its class.
   *
   * @returns the number of the same state from now on
   */
  addEdge(state: number, byte: number): number {
    if (this.#automaton.stateCount > statesMax) return this.#discard(state);
    const kind = this.#automaton.classOf(byte);
    const edge = this.#automaton.edgeOf(state, kind);
    const next = edge >> 1;
    if (next >= this.#states) this.#makeRoom(Math.max(next + 1, 2 * this.#states));
    const row = this.edges + state * rowBytes;
    for (const one of this.#bytesOf.get(kind) ?? []) {
      this.#kernel.view.setUint16(row + one * edgeBytes, edge, true);
    }
    return state;
  }

  #makeRoom(states: number): void {
    const before = this.edges;
    this.edges = this.#kernel.allocate(states * rowBytes);
    const { bytes } = this.#kernel;
    bytes.fill(0xff, this.edges, this.edges + states * rowBytes);
    bytes.copyWithin(this.edges, before, before + this.#states * rowBytes);
    this.#states = states;
  }

  /** Discards all states but one. @returns its new number */
  #discard(state: number): number {
    const saved = this.#automaton.save(state);
    this.#automaton = new ReverseAutomaton(readProgram(this.#program));
    this.firstState = this.#automaton.begin();
    this.#kernel.bytes.fill(0xff, this.edges, this.edges + this.#states * rowBytes);
    return this.#automaton.resume(saved);
  }
}

/** All regexps that are read in one kernel, by program: the same one is in many conditions. */
export class ByteRegexps {
  readonly #kernel: LineKernel;
  readonly #known = new Map<string, ByteRegexp>();
  readonly #reading: number;
  /** An automaton that never matches, where fewer than four are read. */
  readonly #idle: { readonly edges: number; readonly firstState: number };
  #from = 0;
  #to = 0;
  /** The number of the text. */
  #text = 0;

  constructor(kernel: LineKernel) {
    this.#kernel = kernel;
    this.#reading = kernel.allocate(reading.bytes);
    this.#idle = { edges: kernel.allocate(rowBytes), firstState: 0 };
  }

  of(program: string): ByteRegexp {
    const regexp = this.#known.get(program) ?? new ByteRegexp(this.#kernel, program);
    this.#known.set(program, regexp);
    return regexp;
  }

  /** Sets the text that is matched: ASCII between two addresses of the kernel. */
  setText(from: number, to: number): void {
    this.#from = from;
    this.#to = to;
    this.#text += 1;
  }

  /** Whether any of some regexps matches somewhere in the text. */
  anyMatches(regexps: readonly ByteRegexp[]): boolean {
    const open: ByteRegexp[] = [];
    for (const regexp of regexps) {
      const known = regexp.knows(this.#text);
      if (known === true) return true;
      // One that is read twice at once would discard the states of its other reading.
      if (known === undefined && !open.includes(regexp)) open.push(regexp);
    }
    for (let first = 0; first < open.length; first += lanes) {
      if (this.#anyOfFour(open.slice(first, first + lanes))) return true;
    }
    return false;
  }

  #anyOfFour(some: readonly ByteRegexp[]): boolean {
    const { run } = this.#kernel;
    const isOne = some.length === 1;
    this.#kernel.view.setUint32(this.#reading + reading.at, this.#to, true);
    for (let lane = 0; lane < (isOne ? 1 : lanes); lane += 1) {
      const { edges, firstState } = some[lane] ?? this.#idle;
      this.#write(lane, 'edges', edges);
      this.#write(lane, 'state', 2 * firstState);
    }
    while (
      isOne ? run.readBack(this.#reading, this.#from) : run.readFourBack(this.#reading, this.#from)
    ) {
      const { view, bytes } = this.#kernel;
      const byte = bytes[view.getUint32(this.#reading + reading.at, true) - 1] as number;
      for (const [lane, regexp] of some.entries()) {
        const edge = this.#read(lane, 'edge');
        if ((edge & 1) === 0) continue;
        if (edge !== unknownEdge) return this.#matched(regexp);
        this.#write(lane, 'state', 2 * regexp.addEdge(this.#read(lane, 'state') / 2, byte));
        this.#write(lane, 'edges', regexp.edges);
      }
    }
    for (const [lane, regexp] of some.entries()) {
      if (regexp.startsAtBeginning(this.#read(lane, 'state') / 2)) return this.#matched(regexp);
    }
    for (const regexp of some) regexp.note(this.#text, false);
    return false;
  }

  #matched(regexp: ByteRegexp): true {
    regexp.note(this.#text, true);
    return true;
  }

  #read(lane: number, field: keyof typeof automatonField): number {
    return this.#kernel.view.getUint32(this.#place(lane, field), true);
  }

  #write(lane: number, field: keyof typeof automatonField, value: number): void {
    this.#kernel.view.setUint32(this.#place(lane, field), value, true);
  }

  #place(lane: number, field: keyof typeof automatonField): number {
    return this.#reading + reading.automata + lane * automatonField.bytes + automatonField[field];
  }
}
