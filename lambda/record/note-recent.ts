import type { FindingRecord } from '../findings/finding-record.ts';
import { listRecent } from '../ledger/witness-reading.ts';
import type { TickContext } from './tick-context.ts';

/**
 * Puts a finding on the list by which the second witness finds it; before the finding is saved.
 *
 * Without a second witness nothing needs the list.
 */
export async function noteRecent(
  { table, shell, tickEpochMs }: Pick<TickContext, 'table' | 'shell' | 'tickEpochMs'>,
  { streamId, anchorEpochMs, finding }: FindingRecord,
): Promise<void> {
  if (shell.config.witness === undefined) return;
  const lastEpochMs = Date.parse(finding.lastSeen);
  await listRecent(
    table,
    { streamId, anchorEpochMs, findingId: finding.id },
    { lastEpochMs, tickEpochMs },
  );
}
