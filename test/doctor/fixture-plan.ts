import { packDetections } from '../../doctor/fixtures/parts/place.ts';
import type { Timer } from '../../lambda/common/time.ts';
import type { ScanPlan } from '../../lambda/plan/scan-plan.ts';

/** The queries of the monitor of the fixtures' environment. */
export const fixturePlan: ScanPlan = {
  schema: 1,
  documentedQuery: 'fields @timestamp | filter @message like "add-role" | stats count() by @log',
  candidates: packDetections.map((id) => ({
    id,
    filter: `@message like "${id}"`,
    condition: { field: 'message', contains: id },
  })),
  packRowsMax: 10_000,
  detections: [],
  approvedChanges: [],
};

/** The doctor's options besides the fixture's place and time. Time passes only while it sleeps. */
export const planAndTimer = { plan: fixturePlan, timer: sleepingTimer() };

/** Advances as it sleeps, so that waiting for a query that never ends reaches its deadline. */
function sleepingTimer(): Timer {
  let nowMs = 0;
  return {
    monotonicMs: () => nowMs,
    sleep: async (milliseconds) => {
      nowMs += milliseconds;
    },
  };
}
