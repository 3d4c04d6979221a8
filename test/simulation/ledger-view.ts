import type { FindingRecord } from '../../lambda/findings/finding-record.ts';
import type { SliceRecord } from '../../lambda/ledger/marks.ts';
import type { Lane } from '../../lambda/model/windows.ts';
import type { SimulatedDynamo } from './services/dynamo.ts';
import type { Item } from './services/dynamo-expression.ts';

/** A mark as stored in the ledger. */
export interface MarkView {
  readonly lane: Lane;
  readonly logGroup: string;
  readonly positionEpochMs: number;
  readonly sinceEpochMs: number;
  readonly claim: SliceRecord | undefined;
  readonly scannedDay: { readonly epochMs: number; readonly bytes: number } | undefined;
}

export function markView(item: Item): MarkView {
  return {
    lane: item.lane?.S as Lane,
    logGroup: item.logGroup?.S ?? '',
    positionEpochMs: Number(item.positionEpochMs?.N),
    sinceEpochMs: Number(item.sinceEpochMs?.N),
    claim: item.claimEndEpochMs === undefined ? undefined : dataOf<SliceRecord>(item),
    scannedDay:
      item.scannedDayEpochMs === undefined
        ? undefined
        : { epochMs: Number(item.scannedDayEpochMs.N), bytes: Number(item.scannedDayBytes?.N) },
  };
}

export function marksIn(dynamo: SimulatedDynamo): MarkView[] {
  return dynamo.partition('mark').map(markView);
}

/** The slices of one lane of a log group, in the order of their starts. */
export function slicesIn(dynamo: SimulatedDynamo, lane: Lane, logGroup: string): SliceRecord[] {
  return dynamo
    .partitionKeys()
    .filter((pk) => pk.startsWith('tick#'))
    .flatMap((pk) => dynamo.partition(pk))
    .filter(({ sk }) => sk?.S?.startsWith(`slice#${lane}#${logGroup}#`))
    .map((item) => dataOf<SliceRecord>(item))
    .sort((a, b) => a.startEpochMs - b.startEpochMs);
}

export function findingsIn(dynamo: SimulatedDynamo): FindingRecord[] {
  return dynamo
    .partitionKeys()
    .filter((pk) => pk.startsWith('stream#'))
    .flatMap((pk) => dynamo.partition(pk))
    .filter(({ sk }) => sk?.S?.startsWith('finding#'))
    .map((item) => dataOf<FindingRecord>(item));
}

/** The JSON that an item holds. */
export function dataOf<T>(item: Item): T {
  return JSON.parse(item.data?.S ?? '{}');
}
