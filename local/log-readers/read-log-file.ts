import type { LogEvent } from '../log-event.ts';
import { type AirflowLocation, readExportedLine } from './formats/airflow-location.ts';
import { AirflowReader } from './formats/airflow-records.ts';
import { type LineStart, readLineStart } from './formats/airflow-stamp.ts';
import { NdjsonReader } from './formats/ndjson-reader.ts';
import type { BatchReader, LineBatch } from './lines/file-lines.ts';
import { askForLogType, latestWithoutDoubt, type ReportBuilder } from './report/read-report.ts';

type FileKind = 'ndjson' | 'airflow';

/**
 * Number of lines that decide what a file contains; when none of them shows it, the first later
 * line that does.
 */
const examinedLines = 50;
const examinedCharacters = 65_536;
/** A log that has not shown its format within this length is not read. */
const headCharactersMax = 8 * 1024 * 1024;

/** A JSON object with a member of our events; an escaped quote in a text does not match. */
const looksLikeEvent = /^\s*\{.*"(?:logGroup|logStream)"\s*:/s;

/** A stamp of Airflow or of an access log after other text. */
const stampWithin =
  /^.{1,300}?(?:\[\d{4}-\d\d-\d\d[T ,]{1,2}\d\d:\d\d:\d\d|\[\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d )/;

/** What the beginning of a file shows about it. */
interface FileHead {
  /** Undefined when it is neither. */
  readonly kind: FileKind | undefined;
  /** Whether it contains lines, however few, that look like Airflow's. */
  readonly hasRecords: boolean;
  /** Whether each event starts with CloudWatch's own time, as in an export to S3. */
  readonly isExport: boolean;
  /** The first time in a line, in epoch milliseconds. */
  readonly startEpochMs: number | undefined;
  /** Whether it contains only blanks. */
  readonly isBlank: boolean;
  /** Why it cannot be read as its likely format, as a clause about the file. */
  readonly hint: string | undefined;
}

/**
 * Finds from its first lines what a file contains: NDJSON events when more lines look like events
 * than like Airflow's lines, so that a single broken or quoted line does not decide.
 */
class HeadReader {
  readonly batches: LineBatch[] = [];
  #lines = 0;
  #characters = 0;
  #events = 0;
  #records = 0;
  #isExport: boolean | undefined;
  #startEpochMs: number | undefined;
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
      isExport: this.#isExport ?? false,
      startEpochMs: this.#startEpochMs,
      isBlank: this.#isBlank,
      hint: this.#hint,
    };
  }

  /** Whether the kind and the first time are known. */
  #isDecided(): boolean {
    if (this.#lines < examinedLines) return false;
    const kind = this.#kind();
    return kind === 'ndjson' || (kind === 'airflow' && this.#startEpochMs !== undefined);
  }

  #kind(): FileKind | undefined {
    if (this.#events > this.#records) return 'ndjson';
    return this.#records > 0 ? 'airflow' : undefined;
  }

  #examine(line: string, number: number): void {
    this.#lines += 1;
    if (line.trim() === '') return;
    this.#isBlank = false;
    const exported = readExportedLine(line);
    this.#isExport ??= exported !== undefined;
    if (this.#isExport) {
      if (exported === undefined) return;
      this.#records += 1;
      this.#startEpochMs ??= exported.epochMs;
      return;
    }
    if (looksLikeEvent.test(line.slice(0, examinedCharacters))) {
      this.#events += 1;
      return;
    }
    const start = readLineStart(line);
    if (start.kind === 'stamped') this.#startEpochMs ??= start.epochMs;
    if (start.kind !== 'plain') this.#records += 1;
    if (start.kind !== 'stamped') this.#hint ??= hintOf(line, number, start);
  }
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

const notALog =
  'it contains neither NDJSON events {"logGroup","logStream","timestamp","message"} nor an Airflow log';

export interface FileReading {
  readonly environment: string;
  /** Whether Airflow logs of unknown log type are read. */
  readonly unknownTypes: 'read' | 'refuse';
  /** The current time, in epoch milliseconds: a line far ahead of it is reported as a doubt. */
  readonly nowEpochMs: number;
  readonly report: ReportBuilder;
}

/** Why a file was not read. */
interface Unreadable {
  readonly reason: string;
  /** Whether there was nothing to read. */
  readonly isHarmless: boolean;
}

/** @returns why the file was not read, or undefined when at least a part of it was */
export async function* readLogFile(
  file: string,
  batches: AsyncGenerator<LineBatch>,
  location: AirflowLocation,
  reading: FileReading,
): AsyncGenerator<LogEvent[], Unreadable | undefined> {
  const { report } = reading;
  const beginning = new HeadReader();
  for (let needsMore = true; needsMore; ) {
    const { done, value } = await batches.next();
    if (done) break;
    needsMore = beginning.add(value);
  }
  const head = beginning.head();
  const reader = chooseReader(file, head, location, reading);
  if ('reason' in reader) {
    await batches.return(undefined);
    const { brokenOff } = beginning.batches.at(-1) ?? {};
    return brokenOff === undefined ? reader : { reason: brokenOff, isHarmless: false };
  }

  const eventsBefore = report.events;
  const badLinesBefore = report.badLineCount;
  for await (const batch of chained(beginning.batches, batches)) {
    const events = reader.read(batch);
    report.events += events.length;
    if (events.length > 0) yield events;
    if (batch.brokenOff !== undefined) {
      const line = batch.firstLine + batch.lines.length;
      report.addBadLine({ file, line, reason: batch.brokenOff });
    }
  }
  const last = reader.end();
  report.events += last.length;
  yield last;

  if (report.events === eventsBefore) return notOneLine(file, report, badLinesBefore);
  report.files += 1;
  if (head.kind === 'airflow' && location.logType === undefined) report.unknownTypes.push(file);
  return undefined;
}

async function* chained(
  first: readonly LineBatch[],
  further: AsyncIterable<LineBatch>,
): AsyncGenerator<LineBatch> {
  yield* first;
  yield* further;
}

function chooseReader(
  file: string,
  { kind, hasRecords, isExport, startEpochMs, isBlank, hint }: FileHead,
  location: AirflowLocation,
  { environment, unknownTypes, nowEpochMs, report }: FileReading,
): BatchReader | Unreadable {
  const latestEpochMs = latestWithoutDoubt(nowEpochMs);
  // A task's log stays a log, however many events its author prints.
  const isTask = location.logType === 'Task' && hasRecords;
  if (kind === 'ndjson' && !isTask) return new NdjsonReader(file, report, latestEpochMs);
  if (isBlank) return { reason: 'it is empty', isHarmless: true };
  const unreadable = (reason: string) => ({ reason, isHarmless: false });
  if (kind === undefined) return unreadable(hint === undefined ? notALog : `${notALog} (${hint})`);
  if (startEpochMs === undefined) {
    return unreadable(
      hint ?? 'no line has a time, and the time of the file is not the time of its lines',
    );
  }
  if (location.logType === undefined && unknownTypes === 'refuse') {
    return unreadable(`its path does not show its log type; ${askForLogType}`);
  }
  const options = { environment, startEpochMs, isExport, latestEpochMs };
  return new AirflowReader(file, location, options, report);
}

function notOneLine(file: string, report: ReportBuilder, badLinesBefore: number): Unreadable {
  if (report.badLineCount === badLinesBefore) return { reason: 'it is empty', isHarmless: true };
  const first = report.badLines.find((badLine) => badLine.file === file);
  const example = first ? `; line ${first.line}: ${first.reason}` : '';
  return { reason: `no line can be read${example}`, isHarmless: false };
}
