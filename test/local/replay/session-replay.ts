import { scanPlan } from '../../../infra/function/scan-plan.ts';
import { minuteMs, secondMs } from '../../../lambda/common/time.ts';
import { sessionGroups } from '../../../local/demo/session/session.ts';
import type { ReplayOptions } from '../../../local/replay/replay-logs.ts';
import { loadDetections } from '../../../queries/tools/load-detections.ts';
import {
  readLabelledSession,
  type SessionVersion,
} from '../../fixtures/sessions/labelled-session.ts';

/** A recorded session with its labels, and the replay of the whole pack over it. */
export function sessionReplay(version: SessionVersion) {
  const session = readLabelledSession(version);
  const { logGroups, mwaaEnvironment } = sessionGroups(
    session.events.map(({ logGroup }) => logGroup),
  );
  const times = session.events.map(({ timestamp }) => timestamp);
  const startEpochMs = Math.floor(Math.min(...times) / minuteMs) * minuteMs;
  const endEpochMs = Math.max(...times) - (Math.max(...times) % secondMs) + secondMs;
  const plan = scanPlan(loadDetections(), { detections: { disable: [] }, approvedChanges: [] });
  const options: ReplayOptions = {
    plan,
    settings: { environment: mwaaEnvironment, correlateSeconds: 180 },
    region: 'us-east-1',
    logGroups: logGroups.map(({ logGroup }) => logGroup),
    range: { startEpochMs, endEpochMs },
    sliceMs: endEpochMs - startEpochMs,
    nowEpochMs: endEpochMs,
  };
  return { session, plan, options };
}
