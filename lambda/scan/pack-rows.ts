import { secondMs } from '../common/time.ts';
import type { MatchedEvent } from '../model/matched-event.ts';
import type { Slice } from '../plan/lanes.ts';
import { logGroupOfLogField } from '../query/match-counts.ts';
import { readResultTime } from '../query/result-time.ts';

/** A matched event, and how often an identical one appears in the log. */
export interface PackEvent extends MatchedEvent {
  readonly occurrences: number;
  /** When CloudWatch Logs ingested it. */
  readonly ingestionEpochMs?: number;
}

/** An event that may belong to a detection; its row does not say which one. */
export interface CandidateEvent extends Omit<PackEvent, 'detections'> {
  /** `@log` as it is in the row. */
  readonly log: string;
}

/** One row of an answer, read. */
export type PackRow =
  | { readonly kind: 'event'; readonly event: CandidateEvent }
  | {
      readonly kind: 'unreadable';
      /** Without log text, so that it can be logged and shown. */
      readonly problem: string;
      /** Absent when the row names no log group that was queried. */
      readonly logGroup?: string;
    }
  /** An event in the second after the window: the next slice reads it. */
  | { readonly kind: 'next-slice' };

/** The stream name for rows of the pack that have none. */
const unknownStream = 'unknown-log-stream';

/**
 * Reads one row of an answer to a text of the pack.
 *
 * Never throws: each row is judged by itself, so that one which cannot be read does not cost the
 * other rows of the answer.
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
    return { kind: 'unreadable', problem: 'belongs to a log group that was not queried' };
  }
  const unreadable = (problem: string): PackRow => ({ kind: 'unreadable', problem, logGroup });

  const time = cells.get('@timestamp');
  if (typeof time !== 'string') return unreadable(missing('@timestamp', time));
  const timestamp = readResultTime(time);
  if (timestamp === undefined) return unreadable('has a @timestamp that is not a time');
  if (timestamp >= window.endEpochMs && timestamp < window.endEpochMs + secondMs) {
    return { kind: 'next-slice' };
  }
  if (timestamp < window.startEpochMs || timestamp >= window.endEpochMs) {
    return unreadable('has a @timestamp outside the window that was queried');
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
    // Only the lag needs it, so an ingestion time that cannot be read is left out.
    ...(ingestionEpochMs !== undefined && { ingestionEpochMs }),
  };
  return { kind: 'event', event };
}

/** Names of a row's fields, for the log, without their values. */
export function fieldNamesOf(row: unknown): string[] {
  if (!Array.isArray(row)) return [];
  return row
    .slice(0, fieldNamesMax)
    .map((cell: unknown) => String(partOf(cell, 'field')).slice(0, fieldNameCharactersMax));
}

const fieldNamesMax = 50;
const fieldNameCharactersMax = 40;

/** About how many bytes a row takes as JSON: the characters of its values and 40 for each cell. */
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

/** AWS documents strings; numbers and booleans are accepted as well. */
function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}

function missing(field: string, value: Cell | undefined): string {
  return value === ambiguous ? `has two values of ${field}` : `has no ${field}`;
}
