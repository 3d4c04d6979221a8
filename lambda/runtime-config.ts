import * as z from 'zod/mini';
import { severities } from './findings/finding.ts';

/** Whether ticks every so many minutes, counted from midnight UTC, are evenly spaced for ever. */
export function dividesHourOrDay(minutes: number): boolean {
  return 60 % minutes === 0 || (minutes % 60 === 0 && 24 % (minutes / 60) === 0);
}

/**
 * What one deployed monitor is told by its stack, as JSON in the variable `MONITOR_CONFIG`.
 *
 * `infra/` writes it with this same type, so that a field cannot be misspelt on one side only.
 */
export const runtimeConfigSchema = z.strictObject({
  mwaaEnvironment: z.string().check(z.minLength(1), z.maxLength(80)),
  /** Minutes between two ticks, which is also the length of a window. */
  everyMinutes: z
    .int()
    .check(
      z.minimum(1),
      z.maximum(1440),
      z.refine(dividesHourOrDay, 'must divide 60, or be whole hours that divide 24'),
    ),
  /** Minutes that a window's end stays behind the tick, so that ordinary ingestion lag is over. */
  settleMinutes: z.int().check(z.minimum(0), z.maximum(60)),
  /** How long, in event time, an echoed command waits for its outcome. */
  correlateSeconds: z.int().check(z.minimum(10), z.maximum(3600)),
  /** Findings below it are recorded, not notified. */
  alertAt: z.enum(severities),
  findingsTopicArn: z.string().check(z.minLength(1)),
});

export type RuntimeConfig = z.infer<typeof runtimeConfigSchema>;

export const runtimeConfigVariable = 'MONITOR_CONFIG';
