import { QuerySieve } from '../candidates/query-sieve.ts';
import { NeededEvents } from '../insights-engine/needed-events.ts';
import { readFileOf } from '../log-readers/read-logs.ts';
import { LogReadError } from '../log-readers/report/read-report.ts';
import { ReportBuilder } from '../log-readers/report/report-builder.ts';
import type {
  FileTask,
  JudgedFile,
  JudgeSettings,
  JudgeSink,
  KeptEvent,
  QueryReading,
} from './file-task.ts';

/** About what an event takes besides its message. */
const eventBytes = 500;

/** The memory that an event takes, at most: a character of a text takes one or two bytes. */
export function keptBytesOf({ event }: KeptEvent): number {
  return 2 * event.message.length + eventBytes;
}

/** A query takes these from the events themselves. */
const unseen = {
  logGroups: [],
  counts: [],
  firstEpochMs: Number.POSITIVE_INFINITY,
  lastEpochMs: Number.NEGATIVE_INFINITY,
  lastIngestionEpochMs: 0,
};

/** Reads files for one query, one after the other, and keeps what the query needs. */
export class NeededFile {
  readonly #settings: JudgeSettings;
  readonly #keptBytesMax: number;
  readonly #needed: NeededEvents;
  readonly #sieve: QuerySieve;

  constructor(settings: JudgeSettings, { needs, keptBytesMax }: QueryReading) {
    this.#settings = settings;
    this.#keptBytesMax = keptBytesMax;
    this.#needed = new NeededEvents(needs);
    this.#sieve = new QuerySieve(this.#needed);
  }

  async judge({ file, range }: FileTask, sink: JudgeSink): Promise<JudgedFile> {
    const { source, reading } = this.#settings;
    const report = new ReportBuilder();
    const kept: KeptEvent[] = [];
    let keptBytes = 0;
    let number = 0;
    let failure: JudgedFile['failure'];
    const read = { ...reading, report, sieve: this.#sieve };
    try {
      for await (const events of readFileOf(source, { file, range }, read, sink.bytesRead)) {
        number += this.#needed.takeUnread();
        for (const event of events) {
          if (this.#needed.keeps(event)) {
            kept.push({ event, number });
            keptBytes += keptBytesOf({ event, number });
          } else this.#needed.noteTimes(event);
          number += 1;
        }
        // Whoever counts what is kept ends the reading.
        if (keptBytes > this.#keptBytesMax || sink.isOver?.()) break;
      }
    } catch (error) {
      if (!(error instanceof LogReadError)) throw error;
      failure = { message: error.message, reason: error.reason };
    }
    this.#needed.takeUnread();
    return {
      ...unseen,
      report: report.list(),
      needed: { kept, notKept: [this.#needed.takeNotKept()] },
      ...(failure && { failure }),
      isSelfContained: report.isComplete && !report.hasAssumedTimes,
    };
  }
}
