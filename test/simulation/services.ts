import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { FindingRecord } from '../../lambda/findings/finding-record.ts';
import type { SliceRecord } from '../../lambda/ledger/slice-record.ts';
import { MetricRecorder } from '../../local/aws-endpoints/cloudwatch/metric-recorder.ts';
import { MemoryTable } from '../lambda/memory-table.ts';
import { logGroups } from './config.ts';
import { SimulatedLogs } from './logs.ts';
import type { World } from './world.ts';

/** One message that went out, with what it tells of each finding in it. */
export interface Told {
  readonly atEpochMs: number;
  readonly text: string;
  readonly findings: readonly { readonly id: string; readonly severity: string }[];
}

/** What can be away for minutes. */
export interface Outages {
  sns: boolean;
  dynamo: boolean;
  cloudWatch: boolean;
  mwaa: boolean;
}

/** Everything of AWS that the monitor of one environment meets. */
export class Services {
  readonly world: World;
  readonly logs: SimulatedLogs;
  readonly table: MemoryTable;
  readonly metrics = new MetricRecorder();
  readonly told: Told[] = [];
  readonly down: Outages = { sns: false, dynamo: false, cloudWatch: false, mwaa: false };
  readonly disabled = new Set<string>();
  /** Finding records by id, and marks by lane and group, as they stand in the table. */
  readonly records = new Map<string, FindingRecord>();
  readonly slices = new Map<string, SliceRecord>();
  readonly marks = new Map<string, { readonly positionEpochMs: number; readonly since: number }>();
  readonly seen = new Set<string>();
  /** How many metric values were put for each tick: whether its metrics came before a move. */
  readonly putsByTick = new Map<number, number>();
  unprocessedRate = 0;
  readonly #slicesByTick = new Map<number, SliceRecord[]>();
  readonly #publishedClaims = new Set<string>();

  constructor(world: World, createdEpochMs: number) {
    this.world = world;
    this.logs = new SimulatedLogs(world, logGroups, createdEpochMs);
    this.table = new MemoryTable({
      onPut: (item) => this.#watch(item),
      unprocessed: () => {
        const isLeft = world.random.chance(this.unprocessedRate);
        if (isLeft) world.strikes.count('items unprocessed');
        return isLeft;
      },
    });
  }

  putMetrics(
    data: readonly {
      readonly MetricName?: string;
      readonly Value?: number;
      readonly Timestamp?: Date;
      readonly Dimensions?: readonly { readonly Name?: string; readonly Value?: string }[];
    }[],
  ) {
    for (const { MetricName = '', Value = 0, Timestamp, Dimensions = [] } of data) {
      const tickEpochMs = Timestamp?.getTime() ?? 0;
      const dimensions = Object.fromEntries(
        Dimensions.map((dimension) => [dimension.Name ?? '', dimension.Value ?? '']),
      );
      const metric = { namespace: 'MwaaPrivilegeMonitor', metricName: MetricName, dimensions };
      this.metrics.putValue(metric, Value, tickEpochMs);
      if (MetricName === 'AddRoleMatches' && Value === 0) this.#checkZero(dimensions, tickEpochMs);
      if (MetricName === 'LateChanges') {
        this.putsByTick.set(tickEpochMs, (this.putsByTick.get(tickEpochMs) ?? 0) + 1);
      }
    }
    return {};
  }

  publish({ Message = '' }: { readonly Message?: string }) {
    const published = JSON.parse(JSON.parse(Message).default);
    const findings: { id: string; severity: string }[] = published.findings ?? [published];
    for (const { id } of findings) this.#checkClaim(id);
    this.told.push({ atEpochMs: this.world.nowEpochMs, text: Message, findings });
    this.world.tell(`  published ${published.kind} ${findings.map(({ id }) => id.slice(0, 6))}`);
    return { MessageId: `message-${this.told.length}` };
  }

  /** A zero only after a Complete scan of a covered group. */
  #checkZero(dimensions: Record<string, string>, tickEpochMs: number): void {
    const { LogGroup: logGroup = '' } = dimensions;
    const slices = (this.#slicesByTick.get(tickEpochMs) ?? []).filter(
      (slice) =>
        slice.logGroup === logGroup && slice.lane === 'scan' && slice.outcome === 'scanned',
    );
    const isCounted = slices.every((slice) => this.logs.countsOf(slice).length > 0);
    const isCovered = slices.every(({ covered }) => covered);
    if (slices.length === 0 || !isCounted || !isCovered) {
      this.world.broken.push(`a zero for ${logGroup} without a Complete scan of a covered group`);
    }
  }

  /** No Publish without a claim, and at most one Publish a claim. */
  #checkClaim(id: string): void {
    const delivery = this.records.get(id)?.delivery;
    if (delivery?.status !== 'claimed') {
      this.world.broken.push(`finding ${id} was published without a claim`);
      return;
    }
    const claim = `${delivery.claimId} ${id}`;
    if (this.#publishedClaims.has(claim)) {
      this.world.broken.push(`finding ${id} was published twice under one claim`);
    }
    this.#publishedClaims.add(claim);
  }

  #watch(stored: Record<string, AttributeValue>): void {
    const pk = stored.pk?.S ?? '';
    const sk = stored.sk?.S ?? '';
    const data = stored.data?.S;
    if (pk === 'mark') this.#watchMark(sk, unmarshall(stored));
    else if (pk.startsWith('tick#') && data !== undefined) this.#watchSlice(sk, JSON.parse(data));
    else if (sk.startsWith('event#') && data !== undefined) this.seen.add(JSON.parse(data).message);
    else if (pk.startsWith('stream#') && data !== undefined) {
      const record: FindingRecord = JSON.parse(data);
      this.records.set(record.finding.id, record);
    }
  }

  #watchSlice(key: string, slice: SliceRecord): void {
    const before = this.slices.get(key);
    if (before !== undefined && before.tickEpochMs !== slice.tickEpochMs) {
      this.world.broken.push(`${key} was counted in a second tick`);
    }
    this.slices.set(key, slice);
    const ofTick = this.#slicesByTick.get(slice.tickEpochMs) ?? [];
    if (before === undefined) this.#slicesByTick.set(slice.tickEpochMs, [...ofTick, slice]);
  }

  #watchMark(key: string, item: Record<string, unknown>): void {
    const { positionEpochMs, sinceEpochMs } = item as Record<string, number>;
    if (positionEpochMs === undefined || sinceEpochMs === undefined) return;
    const before = this.marks.get(key);
    this.marks.set(key, { positionEpochMs, since: before?.since ?? positionEpochMs });
    if (before === undefined) return;
    const { broken, nowEpochMs } = this.world;
    if (positionEpochMs < before.positionEpochMs) broken.push(`${key} moved back`);
    if (positionEpochMs > nowEpochMs) broken.push(`${key} moved past the clock`);
    if (positionEpochMs <= before.positionEpochMs) return;
    const [, lane, logGroup] = key.split('#');
    const slice = this.slices.get(
      `slice#${lane}#${logGroup}#${String(before.positionEpochMs).padStart(13, '0')}`,
    );
    if (slice?.endEpochMs !== positionEpochMs)
      broken.push(`${key} moved before its slice's record`);
    else if (!this.putsByTick.has(slice.tickEpochMs))
      broken.push(`${key} moved before its metrics`);
  }
}
