import type { Log } from '../../lambda/log.ts';

/** Adds up what queries cost, by what the code that asks them logs about each. */
export class QueryMeter {
  readonly #log: Log;
  queries = 0;
  bytesScanned = 0;

  /** @param log gets all of it as well */
  constructor(log: Log) {
    this.#log = log;
  }

  readonly log: Log = (level, decision, fields) => {
    if (decision === 'query-started') this.queries += 1;
    if (decision === 'query-complete') this.bytesScanned += Number(fields?.bytesScanned ?? 0);
    this.#log(level, decision, fields);
  };
}
