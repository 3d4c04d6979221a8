import type { DetectionInPlan } from '../../lambda/findings/detection-in-plan.ts';
import { readSignals } from '../../lambda/findings/read-signals.ts';
import type { Signal } from '../../lambda/findings/signal.ts';
import { type LogType, logGroupName } from '../../lambda/log-types.ts';
import { documentedDetectionId, loadDetections } from '../../queries/load-detections.ts';
import { planDetection } from '../../queries/plan-detection.ts';
import { eventCondition } from '../../query-language/event-condition.ts';
import { readFusibleQuery } from '../../query-language/fusible-query.ts';

/** The detections of the pack: all but the documented one. */
export const pack = loadDetections().filter(({ id }) => id !== documentedDetectionId);

export const plan: ReadonlyMap<string, DetectionInPlan> = new Map(
  pack.map((detection) => [detection.id, planDetection(detection)]),
);

const conditions = pack.map(({ id, query, logTypes }) => {
  const filters = readFusibleQuery(query).conditions.map((filter) => {
    const condition = eventCondition(filter, query);
    if (condition === undefined) throw new Error(`the filter of ${id} needs an engine`);
    return condition;
  });
  return { id, suffixes: logTypes.map((type) => `-${type}`), filters };
});

/** Ids of the detections whose filter and log types an event fits. */
export function detectionsOf(message: string, logGroup: string): readonly string[] {
  return conditions
    .filter(
      ({ suffixes, filters }) =>
        suffixes.some((suffix) => logGroup.endsWith(suffix)) &&
        filters.every((filter) => filter({ message, log: logGroup })),
    )
    .map(({ id }) => id);
}

/** What the pack reads in a line. */
export function signalsOf(logType: LogType, message: string): readonly Signal[] {
  const logGroup = logGroupName('test', logType);
  const detections = detectionsOf(message, logGroup);
  return readSignals({ logGroup, logStream: 's', timestamp: 0, message, detections }, plan);
}
