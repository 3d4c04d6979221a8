import * as z from 'zod/mini';
import { logTypes } from '../model/log-types.ts';
import {
  checkedForWriting,
  epochMsSchema,
  ledgerSchemaVersion,
  type UncheckedItem,
} from './ledger-schema.ts';
import type { LedgerTable } from './ledger-table.ts';
import { isStorable, readItem } from './quarantine.ts';

const groupStateSchema = z.object({
  /** Why the log group was blind; null when it was covered. */
  cause: z.nullable(z.string()),
  /** The first tick that found it so. */
  sinceTickEpochMs: epochMsSchema,
});

export type GroupState = Readonly<z.infer<typeof groupStateSchema>>;

/** What the monitor stores about itself from tick to tick. */
const monitorStateSchema = z.object({
  /** The latest tick that was completed; absent before the first. */
  lastTickEpochMs: z.optional(epochMsSchema),
  /**
   * The start of a UTC day: digests have been sent for all approved changes of the days before it.
   */
  silencedThroughEpochMs: z.optional(epochMsSchema),
  /**
   * Written by version 1 alone, which had one width for all lanes; the next version's first tick
   * uses it.
   */
  sliceMinutes: z.optional(z.int().check(z.minimum(1))),
  /** By log group, the coverage that was reported last. */
  groups: z.record(z.string(), groupStateSchema),
  /**
   * MWAA's last answer about the environment's logging, while it may replace one that fails to
   * come.
   */
  environment: z.optional(
    z.object({
      answeredTickEpochMs: epochMsSchema,
      settings: z.partialRecord(
        z.enum(logTypes),
        z.object({ enabled: z.optional(z.boolean()), logLevel: z.optional(z.string()) }),
      ),
      airflow: z.optional(z.object({ host: z.string(), version: z.optional(z.string()) })),
    }),
  ),
  /** Likewise, the last answer of CloudWatch Logs about which log groups exist. */
  logGroups: z.optional(
    z.object({
      answeredTickEpochMs: epochMsSchema,
      facts: z.record(
        z.string(),
        z.object({
          createdEpochMs: z.optional(z.number()),
          retentionDays: z.optional(z.number()),
          kmsKeyId: z.optional(z.string()),
        }),
      ),
    }),
  ),
  /**
   * The bytes of queries that resulted in no slice, of the last UTC day in which there were any: a run
   * that reads the same again is billed again. Those of slices are in the marks.
   */
  bytesWithoutSlice: z.optional(
    z.object({ dayEpochMs: epochMsSchema, bytes: z.int().check(z.minimum(0)) }),
  ),
  /** Reports of log groups that fell silent compared with their own history. */
  silence: z.optional(
    z.object({
      /** The end of the last whole hour that was judged; absent before the first. */
      judgedUntilEpochMs: z.optional(epochMsSchema),
      /**
       * By log group whose silence was reported and continues, the time since which no event came
       * in.
       */
      told: z.record(z.string(), epochMsSchema),
      /** By log group, the last tick that found it switched off or missing. */
      offUntil: z.record(z.string(), epochMsSchema),
    }),
  ),
  /** The last count of incoming events. */
  incoming: z.optional(
    z.object({
      countedTickEpochMs: epochMsSchema,
      /** By log group; absent when they could not be counted. */
      counts: z.optional(z.record(z.string(), z.number())),
      reason: z.optional(z.string()),
    }),
  ),
});

export type MonitorState = Readonly<z.infer<typeof monitorStateSchema>>;

const stateKey = { pk: 'state', sk: 'state' };

const itemSchema = z.object({ data: monitorStateSchema });

/**
 * Loads the state, and marks the ledger with this version before anything else is written: from
 * then on an older version refuses it, instead of using items that it does not know.
 *
 * A state that cannot be read is set aside, and a new one begins.
 *
 * @param latestEpochMs the latest valid completed tick: a later one would make all ticks look old
 * @throws LedgerVersionError when a later version of the monitor wrote the ledger
 */
