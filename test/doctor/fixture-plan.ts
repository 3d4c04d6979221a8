import { packDetections } from '../../doctor/fixtures/place.ts';
import type { ScanPlan } from '../../lambda/scan-plan.ts';

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

/** What the doctor is told beside the fixture's own place and time: that no time passes. */
export const planAndTimer = {
  plan: fixturePlan,
  timer: { monotonicMs: () => 0, sleep: async () => {} },
};
