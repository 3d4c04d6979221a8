import { eventKey } from '../lines/event-identity.ts';
import type { ObservedEvent } from '../model/signal.ts';
import type { Window } from '../model/windows.ts';
import type { Slice } from '../plan/runtime-config.ts';
import type { RowSink } from '../query/query.ts';
import {
  type CandidateEvent,
  fieldNamesOf,
  type PackEvent,
  readPackRow,
  rowBytes,
  type Verdicts,
} from './pack-rows.ts';

/** A matched event as it was observed when its row was read; the raw row is not stored. */
export interface ObservedRow {
  /** An event without a signal says nothing about privileges. */
  readonly seen: ObservedEvent;
  /** When CloudWatch Logs ingested it. */
  readonly ingestionEpochMs?: number;
}

/** Rows of one log group that cannot be read, or only in part. */
export interface UnreadableRows {
  /** Absent when the rows name no log group that was queried. */
  readonly logGroup?: string;
  readonly count: number;
  /** What is wrong with the first of them. */
  readonly problem: string;
  /** Names of the first one's fields. */
  readonly fields: readonly string[];
}

/** How much of one answer is read before the rest is left to a smaller slice. */
export interface AnswerBudget {
  readonly rowsMax: number;
  /** For the rows as they come. */
  readonly bytesMax: number;
  /** For the events that stay in memory. */
  readonly keptBytesMax: number;
}

/** Reads a row's event: first which detections it belongs to, then what it says. */
export interface RowReader {
  readonly verdicts: Pick<Verdicts, 'decide'>;
  readonly observe: (event: PackEvent) => ObservedEvent;
}

interface Known {
  readonly occurrences: number;
  readonly row: ObservedRow;
}

function observedRow({ row, occurrences }: Known): ObservedRow {
  return occurrences === 1 ? row : { ...row, seen: { ...row.seen, occurrences } };
}

/** A row that belongs to no detection. */
interface UnclaimedRow {
  readonly logGroup: string;
  readonly timestamp: number;
}

/**
 * The rows of all answers of the pack to one slice.
 *
 * Identical events (same group, stream, time and message) are one event with `occurrences`: the
 * highest number that one text saw.
 */
export class SliceRows {
  readonly #known = new Map<string, Known>();
  readonly #unreadable: UnreadableRows[] = [];
  readonly #unclaimed: UnclaimedRow[] = [];
  readonly #reader: RowReader;
  readonly #slice: Slice;
  keptBytes = 0;

  constructor(reader: RowReader, slice: Slice) {
    this.#reader = reader;
    this.#slice = slice;
  }

