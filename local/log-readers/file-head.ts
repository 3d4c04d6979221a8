import { type CsvHeader, isResultWithoutMessage, readCsvHeader } from './exports/csv-reader.ts';
import { resultWithoutMessage } from './exports/json-events.ts';
import { isRetrieval } from './exports/retrieval-reader.ts';
import { isTextOutput } from './exports/text-events.ts';
import { foreignText } from './foreign-text.ts';
import { readExportedLine } from './formats/airflow-location.ts';
import { type LineStart, readLineStart } from './formats/airflow-stamp.ts';
import type { LineBatch } from './lines/line-splitter.ts';
import { type LineForm, lineForms } from './prefixes/line-forms.ts';

/** How a file is written. */
export type FileKind =
  | { readonly name: 'json' | 'airflow' | 'retrieval' | 'text' }
  | { readonly name: 'csv'; readonly header: CsvHeader }
  | { readonly name: 'prefixed'; readonly form: LineForm };

/**
 * Number of lines that decide what a file contains; when none of them shows it, the first later
 * line that does.
 */
const examinedLines = 50;
const examinedCharacters = 65_536;
/** A log that has not shown its format within this length is not read. */
const headCharactersMax = 8 * 1024 * 1024;
/** Lines in which a prefix must appear: a program may print some of its own first. */
const linesBeforePrefix = 10;

