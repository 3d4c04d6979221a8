import { styleText } from 'node:util';
import type { TickResult } from '../../local/demo/result/demo-result.ts';

/** Lines about the start of an outage, and about what the first tick after it reads. */
export class OutageLines {
  #isOut = false;

  /** @returns the lines to print for a tick; none unless an outage begins or ends */
  take({ tickEpochMs, missed, reading }: TickResult): string[] {
    const wasOut = this.#isOut;
    this.#isOut = missed === true;
    if (this.#isOut && !wasOut) {
      return [line(tickEpochMs, 'red', 'OUTAGE', 'the monitor does not run')];
    }
    if (this.#isOut || !wasOut) return [];
    const spans = (reading?.spans ?? []).filter(({ lane }) => lane === 'scan');
    const read = spans.reduce((sum, span) => sum + span.endEpochMs - span.startEpochMs, 0);
    return [line(tickEpochMs, 'green', 'BACK', `reads ${read / 60_000} min of every log group`)];
  }
}

function line(epochMs: number, colour: 'red' | 'green', word: string, text: string): string {
  const time = new Date(epochMs).toISOString().slice(11, 19);
  return `${time}  ${styleText(colour, word.padStart(7), { stream: process.stdout })}  ${text}`;
}
