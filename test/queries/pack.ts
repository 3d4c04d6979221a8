import type { DetectionInPlan } from '../../lambda/findings/detection-in-plan.ts';
import { readSignals } from '../../lambda/findings/read-signals.ts';
import type { Signal } from '../../lambda/findings/signal.ts';
import { type LogType, logGroupName } from '../../lambda/log-types.ts';
import { Verdicts } from '../../lambda/verdicts.ts';
import { documentedDetectionId, loadDetections } from '../../queries/load-detections.ts';
import { packCandidates } from '../../queries/pack-candidates.ts';
import { planDetection } from '../../queries/plan-detection.ts';

/** The detections of the pack: all but the documented one. */
export const pack = loadDetections().filter(({ id }) => id !== documentedDetectionId);

export const plan: ReadonlyMap<string, DetectionInPlan> = new Map(
  pack.map((detection) => [detection.id, planDetection(detection)]),
);

const verdicts = new Verdicts(packCandidates(pack));

/** Ids of the detections whose filter and log types an event fits. */
export function detectionsOf(message: string, logGroup: string): readonly string[] {
  return verdicts.decide({ message, log: logGroup, logGroup, logStream: 's' }).detections;
}

/** The pack's signals from a line. */
export function signalsOf(logType: LogType, message: string): readonly Signal[] {
  const logGroup = logGroupName('test', logType);
  const detections = detectionsOf(message, logGroup);
  return readSignals({ logGroup, logStream: 's', timestamp: 0, message, detections }, plan);
}
