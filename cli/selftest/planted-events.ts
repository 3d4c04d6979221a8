import { type LogType, logTypes } from '../../lambda/log-types.ts';
import type { Window } from '../../lambda/windows.ts';
import type { Detection } from '../../queries/detection-schema.ts';
import { documentedDetection } from '../../queries/load-detections.ts';

/** A line of a detection's file, and what the file says about it. */
export interface PlantedLine {
  readonly detection: string;
  readonly list: 'matches' | 'ignores';
  /** Its place in the list, from 0. */
  readonly at: number;
  /** A line feed was put behind it, as MWAA's own lines have one. */
  readonly isEnded: boolean;
}

/** An event that the self-test puts into one of its log groups. */
export interface PlantedEvent {
  readonly logType: LogType;
  /** Epoch milliseconds. */
  readonly timestamp: number;
  readonly message: string;
  /** Absent for an event at an end of the slice. */
  readonly line?: PlantedLine;
  /** Of an event at an end of the slice. */
  readonly boundary?: {
    /** Which end it is at, and how far: `end - 1 ms`. */
    readonly name: string;
    /** One that finds it. */
    readonly detection: string;
  };
}

/** What is put, and the slice that is read of it. */
export interface Planting {
  readonly slice: Window;
  /** In the order of their times. */
  readonly events: readonly PlantedEvent[];
}

interface Boundary {
  readonly of: 'start' | 'end';
  readonly offsetMs: number;
}

/** Around both ends of a slice: the two readings of `endTime` part between `end` and `end + 999 ms`. */
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

const secondMs = 1000;
/** Each line has a time of its own, by which its row is known again. */
const lineSpacingMs = 7;
/** Between the lines and the events at the slice's ends. */
const marginMs = 500;

/** What a message contains that the documented query counts. */
const documentedText = 'add-role';

/**
 * Lays out what is put: every line of the detections' files within a slice of some seconds, and events
 * around the slice's two ends, to the millisecond.
 *
 * All of it is later than the log groups' creation, which a query cannot reach behind.
 *
 * @param createdEpochMs when the last of the log groups was made, by the clock of AWS
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

/** At each place a line that the documented query counts in every group, and one that the pack claims. */
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

/** How many events of each log type the documented query counts in a window. */
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

/** The slices before and after one, of a second each. */
export function neighbours({ startEpochMs, endEpochMs }: Window): readonly [Window, Window] {
  return [
    { startEpochMs: startEpochMs - secondMs, endEpochMs: startEpochMs },
    { startEpochMs: endEpochMs, endEpochMs: endEpochMs + secondMs },
  ];
}

/** In whole seconds, both ends included, what StartQuery is asked to cover all that is put. */
export function wholeSpan({ startEpochMs, endEpochMs }: Window): {
  readonly startTime: number;
  readonly endTime: number;
} {
  return { startTime: startEpochMs / secondMs - 1, endTime: endEpochMs / secondMs + 2 };
}
