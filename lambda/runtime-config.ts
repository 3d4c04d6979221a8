import * as z from 'zod/mini';
import { severities } from './findings/finding.ts';
import { logTypeDuties, logTypes } from './log-types.ts';

/** Whether ticks every so many minutes, counted from midnight UTC, are evenly spaced for ever. */
export function dividesHourOrDay(minutes: number): boolean {
  return 60 % minutes === 0 || (minutes % 60 === 0 && 24 % (minutes / 60) === 0);
}

const regularMinutes = z
  .int()
  .check(
    z.minimum(1),
    z.maximum(1440),
    z.refine(dividesHourOrDay, 'must divide 60, or be whole hours that divide 24'),
  );

/**
 * A second look at what was scanned, for events that came late: every so many minutes, the span that
 * ends so many minutes before.
 */
const sweepSchema = z.strictObject({
  everyMinutes: regularMinutes,
  /** The sweep's reach: each event that comes at most so late is found. */
  lagMinutes: z.int().check(z.minimum(1), z.maximum(20_160)),
});

/**
 * What one deployed monitor is told by its stack, as JSON in the variable `MONITOR_CONFIG`.
 *
 * `infra/` writes it with this same type, so that a field cannot be misspelt on one side only.
 */
export const runtimeConfigSchema = z.strictObject({
  mwaaEnvironment: z.string().check(z.minLength(1), z.maxLength(80)),
  /** Minutes between two ticks, which is also the length of a window. */
  everyMinutes: regularMinutes,
  /** Minutes that a window's end stays behind the tick, so that ordinary ingestion lag is over. */
  settleMinutes: z.int().check(z.minimum(0), z.maximum(60)),
  /** What one query reads at the most: an outage is caught up with in slices of so many minutes. */
  maxSliceMinutes: z.int().check(z.minimum(1), z.maximum(1440)),
  /** Of a log type that writes all the time, nothing for so many hours is blindness. */
  silentAfterHours: z.int().check(z.minimum(1), z.maximum(168)),
  /**
   * What is expected of each log type.
   * @default - `defaultDuties`
   */
  logTypes: z.optional(z.record(z.enum(logTypes), z.enum(logTypeDuties))),
  /** How far before the first tick to look, once; what is found there comes in digests. */
  initialLookbackHours: z.int().check(z.minimum(0), z.maximum(336)),
  nearSweep: sweepSchema,
  farSweep: sweepSchema,
  /** How long, in event time, an echoed command waits for its outcome. */
  correlateSeconds: z.int().check(z.minimum(10), z.maximum(3600)),
  /** Findings below it are recorded, not notified. */
  alertAt: z.enum(severities),
  /** In the account and Region of the environment: messages name them by it. */
  findingsTopicArn: z.string().check(z.minLength(1)),
  /** The DynamoDB table that the monitor remembers in. */
  ledgerTableName: z.string().check(z.minLength(1)),
});

export type SweepConfig = z.infer<typeof sweepSchema>;
export type RuntimeConfig = z.infer<typeof runtimeConfigSchema>;

export const runtimeConfigVariable = 'MONITOR_CONFIG';
