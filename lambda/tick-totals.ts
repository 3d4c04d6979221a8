import type { SliceRecord } from './ledger/slice-record.ts';

/** What all slices that count in one tick come to. */
export interface TickTotals {
  readonly tickEpochMs: number;
  /** By log group, what the documented query counted; a zero only where it can be believed. */
  readonly matches: ReadonlyMap<string, number>;
  /** By log group, findings that nobody approved; a zero likewise. */
  readonly privilegeChanges: ReadonlyMap<string, number>;
  readonly suppressedChanges: number;
  readonly lateChanges: number;
  readonly bytesScanned: number;
}

/**
 * Adds up the slices of a tick. It is a running total: put again after each slice, it only grows, so
 * that the maximum over a period is right however often it was put.
 */
export function tickTotals(tickEpochMs: number, records: readonly SliceRecord[]): TickTotals {
  const byGroup = [...Map.groupBy(records, ({ logGroup }) => logGroup)];
  const perGroup = (numberOf: (record: SliceRecord) => number | undefined) =>
    new Map(
      byGroup.flatMap(([logGroup, slices]): [string, number][] => {
        const numbers = slices.flatMap((slice) => numberOf(slice) ?? []);
        const total = sum(numbers);
        const scans = slices.filter(
          ({ lane, outcome }) => lane === 'scan' && outcome === 'scanned',
        );
        const isZero = scans.length > 0 && scans.every(({ covered }) => covered);
        return numbers.length > 0 && (total > 0 || isZero) ? [[logGroup, total]] : [];
      }),
    );
  return {
    tickEpochMs,
    matches: perGroup(({ matches }) => matches),
    privilegeChanges: perGroup(({ privilegeChanges }) => privilegeChanges),
    suppressedChanges: sum(records.map(({ suppressedChanges }) => suppressedChanges)),
    lateChanges: sum(records.map(({ lateChanges }) => lateChanges)),
    bytesScanned: sum(records.map(({ bytes }) => bytes)),
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
