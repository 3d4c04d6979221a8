import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import type { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import type { SNSClient } from '@aws-sdk/client-sns';
import type { MwaaAccess } from '../aws/mwaa-request.ts';
import type { Clock, Deadline } from '../common/time.ts';
import type { LedgerShell, LedgerTable } from '../ledger/ledger-table.ts';
import { type SliceRecord, sliceKey, slicesCountedIn } from '../ledger/marks.ts';
import type { AirflowWeb } from '../model/coverage.ts';
import { type DetectionsById, detectionsById } from '../plan/detections-by-id.ts';
import type { RuntimeConfig } from '../plan/runtime-config.ts';
import type { ScanPlan } from '../plan/scan-plan.ts';
import type { QueryShell } from '../query/query.ts';

/**
 * What one tick adds up while it reads, for its report and its health metrics. The numbers of the slices
 * themselves are in their records: the ledger sums these, so that a retried tick counts none twice.
 */
export class TickTally {
  #slices: SliceRecord[] = [];
  #doubts = 0;
  #bytesUncounted = 0;
  #lagMaxMs: number | undefined;

  /** Slices that were recorded in this tick, in their order. */
  get slices(): readonly SliceRecord[] {
    return this.#slices;
  }

  /** Queries that scanned fewer log groups than they were asked to. */
  get doubts(): number {
    return this.#doubts;
  }

  /** Bytes scanned by queries that resulted in no slice; those of slices are in their records. */
  get bytesUncounted(): number {
    return this.#bytesUncounted;
  }

  /** The longest time between a new line and its ingestion; undefined where no new line says it. */
  get lagMaxMs(): number | undefined {
    return this.#lagMaxMs;
  }

  addSlice(slice: SliceRecord): void {
    this.#slices.push(slice);
  }

  addDoubts(count: number): void {
    this.#doubts += count;
  }

  addUncountedBytes(bytes: number): void {
    this.#bytesUncounted += bytes;
  }

  /** @param ms between the time of a new line and its ingestion */
  addLag(ms: number): void {
    this.#lagMaxMs = Math.max(ms, this.#lagMaxMs ?? 0);
  }
}

/** What a tick needs from outside. */
export interface TickShell extends QueryShell, LedgerShell {
  readonly cloudWatch: CloudWatchClient;
  readonly sns: SNSClient;
  /** For the bus, if the configuration has one. */
  readonly events: EventBridgeClient;
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

type CountedContext = Pick<TickContext, 'table' | 'countedSlices'>;

/**
 * All slices that count in a tick. Reads the ledger once per invocation: while it holds the lease, nobody
 * else adds slices.
 */
export async function countedSlices(
  { table, countedSlices: known }: CountedContext,
  tickEpochMs: number,
): Promise<readonly SliceRecord[]> {
  const slices = known.get(tickEpochMs) ?? (await slicesCountedIn(table, tickEpochMs));
  known.set(tickEpochMs, slices);
  return slices;
}

/** Adds a slice whose record is in the ledger now. */
export async function addCounted(context: CountedContext, record: SliceRecord): Promise<void> {
  const slices = await countedSlices(context, record.tickEpochMs);
  if (slices.some((slice) => sliceKey(slice) === sliceKey(record))) return;
  context.countedSlices.set(record.tickEpochMs, [...slices, record]);
}
