import { fileURLToPath } from 'node:url';
import type { LogType } from '../../../lambda/model/log-types.ts';
import type { RuntimeConfig } from '../../../lambda/plan/runtime-config.ts';
import { InsightsEngine } from '../../insights-engine/engine.ts';
import { type LogReading, type ReadProgress, readLogs } from '../../log-readers/read-logs.ts';
import type { ReadReport } from '../../log-readers/report/read-report.ts';
import { type SessionGroups, SessionTally, sessionGroups } from './session.ts';

/** Logs in an engine, with counts made while loading. */
export interface LoadedSession extends SessionGroups {
  readonly engine: InsightsEngine;
  readonly tally: SessionTally;
  readonly report: ReadReport;
}

/** Logs to read as a session. */
interface SessionSource {
  readonly path: string;
  /** The environment that an Airflow `logs/` folder belongs to. */
  readonly environment?: string | undefined;
  /** The log type of Airflow logs whose paths do not show it. */
  readonly logType?: LogType | undefined;
}

/**
 * The events of a session. The monitor queries only the five log groups, so logs of unknown log
 * type are refused.
 */
export function readSession(
  { path, environment, logType }: SessionSource,
  onProgress: (progress: ReadProgress) => void = () => {},
): LogReading {
  return readLogs(path, {
    ...(environment !== undefined && { environment }),
    ...(logType !== undefined && { logType }),
    unknownTypes: 'refuse',
    nowEpochMs: Date.now(),
    onProgress,
  });
}

/**
 * @throws LogReadError when the logs cannot be read, SessionError when they belong to several
 *   environments
 */
export async function loadSession(
  source: SessionSource,
  onProgress: (progress: ReadProgress) => void = () => {},
): Promise<LoadedSession> {
  const engine = await InsightsEngine.open();
  try {
    const tally = new SessionTally();
    const reading = readSession(source, onProgress);
    await engine.load(tally.count(reading));
    const groups = sessionGroups(tally.groups.keys());
    return { ...groups, engine, tally, report: reading.report };
  } catch (error) {
    engine.close();
    throw error;
  }
}

/** Periods in minutes that divide an hour. */
const hourDivisors = [1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60];

/** The settings of an environment file that decide when a monitor reads. */
export type ScanSettings = Pick<
  RuntimeConfig,
  'everyMinutes' | 'settleMinutes' | 'nearSweep' | 'farSweep'
>;

/**
 * Settings for a session of minutes: by default the sweeps would run an hour and a day later, after
 * the demo.
 *
 * Their reaches are far enough apart for events that the scan misses and the near sweep finds, and
 * for events that only the far sweep finds.
 */
export function quickSweeps(everyMinutes: number): ScanSettings {
  const settleMinutes = 5;
  const nearSweep = {
    everyMinutes: evenly(everyMinutes, 2),
    lagMinutes: settleMinutes + everyMinutes + 2,
  };
  const farSweep = {
    everyMinutes: evenly(everyMinutes, 5),
    lagMinutes: nearSweep.lagMinutes + nearSweep.everyMinutes + 5,
  };
  return { everyMinutes, settleMinutes, nearSweep, farSweep };
}

/** The shortest period that divides an hour, falls on ticks and has at least the minutes given. */
function evenly(everyMinutes: number, atLeastMinutes: number): number {
  return (
    hourDivisors.find((minutes) => minutes >= atLeastMinutes && minutes % everyMinutes === 0) ??
    everyMinutes
  );
}

/** A session that is part of the project; see sessions/README.md. */
interface RecordedSession {
  readonly path: string;
  readonly title: string;
}

/** By Airflow version. */
export const recordedSessions: ReadonlyMap<string, RecordedSession> = new Map(
  ['2.10.3', '3.0.6'].map((version) => [
    version,
    {
      path: fileURLToPath(new URL(`../sessions/airflow-${version}.ndjson.gz`, import.meta.url)),
      title: `the recorded session of Apache Airflow ${version}`,
    },
  ]),
);
