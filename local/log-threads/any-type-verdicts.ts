import { logTypes } from '../../lambda/model/log-types.ts';
import type { Candidate } from '../../lambda/plan/scan-plan.ts';
import { type Verdict, type VerdictEvent, Verdicts } from '../../lambda/scan/pack-rows.ts';
import { environmentOfUnknownTypeGroup, typedLog } from '../log-readers/report/read-report.ts';

/**
 * The monitor's own verdicts; an event of unknown log type belongs to every detection that it would
 * belong to in a log group of any type.
 */
export class AnyTypeVerdicts {
  readonly #verdicts: Verdicts;
  readonly #order: readonly string[];

  constructor(candidates: readonly Candidate[]) {
    this.#verdicts = new Verdicts(candidates);
    this.#order = candidates.map(({ id }) => id);
  }

  decide(event: VerdictEvent): Verdict {
    if (environmentOfUnknownTypeGroup(event.logGroup) === undefined) {
      return this.#verdicts.decide(event);
    }
    const all = logTypes.map((logType) =>
      this.#verdicts.decide({
        ...event,
        log: typedLog(event.log, logType),
        logGroup: typedLog(event.logGroup, logType),
      }),
    );
    const anyOf = (key: keyof Verdict) =>
      this.#order.filter((id) => all.some((verdict) => verdict[key].includes(id)));
    return { detections: anyOf('detections'), undecided: anyOf('undecided') };
  }
}
