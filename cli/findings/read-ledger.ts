import { type DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import type { FindingRecord } from '../../lambda/findings/finding-record.ts';
import { checkItem, type UncheckedItem } from '../../lambda/ledger/ledger-schema.ts';
import { uncheckedItem } from '../../lambda/ledger/ledger-table.ts';
import { recordItemSchema, type SliceRecord } from '../../lambda/ledger/marks.ts';
import { findingItemSchema } from '../../lambda/ledger/stored-findings.ts';
import { firstCallError } from '../common/aws-failure.ts';

/** What the ledger of a monitor holds about the past. */
export interface LedgerContent {
  readonly findings: readonly FindingRecord[];
  /** What the scan read; without the sweeps, which read the same spans again. */
  readonly slices: readonly SliceRecord[];
  /** Items that this version cannot read: where they are, and the rules that they break. */
  readonly unreadable: readonly string[];
}

/**
 * Reads the findings, and the record of what the scan read, from a deployed ledger.
 *
 * There is no index of findings, so all pages of the table are read; the filter only saves what is
 * transferred. Reads are strongly consistent.
 *
 * @throws UserError when AWS cannot be called
 */
export async function readLedger(
  client: DynamoDBClient,
  tableName: string,
): Promise<LedgerContent> {
  const items: UncheckedItem[] = [];
  const pages = paginateScan(
    { client },
    {
      TableName: tableName,
      ConsistentRead: true,
      FilterExpression:
        '(begins_with(pk, :stream) AND begins_with(sk, :finding)) OR (begins_with(pk, :tick) AND begins_with(sk, :slice))',
      ExpressionAttributeValues: {
        ':stream': { S: 'stream#' },
        ':finding': { S: 'finding#' },
        ':tick': { S: 'tick#' },
        ':slice': { S: 'slice#scan#' },
      },
    },
  );
  try {
    for await (const { Items = [] } of pages) {
      items.push(...Items.map(uncheckedItem));
    }
  } catch (error) {
    throw firstCallError(error, `dynamodb:Scan on ${tableName}`);
  }
  return ledgerContent(items);
}

/** Sorts the items of a ledger into findings, slices and what cannot be read. */
export function ledgerContent(items: readonly UncheckedItem[]): LedgerContent {
  const findings: FindingRecord[] = [];
  const slices: SliceRecord[] = [];
  const unreadable: string[] = [];
  for (const item of items) {
    const { pk, sk } = item;
    if (sk.startsWith('finding#')) {
      const { value, problem } = checkItem(findingItemSchema, item);
      if (value === undefined) unreadable.push(`${pk} / ${sk}: ${problem}`);
      else findings.push({ ...value.data, revision: value.revision });
    } else {
      const { value, problem } = checkItem(recordItemSchema, item);
      if (value === undefined) unreadable.push(`${pk} / ${sk}: ${problem}`);
      else slices.push(value.data);
    }
  }
  return { findings, slices, unreadable };
}
