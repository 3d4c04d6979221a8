import type { Log } from '../../lambda/common/log.ts';

/** Sums up queries and scanned bytes from the log entries about each query. */
export class QueryMeter {
  readonly #log: Log;
  queries = 0;
  bytesScanned = 0;

  /** @param log receives all log entries as well */
  constructor(log: Log) {
    this.#log = log;
  }

  readonly log: Log = (level, decision, fields) => {
    if (decision === 'query-started') this.queries += 1;
    if (decision === 'query-complete') this.bytesScanned += Number(fields?.bytesScanned ?? 0);
    this.#log(level, decision, fields);
  };
}
