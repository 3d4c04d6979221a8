import type { LogEvent } from '../log-event.ts';

interface FirstEventsOptions extends Pick<LogEvent, 'logGroup' | 'logStream'> {
  readonly eventsMax: number;
  /** Of their messages, in UTF-8; the first event counts whatever its size. */
  readonly bytesMax: number;
}

/** The first events of a log stream, by time, ingestion and their order in the logs, as GetLogEvents has them. */
export async function firstEvents(
  events: AsyncIterable<LogEvent>,
  { logGroup, logStream, eventsMax, bytesMax }: FirstEventsOptions,
): Promise<LogEvent[]> {
  let first: LogEvent[] = [];
  for await (const event of events) {
    if (event.logGroup !== logGroup || event.logStream.toWellFormed() !== logStream) continue;
    const last = first.at(-1);
    if (first.length === eventsMax && last !== undefined && isNotBefore(event, last)) continue;
    const at = first.findLastIndex((one) => isNotBefore(event, one)) + 1;
    first = first.toSpliced(at, 0, event).slice(0, eventsMax);
  }
  let bytes = 0;
  const end = first.findIndex(({ message }) => {
    bytes += Buffer.byteLength(message);
    return bytes > bytesMax;
  });
  return end < 0 ? first : first.slice(0, Math.max(end, 1));
}

function isNotBefore(a: LogEvent, b: LogEvent): boolean {
  if (a.timestamp !== b.timestamp) return a.timestamp > b.timestamp;
  return (a.ingestionTime ?? a.timestamp) >= (b.ingestionTime ?? b.timestamp);
}
