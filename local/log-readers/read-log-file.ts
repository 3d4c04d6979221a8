import type { LogEvent } from '../log-event.ts';
import { type FileHead, HeadReader } from './file-head.ts';
import type { AirflowLocation } from './formats/airflow-location.ts';
import { AirflowReader } from './formats/airflow-reader.ts';
import { NdjsonReader } from './formats/ndjson-reader.ts';
import type { BatchReader } from './lines/batch-reader.ts';
import type { LineBatch } from './lines/file-lines.ts';
import { latestWithoutDoubt } from './report/plausible-time.ts';
import type { ReportBuilder } from './report/problem-report.ts';
import { askForLogType } from './report/unknown-log-type.ts';

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
export interface Unreadable {
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
