import * as z from 'zod/mini';
import { approvedChangesSchema } from './approvals.ts';
import { detectionInPlanSchema } from './findings/detection-in-plan.ts';

const queryText = z.string().check(z.minLength(1), z.maxLength(10_000));

/** One text that asks several detections at once. */
const packQuerySchema = z.strictObject({
  queryString: queryText,
  /** By the name of the flag's column, the detection's id. */
  flags: z.record(z.string(), z.string()),
  /**
   * Rows that StartQuery is asked for, where the text has no limit of its own.
   * @default ScanPlan.packRowsMax, which the text says itself
   */
  rowsMax: z.optional(z.int().check(z.minimum(1), z.maximum(100_000))),
  /**
   * Texts that ask for the same in parts, for a second that holds more matches than an answer.
   * @default it cannot be parted
   */
  get parts() {
    return z.optional(z.array(packQuerySchema));
  },
});

/**
 * What the Lambda asks of Logs Insights, made at synth and shipped beside the bundle as
 * `scan-plan.json`: the Lambda holds texts, no query parser.
 */
export const scanPlanSchema = z.strictObject({
  schema: z.literal(1),
  /** The documented query, byte for byte. */
  documentedQuery: queryText,
  /** All enabled detections, in as few texts as they fit into: each costs one scan of the bytes. */
  packQueries: z.array(packQuerySchema),
  /** Rows that an answer to a pack query holds at most: one with as many may be cut off. */
  packRowsMax: z.int().check(z.minimum(1)),
  /** How to read the events that a flag found; a flag without its detection is evidence only. */
  detections: z.array(detectionInPlanSchema),
  /** Here and not in a variable of the function: all of those together hold 4 kB. */
  approvedChanges: approvedChangesSchema,
});

export type ScanPlan = z.infer<typeof scanPlanSchema>;
export type PackQuery = z.infer<typeof packQuerySchema>;

/** The plan's file name inside the Lambda's asset. */
export const scanPlanFileName = 'scan-plan.json';
