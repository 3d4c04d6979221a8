import type { MatchedEvent } from './findings/matched-event.ts';
import type { Slice } from './lanes.ts';
import { logGroupOfLogField } from './match-counts.ts';
import { readResultTime } from './result-time.ts';
import { secondMs } from './time.ts';

/** A matched event, and how often this very event appears in the log. */
export interface PackEvent extends MatchedEvent {
  readonly occurrences: number;
  /** When CloudWatch Logs took it in, in epoch milliseconds. */
  readonly ingestionEpochMs?: number;
}

/** An event that may belong to a detection: which one, its row does not say. */
export interface CandidateEvent extends Omit<PackEvent, 'detections'> {
  /** `@log` as it is in the row. */
  readonly log: string;
}

/** What one row of an answer says. */
export type PackRow =
  | { readonly kind: 'event'; readonly event: CandidateEvent }
  | {
      readonly kind: 'unreadable';
      /** Without log text, so that it can be logged and shown. */
      readonly problem: string;
      /** Absent when the row does not name one that was asked for. */
      readonly logGroup?: string;
    }
  /** An event right after the window: the next slice reads it. */
  | { readonly kind: 'next-slice' };

/** Rows of the pack without a stream's name are read under this one. */
const unknownStream = 'unknown-log-stream';

/**
 * Reads one row of an answer to a text of the pack.
 *
 * Never throws: any row is an event or is unreadable by itself, and the other rows of the answer
 * count.
 *
 * @param row as GetQueryResults gives it, unchecked
 */
export function readPackRow(row: unknown, { logGroups, window }: Slice): PackRow {
  const cells = cellsOf(row);
  if (cells === undefined) return { kind: 'unreadable', problem: 'is not a list of fields' };
  const log = cells.get('@log');
  if (typeof log !== 'string') return { kind: 'unreadable', problem: missing('@log', log) };
  const logGroup = logGroupOfLogField(log);
  if (!logGroups.includes(logGroup)) {
    return { kind: 'unreadable', problem: 'is of a log group that was not asked for' };
  }
  const unreadable = (problem: string): PackRow => ({ kind: 'unreadable', problem, logGroup });

  const time = cells.get('@timestamp');
  if (typeof time !== 'string') return unreadable(missing('@timestamp', time));
  const timestamp = readResultTime(time);
  if (timestamp === undefined) return unreadable('has a @timestamp that is no time');
  if (timestamp >= window.endEpochMs && timestamp < window.endEpochMs + secondMs) {
    return { kind: 'next-slice' };
  }
  if (timestamp < window.startEpochMs || timestamp >= window.endEpochMs) {
    return unreadable('has a @timestamp outside of the window that was asked for');
  }

  const message = cells.get('@message');
  if (typeof message !== 'string' || message === '') {
    return unreadable(missing('@message', message));
  }
  const stream = cells.get('@logStream');
  const ingested = cells.get('@ingestionTime');
  const ingestionEpochMs = typeof ingested === 'string' ? readResultTime(ingested) : undefined;
  const event: CandidateEvent = {
    log,
    logGroup,
    logStream: typeof stream === 'string' && stream !== '' ? stream : unknownStream,
    timestamp,
    message,
    occurrences: 1,
    // It is only needed for the lag, so an ingestion time that cannot be read is left out.
    ...(ingestionEpochMs !== undefined && { ingestionEpochMs }),
  };
  return { kind: 'event', event };
}

/** Names of a row's fields, for the log: no values. */
export function fieldNamesOf(row: unknown): string[] {
  if (!Array.isArray(row)) return [];
  return row
    .slice(0, fieldNamesMax)
    .map((cell: unknown) => String(partOf(cell, 'field')).slice(0, fieldNameCharactersMax));
}

const fieldNamesMax = 50;
const fieldNameCharactersMax = 40;

/** Bytes that a row takes about, as JSON: its values' characters and 40 for each cell. */
export function rowBytes(row: unknown): number {
  if (!Array.isArray(row)) return 0;
  return row.reduce((sum: number, cell: unknown) => {
    const value = partOf(cell, 'value');
    return sum + 40 + (typeof value === 'string' ? value.length : 0);
  }, 0);
}

/** Two different values of one field: neither can be believed. */
const ambiguous = Symbol('ambiguous');
type Cell = string | typeof ambiguous;

function cellsOf(row: unknown): Map<string, Cell> | undefined {
  if (!Array.isArray(row)) return undefined;
  const cells = new Map<string, Cell>();
  for (const cell of row) {
    const field = partOf(cell, 'field');
    const value = textOf(partOf(cell, 'value'));
    if (typeof field !== 'string' || value === undefined) continue;
    const known = cells.get(field);
    cells.set(field, known === undefined || known === value ? value : ambiguous);
  }
  return cells;
}

function partOf(cell: unknown, name: 'field' | 'value'): unknown {
  return typeof cell === 'object' && cell !== null ? Reflect.get(cell, name) : undefined;
}

/** AWS documents strings; numbers and truth values can be read as well. */
function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}

function missing(field: string, value: Cell | undefined): string {
  return value === ambiguous ? `has two values of ${field}` : `has no ${field}`;
}
