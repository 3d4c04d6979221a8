import { minuteMs } from '../../../lambda/common/time.ts';
import { type LogType, logGroupName, logTypes } from '../../../lambda/model/log-types.ts';
import type { LogEvent } from '../../../local/log-event.ts';

/** What the monitor is to see: a recorded session moved to the present, and when to look at it. */
export interface Past {
  readonly events: readonly LogEvent[];
  /** Ticks every five minutes, by hand; the last one has read the whole session. */
  readonly tickEpochMs: readonly number[];
  /** The user of a change that only the first tick of the schedule can read. */
  readonly liveUser: string;
}

/** The monitor's default: a tick reads up to this long before its time. */
export const settleMinutes = 5;
const betweenTicksMinutes = 5;
/** Longer than a command waits for its outcome, so that the last tick has resolved every command. */
const restMinutes = 4;

/** A line that no detection of the pack matches, and the one that the rehearsal adds does. */
export function markerLine(user: string): string {
  return `INFO - rehearsal: gave ${user} role Admin`;
}

/** The user of the marker line in the recorded session. */
export const earlierMarkerUser = 'marked-before';

/**
 * Moves a session to the present and to another environment, and adds two lines: one that only an added
 * detection finds, and one change after all that the ticks by hand read.
 *
 * @param session ordered by time
 */
export function pastOf(
  session: readonly LogEvent[],
  environment: string,
  nowEpochMs: number,
): Past {
  const lastTickEpochMs = Math.floor(nowEpochMs / minuteMs) * minuteMs;
  const readEpochMs = lastTickEpochMs - settleMinutes * minuteMs;
  const last = session.at(-1)?.timestamp ?? 0;
  const shiftMs = readEpochMs - restMinutes * minuteMs - last;
  const moved = session.map(({ logGroup, logStream, timestamp, message }) => ({
    logGroup: logGroupName(environment, logTypeOf(logGroup)),
    logStream,
    timestamp: timestamp + shiftMs,
    message,
  }));
  const firstEpochMs = moved[0]?.timestamp ?? 0;
  const task = (name: string, timestamp: number, message: string) => ({
    logGroup: logGroupName(environment, 'Task'),
    logStream: `dag_id=${name}/run_id=manual__1/task_id=grant/attempt=1.log`,
    ...{ timestamp, message },
  });
  const liveUser = 'mallory';
  const events = [
    ...moved,
    task('vault', firstEpochMs + minuteMs, markerLine(earlierMarkerUser)),
    task('live', readEpochMs + 10_000, addedToRole(liveUser)),
  ];
  // The very first tick begins one period, here a minute, before its own target.
  const firstTickEpochMs =
    Math.floor(firstEpochMs / minuteMs) * minuteMs + (settleMinutes + 1) * minuteMs;
  const tickEpochMs: number[] = [];
  for (let at = firstTickEpochMs; at < lastTickEpochMs; at += betweenTicksMinutes * minuteMs) {
    tickEpochMs.push(at);
  }
  return {
    events: events.toSorted((a, b) => a.timestamp - b.timestamp),
    tickEpochMs: [...tickEpochMs, lastTickEpochMs],
    liveUser,
  };
}

/** The line by which Airflow's command reports success. */
function addedToRole(user: string): string {
  return `[2026-01-01T00:00:00.000+0000] {subprocess.py:106} INFO - User "${user}" added to role "Admin"`;
}

function logTypeOf(logGroup: string): LogType {
  const found = logTypes.find((logType) => logGroup.endsWith(`-${logType}`));
  if (found === undefined) throw new Error(`the log group ${logGroup} is of no log type`);
  return found;
}

/** Values of AWS/Logs IncomingLogEvents: how many events each log group received in each minute. */
export function incomingEvents(
  events: readonly Pick<LogEvent, 'logGroup' | 'timestamp'>[],
): { readonly logGroup: string; readonly minuteEpochMs: number; readonly count: number }[] {
  const counts = new Map<string, Map<number, number>>();
  for (const { logGroup, timestamp } of events) {
    const minutes = counts.get(logGroup) ?? new Map<number, number>();
    counts.set(logGroup, minutes);
    const minuteEpochMs = Math.floor(timestamp / minuteMs) * minuteMs;
    minutes.set(minuteEpochMs, (minutes.get(minuteEpochMs) ?? 0) + 1);
  }
  return [...counts].flatMap(([logGroup, minutes]) =>
    [...minutes].map(([minuteEpochMs, count]) => ({ logGroup, minuteEpochMs, count })),
  );
}
