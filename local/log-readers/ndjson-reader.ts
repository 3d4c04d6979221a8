import type { LogEvent } from '../log-event.ts';
import type { BatchReader } from './batch-reader.ts';
import { type LineBatch, maxLineBytes } from './file-lines.ts';
import { parseNdjsonEvent } from './ndjson-event.ts';
import type { ReportBuilder } from './read-report.ts';

/** Reads one event a line; empty lines mean nothing. */
export class NdjsonReader implements BatchReader {
  readonly #file: string;
  readonly #report: ReportBuilder;

  constructor(file: string, report: ReportBuilder) {
    this.#file = file;
    this.#report = report;
  }

  read({ firstLine, lines }: LineBatch): LogEvent[] {
    const events: LogEvent[] = [];
    lines.forEach((line, index) => {
      if (line?.trim() === '') return;
      const event = line === undefined ? tooLong : parseNdjsonEvent(line);
      if (typeof event !== 'string') events.push(event);
      else this.#report.addBadLine({ file: this.#file, line: firstLine + index, reason: event });
    });
    return events;
  }

  end(): LogEvent[] {
    return [];
  }
}

export const tooLong = `longer than ${maxLineBytes} bytes`;
