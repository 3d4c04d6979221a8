import { InsightsEngine } from '../../local/insights-engine/engine.ts';
import { UnknownLogGroupError } from '../../local/insights-engine/engine-types.ts';
import { EventStore } from '../../local/insights-engine/store.ts';
import type { LogEvent } from '../../local/log-event.ts';
import { checkRefusal, FuzzFailure } from './query-fuzzer.ts';
import { range, sqlOf } from './translated-sql.ts';

const logGroup = 'airflow-Fuzz-Task';

/** Messages of every kind: JSON, numbers, texts that break one of its parsers. */
const messages = [
  '{"a":{"b":1},"list":[1,"two",{"n":3}],"level":"INFO","n":null,"big":12345678901234567890123}',
  ...[
    'plain add-role 42',
    "it's; DROP",
    '',
    'a\0b',
    '{broken',
    '\ud800',
    'ä🤦🏼‍♂️\r\n',
    '192.168.1.1',
  ],
  ...['inf', '[1,2]', '1e999', '%ff', 'a'.repeat(3000)],
];

const events: readonly LogEvent[] = messages.map((message, at) => ({
  ...{ logGroup, logStream: `stream ${at % 2}`, message },
  timestamp: range.startEpochMs + at * 1000,
  ingestionTime: range.startEpochMs + at * 1000 + 250,
}));

/** More resident memory than any query over a few events may take, in bytes. */
const growthMax = 1.5e9;

/** Asks an engine with a few events of every kind. */
export class AnswerFuzzer {
  readonly #engine: InsightsEngine;

  private constructor(engine: InsightsEngine) {
    this.#engine = engine;
  }

  static async open(): Promise<AnswerFuzzer> {
    const engine = await InsightsEngine.open();
    await engine.load(events);
    return new AnswerFuzzer(engine);
  }

  close(): void {
    this.#engine.close();
  }

  /** @throws FuzzFailure when a query is neither answered nor refused with its place, or takes too much memory */
  async ask(text: string): Promise<void> {
    const before = process.memoryUsage.rss();
    try {
      await this.#engine.run({
        ...{ queryString: text, logGroups: [logGroup], nowEpochMs: range.nowEpochMs },
        startEpochSeconds: range.startEpochMs / 1000,
        endEpochSeconds: range.endEpochMs / 1000,
      });
    } catch (error) {
      if (!(error instanceof UnknownLogGroupError)) checkRefusal(error, text);
    }
    const grown = process.memoryUsage.rss() - before;
    if (grown > growthMax) {
      throw new FuzzFailure(`the query took ${Math.round(grown / 1e6)} MB`, text);
    }
  }
}

const secret = 'the secret of the canary';

/** Runs the SQL of queries beside a table that no query may read or change. */
export class CanaryFuzzer {
  readonly #store: EventStore;

  private constructor(store: EventStore) {
    this.#store = store;
  }

  static async open(): Promise<CanaryFuzzer> {
    const store = await EventStore.open();
    await store.load(events);
    await store.rows('CREATE TABLE canary (secret VARCHAR)');
    await store.rows(`INSERT INTO canary VALUES ('${secret}')`);
    return new CanaryFuzzer(store);
  }

  close(): void {
    this.#store.close();
  }

  /** @throws FuzzFailure unless the SQL is one SELECT that neither reads nor changes the canary */
  async run(text: string): Promise<void> {
    const { sql } = sqlOf(text, this.#store.condition([logGroup], range));
    const statements = await this.#store.connection.extractStatements(sql);
    if (statements.count !== 1) {
      throw new FuzzFailure(`the SQL has ${statements.count} statements`, text);
    }
    const rows = await this.#store.rows(sql).catch(() => []);
    if (JSON.stringify(rows, (_, value) => String(value)).includes(secret)) {
      throw new FuzzFailure('the query reads another table', text);
    }
    const tables = await this.#store.rows(
      'SELECT table_name, (SELECT string_agg(secret) FROM canary) FROM duckdb_tables() ORDER BY ALL',
    );
    const expected = [
      ['canary', secret],
      ['events', secret],
    ];
    if (JSON.stringify(tables) !== JSON.stringify(expected)) {
      throw new FuzzFailure('the query changes another table', text);
    }
  }
}
