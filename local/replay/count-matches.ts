import { dayMs, hourMs, minuteMs, secondMs } from '../../lambda/common/time.ts';
import type { Window } from '../../lambda/model/windows.ts';
import type { EngineResult } from '../insights-engine/engine-types.ts';
import type { QueryRunner } from './replay-logs.ts';

/** Events of a log group, and how many of them contain `add-role`, as the documented query counts. */
export interface GroupMatches {
  readonly logGroup: string;
  readonly events: number;
  readonly eventsWithAddRole: number;
  /** The same by time; spans without events are absent. */
  readonly bars: readonly {
    readonly startEpochMs: number;
    readonly endEpochMs: number;
    readonly matches: number;
  }[];
}

/** The periods of Logs Insights' `bin` that bars can have. */
const periods = [
  ...[1, 5, 15, 30].map((count) => ({ text: `${count}s`, ms: count * secondMs })),
  ...[1, 2, 5, 10, 15, 30].map((count) => ({ text: `${count}m`, ms: count * minuteMs })),
  ...[1, 2, 3, 6, 12].map((count) => ({ text: `${count}h`, ms: count * hourMs })),
  ...[1, 2, 7, 14, 30, 90, 365].map((count) => ({ text: `${count}d`, ms: count * dayMs })),
] as const;

const barsMax = 60;

/**
 * Counts what the report of a replay shows beside the findings.
 *
 * @param range in whole seconds
 * @param nowEpochMs events ingested later are not visible yet
 */
export async function countMatches(
  engine: QueryRunner,
  logGroups: readonly string[],
  range: Window,
  nowEpochMs: number,
): Promise<GroupMatches[]> {
  const spanMs = range.endEpochMs - range.startEpochMs;
  const period = periods.find(({ ms }) => spanMs / ms <= barsMax) ?? {
    text: `${Math.ceil(spanMs / barsMax / dayMs)}d`,
    ms: Math.ceil(spanMs / barsMax / dayMs) * dayMs,
  };
  const { rows } = await engine.run({
    queryString: `fields @message like "add-role" as hasText, @log as logOf | stats count(*) as events, sum(hasText) as matches by logOf, bin(${period.text}) as start`,
    ...{ logGroups, nowEpochMs },
    startEpochSeconds: range.startEpochMs / secondMs,
    endEpochSeconds: range.endEpochMs / secondMs - 1,
  });
  const counted = rows.map((row) => ({
    logGroup: cell(row, 'logOf').replace(/^\d+:/, ''),
    startEpochMs: Date.parse(`${cell(row, 'start').replace(' ', 'T')}Z`),
    events: Number(cell(row, 'events')),
    matches: Number(cell(row, 'matches')),
  }));
  return logGroups.map((logGroup) => {
    const own = counted
      .filter((one) => one.logGroup === logGroup)
      .toSorted((a, b) => a.startEpochMs - b.startEpochMs);
    return {
      logGroup,
      events: own.reduce((sum, { events }) => sum + events, 0),
      eventsWithAddRole: own.reduce((sum, { matches }) => sum + matches, 0),
      bars: own.map(({ startEpochMs, matches }) => ({
        startEpochMs,
        endEpochMs: startEpochMs + period.ms,
        matches,
      })),
    };
  });
}

function cell(row: EngineResult['rows'][number], name: string): string {
  return row.find(({ field }) => field === name)?.value ?? '';
}
