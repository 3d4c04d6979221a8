import type { QueryEngine } from '../../../local/aws-endpoints/logs/query-engine.ts';
import type { EngineQuery, EngineResult } from '../../../local/insights-engine/engine-types.ts';

export const createdEpochMs = Date.parse('2026-11-22T05:00:00Z');

export const emptyResult: EngineResult = {
  rows: [],
  statistics: { recordsMatched: 0, recordsScanned: 0, bytesScanned: 0, logGroupsScanned: 0 },
  warnings: [],
};

/** An engine with answers defined by a test; `asked` contains its queries. */
export function memoryEngine(
  run: (query: EngineQuery) => Promise<EngineResult> = async () => emptyResult,
  logGroups: readonly string[] = ['airflow-prod-Scheduler', 'airflow-prod-Task'],
): QueryEngine & { asked: EngineQuery[] } {
  const asked: EngineQuery[] = [];
  return {
    asked,
    run(query) {
      asked.push(query);
      return run(query);
    },
    async logGroups() {
      return logGroups.map((logGroup) => ({ logGroup, createdEpochMs, storedBytes: 10 }));
    },
    async countIngested() {
      return 0;
    },
    async ingestionSpan() {
      return undefined;
    },
    async logStreams() {
      return ['b', 'a', 'c'].map((logStream, index) => ({
        logStream,
        createdEpochMs: createdEpochMs - 1,
        firstEventEpochMs: createdEpochMs,
        lastEventEpochMs: createdEpochMs - index,
        lastIngestionEpochMs: createdEpochMs + 1,
        storedBytes: 3,
      }));
    },
  };
}
