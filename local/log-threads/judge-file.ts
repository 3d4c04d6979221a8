import { GroupSearches } from '../candidates/group-search.ts';
import { MessageSieve } from '../candidates/message-sieve.ts';
import type { LogEvent } from '../log-event.ts';
import { readFileOf } from '../log-readers/read-logs.ts';
import { LogReadError } from '../log-readers/report/read-report.ts';
import { ReportBuilder } from '../log-readers/report/report-builder.ts';
import type { FileTask, JudgedFile, JudgeSettings, JudgeSink } from './file-task.ts';
import { EventJudge, type JudgedEvent } from './judge-events.ts';
import { TimeCounts } from './time-counts.ts';

/** Reads files and judges their events, one after the other. */
export class FileJudge {
  readonly #settings: JudgeSettings;
  readonly #judge: EventJudge;
  readonly #sieve: MessageSieve;
  #counts: TimeCounts | undefined;

  constructor(settings: JudgeSettings) {
    this.#settings = settings;
    const { candidates, prepared, counted } = settings;
    const searches = new GroupSearches(candidates, prepared);
    this.#judge = new EventJudge(candidates, searches);
    // The sieve lets no event with `add-role` pass: that text is the first candidate's condition.
    const count = (logGroup: string, epochMs: number) =>
      this.#counts?.add(logGroup, epochMs, false);
    this.#sieve = new MessageSieve(searches, counted === undefined ? undefined : count);
  }

  async judge({ file, range }: FileTask, sink: JudgeSink): Promise<JudgedFile> {
    const { source, reading, counted } = this.#settings;
    const report = new ReportBuilder();
    const seen = new SeenEvents();
    this.#counts = counted && new TimeCounts(counted);
    let failure: JudgedFile['failure'];
    const read = { ...reading, report, sieve: this.#sieve };
    try {
      for await (const events of readFileOf(source, { file, range }, read, sink.bytesRead)) {
        const matched = this.#judgeAll(events, seen);
        if (matched.length > 0) sink.matched(matched);
      }
    } catch (error) {
      if (!(error instanceof LogReadError)) throw error;
      failure = { message: error.message, reason: error.reason };
    }
    const passed = this.#sieve.takePassed();
    return {
      report: report.list(),
      logGroups: [...new Set([...seen.logGroups, ...passed.logGroups])],
      firstEpochMs: Math.min(seen.firstEpochMs, passed.firstEpochMs),
      lastEpochMs: Math.max(seen.lastEpochMs, passed.lastEpochMs),
      lastIngestionEpochMs: Math.max(seen.lastIngestionEpochMs, passed.lastIngestionEpochMs),
      counts: this.#counts?.list() ?? [],
      ...(failure && { failure }),
      isSelfContained: report.isComplete && !report.hasAssumedTimes,
    };
  }

  #judgeAll(events: readonly LogEvent[], seen: SeenEvents): JudgedEvent[] {
    const matched: JudgedEvent[] = [];
    for (const event of events) {
      seen.add(event);
      this.#counts?.add(event.logGroup, event.timestamp, event.message.includes('add-role'));
      const judged = this.#judge.judge(event);
      if (judged !== undefined) matched.push(judged);
    }
    return matched;
  }
}

/** The groups and times of events that were read. */
class SeenEvents {
  readonly logGroups = new Set<string>();
  firstEpochMs = Number.POSITIVE_INFINITY;
  lastEpochMs = Number.NEGATIVE_INFINITY;
  lastIngestionEpochMs = 0;

  add({ logGroup, timestamp, ingestionTime = 0 }: LogEvent): void {
    this.logGroups.add(logGroup);
    if (timestamp < this.firstEpochMs) this.firstEpochMs = timestamp;
    if (timestamp > this.lastEpochMs) this.lastEpochMs = timestamp;
    if (ingestionTime > this.lastIngestionEpochMs) this.lastIngestionEpochMs = ingestionTime;
  }
}
