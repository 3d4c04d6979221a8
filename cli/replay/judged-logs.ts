import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { ScanPlan } from '../../lambda/plan/scan-plan.ts';
import type { PreparedLiterals } from '../../local/candidates/prepared-literals.ts';
import { standardInput } from '../../local/log-readers/lines/standard-input.ts';
import { describeReading } from '../../local/log-readers/report/read-report.ts';
import { judgeLogs } from '../../local/log-threads/judge-logs.ts';
import type { JudgedLogs } from '../../local/log-threads/merged-files.ts';
import type { CountedSpan } from '../../local/log-threads/time-counts.ts';
import type { MatchedEvents } from '../../local/replay/matched-events.ts';
import { visibleText } from '../../local/visible-text.ts';
import { type LogsOfRangeOptions, readingOf } from '../common/log-options.ts';
import { startProgress, warnOfProblems } from '../common/progress.ts';

interface JudgedLogsOptions extends LogsOfRangeOptions {
  /** Counts by time are needed for it alone. */
  readonly report?: string;
  /** Where the standard input was written to. @default - it is read itself */
  readonly inputFile?: string;
}

/**
 * Reads logs once and judges them, with a progress bar, and warns about the parts that could not be used.
 *
 * @throws LogReadError when no part of them can be used
 */
export async function judgedLogs(
  { inputFile, ...options }: JudgedLogsOptions,
  {
    candidates,
    literals,
  }: Pick<ScanPlan, 'candidates'> & { readonly literals?: PreparedLiterals | undefined },
  matched: MatchedEvents,
): Promise<JudgedLogs> {
  const progress = startProgress('replaying', 'bytes');
  const logs = await judgeLogs(
    {
      ...{ path: options.logs, candidates },
      ...(literals && { prepared: literals }),
      reading: {
        ...readingOf(options),
        ...(inputFile !== undefined && { inputFile }),
        onProgress: ({ bytesRead, totalBytes }) => progress.update(bytesRead, totalBytes),
      },
      ...(options.report !== undefined && { counted: countedSpan(options) }),
      onMatched: (judged, order) => matched.add(judged, order),
    },
    (report) => {
      progress.stop();
      warnOfProblems(report);
    },
  );
  console.error(visibleText(`read ${describeReading(logs.report, spanOf(logs))}`));
  return logs;
}

function spanOf({ firstEventEpochMs, lastEventEpochMs }: JudgedLogs) {
  return { firstEventEpochMs, lastEventEpochMs };
}

/** As much of the range as is known before the logs are read; see `timeRange`. */
function countedSpan({ from, to, last }: LogsOfRangeOptions): CountedSpan {
  const seconds = (epochMs: number) => Math.floor(epochMs / 1000);
  const start = from ?? (to === undefined || last === undefined ? undefined : to - last);
  return {
    ...(start !== undefined && { startEpochSeconds: seconds(start) }),
    ...(to !== undefined && { endEpochSeconds: seconds(to) }),
    ...(start === undefined && last !== undefined && { lastMs: last }),
  };
}

/** A file that holds the standard input, and how to remove it. */
interface KeptInput {
  readonly inputFile?: string;
  readonly remove?: () => Promise<void>;
}

/** Writes the standard input to a file if it must be read twice: for a mail, that names a DAG's owner. */
export async function keptInput({
  logs,
  mail,
}: {
  readonly logs: string;
  readonly mail?: string;
}): Promise<KeptInput> {
  if (logs !== standardInput || mail === undefined) return {};
  const folder = await mkdtemp(join(tmpdir(), 'privilege-monitor-'));
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    const inputFile = join(folder, 'input');
    await pipeline(process.stdin, createWriteStream(inputFile, { mode: 0o600 }));
    return { inputFile, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}
