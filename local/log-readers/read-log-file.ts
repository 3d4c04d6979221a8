import type { LogEvent } from '../log-event.ts';
import { CsvReader } from './exports/csv-reader.ts';
import { EventMaker, groupOf, type ReaderAbout } from './exports/event-maker.ts';
import { JsonLinePasser } from './exports/json-line-passer.ts';
import { JsonReader } from './exports/json-reader.ts';
import { RetrievalReader } from './exports/retrieval-reader.ts';
import { TextReader } from './exports/text-events.ts';
import { type FileHead, type FileKind, HeadReader } from './file-head.ts';
import type { AirflowLocation } from './formats/airflow-location.ts';
import { AirflowReader } from './formats/airflow-records.ts';
import type { EventSieve } from './lines/event-sieve.ts';
import type { BatchReader, LineBatches } from './lines/file-lines.ts';
import type { LineBatch, LinePasser } from './lines/line-splitter.ts';
import { MarkedEventReader, PrefixedLineReader } from './prefixes/prefixed-reader.ts';
import { askForLogType, latestWithoutDoubt, unknownTypeGroup } from './report/read-report.ts';
import type { ReportBuilder } from './report/report-builder.ts';

const notALog =
  'it contains neither NDJSON events {"logGroup","logStream","timestamp","message"} nor an Airflow log, nor another export of logs that is known';

export interface FileReading {
  readonly environment: string;
  /** Whether lines of unknown log type are read. */
  readonly unknownTypes: 'read' | 'refuse';
  /** The current time, in epoch milliseconds: a line far ahead of it is reported as a doubt. */
  readonly nowEpochMs: number;
  readonly report: ReportBuilder;
  /** Whether the lines are rows of a table as JSON. */
  readonly isTable?: boolean | undefined;
  /** Decides which events are yielded; the others are only counted. @default all are */
  readonly sieve?: EventSieve | undefined;
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
  batches: LineBatches,
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
  let brokenOff: string | undefined;
  for await (const batch of chained(beginning.batches, batches, reader.passer)) {
    const events = reader.lines.read(batch);
    report.events += events.length;
    if (events.length > 0) yield events;
    if (batch.brokenOff !== undefined) {
      brokenOff = batch.brokenOff;
      const line = batch.firstLine + batch.lines.length;
      report.addBadLine({ file, line, reason: batch.brokenOff });
    }
  }
  const last = reader.lines.end();
  report.events += last.length;
  yield last;

  if (report.events === eventsBefore && brokenOff !== undefined) {
    return { reason: brokenOff, isHarmless: false };
  }
  if (report.events === eventsBefore) return notOneLine(file, report, badLinesBefore);
  report.addFile(reading.isTable ? 'Parquet' : formatName(head.kind));
  if (reader.hasUnknownTypes()) report.unknownTypes.push(file);
  return undefined;
}

const formatNames = {
  json: 'JSON',
  airflow: 'Airflow log',
  retrieval: "AWS Support's log retrieval",
  text: 'text of the AWS CLI',
  csv: 'CSV',
} as const;

function formatName(kind: FileKind | undefined): string {
  if (kind?.name === 'prefixed') return kind.form.name;
  return formatNames[kind?.name ?? 'airflow'];
}

async function* chained(
  first: readonly LineBatch[],
  further: LineBatches,
  passer: LinePasser | undefined,
): AsyncGenerator<LineBatch> {
  try {
    yield* first;
    for (;;) {
      const { done, value } = await further.next(passer);
      if (done) return;
      yield value;
    }
  } finally {
    await further.return();
  }
}

/** A reader for a file, and whether the log type of one of its events was not known. */
interface ChosenReader {
  readonly lines: BatchReader;
  readonly hasUnknownTypes: () => boolean;
  readonly passer?: LinePasser;
}

function chooseReader(
  file: string,
  { kind, hasRecords, startEpochMs, isBlank, foreign, hint }: FileHead,
  location: AirflowLocation,
  { environment, unknownTypes, nowEpochMs, report, isTable = false, sieve }: FileReading,
): ChosenReader | Unreadable {
  const latestEpochMs = latestWithoutDoubt(nowEpochMs);
  const about: ReaderAbout = { file, location, environment, unknownTypes, latestEpochMs, report };
  const ofEvents = (make: (maker: EventMaker) => BatchReader): ChosenReader => {
    const maker = new EventMaker(about, startEpochMs);
    return { lines: make(maker), hasUnknownTypes: () => maker.hasUnknownTypes };
  };
  // A task's log stays a log, however many events its author prints.
  const isTask = location.logType === 'Task' && hasRecords;
  if (!isTask) {
    if (kind?.name === 'json') {
      const maker = new EventMaker(about, startEpochMs);
      const lines = new JsonReader(maker, isTable);
      const passer = sieve === undefined ? {} : { passer: new JsonLinePasser(lines, maker, sieve) };
      return { lines, hasUnknownTypes: () => maker.hasUnknownTypes, ...passer };
    }
    if (kind?.name === 'retrieval') return ofEvents((maker) => new RetrievalReader(maker));
    if (kind?.name === 'text') return ofEvents((maker) => new TextReader(maker));
    if (kind?.name === 'csv') return ofEvents((maker) => new CsvReader(maker, kind.header));
  }
  if (kind?.name === 'prefixed' && kind.form.marks === 'events') {
    return ofEvents((maker) => new MarkedEventReader(maker, kind.form));
  }
  if (isBlank) return { reason: 'it is empty', isHarmless: true };
  const unreadable = (reason: string) => ({ reason, isHarmless: false });
  if (foreign !== undefined) return unreadable(foreign);
  if (kind === undefined) return unreadable(hint === undefined ? notALog : `${notALog} (${hint})`);
  if (startEpochMs === undefined) {
    return unreadable(
      hint ?? 'no line has a time, and the time of the file is not the time of its lines',
    );
  }
  if (kind.name === 'prefixed') {
    const lines = new PrefixedLineReader(about, kind.form, startEpochMs);
    return { lines, hasUnknownTypes: () => lines.hasUnknownTypes };
  }
  const logGroup = groupOf(location, environment);
  const isUnknown = logGroup === unknownTypeGroup(environment);
  if (isUnknown && unknownTypes === 'refuse') {
    return unreadable(`its path does not show its log type; ${askForLogType}`);
  }
  const lines = new AirflowReader(
    file,
    location,
    { logGroup, startEpochMs, latestEpochMs },
    report,
  );
  return { lines, hasUnknownTypes: () => isUnknown };
}

function notOneLine(file: string, report: ReportBuilder, badLinesBefore: number): Unreadable {
  if (report.badLineCount === badLinesBefore) {
    return { reason: 'it contains no events', isHarmless: true };
  }
  const first = report.badLines.find((badLine) => badLine.file === file);
  const example = first ? `; line ${first.line}: ${first.reason}` : '';
  return { reason: `no line can be read${example}`, isHarmless: false };
}
