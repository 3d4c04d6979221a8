import type { LogEvent } from '../../log-event.ts';
import type { BatchReader } from '../lines/batch-reader.ts';
import { type LineBatch, maxLineBytes } from '../lines/file-lines.ts';
import { tooLate } from '../report/plausible-time.ts';
import type { ReportBuilder } from '../report/problem-report.ts';
import { parseNdjsonEvent } from './ndjson-event.ts';

/** Reads one event per line; empty lines are ignored. */
export class NdjsonReader implements BatchReader {
  readonly #file: string;
  readonly #report: ReportBuilder;

  readonly #latestEpochMs: number;

  /** @param latestEpochMs later times are reported as a doubt */
  constructor(file: string, report: ReportBuilder, latestEpochMs: number) {
    this.#file = file;
    this.#report = report;
    this.#latestEpochMs = latestEpochMs;
  }

  read({ firstLine, lines, damage }: LineBatch): LogEvent[] {
    const events: LogEvent[] = [];
    lines.forEach((text, index) => {
      if (text?.trim() === '') return;
      const event = text === undefined ? tooLong : parseNdjsonEvent(text);
      const harm = damage?.get(index);
      const line = firstLine + index;
      if (typeof event === 'string') {
        const reason = harm ? `${event}; ${harm}` : event;
        this.#report.addBadLine({ file: this.#file, line, reason });
        return;
      }
      events.push(event);
      const late = event.timestamp > this.#latestEpochMs ? tooLate(event.timestamp) : undefined;
      const reason = harm ?? late;
      if (reason !== undefined) this.#report.addDoubt({ file: this.#file, line, reason });
    });
    return events;
  }

  end(): LogEvent[] {
    return [];
  }
}

export const tooLong = `longer than ${maxLineBytes} bytes`;
