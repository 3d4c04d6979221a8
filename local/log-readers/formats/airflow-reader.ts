import { logGroupName } from '../../../lambda/model/log-types.ts';
import type { LogEvent } from '../../log-event.ts';
import type { BatchReader } from '../lines/batch-reader.ts';
import type { LineBatch } from '../lines/file-lines.ts';
import type { ReportBuilder } from '../report/problem-report.ts';
import { unknownTypeGroup } from '../report/unknown-log-type.ts';
import type { AirflowLocation } from './airflow-location.ts';
import { type AirflowRecord, AirflowRecords } from './airflow-records.ts';
import { tooLong } from './ndjson-reader.ts';

export interface AirflowReaderOptions {
  readonly environment: string;
  /** The time of lines before the first stamp. */
  readonly startEpochMs: number;
  /** Whether each event starts with CloudWatch's own time, as in an export to S3. */
  readonly isExport: boolean;
  /** Later times are reported as a doubt. */
  readonly latestEpochMs: number;
}

/** Reads the lines of an Airflow log as the events that MWAA would have sent. */
export class AirflowReader implements BatchReader {
  readonly #file: string;
  readonly #report: ReportBuilder;
  readonly #records: AirflowRecords;
  readonly #logGroup: string;
  readonly #logStream: string;

  constructor(
    file: string,
    { logType, logStream }: AirflowLocation,
    { environment, ...options }: AirflowReaderOptions,
    report: ReportBuilder,
  ) {
    this.#file = file;
    this.#report = report;
    this.#records = new AirflowRecords({ logType, ...options });
    this.#logGroup =
      logType === undefined ? unknownTypeGroup(environment) : logGroupName(environment, logType);
    this.#logStream = logStream;
  }

  read({ firstLine, lines, damage }: LineBatch): LogEvent[] {
    const events: LogEvent[] = [];
    lines.forEach((text, index) => {
      const line = firstLine + index;
      if (text === undefined) {
        this.#report.addBadLine({ file: this.#file, line, reason: tooLong });
        return;
      }
      const { records, doubt } = this.#records.push(text);
      for (const record of records) events.push(this.#event(record));
      const reason = damage?.get(index) ?? doubt;
      if (reason !== undefined) this.#report.addDoubt({ file: this.#file, line, reason });
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
