import { logGroupName } from '../../lambda/log-types.ts';
import type { LogEvent } from '../log-event.ts';
import type { AirflowLocation } from './airflow-location.ts';
import { type AirflowRecord, AirflowRecords } from './airflow-records.ts';
import type { BatchReader } from './batch-reader.ts';
import type { LineBatch } from './file-lines.ts';
import { tooLong } from './ndjson-reader.ts';
import type { ReportBuilder } from './read-report.ts';

/** Reads the lines of an Airflow log as the events that MWAA would have sent. */
export class AirflowReader implements BatchReader {
  readonly #file: string;
  readonly #report: ReportBuilder;
  readonly #records: AirflowRecords;
  readonly #logGroup: string;
  readonly #logStream: string;

  /** @param startEpochMs the time of lines in front of the first stamp */
  constructor(
    file: string,
    { logType, logStream }: AirflowLocation,
    { environment, startEpochMs }: { environment: string; startEpochMs: number },
    report: ReportBuilder,
  ) {
    this.#file = file;
    this.#report = report;
    this.#records = new AirflowRecords(logType, startEpochMs);
    this.#logGroup = logGroupName(environment, logType);
    this.#logStream = logStream;
  }

  read({ firstLine, lines }: LineBatch): LogEvent[] {
    const events: LogEvent[] = [];
    lines.forEach((line, index) => {
      if (line === undefined) {
        this.#report.addBadLine({ file: this.#file, line: firstLine + index, reason: tooLong });
        return;
      }
      const { records, unknownZone } = this.#records.push(line);
      for (const record of records) events.push(this.#event(record));
      if (unknownZone !== undefined) {
        this.#report.addWarning(
          `${this.#file}: the time zone ${unknownZone} is not known, its times were read as UTC`,
        );
      }
    });
    return events;
  }

  end(): LogEvent[] {
    return this.#records.end().map((record) => this.#event(record));
  }

  #event({ epochMs, text }: AirflowRecord): LogEvent {
    return {
      logGroup: this.#logGroup,
      logStream: this.#logStream,
      timestamp: epochMs,
      message: text,
    };
  }
}