/** A JSON object with a member of our events; an escaped quote in a text does not match. */
const looksLikeEvent =
  /^\s*\{.*"(?:logGroup|logStream|logStreamName|logEvents|sessionUpdate|@message|@timestamp)"\s*:/s;

/** The beginning of JSON: of an object or a list, and not of a stamp in brackets. */
const looksLikeJson = /^\s*(?:\{\s*(?:["}]|$)|\[\s*(?:[{["\]]|$))/;

/** A stamp of Airflow or of an access log after other text. */
const stampWithin =
  /^.{1,300}?(?:\[\d{4}-\d\d-\d\d[T ,]{1,2}\d\d:\d\d:\d\d|\[\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d )/;

/** What the beginning of a file shows about it. */
export interface FileHead {
  /** Undefined when it is none of them. */
  readonly kind: FileKind | undefined;
  /** Whether it contains lines, however few, that look like Airflow's. */
  readonly hasRecords: boolean;
  /** The first time in a line, in epoch milliseconds. */
  readonly startEpochMs: number | undefined;
  /** Whether it contains only blanks. */
  readonly isBlank: boolean;
  /** What it is if it is no log, and what to do, as a clause. */
  readonly foreign: string | undefined;
  /** Why it cannot be read as its likely format, as a clause about the file. */
  readonly hint: string | undefined;
}

/**
 * Finds from its first lines what a file contains. A format with a header or with a prefix shows
 * itself in the first line. Otherwise it is JSON when more lines look like events than like Airflow's
 * lines, so that a single broken or quoted line does not decide.
 */
export class HeadReader {
  readonly batches: LineBatch[] = [];
  /** The beginning of the text, as far as formats are known by it. */
  #beginning = '';
  #lines = 0;
  #filledLines = 0;
  #characters = 0;
  #events = 0;
  #records = 0;
  #prefixed = 0;
  #opening: FileKind | undefined;
  #startsAsJson = false;
  #form: LineForm | undefined;
  #startEpochMs: number | undefined;
  #foreign: string | undefined;
  #hint: string | undefined;
  #isBlank = true;

  /** @returns whether more lines are needed */
  add(batch: LineBatch): boolean {
    this.batches.push(batch);
    if (batch.damage !== undefined) {
      this.#isBlank = false;
      this.#hint ??= 'its bytes are not text';
    }
    batch.lines.forEach((line, index) => {
      if (line === undefined) {
        this.#isBlank = false;
        return;
      }
      this.#characters += line.length + 1;
      if (!this.#isDecided()) this.#examine(line, batch.firstLine + index);
    });
    return !this.#isDecided() && this.#characters < headCharactersMax;
  }

  head(): FileHead {
    const kind = this.#kind();
    return {
      kind,
      hasRecords: this.#records > 0,
      startEpochMs: this.#startEpochMs,
      isBlank: this.#isBlank,
      foreign: this.#foreign ?? (kind === undefined ? foreignText(this.#beginning) : undefined),
      hint: this.#hint,
    };
  }

  /** Whether the kind and the first time are known. */
  #isDecided(): boolean {
    if (this.#opening !== undefined) return true;
    if (this.#lines < examinedLines) return false;
    const name = this.#kind()?.name;
    if (name === 'json') return true;
    return name !== undefined && this.#startEpochMs !== undefined;
  }

  #kind(): FileKind | undefined {
    if (this.#opening !== undefined) return this.#opening;
    const isExport = this.#form?.read === readExportedLine;
    if (this.#form !== undefined && (isExport || this.#prefixed > this.#records)) {
      return { name: 'prefixed', form: this.#form };
    }
    if (this.#events > this.#records) return { name: 'json' };
    if (this.#records > 0) return { name: 'airflow' };
    return this.#startsAsJson ? { name: 'json' } : undefined;
  }

  #examine(line: string, number: number): void {
    this.#lines += 1;
    if (this.#beginning.length < examinedCharacters) {
      this.#beginning += `${line.slice(0, examinedCharacters)}\n`;
    }
    if (line.trim() === '') return;
    this.#isBlank = false;
    this.#filledLines += 1;
    if (this.#filledLines === 1) {
      this.#opening = openingOf(line);
      if (this.#opening !== undefined) return;
      this.#startsAsJson = looksLikeJson.test(line.slice(0, examinedCharacters));
      if (isResultWithoutMessage(line)) this.#foreign = resultWithoutMessage;
    }
    if (this.#readPrefixed(line)) return;
    if (looksLikeEvent.test(line.slice(0, examinedCharacters))) {
      this.#events += 1;
      return;
    }
    const start = readLineStart(line);
    if (start.kind === 'stamped' && this.#form === undefined) this.#startEpochMs ??= start.epochMs;
    if (start.kind !== 'plain') this.#records += 1;
    if (start.kind !== 'stamped') this.#hint ??= hintOf(line, number, start);
  }

  #readPrefixed(line: string): boolean {
    const mayBegin =
      this.#records === 0 && this.#events === 0 && this.#filledLines <= linesBeforePrefix;
    if (this.#form === undefined && mayBegin) this.#form = formOf(line);
    const prefixed = this.#form?.read(line);
    if (prefixed === undefined) return false;
    this.#prefixed += 1;
    const start = readLineStart(prefixed.text);
    this.#startEpochMs ??=
      prefixed.epochMs ?? (start.kind === 'stamped' ? start.epochMs : undefined);
    return true;
  }
}

/** The format that a first line shows by itself. */
function openingOf(line: string): FileKind | undefined {
  if (isRetrieval(line)) return { name: 'retrieval' };
  if (isTextOutput(line)) return { name: 'text' };
  const header = readCsvHeader(line);
  return header && { name: 'csv', header };
}

function formOf(line: string): LineForm | undefined {
  if (readExportedLine(line) === undefined && readLineStart(line).kind !== 'plain')
    return undefined;
  return lineForms.find((form) => form.read(line) !== undefined);
}

function hintOf(
  line: string,
  number: number,
  { kind, unreadableTime }: Exclude<LineStart, { kind: 'stamped' }>,
): string | undefined {
  if (unreadableTime !== undefined) return `line ${number}: ${unreadableTime}`;
  if (kind === 'json' || !stampWithin.test(line.slice(0, examinedCharacters))) return undefined;
  return `line ${number}: there is text before the stamp that Airflow writes; remove it`;
}
