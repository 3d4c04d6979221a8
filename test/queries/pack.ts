import { readSignals } from '../../lambda/lines/read-signals.ts';
import { type LogType, logGroupName } from '../../lambda/model/log-types.ts';
import type { Signal } from '../../lambda/model/signal.ts';
import type { DetectionInPlan } from '../../lambda/plan/scan-plan.ts';
import { Verdicts } from '../../lambda/scan/pack-rows.ts';
import { planDetection } from '../../queries/tools/check-detection.ts';
import { documentedDetectionId, loadDetections } from '../../queries/tools/load-detections.ts';
import { packCandidates } from '../../queries/tools/pack-candidates.ts';

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
