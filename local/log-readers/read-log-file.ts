import type { LogEvent } from '../log-event.ts';
import type { AirflowLocation } from './airflow-location.ts';
import { AirflowReader } from './airflow-reader.ts';
import { readLineStart } from './airflow-stamp.ts';
import type { BatchReader } from './batch-reader.ts';
import { kindOfLines } from './file-kind.ts';
import type { LineBatch } from './file-lines.ts';
import type { LogFile } from './find-log-files.ts';
import { LogReadError } from './log-read-error.ts';
import { NdjsonReader } from './ndjson-reader.ts';
import type { ReportBuilder } from './read-report.ts';

const notALog =
  'it holds neither NDJSON events {"logGroup","logStream","timestamp","message"} nor an Airflow log';

export interface FileReading {
  readonly environment: string;
  readonly report: ReportBuilder;
}

/**
 * @returns why the file is no log, or undefined when it was read
 * @throws LogReadError when it is one, and not one line can be used
 */
export async function* readLogFile(
  file: LogFile,
  batches: AsyncGenerator<LineBatch>,
  location: AirflowLocation,
  { environment, report }: FileReading,
): AsyncGenerator<LogEvent[], string | undefined> {
  const eventsBefore = report.events;
  const badLinesBefore = report.badLineCount;
  let reader: BatchReader | undefined;
  for await (const batch of batches) {
    reader ??= chooseReader(file, batch, location, { environment, report });
    if (!reader) return batch.brokenOff ?? notALog;
    const events = reader.read(batch);
    report.events += events.length;
    if (events.length > 0) yield events;
    if (batch.brokenOff !== undefined) {
      const line = batch.firstLine + batch.lines.length;
      report.addBadLine({ file: file.path, line, reason: batch.brokenOff });
    }
  }
  const last = reader?.end() ?? [];
  report.events += last.length;
  yield last;

  if (report.events === eventsBefore) {
    if (report.badLineCount === badLinesBefore) return 'it is empty';
    throw notOneLine(file, report);
  }
  report.files += 1;
  return undefined;
}

function chooseReader(
  file: LogFile,
  { lines }: LineBatch,
  location: AirflowLocation,
  { environment, report }: FileReading,
): BatchReader | undefined {
  const kind = kindOfLines(lines);
  if (kind === 'ndjson') return new NdjsonReader(file.path, report);
  if (lines.length === 0 || (kind === 'unknown' && !location.certain)) return undefined;
  const startEpochMs = firstStamp(lines) ?? Math.floor(file.modifiedEpochMs);
  return new AirflowReader(file.path, location, { environment, startEpochMs }, report);
}

function firstStamp(lines: LineBatch['lines']): number | undefined {
  for (const line of lines) {
    const start = readLineStart(line ?? '');
    if (start.kind === 'stamped') return start.epochMs;
  }
  return undefined;
}

function notOneLine(file: LogFile, report: ReportBuilder): LogReadError {
  const first = report.badLines.find((badLine) => badLine.file === file.path);
  const example = first ? `; line ${first.line}: ${first.reason}` : '';
  return new LogReadError(`cannot read ${file.path}: not one line can be used${example}`);
}
