import type { LogType } from '../../lambda/log-types.ts';
import type { RefusedDetection } from '../../lambda/refused-texts.ts';
import type { Window } from '../../lambda/windows.ts';
import type { RawAnswer } from './ask-query.ts';
import type { EndTimeAnswer } from './end-time-answers.ts';
import type { Planting } from './planted-events.ts';

/** An event that the function's own code read, with its verdict. */
export interface ReadEvent {
  readonly logType: LogType | undefined;
  readonly timestamp: number;
  readonly message: string;
  readonly detections: readonly string[];
}

/** What the function's own code read of the pack in one slice. */
export interface PackObservation {
  readonly window: Window;
  /** Whether all of it was read. */
  readonly isRead: boolean;
  readonly events: readonly ReadEvent[];
  /** Rows it could not read or decide, and log groups it could not read, each as a clause. */
  readonly problems: readonly string[];
}

/** What the function's own code counted by the documented query in one slice. */
export interface CountObservation {
  readonly window: Window;
  /** `before`, `the slice` or `after`. */
  readonly slice: string;
  readonly isRead: boolean;
  readonly counts: ReadonlyMap<LogType, number>;
  readonly problems: readonly string[];
  /** How often the count was doubted, as where AWS refuses the query that corrects it. */
  readonly doubts: number;
}

export interface ObservedText {
  readonly name: 'documented' | 'pack';
  readonly queryString: string;
  readonly answer: RawAnswer;
}

/** All that a run has seen, as plain data. */
export interface Observation {
  readonly planting: Planting;
  readonly visibleAfterSeconds: number;
  readonly documented: ObservedText;
  readonly pack: ObservedText;
  /** To the pack's text, or to it without what is refused where anything is left. */
  readonly answer: RawAnswer;
  readonly refused: readonly RefusedDetection[];
  /** AWS takes the text of no detection. */
  readonly isPackRefused: boolean;
  /** In the order of their times: the slice and its two neighbours. */
  readonly packSlices: readonly PackObservation[];
  readonly countedSlices: readonly CountObservation[];
  readonly endTime: readonly EndTimeAnswer[];
  /** A count over the log groups before anything was put. */
  readonly empty: RawAnswer;
  /** One detection's text with 100,000 rows asked by StartQuery's parameter; undefined: none is accepted. */
  readonly manyRows: RawAnswer | undefined;
}
