import type { DetectionInPlan } from './scan-plan.ts';

/** A plan's detections by id. */
export type DetectionsById = ReadonlyMap<string, DetectionInPlan>;

export function detectionsById(plan: {
  readonly detections: readonly DetectionInPlan[];
}): DetectionsById {
  return new Map(plan.detections.map((detection) => [detection.id, detection]));
}
