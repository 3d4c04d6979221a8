import type { LogType } from '../../../lambda/model/log-types.ts';
import { InsightsEngine } from '../../insights-engine/engine.ts';
import { type LogReading, type ReadProgress, readLogs } from '../../log-readers/read-logs.ts';
import type { ReadReport } from '../../log-readers/report/problem-report.ts';
import { type SessionGroups, SessionTally, sessionGroups } from './session.ts';

/** Logs in an engine, with counts made while loading. */
export interface LoadedSession extends SessionGroups {
  readonly engine: InsightsEngine;
  readonly tally: SessionTally;
  readonly report: ReadReport;
}

/** Logs to read as a session. */
export interface SessionSource {
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
