import * as z from 'zod/mini';
import { logTypes } from '../log-types.ts';
import type { UncheckedItem } from './ledger-schema.ts';
import { epochMsSchema, ledgerSchemaVersion } from './ledger-schema.ts';
import type { LedgerTable } from './ledger-table.ts';
import { isStorable, readItem } from './quarantine.ts';

const groupStateSchema = z.object({
  /** Why the log group was blind; null when it was covered. */
  cause: z.nullable(z.string()),
  /** The first tick that found it so. */
  sinceTickEpochMs: epochMsSchema,
});

export type GroupState = Readonly<z.infer<typeof groupStateSchema>>;

/** What the monitor remembers about itself from tick to tick. */
const monitorStateSchema = z.object({
  /** The latest tick whose work was done; absent before the first. */
  lastTickEpochMs: z.optional(epochMsSchema),
  /** What was approved on the UTC days before this one is in digests. */
  silencedThroughEpochMs: z.optional(epochMsSchema),
  /** Written by version 1 alone, which had one width for all lanes; the first tick after it uses it. */
  sliceMinutes: z.optional(z.int().check(z.minimum(1))),
  /** By log group, the coverage that was reported last. */
  groups: z.record(z.string(), groupStateSchema),
  /** What MWAA said last of how the environment logs, while it may stand in for an answer. */
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
  /** Likewise, what CloudWatch Logs said of the log groups that there are. */
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
  /** What was told of log groups that fell silent against their own history. */
  silence: z.optional(
    z.object({
      /** The end of the last whole hour that was judged; absent before the first. */
      judgedUntilEpochMs: z.optional(epochMsSchema),
      /** By log group whose silence was told and goes on, since when no event came in. */
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
 * What the monitor remembers, and the ledger marked as this version's before anything else is written:
 * an older version refuses it from then on, instead of going on with items that it does not know.
 *
 * A state that cannot be read is set aside, and what it held is learned again.
 *
 * @param latestEpochMs no tick that was done can be later: it would make all others look old
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
