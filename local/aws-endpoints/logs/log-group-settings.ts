import { dayMs } from '../../../lambda/common/time.ts';

/** Settings of a log group. */
export interface LogGroupSettings {
  /** @default - events never expire */
  readonly retentionInDays?: number;
  /** ARN of a customer managed key. @default - encrypted by CloudWatch Logs itself */
  readonly kmsKeyId?: string;
  /** @default STANDARD */
  readonly logGroupClass?: 'STANDARD' | 'INFREQUENT_ACCESS';
  /** Whether DeleteLogGroup is rejected. @default false */
  readonly deletionProtectionEnabled?: boolean;
}

/** Events before this time have expired. */
export function retainedFromEpochMs(
  settings: LogGroupSettings | undefined,
  nowEpochMs: number,
): number {
  const { retentionInDays } = settings ?? {};
  return retentionInDays === undefined ? 0 : nowEpochMs - retentionInDays * dayMs;
}
