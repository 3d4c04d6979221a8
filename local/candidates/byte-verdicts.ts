import type { Candidate } from '../../lambda/plan/scan-plan.ts';
import type { Condition, FieldTest } from '../../lambda/regexp/regexp-program.ts';
import type { ByteRegexp, ByteRegexps } from '../line-kernel/byte-regexps.ts';
import { type LineKernel, MemoryRoom } from '../line-kernel/line-kernel.ts';
import { logOf } from '../log-event.ts';
import { environmentOfUnknownTypeGroup } from '../log-readers/report/read-report.ts';
import { passesText } from './group-condition.ts';

/** A text of a message in the kernel, as plain ASCII. */
export class MessageText {
  readonly kernel: LineKernel;
  readonly regexps: ByteRegexps;
  readonly #room: MemoryRoom;
  #at = 0;
  #length = 0;

  constructor(kernel: LineKernel, regexps: ByteRegexps) {
    this.kernel = kernel;
    this.regexps = regexps;
    this.#room = new MemoryRoom(kernel);
  }

  /**
   * @param from where the message begins in the kernel, as checked JSON with its quotes
   * @returns false if it is not ASCII
   */
  set(from: number, to: number): boolean {
    this.#at = this.#room.for(to - from);
    this.#length = this.kernel.run.writeText(from + 1, to - 1, this.#at);
    if (this.#length < 0) return false;
    this.regexps.setText(this.#at, this.#at + this.#length);
    return true;
  }

  get bytes(): Buffer {
    return this.kernel.bytes.subarray(this.#at, this.#at + this.#length);
  }
}

/** Decides a condition for the text that is set; undefined if it cannot be decided on bytes. */
type Decide = () => boolean | undefined;

/**
 * Decides on bytes whether a message of one log group may belong to a detection: the conditions themselves,
 * but for texts that are not ASCII and fields that a passed line does not show.
 */
export class ByteVerdicts {
  readonly #text: MessageText;
  readonly #candidates: readonly Candidate[];
  readonly #log: string;
  readonly #isOfUnknownType: boolean;
  /** By candidate, once it was needed. */
  readonly #decisions: Decide[] = [];

  constructor(text: MessageText, candidates: readonly Candidate[], logGroup: string) {
    this.#text = text;
    this.#candidates = candidates;
    this.#log = logOf(logGroup);
    this.#isOfUnknownType = environmentOfUnknownTypeGroup(logGroup) !== undefined;
  }

  /**
   * @param numbers of the candidates that the message may belong to
   * @param from where it begins in the kernel, as checked JSON with its quotes
   */
  mayFit(numbers: readonly number[], from: number, to: number): boolean {
    if (this.#isOfUnknownType || !this.#text.set(from, to)) return true;
    return numbers.some((number) => this.#decision(number)() !== false);
  }

  #decision(number: number): Decide {
    const known = this.#decisions[number];
    if (known !== undefined) return known;
    const condition = this.#candidates[number]?.condition;
    const made = condition === undefined ? cannotDecide : this.#decide(condition);
    this.#decisions[number] = made;
    return made;
  }

  #decide(condition: Condition): Decide {
    if ('not' in condition) {
      const inner = this.#decide(condition.not);
      return () => negated(inner());
    }
    if ('and' in condition) return allOf(condition.and.map((part) => this.#decide(part)));
    if (!('or' in condition)) return this.#test(condition);
    const regexps: ByteRegexp[] = [];
    const others: Decide[] = [];
    for (const part of condition.or) {
      const regexp = this.#regexpOf(part);
      if (regexp === undefined) others.push(this.#decide(part));
      else regexps.push(regexp);
    }
    // Regexps are read together, which takes hardly longer than one.
    if (regexps.length > 0) others.push(() => this.#text.regexps.anyMatches(regexps));
    return anyOf(others);
  }

  #regexpOf(condition: Condition): ByteRegexp | undefined {
    const isOfMessage = 'like' in condition && condition.field === 'message';
    return isOfMessage ? this.#text.regexps.of(condition.program) : undefined;
  }

  #test(test: FieldTest): Decide {
    if (test.field === 'log') {
      const passes = passesText(test, this.#log);
      return () => passes;
    }
    if (test.field !== 'message') return cannotDecide;
    const regexp = this.#regexpOf(test);
    if (regexp !== undefined) return () => this.#text.regexps.anyMatches([regexp]);
    if ('contains' in test) return () => this.#text.bytes.includes(test.contains);
    if ('equals' in test) return () => this.#text.bytes.equals(Buffer.from(test.equals));
    return cannotDecide;
  }
}

const cannotDecide: Decide = () => undefined;

function negated(fits: boolean | undefined): boolean | undefined {
  return fits === undefined ? undefined : !fits;
}

/** Asks first for what failed last: most texts of a group are alike. */
function allOf(some: readonly Decide[]): Decide {
  const parts = [...some];
  return () => {
    let result: boolean | undefined = true;
    for (const [place, part] of parts.entries()) {
      const fits = part();
      if (fits === false) {
        if (place > 0) parts.unshift(...parts.splice(place, 1));
        return false;
      }
      if (fits === undefined) result = undefined;
    }
    return result;
  };
}

function anyOf(parts: readonly Decide[]): Decide {
  return () => {
    let result: boolean | undefined = false;
    for (const part of parts) {
      const fits = part();
      if (fits === true) return true;
      if (fits === undefined) result = undefined;
    }
    return result;
  };
}
