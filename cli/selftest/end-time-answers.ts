import { secondMs } from '../../lambda/common/time.ts';
import { type EndTimeReading, endEpochMsOf } from '../../local/insights-engine/end-time.ts';

/** A query for the events at one end of a slice, which ends in the second `e`. */
export interface EndTimeQuery {
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
export type ObservedEndTime = EndTimeReading | 'exclusive' | 'unknown';

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
