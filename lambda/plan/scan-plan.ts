import * as z from 'zod/mini';
import { logTypes } from '../model/log-types.ts';
import { conditionSchema } from '../regexp/condition.ts';
import { approvedChangesSchema } from './approvals.ts';
import { detectionInPlanSchema } from './detection-in-plan.ts';

const text = z.string().check(z.minLength(1));
/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_StartQuery.html */
const queryText = z.string().check(z.minLength(1), z.maxLength(10_000));

/** How to query one detection's events, and how to separate them from the other rows. */
const candidateSchema = z
  .strictObject({
    id: text,
    /** @default all log types */
    logTypes: z.optional(z.array(z.enum(logTypes)).check(z.minLength(1))),
    /**
     * An expression of the query language that is true for the detection's events alone. It can be
     * placed between two `or` as it is.
     */
    filter: z.optional(text),
    /**
     * Instead of a filter, regexps that each match a single string: every event of the detection
     * contains one of them, and other events may too.
     */
    literals: z.optional(z.array(text).check(z.minLength(1))),
    /** Whether an event belongs to the detection, apart from its log type. */
    condition: conditionSchema,
  })
  .check(
    z.refine(({ filter, literals }) => (filter === undefined) !== (literals === undefined), {
      error: 'must have either filter or literals',
    }),
  );

/**
 * What the Lambda queries, made at synth and shipped beside the bundle as `scan-plan.json`: the
 * Lambda has texts and conditions, but no query parser.
 */
export const scanPlanSchema = z.strictObject({
  schema: z.literal(1),
  /** The documented query, byte for byte. */
  documentedQuery: queryText,
  /**
   * All enabled detections, and the documented literal, which is evidence and belongs to no
   * detection. One text asks for all of them. Empty, with nothing to query, when no detection is
   * enabled.
   */
  candidates: z.array(candidateSchema),
  /** The highest number of rows of an answer to the pack: one with this many may be cut off. */
  packRowsMax: z.int().check(z.minimum(1)),
  /** How to read the events of each detection. */
  detections: z.array(detectionInPlanSchema),
  /** Here and not in a variable of the function: all variables together are limited to 4 kB. */
  approvedChanges: approvedChangesSchema,
});

export type ScanPlan = z.infer<typeof scanPlanSchema>;
export type Candidate = z.infer<typeof candidateSchema>;

/** The plan's file name inside the Lambda's asset. */
export const scanPlanFileName = 'scan-plan.json';
