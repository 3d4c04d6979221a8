import { type LogType, logTypes } from '../../lambda/log-types.ts';
import type { Candidate } from '../../lambda/scan-plan.ts';
import { type Verdict, type VerdictEvent, Verdicts } from '../../lambda/verdicts.ts';
import type { EngineResult } from '../insights-engine/engine-types.ts';
import { environmentOfUnknownTypeGroup, typedLog } from '../log-readers/unknown-log-type.ts';
import type { QueryRunner } from './read-pack.ts';

/**
 * The monitor's own verdicts; an event whose log type is not known belongs to each detection that it
 * would belong to in a log group of some type.
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
 * Asks each text as often as there are log types, each time as if the log group were of that type. Each
 * event that one of them finds comes once, in the order of the times, those of one millisecond as they
 * were read. An answer that was cut off is cut off here too: it held the oldest rows, and these are
 * no fewer, and no younger.
 *
 * @param engine of which only the log group of unknown type is asked
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

/** The number that the engine gave an event when it was loaded: `event-17` in base64. */
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

/** Where a text asks for `@log` itself, and not where it lists it among its fields. */
const asksForLog = /@log(?= (?:not )?(?:like|in|=~|=|!=|<|>))/g;

/** Stands for `@log` and is no longer: a text may be close to what Logs Insights takes. */
const typed = 'typ';

function ofType(queryString: string, logType: LogType): string {
  const text = queryString.replace(asksForLog, typed);
  return `fields replace(@log, "-Unknown", "-${logType}") as ${typed} | ${text}`;
}
