import * as z from 'zod/mini';
import { severitySchema } from '../model/finding.ts';

const count = z.int().check(z.minimum(0));
const namedSchema = z.object({ name: z.string(), severity: severitySchema });
const actorSchema = z.object({
  name: z.string(),
  severity: severitySchema,
  signals: count,
  firstEpochMs: z.int(),
  /** Its worst line and that line's stream; both are empty except for the first actors. */
  sample: z.string(),
  logStream: z.string(),
  /** The user and role that the line names, ready to show. */
  whom: z.optional(z.string()),
});

/**
 * What lines about privileges say that are not correlated one by one, in one log stream or in many
 * streams of a log group, within one hour.
 */
export const changeFloodSchema = z.object({
  severity: severitySchema,
  /**
   * Signals by second of the hour. A slice holds whole seconds: one that is read again adds
   * nothing, and a late line adds itself.
   */
  bySecond: z.record(z.string(), count),
  /** By `verb severity`. */
  byKind: z.record(z.string(), count),
  actors: z.array(actorSchema),
  /** Signals of actors that are not named. */
  unnamedSignals: count,
  targets: z.array(namedSchema),
  roles: z.array(namedSchema),
  /** A lower bound for the number of names that are not listed. */
  namesOmitted: count,
  firstEpochMs: z.int(),
  lastEpochMs: z.int(),
  /** Prefixes of the stream ids; only if there are many streams. */
  streams: z.optional(z.array(z.string())),
});

export type ChangeFlood = z.infer<typeof changeFloodSchema>;
