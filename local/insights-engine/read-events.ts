import { logOf } from '../log-event.ts';
import type { EventPage, EventPosition, EventSelection, MessageTerms } from './engine-types.ts';
import { sqlString } from './sql/values.ts';
import type { EventStore } from './store.ts';

/**
 * One page of a group's events, ordered by time, ingestion and arrival, regardless of the group's
 * age.
 */
export async function readEvents(store: EventStore, selection: EventSelection): Promise<EventPage> {
  const { descending, maxEvents } = selection;
  const direction = descending ? 'DESC' : 'ASC';
  const chosen =
    `FROM events WHERE ${conditionsOf(selection).join(' AND ')} ` +
    `ORDER BY ts ${direction}, visible ${direction}, rid ${direction}`;

  // Read sizes first, then only the messages that fit.
  const sizes = await store.rows(`SELECT bytes ${chosen} LIMIT ${maxEvents + 1}`);
  const count = fitting(
    sizes.slice(0, maxEvents).map(([bytes]) => Number(bytes)),
    selection.maxBytes,
  );
  if (count === 0) return { events: [], hasMore: false };
  const rows = await store.rows(`SELECT ts, visible, rid, ls, msg ${chosen} LIMIT ${count}`);
  return {
    events: rows.map(([timestamp, ingestionTime, sequence, logStream, message]) => ({
      timestamp: Number(timestamp),
      ingestionTime: Number(ingestionTime),
      sequence: Number(sequence),
      logStream: String(logStream),
      message: String(message),
    })),
    hasMore: sizes.length > count,
  };
}

/** The number of events that fit into the byte limit; at least one. */
function fitting(sizes: readonly number[], maxBytes: number): number {
  let total = 0;
  const tooMany = sizes.findIndex((bytes) => {
    total += bytes;
    return total > maxBytes;
  });
  return tooMany === -1 ? sizes.length : Math.max(tooMany, 1);
}

function conditionsOf(selection: EventSelection): string[] {
  const { logGroup, logStreams, logStreamPrefix, terms, after, descending } = selection;
  return [
    `log = ${sqlString(logOf(logGroup))}`,
    `ts BETWEEN ${Math.ceil(selection.firstEpochMs)} AND ${Math.floor(selection.lastEpochMs)}`,
    `visible <= ${Math.floor(selection.nowEpochMs)}`,
    ...(logStreams === undefined ? [] : [`ls IN (${logStreams.map(textOf).join(', ')})`]),
    ...(logStreamPrefix === undefined ? [] : [`starts_with(ls, ${textOf(logStreamPrefix)})`]),
    ...(terms === undefined ? [] : termConditions(terms)),
    ...(after === undefined ? [] : [`(ts, visible, rid) ${descending ? '<' : '>'} ${key(after)}`]),
  ];
}

function termConditions({ all, any, none }: MessageTerms): string[] {
  return [
    ...all.map(contains),
    ...(any.length === 0 ? [] : [`(${any.map(contains).join(' OR ')})`]),
    ...none.map((term) => `NOT ${contains(term)}`),
  ];
}

function contains(term: string): string {
  return `contains(msg, ${textOf(term)})`;
}

function key({ timestamp, ingestionTime, sequence }: EventPosition): string {
  return `(${timestamp}, ${ingestionTime}, ${sequence})`;
}

function textOf(text: string): string {
  return sqlString(text.toWellFormed());
}
