import type { EventNeeds, NeededEvents } from '../insights-engine/needed-events.ts';
import type { LogEvent } from '../log-event.ts';
import type { ReportBuilder } from '../log-readers/report/report-builder.ts';
import type { JudgedFile, NeededOfFile } from './file-task.ts';
import { type JudgeLogsOptions, judgeLogs } from './judge-logs.ts';
import { keptBytesOf } from './needed-file.ts';

interface ReadNeededOptions
  extends Pick<JudgeLogsOptions, 'path' | 'reading' | 'threads' | 'partBytes'> {
  readonly needs: EventNeeds;
  /** A query that keeps more is as fast without threads, and must store it as it comes. @default 4 MiB */
  readonly keptBytesMax?: number;
}

const defaultKeptBytesMax = 4 * 1024 * 1024;

/** What a query needs of logs, by file in their order. */
export type NeededOfLogs = readonly (NeededOfFile & { readonly events: number })[];

/** Ends a reading. */
class TooMuchKept extends Error {}

/**
 * Reads logs for one query by several threads, where it needs few of their events.
 *
 * @param onReport called with the report at the end, also before an error
 * @returns undefined if it needs too many: they then are to be read one after the other, and stored as they come
 * @throws LogReadError when no part of the logs can be read
 */
export async function readNeeded(
  { needs, keptBytesMax = defaultKeptBytesMax, ...options }: ReadNeededOptions,
  onReport: (report: ReportBuilder) => void = () => {},
): Promise<NeededOfLogs | undefined> {
  // What needs no text needs all events.
  if (needs.requiredStrings.length === 0) return undefined;
  const files: NeededOfLogs[number][] = [];
  let keptBytes = 0;
  const onTask = ({ needed }: JudgedFile) => {
    for (const one of needed?.kept ?? []) keptBytes += keptBytesOf(one);
    if (keptBytes > keptBytesMax) throw new TooMuchKept();
  };
  const onFile = ({ needed, report }: JudgedFile) => {
    if (needed !== undefined) files.push({ ...needed, events: report.events });
  };
  try {
    await judgeLogs(
      {
        ...{ ...options, query: { needs, keptBytesMax }, candidates: [] },
        ...{ onMatched() {}, onFile, onTask },
      },
      onReport,
    );
  } catch (error) {
    if (error instanceof TooMuchKept) return undefined;
    throw error;
  }
  return files;
}

/** The kept events in their order; `needed` learns of the others, as if it had passed over them itself. */
export async function* eventsOf(
  files: NeededOfLogs,
  needed: NeededEvents,
): AsyncGenerator<readonly LogEvent[]> {
  for (const { kept, notKept, events } of files) {
    let next = 0;
    for (const { event, number } of kept) {
      needed.addUnread(number - next);
      next = number + 1;
      yield [event];
    }
    needed.addUnread(events - next);
    for (const one of notKept) needed.addNotKept(one);
  }
}
