import { logGroupName } from '../../../lambda/model/log-types.ts';
import type { LogEvent } from '../../log-event.ts';
import { type AirflowLocation, typeOfStream } from '../formats/airflow-location.ts';
import { readLineStart } from '../formats/airflow-stamp.ts';
import { type LineBatch, tooLong } from '../lines/line-splitter.ts';
import { askForLogType, tooLate, unknownTypeGroup } from '../report/read-report.ts';
import type { ReportBuilder } from '../report/report-builder.ts';
import type { EventParts } from './event-record.ts';

/** What a reader needs to know of a file. */
export interface ReaderAbout {
  /** The name of the file, for reports. */
  readonly file: string;
  readonly location: AirflowLocation;
  readonly environment: string;
  /** Whether events of unknown log type are read. */
  readonly unknownTypes: 'read' | 'refuse';
  /** Later times are reported as a doubt, in epoch milliseconds. */
  readonly latestEpochMs: number;
  readonly report: ReportBuilder;
}

/** The log group of a file's lines, by its path and the options. */
export function groupOf(location: AirflowLocation, environment: string): string {
  const { logGroup, logType } = location;
  if (logGroup !== undefined) return logGroup;
  return logType === undefined ? unknownTypeGroup(environment) : logGroupName(environment, logType);
}

/**
 * Makes events of what an export says of them.
 *
 * An event whose export does not name its group gets that of the options or the path; without one,
 * the log type follows from MWAA's name of the stream. An event without a time has that of its own
 * stamp, or of the event before it.
 */
export class EventMaker {
  readonly about: ReaderAbout;
  /** Whether an event's log type was not known. */
  hasUnknownTypes = false;
  #epochMs: number | undefined;
  readonly #groupsByStream = new Map<string, string>();

  /** @param startEpochMs the time of events before the first one with a time, if it is known */
  constructor(about: ReaderAbout, startEpochMs?: number) {
    this.about = about;
    this.#epochMs = startEpochMs;
  }

  /** @returns the event, or undefined when it is left out, which is then reported */
  make(parts: EventParts, line: number, harm?: string): LogEvent | undefined {
    const { location, latestEpochMs, report, file } = this.about;
    const logStream = parts.logStream ?? location.logStream;
    const logGroup = this.groupOf(parts);
    if (logGroup === undefined) {
      this.fail(line, `neither the event nor its path shows its log type; ${askForLogType}`);
      return undefined;
    }
    const timestamp = parts.timestamp ?? this.#stampOf(parts.message);
    if (timestamp === undefined) {
      this.fail(line, 'the event has no time, and its message does not start with one');
      return undefined;
    }
    this.#epochMs = timestamp;
    const doubt = harm ?? (timestamp > latestEpochMs ? tooLate(timestamp) : undefined);
    if (doubt !== undefined) report.addDoubt({ file, line, reason: doubt });
    const { ingestionTime, message } = parts;
    return ingestionTime === undefined
      ? { logGroup, logStream, timestamp, message }
      : { logGroup, logStream, timestamp, ingestionTime, message };
  }

  /** @returns undefined for an event of unknown log type where these are refused */
  groupOf(parts: Pick<EventParts, 'logGroup' | 'logStream'>): string | undefined {
    const { unknownTypes, environment } = this.about;
    const logGroup = parts.logGroup ?? this.#groupOfStream(parts.logStream);
    if (logGroup !== unknownTypeGroup(environment)) return logGroup;
    if (unknownTypes === 'refuse') return undefined;
    this.hasUnknownTypes = true;
    return logGroup;
  }

  /** Notes that so many events were passed over without being made, the last of this time in epoch milliseconds. */
  passed(count: number, epochMs: number): void {
    this.#epochMs = epochMs;
    this.about.report.events += count;
  }

  /** Gives each line of a batch to `take`; one that was too long or is damaged is reported. */
  eachLine(
    { firstLine, lines, damage }: LineBatch,
    take: (text: string, line: number) => void,
  ): void {
    const { report, file } = this.about;
    lines.forEach((text, index) => {
      const line = firstLine + index;
      const harm = damage?.get(index);
      if (harm !== undefined) report.addDoubt({ file, line, reason: harm });
      if (text === undefined) this.fail(line, tooLong);
      else take(text, line);
    });
  }

  /** Reports something that is left out. */
  fail(line: number, reason: string): void {
    this.about.report.addBadLine({ file: this.about.file, line, reason });
  }

  #groupOfStream(logStream: string | undefined): string {
    const { location, environment } = this.about;
    const ofPath = groupOf(location, environment);
    if (logStream === undefined || ofPath !== unknownTypeGroup(environment)) return ofPath;
    const known = this.#groupsByStream.get(logStream);
    if (known !== undefined) return known;
    const logType = typeOfStream(logStream);
    const group = logType === undefined ? ofPath : logGroupName(environment, logType);
    // A file with more streams than this is not slower to read than any other.
    if (this.#groupsByStream.size > 10_000) this.#groupsByStream.clear();
    this.#groupsByStream.set(logStream, group);
    return group;
  }

  #stampOf(message: string): number | undefined {
    const start = readLineStart(message);
    if (start.kind === 'stamped') return start.epochMs;
    this.about.report.hasAssumedTimes = true;
    return this.#epochMs;
  }
}
