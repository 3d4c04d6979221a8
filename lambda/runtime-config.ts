import { z } from 'zod';

/**
 * What one deployed monitor is told by its stack, as JSON in the variable `MONITOR_CONFIG`.
 *
 * `infra/` writes it with this same type, so that a field cannot be misspelt on one side only.
 */
export const runtimeConfigSchema = z.strictObject({
  mwaaEnvironment: z.string().min(1).max(80),
  /** Minutes between two ticks, which is also the length of a window. */
  everyMinutes: z.int().min(1).max(1440),
  /** Minutes that a window's end stays behind the tick, so that ordinary ingestion lag is over. */
  settleMinutes: z.int().min(0).max(60),
});

export type RuntimeConfig = z.infer<typeof runtimeConfigSchema>;

export const runtimeConfigVariable = 'MONITOR_CONFIG';
