import { packDetections } from '../../doctor/fixtures/place.ts';
import type { ScanPlan } from '../../lambda/scan-plan.ts';
import type { Timer } from '../../lambda/time.ts';

/** What the monitor of the fixtures' environment asks. */
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

/** What the doctor is told beside the fixture's own place and time. Time passes while it sleeps. */
export const planAndTimer = { plan: fixturePlan, timer: sleepingTimer() };

/** A timer that stood still would never bring the end of a wait for a query that never ends. */
function sleepingTimer(): Timer {
  let nowMs = 0;
  return {
    monotonicMs: () => nowMs,
    sleep: async (milliseconds) => {
      nowMs += milliseconds;
    },
  };
}
