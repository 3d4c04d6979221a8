/** What a log group was set to, beyond what its events tell. */
export interface LogGroupSettings {
  /** @default - events are kept for ever */
  readonly retentionInDays?: number;
  /** ARN of a customer managed key. @default - encrypted by CloudWatch Logs itself */
  readonly kmsKeyId?: string;
  /** @default STANDARD */
  readonly logGroupClass?: 'STANDARD' | 'INFREQUENT_ACCESS';
  /** Whether DeleteLogGroup is refused. @default false */
  readonly deletionProtectionEnabled?: boolean;
}

const dayMs = 24 * 3600_000;

/** Events from before this time have passed the group's retention. */
export function retainedFromEpochMs(
  settings: LogGroupSettings | undefined,
  nowEpochMs: number,
): number {
  const { retentionInDays } = settings ?? {};
  return retentionInDays === undefined ? 0 : nowEpochMs - retentionInDays * dayMs;
}
