import type { FindingRecord } from '../../../lambda/findings/finding-record.ts';
import type { LedgerTable } from '../../../lambda/ledger/ledger-table.ts';
import { loadPendingFinding, pendingPages } from '../../../lambda/ledger/stored-findings.ts';

/** All findings on the list of pending findings, in the order of their ids. */
export async function loadPendingFindings(table: LedgerTable): Promise<FindingRecord[]> {
  const records: FindingRecord[] = [];
  for await (const page of pendingPages(table, 'people')) {
    for (const entry of page) {
      if ('error' in entry) throw entry.error;
      const place = 'finding' in entry ? entry.finding : entry.place;
      const record = await loadPendingFinding(table, 'people', place);
      if (record !== undefined) records.push(record);
    }
  }
  return records;
}
