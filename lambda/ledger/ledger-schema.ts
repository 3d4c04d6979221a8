import * as z from 'zod/mini';
import { schemaIssues, shownValue } from '../common/parse-input.ts';

/** The version of the items that this monitor writes. */
export const ledgerSchemaVersion = 3;

/**
 * The versions that it reads. Version 2 only adds optional fields to version 1, and version 3 a
 * lane for the documented query, which the scan ran before, so that a table written by an earlier
 * version can be used. Each version refuses to read a later one, whose lanes it may not know: a
 * rollback stops with an error.
 */
const readableSchemaVersions: readonly number[] = [1, 2, 3];

/** Made when it is shown: the first list that is formatted takes 10 ms. */
function readableVersions(): string {
  const list = new Intl.ListFormat('en-GB', { type: 'disjunction' });
  return list.format(readableSchemaVersions.map(String));
}

/** A later version of the monitor wrote the ledger, so this one must not interpret it. */
export class LedgerVersionError extends Error {
  override readonly name = 'LedgerVersionError';

  constructor({ pk, sk, schema }: UncheckedItem) {
    super(
      `ledger item ${pk} / ${sk}: field "schema": must be ${readableVersions()}, which ` +
        `this version of the monitor reads, got ${shownValue(schema)}; nothing was overwritten: deploy ` +
        'the version of the monitor that wrote it, or a later one',
    );
  }
}

export function isOfLaterVersion({ schema }: UncheckedItem): boolean {
  return typeof schema === 'number' && Number.isInteger(schema) && schema > ledgerSchemaVersion;
}

/** The value of an item, or what is wrong with it: fields and rules, without any value. */
type CheckedItem<T> =
  | { readonly value: T; readonly problem?: undefined }
  | { readonly value?: undefined; readonly problem: string };

const problemCharactersMax = 300;

/** Checks an item. Its attribute `data`, if there is one, is JSON text and is read as such. */
export function checkItem<T>(schema: z.ZodMiniType<T>, item: UncheckedItem): CheckedItem<T> {
  const { data, schema: version } = item;
  if (typeof version !== 'number' || !readableSchemaVersions.includes(version)) {
    return { problem: `field "schema": must be ${readableVersions()}` };
  }
  const input = typeof data === 'string' ? { ...item, data: json(data) } : item;
  const result = schema.safeParse(input);
  if (result.success) return { value: result.data };
  return { problem: rulesOf(result.error, input) };
}

/** The rules that a value breaks, without any value, since values may be log text. */
export function rulesOf(error: z.core.$ZodError, input: unknown): string {
  return schemaIssues(error, input)
    .map(({ field, rule }) => `field "${field}": ${rule}`)
    .join('; ')
    .slice(0, problemCharactersMax);
}

/** The monitor tried to write an item that it could not read back: a bug of the monitor. */
class LedgerWriteError extends Error {
  override readonly name = 'LedgerWriteError';
}

/**
 * Checks the value of an item that everything else depends on (a position, the lease) before it is
 * written.
 *
 * @throws LedgerWriteError for a value that breaks the schema by which it is read
 */
export function checkedForWriting<T>(
  schema: z.ZodMiniType<T>,
  { pk, sk }: { readonly pk: string; readonly sk: string },
  value: unknown,
): T {
  const { data, error } = schema.safeParse(value);
  if (error === undefined) return data;
  throw new LedgerWriteError(`ledger item ${pk} / ${sk}: not written: ${rulesOf(error, value)}`);
}

/** Parses JSON; another text is returned as it is, and the schema rejects it. */
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

/** The last time that a JavaScript date can represent: a later one cannot be formatted. */
const epochMsMax = 8.64e15;

export const epochMsSchema = z.int().check(z.minimum(-epochMsMax), z.maximum(epochMsMax));

export interface LedgerKey {
  readonly pk: string;
  readonly sk: string;
}

/** An item as it was read: nothing about it is known yet but its key. */
export type UncheckedItem = LedgerKey & Readonly<Record<string, unknown>>;
