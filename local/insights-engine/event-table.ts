import type { DuckDBAppender, DuckDBConnection } from '@duckdb/node-api';
import { type LogEvent, logOf } from '../log-event.ts';
import { type OptionalColumn, optionalColumns } from './translate.ts';

/** How events are stored. */
export interface EventTable {
  /** The optional columns; SQL that reads another one of them fails. */
  readonly columns: readonly OptionalColumn[];
  /** Whether stored events are compressed: for many that are read once, and never changed. */
  readonly isCompressed: boolean;
}

/** All columns, as they are. */
export const fullTable: EventTable = { columns: optionalColumns, isCompressed: false };

const types = { ing: 'BIGINT', ls: 'VARCHAR', msg: 'VARCHAR' } as const;

/** SQL that makes the table, on the connection that reads it. */
export function createTable({ columns, isCompressed }: EventTable): readonly string[] {
  const optional = columns.map((column) => `, ${column} ${types[column]}`).join('');
  const create = `CREATE TABLE events (rid BIGINT, ts BIGINT, visible BIGINT, log VARCHAR, bytes INTEGER, was_put BOOLEAN${optional})`;
  // DuckDB compresses an attached database only.
  return isCompressed
    ? [`ATTACH ':memory:' AS compressed (COMPRESS)`, ...useTable({ isCompressed }), create]
    : [create];
}

/** SQL by which another connection finds the table. */
export function useTable({ isCompressed }: Pick<EventTable, 'isCompressed'>): readonly string[] {
  return isCompressed ? ['USE compressed'] : [];
}

/** An event of which only this is known, and the length of its message. */
export type UnreadEvent = Omit<LogEvent, 'logStream' | 'message'>;

/** So many bytes wait to be compressed, at most. */
const uncompressedBytesMax = 48 * 1024 * 1024;
/** What a row takes besides its texts. */
const rowBytes = 64;

/** Adds rows to the table. */
export class EventAppender {
  readonly #writer: DuckDBConnection;
  readonly #isCompressed: boolean;
  readonly #columns: ReadonlySet<OptionalColumn>;
  #appender: DuckDBAppender;
  #uncompressedBytes = 0;

  private constructor(
    writer: DuckDBConnection,
    appender: DuckDBAppender,
    { columns, isCompressed }: EventTable,
  ) {
    this.#writer = writer;
    this.#appender = appender;
    this.#columns = new Set(columns);
    this.#isCompressed = isCompressed;
  }

  static async open(writer: DuckDBConnection, table: EventTable): Promise<EventAppender> {
    return new EventAppender(writer, await writer.createAppender('events'), table);
  }

  /** Stores what was added. */
  close(): void {
    this.#appender.closeSync();
  }

  /** @returns the bytes of the event's message, in UTF-8 */
  add(event: LogEvent, sequence: number, wasPut: boolean): number {
    const { timestamp, ingestionTime } = event;
    checkTime('timestamp', timestamp);
    if (ingestionTime !== undefined) checkTime('ingestionTime', ingestionTime);
    // DuckDB's text is UTF-8, which has no lone surrogates.
    const message = event.message.toWellFormed();
    const bytes = Buffer.byteLength(message);
    this.#startRow(event, bytes, sequence, wasPut);
    if (this.#columns.has('ls')) this.#appender.appendVarchar(event.logStream.toWellFormed());
    if (this.#columns.has('msg')) {
      this.#appender.appendVarchar(message);
      this.#uncompressedBytes += bytes;
    }
    this.#appender.endRow();
    return bytes;
  }

  /** Adds an event to a table that has no column for its log stream and its message. */
  addUnread(event: UnreadEvent, bytes: number, sequence: number): void {
    this.#startRow(event, bytes, sequence, false);
    this.#appender.endRow();
  }

  #startRow(
    { logGroup, timestamp, ingestionTime }: UnreadEvent,
    bytes: number,
    sequence: number,
    wasPut: boolean,
  ): void {
    const appender = this.#appender;
    appender.appendBigInt(BigInt(sequence));
    appender.appendBigInt(BigInt(timestamp));
    appender.appendBigInt(BigInt(ingestionTime ?? timestamp));
    appender.appendVarchar(logOf(logGroup));
    appender.appendInteger(bytes);
    appender.appendBoolean(wasPut);
    if (this.#columns.has('ing')) {
      if (ingestionTime === undefined) appender.appendNull();
      else appender.appendBigInt(BigInt(ingestionTime));
    }
    this.#uncompressedBytes += rowBytes;
  }

  /** Compresses what was added, if that is much by now. */
  async compress(): Promise<void> {
    if (!this.#isCompressed || this.#uncompressedBytes < uncompressedBytesMax) return;
    this.#uncompressedBytes = 0;
    this.#appender.closeSync();
    await this.#writer.run('CHECKPOINT');
    this.#appender = await this.#writer.createAppender('events');
  }
}

/** The end of the year 9999: later times cannot be formatted. */
const maxEpochMs = 253_402_300_799_999;

export function checkTime(name: string, epochMs: number): void {
  if (Number.isInteger(epochMs) && epochMs >= 0 && epochMs <= maxEpochMs) return;
  throw new RangeError(
    `${name} must be whole epoch milliseconds from 0 to ${maxEpochMs}, got ${epochMs}`,
  );
}