  /** Opens a sink for one answer; its rows count once they are added. */
  open(budget: AnswerBudget): AnswerRows {
    return new AnswerRows(this.#reader, this.#slice, budget, (key) => this.#known.get(key)?.row);
  }

  /** Adds an answer, complete or cut off: its rows are true either way. */
  add(answer: AnswerRows): void {
    for (const [key, event] of answer.events) {
      const before = this.#known.get(key);
      const occurrences = Math.max(before?.occurrences ?? 0, event.occurrences);
      this.#known.set(key, { ...event, occurrences });
      if (before === undefined) this.keptBytes += keptBytesOf(event.row.seen);
    }
    this.#unreadable.push(...answer.unreadable.values());
    for (const row of answer.unclaimed) this.#unclaimed.push(row);
  }

  /** Events before a time, by log group, in the order in which they were found. */
  eventsBefore(endEpochMs: number): Map<string, ObservedRow[]> {
    const rows = [...this.#known.values()].flatMap((known) =>
      known.row.seen.timestamp < endEpochMs ? [observedRow(known)] : [],
    );
    return Map.groupBy(rows, ({ seen }) => seen.logGroup);
  }

  /** The number of events before a time that belong to no detection. */
  unclaimedBefore(endEpochMs: number): number {
    return this.#unclaimed.filter(({ timestamp }) => timestamp < endEpochMs).length;
  }

  get unreadable(): readonly UnreadableRows[] {
    const byGroup = Map.groupBy(this.#unreadable, ({ logGroup }) => logGroup);
    return [...byGroup.values()].flatMap((all) => {
      const [first] = all;
      const count = all.reduce((sum, rows) => sum + rows.count, 0);
      return first === undefined ? [] : [{ ...first, count }];
    });
  }
}

/** The rows of one answer to one text, each observed when it is taken. */
export class AnswerRows implements RowSink {
  readonly events = new Map<string, Known>();
  readonly unreadable = new Map<string | undefined, UnreadableRows>();
  readonly unclaimed: UnclaimedRow[] = [];
  readonly #reader: RowReader;
  readonly #slice: Slice;
  readonly #budget: AnswerBudget;
  readonly #knownRow: (key: string) => ObservedRow | undefined;
  readonly #rowsOfGroup = new Map<string, number>();
  #rows = 0;
  #bytes = 0;
  #keptBytes = 0;
  #lastEpochMs = Number.NEGATIVE_INFINITY;
  #isSorted = true;
  #sawNextSlice = false;

  constructor(
    reader: RowReader,
    slice: Slice,
    budget: AnswerBudget,
    knownRow: (key: string) => ObservedRow | undefined,
  ) {
    this.#reader = reader;
    this.#slice = slice;
    this.#budget = budget;
    this.#knownRow = knownRow;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** The part of it for some of its log groups; rows that name none count for the first. */
  of(logGroups: readonly string[]): AnswerRows {
    const isOf = (logGroup = this.#slice.logGroups[0] ?? '') => logGroups.includes(logGroup);
    if (this.#slice.logGroups.every((logGroup) => logGroups.includes(logGroup))) return this;
    const slice = { ...this.#slice, logGroups };
    const part = new AnswerRows(this.#reader, slice, this.#budget, this.#knownRow);
    for (const [key, known] of this.events) {
      if (isOf(known.row.seen.logGroup)) part.events.set(key, known);
    }
    for (const [logGroup, rows] of this.unreadable) {
      if (isOf(logGroup)) part.unreadable.set(logGroup, rows);
    }
    for (const row of this.unclaimed) if (isOf(row.logGroup)) part.unclaimed.push(row);
    return part;
  }

  /** Its events, each once. */
  observed(): ObservedRow[] {
    return [...this.events.values()].map(observedRow);
  }

  take(rows: readonly unknown[]): 'more' | 'enough' {
    for (const row of rows) {
      if (this.#isFull()) break;
      this.#rows += 1;
      this.#bytes += rowBytes(row);
      this.#takeRow(row);
    }
    // Rows after the first one of the next slice are left to that slice.
    return this.#isFull() || this.isPastSlice ? 'enough' : 'more';
  }

  /**
   * The whole second up to which an answer that was cut off holds every row: rows come in the order
   * of their times, so only the last second may miss some.
   *
   * @returns the window's start for an answer without a row; undefined when the rows were not
   *   sorted
   */
  wholeUntil({ startEpochMs }: Window): number | undefined {
    if (!this.#isSorted) return undefined;
    return Math.max(startEpochMs, Math.floor(this.#lastEpochMs / 1000) * 1000);
  }

  /** Whether sorted rows reached the next slice, so that all rows of this one were read. */
  get isPastSlice(): boolean {
    return this.#isSorted && this.#sawNextSlice;
  }

  /** The log group with the most rows. */
  get busiestGroup(): string | undefined {
    return [...this.#rowsOfGroup].toSorted(([, a], [, b]) => b - a)[0]?.[0];
  }

  #isFull(): boolean {
    const { rowsMax, bytesMax, keptBytesMax } = this.#budget;
    return this.#rows >= rowsMax || this.#bytes >= bytesMax || this.#keptBytes >= keptBytesMax;
  }

  #takeRow(row: unknown): void {
    const read = readPackRow(row, this.#slice);
    if (read.kind === 'next-slice') {
      this.#sawNextSlice = true;
      return;
    }
    if (read.kind === 'unreadable') {
      this.#quarantine(row, read.problem, read.logGroup);
      return;
    }
    const { event } = read;
    const { logGroup, timestamp } = event;
    this.#isSorted &&= timestamp >= this.#lastEpochMs && !this.#sawNextSlice;
    this.#lastEpochMs = timestamp;
    this.#rowsOfGroup.set(logGroup, (this.#rowsOfGroup.get(logGroup) ?? 0) + 1);
    const key = eventKey(event);
    const before = this.events.get(key);
    if (before !== undefined) {
      this.events.set(key, { ...before, occurrences: before.occurrences + 1 });
      return;
    }
    const known = this.#knownRow(key) ?? this.#read(row, event, key);
    if (known === undefined) return;
    this.#keptBytes += keptBytesOf(known.seen);
    this.events.set(key, { occurrences: 1, row: known });
  }

  /**
   * @returns undefined for an event that belongs to no detection, or that cannot be decided or read
   */
  #read(row: unknown, { log, ...event }: CandidateEvent, key: string): ObservedRow | undefined {
    const { logGroup, timestamp, ingestionEpochMs } = event;
    const { detections, undecided } = this.#reader.verdicts.decide({ ...event, log });
    if (undecided.length > 0) {
      const problem = `cannot be decided for ${undecided.join(', ')}`;
      this.#quarantine(row, problem, logGroup);
    }
    if (detections.length === 0) {
      if (undecided.length === 0) this.unclaimed.push({ logGroup, timestamp });
      return undefined;
    }
    const seen = this.#observed({ ...event, key, detections });
    if (seen instanceof Error) {
      this.#quarantine(row, `cannot be read by its detections (${seen.name})`, logGroup);
      return undefined;
    }
    return { seen, ...(ingestionEpochMs !== undefined && { ingestionEpochMs }) };
  }

  #observed(event: PackEvent & { readonly key: string }): ObservedEvent | Error {
    try {
      // A substring keeps the whole string in memory: a copy frees the raw message.
      return structuredClone(this.#reader.observe(event));
    } catch (error) {
      return error instanceof Error ? error : new Error('unknown');
    }
  }

  #quarantine(row: unknown, problem: string, logGroup: string | undefined): void {
    const known = this.unreadable.get(logGroup);
    this.unreadable.set(
      logGroup,
      known === undefined
        ? {
            ...(logGroup !== undefined && { logGroup }),
            count: 1,
            problem,
            fields: fieldNamesOf(row),
          }
        : { ...known, count: known.count + 1 },
    );
  }
}

const bytesOfEvent = 500;
const bytesOfSignal = 300;

/** About how many bytes an observed event takes in memory. */
function keptBytesOf({ message, logStream, signals }: ObservedEvent): number {
  const names = signals.reduce(
    (sum, { target = '', role = '', object = '' }) =>
      sum + bytesOfSignal + target.length + role.length + object.length,
    0,
  );
  return bytesOfEvent + message.length + logStream.length + names;
}
