import * as z from 'zod/mini';

/**
 * What the Lambda asks of Logs Insights, made at synth and shipped beside the bundle as
 * `scan-plan.json`: the Lambda holds texts, no query parser.
 */
export const scanPlanSchema = z.strictObject({
  schema: z.literal(1),
  /** The documented query, byte for byte. */
  documentedQuery: z.string().check(z.minLength(1), z.maxLength(10_000)),
});

export type ScanPlan = z.infer<typeof scanPlanSchema>;

/** The plan's file name inside the Lambda's asset. */
export const scanPlanFileName = 'scan-plan.json';
