import type { Candidate } from '../../lambda/plan/scan-plan.ts';
import type { Verdict } from '../../lambda/scan/pack-rows.ts';
import type { GroupSearches } from '../candidates/group-search.ts';
import { type LogEvent, logOf } from '../log-event.ts';
import { AnyTypeVerdicts } from './any-type-verdicts.ts';

/** An event, and the detections that it belongs to. */
export interface JudgedEvent {
  readonly event: LogEvent;
  readonly verdict: Verdict;
}

const setsMax = 1000;

/**
 * Decides which detections an event belongs to as the monitor does, but only for those whose required
 * strings are in its message: no other detection can match.
 */
export class EventJudge {
  readonly #candidates: readonly Candidate[];
  readonly #searches: GroupSearches;
  /** Verdicts of some of the detections, by their numbers. */
  readonly #verdicts = new Map<string, AnyTypeVerdicts>();

  constructor(candidates: readonly Candidate[], searches: GroupSearches) {
    this.#candidates = candidates;
    this.#searches = searches;
  }

  /**
   * @returns undefined for an event that belongs to no detection. Texts are without lone surrogates, which
   *   a query of AWS would not see either
   */
  judge(event: LogEvent): JudgedEvent | undefined {
    const search = this.#searches.inGroup(event.logGroup);
    if (search === undefined) return undefined;
    const message = event.message.toWellFormed();
    const numbers = search.numbersFor(message);
    if (numbers?.length === 0) return undefined;
    const logStream = event.logStream.toWellFormed();
    const whole = { ...event, message, logStream };
    const verdict = this.#verdictsOf(numbers).decide({
      ...{ message, logStream, logGroup: event.logGroup, log: logOf(event.logGroup) },
    });
    const isAny = verdict.detections.length > 0 || verdict.undecided.length > 0;
    return isAny ? { event: whole, verdict } : undefined;
  }

  #verdictsOf(numbers: readonly number[] | undefined): AnyTypeVerdicts {
    const key = numbers?.join() ?? 'all';
    const known = this.#verdicts.get(key) ?? new AnyTypeVerdicts(this.#some(numbers));
    // The logs choose the sets; making one again costs little.
    if (this.#verdicts.size > setsMax) this.#verdicts.clear();
    this.#verdicts.set(key, known);
    return known;
  }

  #some(numbers: readonly number[] | undefined): readonly Candidate[] {
    if (numbers === undefined) return this.#candidates;
    return this.#candidates.filter((_, number) => numbers.includes(number));
  }
}
