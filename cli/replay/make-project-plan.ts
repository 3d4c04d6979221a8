import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { scanPlan } from '../../infra/function/scan-plan.ts';
import type { ScanPlan } from '../../lambda/plan/scan-plan.ts';
import {
  type PreparedLiterals,
  prepareLiterals,
} from '../../local/candidates/prepared-literals.ts';
import type { LogEvent } from '../../local/log-event.ts';
import { loadDetections } from '../../queries/tools/load-detections.ts';

/** The plan of the project's own detections, and what their candidates are searched by. */
export interface ProjectPlan {
  readonly plan: ScanPlan;
  readonly literals: PreparedLiterals;
}

/** Recorded logs of either generation of Airflow. */
const sessions = ['airflow-2.10.3', 'airflow-3.0.6'];
/** Of each session and log type. */
const messagesMax = 300;

/** The plan of the project's own detections, and what to search for, chosen from recorded logs. */
export function makeProjectPlan(): ProjectPlan {
  const plan = scanPlan(loadDetections(), { detections: { disable: [] }, approvedChanges: [] });
  const recorded = sessions.map(readSession);
  const literals = prepareLiterals(plan.candidates, (logType) =>
    recorded.flatMap((events) => {
      const ofType = events.filter(({ logGroup }) => logGroup.endsWith(`-${logType}`));
      return ofType
        .filter((_, number) => isInSample(number, messagesMax / ofType.length))
        .map(({ message }) => Buffer.from(JSON.stringify(message)));
    }),
  );
  return { plan, literals };
}

/** Whether a message is one of a share of all; every nth one would be of few kinds, as logs repeat themselves. */
function isInSample(number: number, share: number): boolean {
  return Math.imul(number, 0x9e3779b1) >>> 0 < share * 2 ** 32;
}

function readSession(name: string): readonly Pick<LogEvent, 'logGroup' | 'message'>[] {
  const file = fileURLToPath(
    new URL(`../../local/demo/sessions/${name}.ndjson.gz`, import.meta.url),
  );
  const lines = gunzipSync(readFileSync(file)).toString('utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line));
}
