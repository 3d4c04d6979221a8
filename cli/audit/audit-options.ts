import type { Severity } from '../../lambda/findings/finding.ts';
import type { RangeOptions } from './audit-range.ts';

export interface AuditOptions extends RangeOptions {
  readonly env: string;
  readonly region?: string;
  readonly profile?: string;
  /** Milliseconds of log time that are read at once. @default - see sliceWidthMs */
  readonly slice?: number;
  /** Queries at once. */
  readonly concurrency: number;
  /** Milliseconds that AWS may take no query. */
  readonly patience: number;
  /** US dollars for a gigabyte scanned. */
  readonly pricePerGb: number;
  /** @default - that of the environment's file */
  readonly alertAt?: Severity;
  /** File that a run is kept in. */
  readonly state?: string;
  /** Do not ask before it costs something. */
  readonly yes: boolean;
  /** Print findings as NDJSON and nothing else on the standard output. */
  readonly json: boolean;
}
