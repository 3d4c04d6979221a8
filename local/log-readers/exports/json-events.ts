import { zlib } from '../lines/zlib.ts';
import { type EventParts, type Fields, readEventRecord } from './event-record.ts';

/** What a JSON value contains: events, or errors as clauses. */
export type FoundEvent = EventParts | string;

/** Values inside values: answers in arrays, subscriptions in records, records in Lambda's events. */
const nestingMax = 6;
const payloadBytesMax = 64 * 1024 * 1024;

/** Members of an answer or of a record that contain events. */
const containers = ['events', 'results', 'sessionUpdate', 'sessionResults', 'records', 'awslogs'];

/**
 * The events of a JSON value, in any of the forms in which AWS gives them:
 *
 * - the answers of FilterLogEvents, GetLogEvents and GetQueryResults, several in an array, too;
 * - updates of StartLiveTail;
 * - subscription payloads (`{"messageType","logGroup","logStream","logEvents"}`), also as base64 of
 *   gzip in the records of Kinesis, Firehose and Lambda;
 * - events alone, as `jq '.events[]'` and the console of Logs Insights write them, with the names of
 *   either;
 * - `[timestamp, message]` and plain messages, as `--query` of the AWS CLI gives them.
 *
 * @returns undefined for a value that is complete without events, such as the rest of an answer
 */
export function eventsOfJson(value: unknown, depth = 0): FoundEvent[] | undefined {
  if (typeof value === 'string') return [{ message: value }];
  if (typeof value !== 'object' || value === null) return ['it is not an event'];
  if (depth > nestingMax) return [`its values are nested in more than ${nestingMax} layers`];
  if (Array.isArray(value)) return ofArray(value, depth);
  const record = value as Record<string, unknown>;
  const payload = subscriptionEvents(record);
  if (payload !== undefined) return payload;
  const data = dataOf(record);
  if (data !== undefined) return ofPayload(data, depth);
  const event = readEventRecord(record);
  if (event !== undefined) return [event];
  const inner = Object.entries(record).flatMap(([name, member]) =>
    containers.includes(name.charAt(0).toLowerCase() + name.slice(1)) ||
    (name === 'kinesis' && typeof member === 'object')
      ? [member]
      : [],
  );
  if (inner.length > 0) return inner.flatMap((member) => eventsOfJson(member, depth + 1) ?? []);
  if (record.sessionStart !== undefined) return undefined;
  return [noEvent(record)];
}

function noEvent(record: Fields): string {
  if (record.eventVersion !== undefined && record.eventSource !== undefined) {
    return 'it is a record of CloudTrail, not of an Airflow log';
  }
  const names = Object.keys(record).slice(0, 5).join(', ');
  return `it has no message: it has ${names === '' ? 'no members' : names}`;
}

function ofArray(values: readonly unknown[], depth: number): FoundEvent[] {
  const row = rowOf(values);
  if (row !== undefined) {
    const event = readEventRecord(row);
    return [event ?? resultWithoutMessage];
  }
  const [first] = values;
  const isTuple =
    values.length > 1 &&
    values.length <= 4 &&
    typeof first !== 'object' &&
    values.some((one) => typeof one === 'number');
  if (isTuple) return [eventOfTuple(values)];
  return values.flatMap((one) => eventsOfJson(one, depth + 1) ?? []);
}

export const resultWithoutMessage =
  'it is a result of Logs Insights without @message; query it with: fields @timestamp, @log, @logStream, @message';

/** A row of GetQueryResults: `[{"field": "@message", "value": "…"}, …]`. */
function rowOf(values: readonly unknown[]): Fields | undefined {
  if (values.length === 0) return undefined;
  const row: Record<string, unknown> = {};
  for (const cell of values) {
    const { field, value } = (cell ?? {}) as { field?: unknown; value?: unknown };
    if (typeof field !== 'string') return undefined;
    row[field] = value ?? '';
  }
  return row;
}

/** `[timestamp, message]` or `[timestamp, logStreamName, message]` in any order. */
function eventOfTuple(values: readonly unknown[]): FoundEvent {
  const texts = values.filter((one) => typeof one === 'string');
  const stream =
    texts.length > 1 ? texts.find((text) => /^dag_id=|^\S+\.log$/.test(text)) : undefined;
  const [message] = texts.filter((text) => text !== stream);
  const [timestamp] = values.filter((one) => typeof one === 'number');
  if (message === undefined) return 'it is not an event';
  const event = readEventRecord({ timestamp, message, logStream: stream });
  return event ?? 'it is not an event';
}

/** A payload of a subscription; its names are in lower case where a table was made of them. */
function subscriptionEvents(record: Fields): FoundEvent[] | undefined {
  const byName = (name: string) => record[name] ?? record[name.toLowerCase()];
  const logEvents = byName('logEvents');
  if (!Array.isArray(logEvents)) return undefined;
  if (byName('messageType') === 'CONTROL_MESSAGE') return [];
  const about = { logGroup: byName('logGroup'), logStream: byName('logStream') };
  return logEvents.map((one: unknown) => {
    const event =
      typeof one === 'object' && one !== null ? readEventRecord({ ...one, ...about }) : undefined;
    return event ?? 'an event of logEvents has no message';
  });
}

/** The payload of a record: `Data` of Kinesis, `data` of Firehose's and Lambda's records. */
function dataOf(record: Fields): string | undefined {
  const data = record.data ?? record.Data;
  return typeof data === 'string' && /^[A-Za-z0-9+/\s]{20,}={0,2}\s*$/.test(data)
    ? data
    : undefined;
}

function ofPayload(data: string, depth: number): FoundEvent[] | undefined {
  const bytes = Buffer.from(data, 'base64');
  try {
    const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
    const text = (
      isGzip ? zlib().gunzipSync(bytes, { maxOutputLength: payloadBytesMax }) : bytes
    ).toString('utf8');
    return eventsOfJson(JSON.parse(text), depth + 1);
  } catch (error) {
    return [`its data is not a payload of a subscription (${(error as Error).message})`];
  }
}
