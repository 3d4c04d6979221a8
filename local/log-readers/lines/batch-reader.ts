import type { LogEvent } from '../../log-event.ts';
import type { LineBatch } from './file-lines.ts';

/** Turns the lines of one file into events, a batch at a time. */
export interface BatchReader {
  read(batch: LineBatch): LogEvent[];
  /** Events that were still waiting for more lines. */
  end(): LogEvent[];
}
