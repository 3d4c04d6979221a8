import { secondMs } from '../../lambda/common/time.ts';
import type { LogType } from '../../lambda/model/log-types.ts';
import type { RefusedDetection } from '../../lambda/model/refused-texts.ts';
import type { Window } from '../../lambda/model/windows.ts';
import { type EndTimeReading, endEpochMsOf } from '../../local/insights-engine/engine-types.ts';
import type { RawAnswer } from './call-logs.ts';
import type { Planting } from './planted-events.ts';

/** A query for the events at one end of a slice, which ends in the second `e`. */
interface EndTimeQuery {
  /** `(s, e)`, for people. */
  readonly name: string;
  /** StartQuery's parameters, in epoch seconds. */
  readonly startTime: number;
  readonly endTime: number;
}

/** The query with its outcome. */
export type EndTimeAnswer = EndTimeQuery &
  (
    | { readonly kind: 'answered'; readonly timestamps: readonly number[] }
    | { readonly kind: 'refused' | 'failed'; readonly message: string }
  );

/**
 * How far `endTime` reaches: a reading that the monitor knows, nothing of its second, or unclear.
 */
type ObservedEndTime = EndTimeReading | 'exclusive' | 'unknown';

/** The three queries whose answers distinguish the readings. */
export function endTimeQueries(slice: {
  readonly startEpochMs: number;
  readonly endEpochMs: number;
}): readonly EndTimeQuery[] {
  const [s, e] = [slice.startEpochMs / secondMs, slice.endEpochMs / secondMs];
  return [
    { name: '(s, e)', startTime: s, endTime: e },
    { name: '(s, e - 1)', startTime: s, endTime: e - 1 },
    { name: '(e, e)', startTime: e, endTime: e },
  ];
}

/**
 * The reading under which every answer has exactly the expected events; refused or failed queries
 * are ignored.
 *
 * @param planted the times of the events to find, in epoch milliseconds
 */
export function observedEndTime(
  answers: readonly EndTimeAnswer[],
  planted: readonly number[],
): ObservedEndTime {
  const answered = answers.filter((answer) => answer.kind === 'answered');
  if (answered.length === 0) return 'unknown';
  const readings: readonly Exclude<ObservedEndTime, 'unknown'>[] = [
    'second',
    'millisecond',
    'exclusive',
  ];
  const fitting = readings.filter((reading) =>
    answered.every(({ startTime, endTime, timestamps }) => {
      const last = lastEpochMs(endTime, reading);
      const expected = planted.filter((time) => time >= startTime * secondMs && time <= last);
      return sameNumbers(expected, timestamps);
    }),
  );
  const [only] = fitting;
  return fitting.length === 1 && only !== undefined ? only : 'unknown';
}

function lastEpochMs(endTime: number, reading: Exclude<ObservedEndTime, 'unknown'>): number {
  return reading === 'exclusive' ? endTime * secondMs - 1 : endEpochMsOf(endTime, reading);
}

function sameNumbers(a: readonly number[], b: readonly number[]): boolean {
  const inOrder = (numbers: readonly number[]) => numbers.toSorted((x, y) => x - y).join();
  return inOrder(a) === inOrder(b);
}

/** An event as read by the function's own code, with its verdict. */
export interface ReadEvent {
  readonly logType: LogType | undefined;
  readonly timestamp: number;
  readonly message: string;
  readonly detections: readonly string[];
}

/** The result of reading the pack over one slice with the function's own code. */
export interface PackObservation {
  readonly window: Window;
  /** Whether the whole slice was read. */
  readonly isRead: boolean;
  readonly events: readonly ReadEvent[];
  /** Rows and log groups that it could not read, each as a clause. */
  readonly problems: readonly string[];
}

/** The result of counting one slice with the function's own code and the documented query. */
export interface CountObservation {
  readonly window: Window;
  /** `before`, `the slice` or `after`. */
  readonly slice: string;
  readonly isRead: boolean;
  readonly counts: ReadonlyMap<LogType, number>;
  readonly problems: readonly string[];
  /**
   * How often the count is in doubt, for example because AWS refuses the query that corrects it.
   */
  readonly doubts: number;
}

export interface ObservedText {
  readonly name: 'documented' | 'pack';
  readonly queryString: string;
  readonly answer: RawAnswer;
}

/** Everything that a run has observed, as plain data. */
export interface Observation {
  readonly planting: Planting;
  readonly visibleAfterSeconds: number;
  readonly documented: ObservedText;
  readonly pack: ObservedText;
  /** The answer to the pack's query, or to the pack without refused detections if any are left. */
  readonly answer: RawAnswer;
  readonly refused: readonly RefusedDetection[];
  /** AWS refuses every detection. */
  readonly isPackRefused: boolean;
  /** The slice and its two neighbours, in the order of time. */
  readonly packSlices: readonly PackObservation[];
  readonly countedSlices: readonly CountObservation[];
  readonly endTime: readonly EndTimeAnswer[];
  /** The answer to a count over the log groups before any event was put. */
  readonly empty: RawAnswer;
  /**
   * The answer to one detection with StartQuery's limit of 100,000 rows; undefined: none is
   * accepted.
   */
  readonly manyRows: RawAnswer | undefined;
}

/** The cells of a row from GetQueryResults, by field; anything that is not a cell is skipped. */
export function cellsOf(row: unknown): ReadonlyMap<string, string> {
  const cells = new Map<string, string>();
  for (const cell of Array.isArray(row) ? row : []) {
    const [field, value] =
      typeof cell === 'object' && cell !== null
        ? [Reflect.get(cell, 'field'), Reflect.get(cell, 'value')]
        : [];
    if (typeof field === 'string' && value !== undefined) cells.set(field, String(value));
  }
  return cells;
}
