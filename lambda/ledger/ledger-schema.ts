import type * as z from 'zod/mini';
import { InvalidInputError, parseInput } from '../parse-input.ts';
import type { UncheckedItem } from './ledger-table.ts';

/** The form of the items that this version of the monitor writes, and the only one that it reads. */
export const ledgerSchemaVersion = 1;

/**
 * What an item says, checked. Its attribute `data`, if there is one, is JSON text and is read as such.
 *
 * @throws InvalidInputError for an item of another schema, of which nothing is known, and for one that
 *   breaks a rule of this one
 */
export function parseItem<T>(schema: z.ZodMiniType<T>, item: UncheckedItem): T {
  const place = `ledger item ${item.pk} / ${item.sk}`;
  if (item.schema !== ledgerSchemaVersion) {
    throw new InvalidInputError(
      `${place}: field "schema": must be ${ledgerSchemaVersion}, the only one that this version of the ` +
        `monitor reads; nothing was overwritten (got ${JSON.stringify(item.schema) ?? 'nothing'})`,
    );
  }
  const { data } = item;
  return parseInput(schema, typeof data === 'string' ? { ...item, data: json(data) } : item, place);
}

/** A text that is no JSON stays as it is, for the schema to complain of. */
function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Epoch milliseconds as a sort key: 13 digits until the year 2286. */
export function timeKey(epochMs: number): string {
  return String(Math.max(0, epochMs)).padStart(13, '0');
}

const secondsPerDay = 86_400;

/** DynamoDB's time to live, in epoch seconds. */
export function expiryAfter(epochMs: number, days: number): number {
  return Math.ceil(epochMs / 1000 + days * secondsPerDay);
}
