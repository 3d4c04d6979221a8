import { secondMs } from '../../lambda/common/time.ts';
import { type LogType, logTypes } from '../../lambda/model/log-types.ts';
import type { Window } from '../../lambda/model/windows.ts';
import type { Detection } from '../../queries/tools/detection-schema.ts';
import { documentedDetection } from '../../queries/tools/load-detections.ts';

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
