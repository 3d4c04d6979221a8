import type { LogType } from '../../lambda/model/log-types.ts';
import type { RefusedDetection } from '../../lambda/model/refused-texts.ts';
import type { Window } from '../../lambda/model/windows.ts';
import type { RawAnswer } from './ask-query.ts';
import type { EndTimeAnswer } from './end-time-answers.ts';
import type { Planting } from './planted-events.ts';

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
