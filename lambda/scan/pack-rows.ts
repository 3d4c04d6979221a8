import { secondMs } from '../common/time.ts';
import type { MatchedEvent } from '../model/signal.ts';
import type { Slice } from '../plan/runtime-config.ts';
import type { Candidate } from '../plan/scan-plan.ts';
import { logGroupOfLogField, readResultTime } from '../query/match-counts.ts';
import { compiledRegexp } from '../regexp/linear-regexp.ts';
import type { Condition, FieldTest } from '../regexp/regexp-program.ts';

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
type PackRow =
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

/** The event to decide: the cells of a row, and the log group that its `@log` names. */
export interface VerdictEvent {
  readonly message: string;
  /** `@log` as it is in the row. */
  readonly log: string;
  readonly logGroup: string;
  readonly logStream: string;
}

export interface Verdict {
  /** Ids of the detections that the event belongs to, in the plan's order. */
  readonly detections: readonly string[];
  /** Ids of the detections for which deciding failed. */
  readonly undecided: readonly string[];
}

/**
 * Decides which detections an event belongs to, from the event alone: which text found it does not
 * matter. Takes time that is linear in the event's length.
 */
export class Verdicts {
  readonly #candidates: readonly Candidate[];

  constructor(candidates: readonly Candidate[]) {
    this.#candidates = candidates;
  }

  /** Never throws: a detection that cannot be decided is named, and the others count. */
  decide(event: VerdictEvent): Verdict {
    const reading = new Reading(event);
    const detections: string[] = [];
    const undecided: string[] = [];
    for (const { id, logTypes, condition } of this.#candidates) {
      if (!(logTypes?.some((type) => event.logGroup.endsWith(`-${type}`)) ?? true)) continue;
      try {
        if (reading.mayFit(condition) && reading.fits(condition)) detections.push(id);
      } catch {
        undecided.push(id);
      }
    }
    return { detections, undecided };
  }
}

/** One event, with each distinct regexp tested at most once. */
class Reading {
  readonly #event: VerdictEvent;
  readonly #found = new Map<string, boolean>();

  constructor(event: VerdictEvent) {
    this.#event = event;
  }

  /**
   * False if a required string is missing. It is asked of a whole condition first: to search for the strings of
   * all its parts costs less than the first regexp.
   */
  mayFit(condition: Condition): boolean {
    if ('and' in condition) return condition.and.every((part) => this.mayFit(part));
    if ('or' in condition) return condition.or.some((part) => this.mayFit(part));
    if ('not' in condition || !('like' in condition)) return true;
    const { anchors } = condition;
    if (anchors === undefined) return true;
    const text = this.#event[condition.field];
    return anchors.some((anchor) => text.includes(anchor));
  }

  fits(condition: Condition): boolean {
    if ('and' in condition) return condition.and.every((part) => this.fits(part));
    if ('or' in condition) return condition.or.some((part) => this.fits(part));
    if ('not' in condition) return !this.fits(condition.not);
    return this.#passes(condition);
  }

  #passes(test: FieldTest): boolean {
    const text = this.#event[test.field];
    if ('like' in test) {
      if (test.anchors?.every((anchor) => !text.includes(anchor))) return false;
      const key = `${test.field} ${test.like}`;
      const found = this.#found.get(key) ?? compiledRegexp(test.program).test(text);
      this.#found.set(key, found);
      return found;
    }
    if ('contains' in test) return text.includes(test.contains);
    if ('equals' in test) return text === test.equals;
    if ('below' in test) return compareCodePoints(text, test.below) < 0;
    return compareCodePoints(text, test.above) > 0;
  }
}

/** The order of UTF-8. JavaScript's own order puts surrogates before U+E000. */
function compareCodePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at += 1) {
    if (a.charCodeAt(at) !== b.charCodeAt(at)) {
      // At the second halves of two pairs, these units have the same order as the pairs.
      return (a.codePointAt(at) ?? 0) - (b.codePointAt(at) ?? 0);
    }
  }
  return a.length - b.length;
}
