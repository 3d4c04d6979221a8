import type { Stream } from './findings/correlate-slice.ts';
import type { Severity } from './findings/finding.ts';
import type { FindingRecord } from './findings/finding-record.ts';

/** What one slice brought about; saved as a whole. */
export interface SliceResult {
  /** Streams whose state may have changed; an empty state means that there is none any more. */
  readonly streams: readonly Stream[];
  /** New and changed findings; a record replaces the one of the same id. */
  readonly findings: readonly FindingRecord[];
  /** By log group, the event time in epoch milliseconds before which everything is correlated. */
  readonly watermarks: ReadonlyMap<string, number>;
}

/** What one environment's monitor remembers from tick to tick. */
export interface Ledger {
  /** By log group, the event time before which everything is correlated; absent when never read. */
  loadWatermarks(logGroups: readonly string[]): Promise<ReadonlyMap<string, number>>;
  /** The streams of the log groups that have something to remember. */
  loadStreams(logGroups: readonly string[]): Promise<readonly Stream[]>;
  /** Those of the findings that are known, by id. */
  loadFindings(ids: readonly string[]): Promise<ReadonlyMap<string, FindingRecord>>;
  /** All of it or, when it throws, nothing. */
  saveSlice(result: SliceResult): Promise<void>;
  /** Findings that count in a tick's metrics. */
  findingsCountedIn(tickEpochMs: number): Promise<readonly FindingRecord[]>;
  /** Findings whose delivery is pending. */
  pendingFindings(): Promise<readonly FindingRecord[]>;
  /** A notification of a finding went out, and named this severity. */
  markNotified(id: string, severity: Severity): Promise<void>;
}
