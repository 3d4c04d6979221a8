import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import type { SNSClient } from '@aws-sdk/client-sns';
import type { MwaaAccess } from '../aws/mwaa-request.ts';
import type { Clock, Deadline } from '../common/time.ts';
import type { LedgerShell, LedgerTable } from '../ledger/ledger-table.ts';
import type { SliceRecord } from '../ledger/slice-record.ts';
import type { AirflowWeb } from '../model/coverage.ts';
import { type DetectionsById, detectionsById } from '../plan/detection-in-plan.ts';
import type { RuntimeConfig } from '../plan/runtime-config.ts';
import type { ScanPlan } from '../plan/scan-plan.ts';
import type { QueryShell } from '../query/query.ts';
import { TickTally } from './tick-tally.ts';

/** What a tick needs from outside. */
export interface TickShell extends QueryShell, LedgerShell {
  readonly cloudWatch: CloudWatchClient;
  readonly sns: SNSClient;
  readonly mwaa: MwaaAccess;
  readonly clock: Clock;
  readonly config: RuntimeConfig;
  readonly plan: ScanPlan;
}

/** What the parts of one tick share. */
export interface TickContext {
  readonly shell: TickShell;
  readonly tickEpochMs: number;
  readonly table: LedgerTable;
  /** The plan's. */
  readonly detections: DetectionsById;
  /** Airflow's web interface and version; undefined where MWAA does not say. */
  readonly airflow: AirflowWeb | undefined;
  /** Cache: the slices counted in each tick, as read or added by this invocation. */
  readonly countedSlices: Map<number, SliceRecord[]>;
  readonly tally: TickTally;
  /** When the scan has to stop, so that there is time to publish. */
  readonly scanDeadline: Deadline;
  /** When the work on findings has to be over, in the ledger and at SNS. */
  readonly deadline: Deadline;
}

/** The context of a tick that has done nothing yet. */
export function tickContext(
  given: Pick<TickContext, 'shell' | 'tickEpochMs' | 'table' | 'scanDeadline' | 'deadline'> & {
    readonly airflow?: AirflowWeb | undefined;
  },
): TickContext {
  return {
    airflow: undefined,
    ...given,
    detections: detectionsById(given.shell.plan),
    countedSlices: new Map(),
    tally: new TickTally(),
  };
}
