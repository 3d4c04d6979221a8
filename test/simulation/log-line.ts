import type { HostileKind } from './schedule/hostile-grammar.ts';
import type { RowFault } from './services/result-rows.ts';

/** One event of the simulated logs. */
export interface LogLine {
  readonly logGroup: string;
  readonly logStream: string;
  /** Event time. */
  readonly epochMs: number;
  readonly message: string;
  /** When CloudWatch Logs received it. */
  readonly ingestedEpochMs: number;
  /** From when a query can find it. */
  readonly visibleEpochMs: number;
  /** The purpose, where an attacker wrote it. */
  readonly hostile?: HostileKind;
  /** What is wrong with its row in an answer. @default nothing */
  readonly rowFault?: RowFault | undefined;
}

/** One that was written: it is there until it is removed. */
export interface StoredLine extends LogLine {
  removed: boolean;
}
