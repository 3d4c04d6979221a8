import { type InputLogEvent, PutLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { secondMs } from '../../lambda/common/time.ts';
import { type LogType, logTypes } from '../../lambda/model/log-types.ts';
import type { Window } from '../../lambda/model/windows.ts';
import type { Detection } from '../../queries/tools/detection-schema.ts';
import { documentedDetection } from '../../queries/tools/load-detections.ts';
import { UserError } from '../common/output.ts';
import { callLogs, type SelftestShell } from './call-logs.ts';
import { type ScratchGroups, scratchStream } from './scratch-groups.ts';

/** A test line of a detection's file. */
export interface PlantedLine {
  readonly detection: string;
  readonly list: 'matches' | 'ignores';
  /** Its index in the list, from 0. */
  readonly at: number;
  /** Whether it was put with a final line feed, as MWAA's own lines have. */
  readonly isEnded: boolean;
}

/** An event that the self-test puts into one of its log groups. */
export interface PlantedEvent {
  readonly logType: LogType;
  /** Epoch milliseconds. */
  readonly timestamp: number;
  readonly message: string;
  /** undefined for an event at an end of the slice. */
  readonly line?: PlantedLine;
  /** Set for an event at an end of the slice. */
  readonly boundary?: {
    /** Its distance to that end: `end - 1 ms`. */
    readonly name: string;
    /** The id of a detection that finds it. */
    readonly detection: string;
  };
}

/** The events to put, and the slice to read. */
export interface Planting {
  readonly slice: Window;
  /** In the order of time. */
  readonly events: readonly PlantedEvent[];
}

interface Boundary {
  readonly of: 'start' | 'end';
  readonly offsetMs: number;
}

/** Around both ends of a slice; the readings of `endTime` differ from `end` to `end + 999 ms`. */
const boundaries: readonly Boundary[] = [
  { of: 'start', offsetMs: -1 },
  { of: 'start', offsetMs: 0 },
  { of: 'end', offsetMs: -1000 },
  { of: 'end', offsetMs: -500 },
  { of: 'end', offsetMs: -1 },
  { of: 'end', offsetMs: 0 },
  { of: 'end', offsetMs: 500 },
  { of: 'end', offsetMs: 999 },
  { of: 'end', offsetMs: 1000 },
];

/** Each line has a unique time, which identifies its row. */
const lineSpacingMs = 7;
/** The gap between the lines and the events at the slice's ends. */
const marginMs = 500;

/** The documented query counts messages that contain this. */
const documentedText = 'add-role';

/**
 * Plans the events to put: every test line of the detections' files within a slice of a few
 * seconds, and events around the slice's two ends, to the millisecond.
 *
 * All are later than the log groups' creation, since queries cannot start before it.
 *
 * @param createdEpochMs when the last of the log groups was created, by AWS's clock
 */
export function planEvents(detections: readonly Detection[], createdEpochMs: number): Planting {
  const lines = detections.flatMap(linesOf);
  const startEpochMs = Math.ceil(createdEpochMs / secondMs) * secondMs + secondMs;
  const linesEndEpochMs = startEpochMs + marginMs + lines.length * lineSpacingMs;
  const endEpochMs = Math.ceil((linesEndEpochMs + marginMs) / secondMs) * secondMs + secondMs;
  const placed = lines.map((line, at) => ({
    ...line,
    timestamp: startEpochMs + marginMs + at * lineSpacingMs,
  }));
  const slice = { startEpochMs, endEpochMs };
  const events = [...placed, ...boundaryEvents(detections, slice)];
  return { slice, events: events.toSorted((a, b) => a.timestamp - b.timestamp) };
}

function linesOf({ id, tests }: Detection): Omit<PlantedEvent, 'timestamp'>[] {
  const placed = (['matches', 'ignores'] as const).flatMap((list) =>
    tests[list].map(({ logType, message }, at) => ({
      ...{ logType, message },
      line: { detection: id, list, at, isEnded: false },
    })),
  );
  const [first] = placed;
  if (first === undefined) return placed;
  const ended = { ...first, message: `${first.message}\n`, line: { ...first.line, isEnded: true } };
  return [...placed, ended];
}

/**
 * At each boundary, a line in every group that the documented query counts, and one for the pack.
 */
function boundaryEvents(
  detections: readonly Detection[],
  { startEpochMs, endEpochMs }: Window,
): PlantedEvent[] {
  const documented = documentedDetection(detections);
  const counted = documented.tests.matches
    .slice(0, 1)
    .flatMap(({ message }) =>
      logTypes.map((logType) => ({ logType, message, detection: documented.id })),
    );
  const claimed = detections.flatMap(({ id, tests }) =>
    tests.matches.flatMap(({ logType, message }) =>
      message.includes(documentedText) ? [] : [{ logType, message, detection: id }],
    ),
  );
  return boundaries.flatMap(({ of, offsetMs }) =>
    [...counted, ...claimed.slice(0, 1)].map(({ logType, message, detection }) => ({
      ...{ logType, message },
      timestamp: (of === 'start' ? startEpochMs : endEpochMs) + offsetMs,
      boundary: { name: boundaryName({ of, offsetMs }), detection },
    })),
  );
}

function boundaryName({ of, offsetMs }: Boundary): string {
  if (offsetMs === 0) return of;
  return `${of} ${offsetMs < 0 ? '-' : '+'} ${Math.abs(offsetMs)} ms`;
}

/** The number of events that the documented query must count in a window, by log type. */
export function documentedCounts(
  events: readonly PlantedEvent[],
  window: Window,
): Map<LogType, number> {
  const counts = new Map<LogType, number>(logTypes.map((logType) => [logType, 0]));
  for (const { logType, message } of eventsIn(events, window)) {
    if (message.includes(documentedText)) counts.set(logType, (counts.get(logType) ?? 0) + 1);
  }
  return counts;
}

export function eventsIn(
  events: readonly PlantedEvent[],
  { startEpochMs, endEpochMs }: Window,
): PlantedEvent[] {
  return events.filter(({ timestamp }) => timestamp >= startEpochMs && timestamp < endEpochMs);
}

/** The slices of one second before and after a slice. */
export function neighbours({ startEpochMs, endEpochMs }: Window): readonly [Window, Window] {
  return [
    { startEpochMs: startEpochMs - secondMs, endEpochMs: startEpochMs },
    { startEpochMs: endEpochMs, endEpochMs: endEpochMs + secondMs },
  ];
}

/** StartQuery's times that cover all planted events: whole seconds, both ends inclusive. */
export function wholeSpan({ startEpochMs, endEpochMs }: Window): {
  readonly startTime: number;
  readonly endTime: number;
} {
  return { startTime: startEpochMs / secondMs - 1, endTime: endEpochMs / secondMs + 2 };
}

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html */
const batchEventsMax = 10_000;
const batchBytesMax = 1_048_576;
const bytesPerEvent = 26;

/** An event's size as AWS counts and bills it. */
export function ingestedBytes({ message }: Pick<PlantedEvent, 'message'>): number {
  return Buffer.byteLength(message) + bytesPerEvent;
}

/** Splits events into batches within PutLogEvents' limits, in order. */
export function batchesOf(events: readonly PlantedEvent[]): PlantedEvent[][] {
  const batches: PlantedEvent[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const event of events) {
    const size = ingestedBytes(event);
    const last = batches.at(-1);
    if (last === undefined || last.length >= batchEventsMax || bytes + size > batchBytesMax) {
      batches.push([event]);
      bytes = size;
    } else {
      last.push(event);
      bytes += size;
    }
  }
  return batches;
}

/**
 * Puts events into their log groups.
 *
 * @param events in the order of time, none in the future
 * @throws UserError when AWS rejects some of them
 */
export async function plantEvents(
  shell: SelftestShell,
  scratch: Pick<ScratchGroups, 'nameOf'>,
  events: readonly PlantedEvent[],
): Promise<void> {
  for (const logType of logTypes) {
    const logGroupName = scratch.nameOf(logType);
    for (const batch of batchesOf(events.filter((event) => event.logType === logType))) {
      const logEvents: InputLogEvent[] = batch.map(({ timestamp, message }) => ({
        timestamp,
        message,
      }));
      const command = new PutLogEventsCommand({
        ...{ logGroupName, logStreamName: scratchStream, logEvents },
      });
      const { rejectedLogEventsInfo } = await callLogs(shell, {
        operation: 'PutLogEvents',
        doing: `putting ${batch.length} events into ${logGroupName}`,
        isOfNewGroup: true,
        send: (options) => shell.logs.send(command, options),
      });
      if (rejectedLogEventsInfo !== undefined) {
        throw new UserError(
          `AWS rejected events for ${logGroupName}: ${JSON.stringify(rejectedLogEventsInfo)}`,
        );
      }
    }
  }
}
