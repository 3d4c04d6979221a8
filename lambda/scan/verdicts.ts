import type { Candidate } from '../plan/scan-plan.ts';
import { compiledRegexp } from '../regexp/compiled-regexp.ts';
import type { Condition, FieldTest } from '../regexp/condition.ts';

/** The event to decide: the cells of a row, and the log group that its `@log` names. */
export interface VerdictEvent {
  readonly message: string;
  /** `@log` as it is in the row. */
  readonly log: string;
  readonly logGroup: string;
  readonly logStream: string;
}

export interface Verdict {
  /** Ids of the detections that the event belongs to, in the plan's order. */
  readonly detections: readonly string[];
  /** Ids of the detections for which deciding failed. */
  readonly undecided: readonly string[];
}

/**
 * Decides which detections an event belongs to, from the event alone: which text found it does not
 * matter. Takes time that is linear in the event's length.
 */
export class Verdicts {
  readonly #candidates: readonly Candidate[];

  constructor(candidates: readonly Candidate[]) {
    this.#candidates = candidates;
  }

  /** Never throws: a detection that cannot be decided is named, and the others count. */
  decide(event: VerdictEvent): Verdict {
    const reading = new Reading(event);
    const detections: string[] = [];
    const undecided: string[] = [];
    for (const { id, logTypes, condition } of this.#candidates) {
      if (!(logTypes?.some((type) => event.logGroup.endsWith(`-${type}`)) ?? true)) continue;
      try {
        if (reading.fits(condition)) detections.push(id);
      } catch {
        undecided.push(id);
      }
    }
    return { detections, undecided };
  }
}

/** One event, with each distinct regexp tested at most once. */
class Reading {
  readonly #event: VerdictEvent;
  readonly #found = new Map<string, boolean>();

  constructor(event: VerdictEvent) {
    this.#event = event;
  }

  fits(condition: Condition): boolean {
    if ('and' in condition) return condition.and.every((part) => this.fits(part));
    if ('or' in condition) return condition.or.some((part) => this.fits(part));
    if ('not' in condition) return !this.fits(condition.not);
    return this.#passes(condition);
  }

  #passes(test: FieldTest): boolean {
    const text = this.#event[test.field];
    if ('like' in test) {
      if (test.anchors?.every((anchor) => !text.includes(anchor))) return false;
      const key = `${test.field} ${test.like}`;
      const found = this.#found.get(key) ?? compiledRegexp(test.program).test(text);
      this.#found.set(key, found);
      return found;
    }
    if ('contains' in test) return text.includes(test.contains);
    if ('equals' in test) return text === test.equals;
    if ('below' in test) return compareCodePoints(text, test.below) < 0;
    return compareCodePoints(text, test.above) > 0;
  }
}

/** The order of UTF-8. JavaScript's own order puts surrogates before U+E000. */
function compareCodePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at += 1) {
    if (a.charCodeAt(at) !== b.charCodeAt(at)) {
      // At the second halves of two pairs, these units have the same order as the pairs.
      return (a.codePointAt(at) ?? 0) - (b.codePointAt(at) ?? 0);
    }
  }
  return a.length - b.length;
}
