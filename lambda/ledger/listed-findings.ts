import * as z from 'zod/mini';
import { findingSources } from '../findings/finding-actor.ts';
import type { FindingPlace, WaitingFinding } from '../findings/waiting-finding.ts';
import { severitySchema } from '../model/finding.ts';
import { epochMsSchema } from './ledger-schema.ts';

const keyCharactersMax = 200;

/**
 * An entry of a list of findings: where the finding is, and what decides its order in the delivery.
 * An entry of version 1 has only the former; one whose order cannot be read is treated like it.
 */
export const listedItemSchema = z.object({
  // A longer text cannot be part of a key of the ledger.
  streamId: z.string().check(z.maxLength(keyCharactersMax)),
  anchorEpochMs: epochMsSchema,
  findingId: z.string().check(z.maxLength(keyCharactersMax)),
  severity: z.catch(z.optional(severitySchema), undefined),
  source: z.catch(z.optional(z.enum(findingSources)), undefined),
  actorKey: z.catch(z.optional(z.string().check(z.regex(/^[0-9a-f]{16}$/))), undefined),
  firstSeenEpochMs: z.catch(z.optional(epochMsSchema), undefined),
  waitingSinceEpochMs: z.catch(z.optional(epochMsSchema), undefined),
  initial: z.catch(z.optional(z.boolean()), undefined),
});

export type ListedItem = z.infer<typeof listedItemSchema>;

/** One entry of a list: what the delivery plan needs of a finding, or the place to read it from. */
export type ListedEntry = { readonly finding: WaitingFinding } | { readonly place: FindingPlace };

export function entryOf({ streamId, anchorEpochMs, findingId, ...order }: ListedItem): ListedEntry {
  const place = { streamId, anchorEpochMs, findingId };
  const { severity, source, actorKey, firstSeenEpochMs, waitingSinceEpochMs, initial } = order;
  const isKnown =
    severity !== undefined &&
    source !== undefined &&
    actorKey !== undefined &&
    firstSeenEpochMs !== undefined;
  if (!isKnown) return { place };
  const times = { firstSeenEpochMs, waitingSinceEpochMs };
  return { finding: { ...place, severity, source, actorKey, ...times, initial: initial === true } };
}
