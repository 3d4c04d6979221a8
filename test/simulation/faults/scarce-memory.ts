import type { Schedule } from '../schedule/schedule.ts';
import type { Timeline } from '../schedule/timeline.ts';
import type { Row } from '../services/result-rows.ts';

/** What is known about the memory of an invocation. */
interface Reader {
  readonly startedEpochMs: number;
}

/** Counts the bytes of the answers to each invocation, and decides when one exceeds its memory. */
export class ScarceMemory {
  readonly #spans: readonly { fromMs: number; toMs: number; answerBytesMax: number }[];
  readonly #held = new WeakMap<Reader, Map<string, number>>();
  #isOver = false;

  constructor({ scarceMemory }: Pick<Schedule, 'scarceMemory'>, timeline: Timeline) {
    this.#spans = scarceMemory.map(({ from, to, answerBytesMax }) => {
      return { fromMs: timeline.at(from), toMs: timeline.at(to), answerBytesMax };
    });
  }

  end(): void {
    this.#isOver = true;
  }

  /** Whether this page of an answer kills the invocation that receives it. */
  isExceeded(reader: Reader, queryId: string, rows: readonly Row[], nowEpochMs: number): boolean {
    const span = this.#spans.find(({ fromMs, toMs }) => nowEpochMs >= fromMs && nowEpochMs < toMs);
    if (this.#isOver || span === undefined) return false;
    const answers = this.#held.get(reader) ?? new Map<string, number>();
    this.#held.set(reader, answers);
    const bytes = rows.flat().reduce((sum, { value }) => sum + value.length, 0);
    const held = (answers.get(queryId) ?? 0) + bytes;
    answers.set(queryId, held);
    return held > span.answerBytesMax;
  }
}
