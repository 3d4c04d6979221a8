import { type LogType, logTypes } from '../../lambda/model/log-types.ts';
import type { Candidate } from '../../lambda/plan/scan-plan.ts';
import { type Verdict, type VerdictEvent, Verdicts } from '../../lambda/scan/verdicts.ts';
import type { EngineResult } from '../insights-engine/engine-types.ts';
import { environmentOfUnknownTypeGroup, typedLog } from '../log-readers/report/unknown-log-type.ts';
import type { QueryRunner } from './read-pack.ts';

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

/**
 * Runs each query once per log type, each time as if the log group were of that type. Each event
 * that one of them finds appears once, in order of time and, within a millisecond, in the order in
 * which it was loaded. A truncated result stays truncated: it contains the oldest rows, and the
 * combined rows are no fewer and no younger.
 *
 * @param engine queried for the log group of unknown type only
 */
export function askedAsAnyType(engine: QueryRunner): QueryRunner {
  return {
    async run(options) {
      const [first, ...others] = logTypes.map((logType) => ofType(options.queryString, logType));
      const answer = await engine.run({ ...options, queryString: first ?? options.queryString });
      const rows = new Map(answer.rows.map((row) => [pointerOf(row), row]));
      for (const queryString of others) {
        for (const row of (await engine.run({ ...options, queryString })).rows) {
          rows.set(pointerOf(row), row);
        }
      }
      const inOrder = [...rows].toSorted(([a, one], [b, other]) => {
        return compare(timeOf(one), timeOf(other)) || a - b;
      });
      return {
        ...answer,
        rows: inOrder.map(([, row]) => row.filter(({ field }) => field !== typed)),
      };
    },
  };
}

type Row = EngineResult['rows'][number];

function cell(row: Row, name: string): string {
  return row.find(({ field }) => field === name)?.value ?? '';
}

/** The number that the engine gave an event at loading: `event-17` in base64. */
function pointerOf(row: Row): number {
  const pointer = Buffer.from(cell(row, '@ptr'), 'base64').toString();
  return Number(pointer.slice(pointer.lastIndexOf('-') + 1));
}

function timeOf(row: Row): string {
  return cell(row, '@timestamp');
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** Matches `@log` in a condition, not in a list of fields. */
const asksForLog = /@log(?= (?:not )?(?:like|in|=~|=|!=|<|>))/g;

/** Replaces `@log` and is not longer: a text may be close to the limit of Logs Insights. */
const typed = 'typ';

function ofType(queryString: string, logType: LogType): string {
  const text = queryString.replace(asksForLog, typed);
  return `fields replace(@log, "-Unknown", "-${logType}") as ${typed} | ${text}`;
}
