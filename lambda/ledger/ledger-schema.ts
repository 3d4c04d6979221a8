import type * as z from 'zod/mini';
import { parseInput } from '../parse-input.ts';
import type { UncheckedItem } from './ledger-table.ts';

/** The version of the items' form that this monitor writes. */
export const ledgerSchemaVersion = 2;

/**
 * The versions that it reads. Version 2 only adds optional fields to version 1, so that a table written
 * by version 1 goes on. Version 1 refuses to read version 2, so that a rollback stops with an error.
 */
const readableSchemaVersions: readonly number[] = [1, 2];

/** An item was written by another version of the monitor, so that nothing about it is known. */
export class LedgerVersionError extends Error {
  override readonly name = 'LedgerVersionError';
}

/**
 * What an item says, checked. Its attribute `data`, if there is one, is JSON text and is read as such.
 *
 * @throws LedgerVersionError for an item of a version that this monitor does not read
 * @throws InvalidInputError for one that breaks a rule of its schema
 */
export function parseItem<T>(schema: z.ZodMiniType<T>, item: UncheckedItem): T {
  const place = `ledger item ${item.pk} / ${item.sk}`;
  const { schema: version } = item;
  if (typeof version !== 'number' || !readableSchemaVersions.includes(version)) {
    throw new LedgerVersionError(
      `${place}: field "schema": must be ${readableSchemaVersions.join(' or ')}, which this version of the ` +
        `monitor reads, got ${JSON.stringify(version) ?? 'nothing'}; nothing was overwritten: deploy the ` +
        'version of the monitor that wrote it, or a later one',
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
