import type { Ledger } from './ledger.ts';

/** What a tick's metrics say of findings. */
export interface FindingCounts {
  /** By log group, the findings at or above `alertAt` that nobody approved. */
  readonly privilegeChanges: ReadonlyMap<string, number>;
  /** The approved ones of them, in all log groups. */
  readonly suppressedChanges: number;
}

/**
 * Counts the findings of a tick: the same again when the tick is repeated.
 *
 * @param logGroups that were read to the end of the tick's window: they have an explicit zero
 */
export async function countFindings(
  ledger: Ledger,
  tickEpochMs: number,
  logGroups: readonly string[],
): Promise<FindingCounts> {
  const records = await ledger.findingsCountedIn(tickEpochMs);
  const privilegeChanges = new Map(logGroups.map((logGroup) => [logGroup, 0]));
  for (const { logGroup, approved } of records) {
    if (!approved) privilegeChanges.set(logGroup, (privilegeChanges.get(logGroup) ?? 0) + 1);
  }
  const suppressedChanges = records.filter(({ approved }) => approved).length;
  return { privilegeChanges, suppressedChanges };
}
