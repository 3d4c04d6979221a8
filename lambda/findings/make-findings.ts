import { type ApprovedChange, approvalsOf } from '../approvals.ts';
import type { RuntimeConfig } from '../runtime-config.ts';
import type { ScanPlan } from '../scan-plan.ts';
import { observe, observeSilent } from './event-identity.ts';
import type { FindingMaker } from './finding-maker.ts';
import type { AirflowWeb } from './links.ts';
import { presentFinding } from './present.ts';
import { readSignals } from './read-signals.ts';

interface FindingMakerOptions {
  readonly config: Pick<RuntimeConfig, 'mwaaEnvironment'> & {
    /** @default none */
    readonly approvedChanges?: readonly ApprovedChange[];
  };
  readonly plan: Pick<ScanPlan, 'detections'>;
  /** Where the log groups are: links lead there. */
  readonly region: string;
  /** Where Airflow's web interface is. @default unknown: findings have no link to it */
  readonly airflow?: AirflowWeb;
  /**
   * Which Airflow wrote the lines: `2.10.3`.
   * @default as `airflow` says; where that does not, the lines tell it
   */
  readonly airflowVersion?: string | undefined;
}

/** Reads and presents what the plan's detections find in one environment. */
export function createFindingMaker({
  config,
  plan,
  region,
  airflow,
  airflowVersion = airflow?.version,
}: FindingMakerOptions): FindingMaker {
  const { mwaaEnvironment: environment, approvedChanges = [] } = config;
  const detections = new Map(plan.detections.map((detection) => [detection.id, detection]));
  return {
    observe: (event) => {
      const signals = readSignals(event, detections, airflowVersion);
      if (signals.length === 0) return observeSilent(event);
      const anchors = event.detections.flatMap((id) => detections.get(id)?.anchors ?? []);
      return observe(event, signals, anchors);
    },
    present: (change, detectedAtEpochMs, foundBy) =>
      presentFinding(change, {
        environment,
        region,
        detections,
        detectedAtEpochMs,
        late: foundBy === 'late',
        laterLook: foundBy === 'later-look',
        airflow,
      }),
    approvedFor: (change) =>
      approvalsOf(change, approvedChanges).map(({ reason, owner }) => `${reason} (${owner})`),
  };
}