export async function openMonitorState(
  table: LedgerTable,
  latestEpochMs = Number.POSITIVE_INFINITY,
): Promise<MonitorState> {
  const item = await table.get(stateKey);
  const state = item === undefined ? undefined : await readState(table, item, latestEpochMs);
  if (state !== undefined && item?.schema === ledgerSchemaVersion) return state;
  const opened = state ?? { groups: {} };
  await saveMonitorState(table, opened);
  return opened;
}

async function readState(
  table: LedgerTable,
  item: UncheckedItem,
  latestEpochMs: number,
): Promise<MonitorState | undefined> {
  const read = await readItem(table, itemSchema, item, {
    keyOf: () => stateKey,
    doubt: ({ data: { lastTickEpochMs = 0 } }) =>
      lastTickEpochMs > latestEpochMs ? 'its last tick is in the future' : undefined,
    isVersionGuard: true,
  });
  return read?.data;
}

export async function saveMonitorState(table: LedgerTable, state: MonitorState): Promise<void> {
  const isGood = await isStorable(table, monitorStateSchema, stateKey, state);
  if (isGood) await table.put({ ...stateKey, data: JSON.stringify(state) });
}

const leaseKey = { pk: 'lease', sk: 'lease' };

const leaseSchema = z.object({ holder: z.string(), untilEpochMs: z.number() });

/**
 * An invocation lasts 15 minutes at most, and clocks differ by seconds: a longer lease is not
 * valid.
 */
const leaseMaxMs = 20 * 60_000;

/**
 * Takes the lease on the ledger, which one invocation holds at a time.
 *
 * Conditional writes already keep each item consistent. The lease prevents two invocations from
 * reading the halves of one change from two slices at the same moment and making two findings of
 * it.
 *
 * A lease that cannot be read, or that would last longer than any invocation, is set aside and
 * taken.
 *
 * @param untilEpochMs when Lambda has certainly ended this invocation: the lease is free from then
 *   on, even if it was not returned
 * @returns whether it was free
 * @throws LedgerVersionError when a later version of the monitor wrote the ledger
 */
export async function takeLease(
  table: LedgerTable,
  holder: string,
  times: { readonly nowEpochMs: number; readonly untilEpochMs: number },
): Promise<boolean> {
  if (await putLease(table, holder, times)) return true;
  const held = await readLease(table, times.nowEpochMs);
  return held === undefined && putLease(table, holder, times);
}

function putLease(
  table: LedgerTable,
  holder: string,
  { nowEpochMs, untilEpochMs }: { readonly nowEpochMs: number; readonly untilEpochMs: number },
): Promise<boolean> {
  return table.putIf(
    { ...leaseKey, ...checkedForWriting(leaseSchema, leaseKey, { holder, untilEpochMs }) },
    {
      expression: 'attribute_not_exists(pk) OR (untilEpochMs < :now AND #schema <= :schema)',
      values: { ':now': nowEpochMs, ':schema': ledgerSchemaVersion },
      // DynamoDB reserves the word `schema`.
      names: { '#schema': 'schema' },
    },
  );
}

/** Who holds the lease and until when; undefined when there is none, or it cannot be read. */
async function readLease(table: LedgerTable, nowEpochMs: number) {
  const held = await table.get(leaseKey);
  if (held === undefined) return undefined;
  return readItem(table, leaseSchema, held, {
    keyOf: () => leaseKey,
    doubt: ({ untilEpochMs }) =>
      untilEpochMs > nowEpochMs + leaseMaxMs ? 'it lasts longer than any run' : undefined,
    isVersionGuard: true,
  });
}

/**
 * Whether an invocation has ended without returning its lease: it was killed at its time limit, or
 * for lack of memory.
 */
export async function wasLeftBehind(table: LedgerTable, nowEpochMs: number): Promise<boolean> {
  const held = await readLease(table, nowEpochMs);
  return held !== undefined && held.untilEpochMs < nowEpochMs;
}

/** Returns the lease, unless it has expired and belongs to another invocation now. */
export async function returnLease(table: LedgerTable, holder: string): Promise<void> {
  await table.deleteIf(leaseKey, {
    expression: 'holder = :holder',
    values: { ':holder': holder },
  });
}
