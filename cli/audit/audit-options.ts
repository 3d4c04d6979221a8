import type { Severity } from '../../lambda/model/finding.ts';
import type { AuditRangeOptions } from './audit-range.ts';

export interface AuditOptions extends AuditRangeOptions {
  readonly env: string;
  readonly region?: string;
  readonly profile?: string;
  /** Milliseconds of log time that one query covers. @default - see sliceWidthMs */
  readonly slice?: number;
  /** The number of concurrent queries. */
  readonly concurrency: number;
  /** Milliseconds for which AWS may refuse every call before the audit stops. */
  readonly patience: number;
  /** US dollars per gigabyte scanned. */
  readonly pricePerGb: number;
  /** @default - the value in the environment's file, or medium */
  readonly alertAt?: Severity;
  /** Path of the file that stores the state of a run. */
  readonly state?: string;
  /** Do not ask for confirmation before the scan, which costs money. */
  readonly yes: boolean;
  /** Print only findings, as NDJSON, on the standard output. */
  readonly json: boolean;
}
