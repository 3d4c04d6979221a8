import * as z from 'zod/mini';
import { approvedChangesSchema } from './approvals.ts';
import { conditionSchema } from './condition.ts';
import { detectionInPlanSchema } from './findings/detection-in-plan.ts';
import { logTypes } from './log-types.ts';

const text = z.string().check(z.minLength(1));
/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_StartQuery.html */
const queryText = z.string().check(z.minLength(1), z.maxLength(10_000));

/** How one detection's events are asked for, and how they are told from the others that come. */
const candidateSchema = z
  .strictObject({
    id: text,
    /** @default all of an environment */
    logTypes: z.optional(z.array(z.enum(logTypes)).check(z.minLength(1))),
    /**
     * An expression of the query language that is true of the detection's events alone. It stands by
     * itself between two `or`.
     */
    filter: z.optional(text),
    /**
     * Instead of it, regexps of single strings: each event of the detection contains one of them, and
     * so may others.
     */
    literals: z.optional(z.array(text).check(z.minLength(1))),
    /** What the detection says of an event, its log types apart. */
    condition: conditionSchema,
  })
  .check(
    z.refine(({ filter, literals }) => (filter === undefined) !== (literals === undefined), {
      error: 'must have either filter or literals',
    }),
  );

/**
 * What the Lambda asks of Logs Insights, made at synth and shipped beside the bundle as
 * `scan-plan.json`: the Lambda holds texts and conditions, no query parser.
 */
export const scanPlanSchema = z.strictObject({
  schema: z.literal(1),
  /** The documented query, byte for byte. */
  documentedQuery: queryText,
  /**
   * All enabled detections, and the documented literal as evidence: no detection reads it. They are
   * asked together, in one text. None, and nothing to ask, where no detection is enabled.
   */
  candidates: z.array(candidateSchema),
  /** Rows that an answer to a text of the pack holds at most: one with as many may be cut off. */
  packRowsMax: z.int().check(z.minimum(1)),
  /** How to read the events that belong to a detection. */
  detections: z.array(detectionInPlanSchema),
  /** Here and not in a variable of the function: all of those together hold 4 kB. */
  approvedChanges: approvedChangesSchema,
});

export type ScanPlan = z.infer<typeof scanPlanSchema>;
export type Candidate = z.infer<typeof candidateSchema>;

/** The plan's file name inside the Lambda's asset. */
export const scanPlanFileName = 'scan-plan.json';
