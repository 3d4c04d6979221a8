import type { MatchedEvent } from './findings/matched-event.ts';
import { logGroupOfLogField } from './match-counts.ts';
import type { ResultRow } from './query.ts';
import type { PackQuery } from './scan-plan.ts';

/** A matched event, and how often this very event stood in the log. */
export interface PackEvent extends MatchedEvent {
  readonly occurrences: number;
  /** When CloudWatch Logs took it in, in epoch milliseconds. */
  readonly ingestionEpochMs?: number;
}

/** The rows that one text of the pack gave, over one slice. */
interface PackAnswer {
  readonly query: PackQuery;
  readonly rows: readonly ResultRow[];
}

/**
 * The events that the answers to the pack's texts hold, in the order of their first rows.
 *
 * An event that several texts found is one, with the detections of all. Identical events (same
 * group, stream, time and message) are one with `occurrences`: as many as one text saw of it.
 *
 * @param answers to different texts, over the same events
 * @throws Error for a row that no such query can give: a change may hide in what cannot be read
 */
export function readPackRows(answers: readonly PackAnswer[]): PackEvent[] {
  const events = new Map<string, PackEvent>();
  for (const { query, rows } of answers) {
    const seenHere = new Map<string, number>();
    for (const row of rows) {
      const event = readRow(row, query);
      const key = JSON.stringify([event.logGroup, event.logStream, event.timestamp, event.message]);
      const occurrences = (seenHere.get(key) ?? 0) + 1;
      seenHere.set(key, occurrences);
      const known = events.get(key);
      events.set(key, {
        ...event,
        detections: [...new Set([...(known?.detections ?? []), ...event.detections])],
        occurrences: Math.max(known?.occurrences ?? 0, occurrences),
      });
    }
  }
  return [...events.values()];
}

function readRow(row: ResultRow, query: PackQuery): Omit<PackEvent, 'occurrences'> {
  const cells = new Map(row.map(({ field, value }) => [field, value]));
  const cell = (field: string): string => {
    const value = cells.get(field);
    if (value === undefined) throw malformed(row, `has no ${field}`);
    return value;
  };
  const detections = Object.entries(query.flags).flatMap(([column, id]) => {
    // What has no value is left out of a row; a truth value is 1 or 0.
    const flag = cells.get(column) ?? '0';
    if (flag !== '0' && flag !== '1')
      throw malformed(row, `has a ${column} that is neither 0 nor 1`);
    return flag === '1' ? [id] : [];
  });
  if (detections.length === 0) throw malformed(row, 'fits no detection');
  const timestamp = readTime(cell('@timestamp'));
  if (timestamp === undefined) throw malformed(row, 'has a @timestamp that is none');
  const ingestionEpochMs = readTime(cells.get('@ingestionTime'));
  return {
    logGroup: logGroupOfLogField(cell('@log')),
    logStream: cell('@logStream'),
    timestamp,
    message: cell('@message'),
    detections,
    // Only the lag is told by it, and AWS documents no form of it: one that cannot be read is left out.
    ...(ingestionEpochMs !== undefined && { ingestionEpochMs }),
  };
}

/** `2026-03-01 09:00:00.123`, in UTC, or epoch milliseconds. */
function readTime(text = ''): number | undefined {
  if (/^\d{12,14}$/.test(text)) return Number(text);
  const isTime = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}$/.test(text);
  const epochMs = isTime ? Date.parse(`${text.replace(' ', 'T')}Z`) : Number.NaN;
  return Number.isNaN(epochMs) ? undefined : epochMs;
}

/** Names the row by its fields alone: texts of log events belong into no error and no log. */
function malformed(row: ResultRow, problem: string): Error {
  const fields = row.map(({ field }) => field).join(', ');
  return new Error(`a row of the pack query ${problem}; its fields are ${fields}`);
}
