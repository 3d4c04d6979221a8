import type { SliceRecord } from './ledger/slice-record.ts';

/** What all slices that count in one tick come to. */
export interface TickTotals {
  readonly tickEpochMs: number;
  /** By log group, what the documented query counted; a zero only where it can be believed. */
  readonly matches: ReadonlyMap<string, number>;
  /** By log group, findings that nobody approved; a zero likewise. */
  readonly privilegeChanges: ReadonlyMap<string, number>;
  /** Undefined where the pack has read nothing: a zero would say that there was nothing. */
  readonly suppressedChanges: number | undefined;
  /** Likewise. */
  readonly lateChanges: number | undefined;
  readonly bytesScanned: number;
}

/**
 * Adds up the slices of a tick. It is a running total: put again after each slice, it only grows, so
 * that the maximum over a period is right however often it was put.
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
 * Version 2 of the ledger and those before have the count in the slices of the scan: in the tick of an
 * upgrade there are both.
 */
function isCounting({ lane, matches }: SliceRecord): boolean {
  return lane === 'documented' || matches !== undefined;
}

/**
 * By log group a number of its slices, added up.
 *
 * @param givesZeros whether a slice's zero, when the group was covered, says that there was nothing
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
