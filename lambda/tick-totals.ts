import type { SliceRecord } from './ledger/slice-record.ts';

/** The sums of all slices that count in one tick. */
export interface TickTotals {
  readonly tickEpochMs: number;
  /** By log group, what the documented query counted; zero only where a zero is certain. */
  readonly matches: ReadonlyMap<string, number>;
  /** By log group, findings that no approval covers; zero likewise. */
  readonly privilegeChanges: ReadonlyMap<string, number>;
  /** Undefined where the pack has read nothing: zero would claim that there was nothing. */
  readonly suppressedChanges: number | undefined;
  /** Likewise. */
  readonly lateChanges: number | undefined;
  readonly bytesScanned: number;
}

/**
 * Adds up the slices of a tick: a running total. Put again after each slice it only grows, so the maximum
 * over a period is right however often it was put.
 */
export function tickTotals(tickEpochMs: number, records: readonly SliceRecord[]): TickTotals {
  const ofPack = records.filter(({ lane }) => lane !== 'documented');
  return {
    tickEpochMs,
    matches: numbersOf(records, ({ matches }) => matches, isCounting),
    privilegeChanges: numbersOf(
      records,
      ({ privilegeChanges }) => privilegeChanges,
      ({ lane }) => lane === 'scan',
    ),
    suppressedChanges: sumOf(ofPack, ({ suppressedChanges }) => suppressedChanges),
    lateChanges: sumOf(ofPack, ({ lateChanges }) => lateChanges),
    bytesScanned: sum(records.map(({ bytes }) => bytes)),
  };
}

/**
 * Up to version 2 of the ledger, the slices of the scan hold the count: the tick of an upgrade has both.
 */
function isCounting({ lane, matches }: SliceRecord): boolean {
  return lane === 'documented' || matches !== undefined;
}

/**
 * Adds up one number of the slices by log group.
 *
 * @param givesZeros whether a zero of this slice, if the group was covered, means that there was nothing
 */
function numbersOf(
  records: readonly SliceRecord[],
  numberOf: (record: SliceRecord) => number | undefined,
  givesZeros: (record: SliceRecord) => boolean,
): Map<string, number> {
  const byGroup = [...Map.groupBy(records, ({ logGroup }) => logGroup)];
  return new Map(
    byGroup.flatMap(([logGroup, slices]): [string, number][] => {
      const total = sum(slices.flatMap((slice) => numberOf(slice) ?? []));
      const scans = slices.filter((slice) => slice.outcome === 'scanned' && givesZeros(slice));
      const isZero =
        scans.length > 0 && scans.every((slice) => slice.covered && numberOf(slice) !== undefined);
      return total > 0 || isZero ? [[logGroup, total]] : [];
    }),
  );
}

function sumOf(
  records: readonly SliceRecord[],
  numberOf: (record: SliceRecord) => number,
): number | undefined {
  return records.length === 0 ? undefined : sum(records.map(numberOf));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
