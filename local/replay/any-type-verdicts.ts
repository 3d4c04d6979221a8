import type { Candidate } from '../../lambda/scan-plan.ts';
import { type Verdict, type VerdictEvent, Verdicts } from '../../lambda/verdicts.ts';
import { environmentOfUnknownTypeGroup } from '../log-readers/unknown-log-type.ts';

/**
 * The monitor's own verdicts; an event whose log type is not known belongs to each detection that it
 * would belong to as one of any type.
 */
export class AnyTypeVerdicts {
  readonly #ofType: Verdicts;
  readonly #ofAnyType: Verdicts;

  constructor(candidates: readonly Candidate[]) {
    this.#ofType = new Verdicts(candidates);
    this.#ofAnyType = new Verdicts(candidates.map(({ logTypes: _, ...candidate }) => candidate));
  }

  decide(event: VerdictEvent): Verdict {
    const isOfAnyType = environmentOfUnknownTypeGroup(event.logGroup) !== undefined;
    return (isOfAnyType ? this.#ofAnyType : this.#ofType).decide(event);
  }
}
