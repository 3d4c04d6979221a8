import type { SliceRecord } from '../ledger/slice-record.ts';

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
