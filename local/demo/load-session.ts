import { InsightsEngine } from '../insights-engine/engine.ts';
import { type ReadProgress, readLogs } from '../log-readers/read-logs.ts';
import type { ReadReport } from '../log-readers/read-report.ts';
import { type SessionGroups, SessionTally, sessionGroups } from './session.ts';

/** Logs in an engine, and what was counted of them on their way. */
export interface LoadedSession extends SessionGroups {
  readonly engine: InsightsEngine;
  readonly tally: SessionTally;
  readonly report: ReadReport;
}

/**
 * @param environment the environment that an Airflow `logs/` folder belongs to
 * @throws LogReadError when the logs cannot be read, SessionError when they are not one
 *   environment's
 */
export async function loadSession(
  path: string,
  environment: string | undefined,
  onProgress: (progress: ReadProgress) => void,
): Promise<LoadedSession> {
  const engine = await InsightsEngine.open();
  try {
    const tally = new SessionTally();
    const reading = readLogs(path, { ...(environment && { environment }), onProgress });
    await engine.load(tally.count(reading));
    const groups = sessionGroups(tally.groups.keys());
    return { ...groups, engine, tally, report: reading.report };
  } catch (error) {
    engine.close();
    throw error;
  }
}
