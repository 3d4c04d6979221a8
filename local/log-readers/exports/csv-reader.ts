import type { LogEvent } from '../../log-event.ts';
import type { BatchReader } from '../lines/file-lines.ts';
import { type LineBatch, maxLineBytes, tooLong } from '../lines/line-splitter.ts';
import type { EventMaker } from './event-maker.ts';
import { type Fields, partOf, readEventRecord } from './event-record.ts';

const delimiters = [',', ';', '\t'];

/** The columns of a table of events. */
export interface CsvHeader {
  readonly delimiter: string;
  readonly columns: readonly string[];
}

/**
 * Reads the first line of a CSV of events, such as `@timestamp,@log,@logStream,@message` of the
 * console of Logs Insights, or `timestamp,message` of the console's log events.
 *
 * @returns undefined for a line that names no message, or nothing but it
 */
export function readCsvHeader(line: string): CsvHeader | undefined {
  if (line.length > 10_000) return undefined;
  for (const delimiter of delimiters) {
    const { cells, isOpen } = splitRow(line, delimiter, false);
    const columns = cells.map((cell) => cell.trim());
    if (isOpen || columns.length < 2) continue;
    const parts = columns.map(partOf);
    if (parts.includes('message') && new Set(parts).size > 1) return { delimiter, columns };
  }
  return undefined;
}

/** The columns of a result of Logs Insights that has no message: its fields start with `@`. */
export function isResultWithoutMessage(line: string): boolean {
  return /^"?@(?:timestamp|log|logStream|ingestionTime|ptr)"?(?:,|$)/.test(line);
}

/**
 * Cells of a row, with quotes doubled inside quotes (https://www.rfc-editor.org/rfc/rfc4180).
 *
 * @param isInside whether the line continues a quoted cell, which is then the first of the result
 */
function splitRow(line: string, delimiter: string, isInside: boolean) {
  const cells: string[] = [];
  let at = 0;
  let isOpen = isInside;
  for (;;) {
    let cell = '';
    if (isOpen || line[at] === '"') {
      if (!isOpen) at += 1;
      isOpen = true;
      for (;;) {
        const end = line.indexOf('"', at);
        if (end < 0) {
          cells.push(cell + line.slice(at));
          return { cells, isOpen };
        }
        cell += line.slice(at, end);
        at = end + 1;
        if (line[at] !== '"') break;
        cell += '"';
        at += 1;
      }
      isOpen = false;
    }
    const end = line.indexOf(delimiter, at);
    cells.push(cell + line.slice(at, end < 0 ? line.length : end));
    if (end < 0) return { cells, isOpen };
    at = end + 1;
  }
}

/** Reads the rows of a CSV whose first line names its columns. A cell can contain line ends. */
export class CsvReader implements BatchReader {
  readonly #maker: EventMaker;
  readonly #delimiter: string;
  readonly #columns: readonly string[];
  #isHeaderRead = false;
  #cells: string[] = [];
  #open: string[] | undefined;
  #openCharacters = 0;
  #line = 0;

  constructor(maker: EventMaker, { delimiter, columns }: CsvHeader) {
    this.#maker = maker;
    this.#delimiter = delimiter;
    this.#columns = columns;
  }

  read({ firstLine, lines, damage }: LineBatch): LogEvent[] {
    const events: LogEvent[] = [];
    lines.forEach((text, index) => {
      const line = firstLine + index;
      if (text === undefined) this.#maker.fail(line, tooLong);
      else this.#push(text, line, damage?.get(index), events);
    });
    return events;
  }

  end(): LogEvent[] {
    if (this.#open !== undefined) {
      this.#maker.fail(this.#line, 'the row that starts here is cut off within quotes');
    }
    this.#open = undefined;
    return [];
  }

  #push(text: string, line: number, harm: string | undefined, events: LogEvent[]): void {
    if (this.#open === undefined) {
      if (text.trim() === '') return;
      if (!this.#isHeaderRead) {
        this.#isHeaderRead = true;
        return;
      }
      this.#line = line;
    }
    const { cells, isOpen } = splitRow(text, this.#delimiter, this.#open !== undefined);
    const [first = '', ...others] = cells;
    if (this.#open === undefined) this.#cells = [first];
    else this.#open.push(first);
    if (this.#open !== undefined && (others.length > 0 || !isOpen)) {
      this.#cells.push(this.#open.join('\n'));
      this.#open = undefined;
    }
    this.#cells.push(...others);
    if (isOpen) {
      this.#open ??= [this.#cells.pop() ?? ''];
      this.#openCharacters += text.length + 1;
      if (this.#openCharacters <= maxLineBytes) return;
      this.#maker.fail(this.#line, tooLong);
      this.#open = undefined;
      this.#openCharacters = 0;
      return;
    }
    this.#openCharacters = 0;
    const event = this.#eventOf(this.#cells, line, harm);
    if (event !== undefined) events.push(event);
  }

  #eventOf(cells: readonly string[], line: number, harm: string | undefined) {
    // The console repeats the header when several results are appended to one file.
    if (
      cells.length === this.#columns.length &&
      cells.every((cell, i) => cell === this.#columns[i])
    )
      return undefined;
    if (cells.length !== this.#columns.length) {
      this.#maker.fail(
        this.#line,
        `the row has ${cells.length} cells, and the header ${this.#columns.length}`,
      );
      return undefined;
    }
    const record: Fields = Object.fromEntries(
      this.#columns.map((column, index) => [column, cells[index] ?? '']),
    );
    const parts = readEventRecord(record);
    if (typeof parts === 'object') return this.#maker.make(parts, this.#line, harm);
    this.#maker.fail(this.#line, parts ?? `line ${line} has no message`);
    return undefined;
  }
}
