import * as z from 'zod/mini';
import { logTypes } from '../model/log-types.ts';
import { severities } from '../model/severity.ts';
import { signalKinds } from '../model/signal.ts';
import { verbNames } from '../model/verbs.ts';
import { conditionSchema, programSchema } from '../regexp/condition-schema.ts';
import { approvedChangesSchema } from './approved-change.ts';

const severity = z.enum(severities);
const text = z.string().check(z.minLength(1));
const verb = z.enum(verbNames);

/**
 * A regexp of a `parse` command, in RE2's syntax with everything written out: there are no flags.
 */
const planRegexpSchema = z.strictObject({
  source: text,
  /** Its compiled program, made at synth. */
  program: programSchema,
  /** The capturing group of each field; groups have numbers only. */
  groups: z.record(z.string(), z.int().check(z.minimum(1))),
});

/**
 * - `line`: at the start of its line or of a string, or after a label such as `stdout:`. After any
 *   other words its severity is low.
 * - `security-manager`: in a record of Airflow's security manager; any other program's text is
 *   skipped.
 */
export const placesOfTexts = ['line', 'security-manager'] as const;

/**
 * What the Lambda needs to know about a detection to read the events that its filter found: plain
 * data made at synth, so that the Lambda contains neither a query parser nor YAML.
 */
const detectionInPlanSchema = z.strictObject({
  id: text,
  title: text,
  severity,
  /** The first rule whose fields all have one of their values decides the severity. */
  raise: z.array(z.strictObject({ when: z.record(text, z.array(text)), severity })),
  signal: z.enum(signalKinds),
  /** What is done: one verb, or a verb for each value of a parsed field. */
  verb: z.optional(z.union([verb, z.strictObject({ parsed: text, values: z.record(text, verb) })])),
  parse: z.array(planRegexpSchema),
  /** Where its text has to be within a line. */
  place: z.optional(z.enum(placesOfTexts)),
  attack: z.array(text),
  runbook: text,
  /**
   * Every match of the first parse contains one of these, case-sensitive; empty if none is
   * required.
   */
  anchors: z.array(text),
});

export type PlanRegexp = z.infer<typeof planRegexpSchema>;
export type DetectionInPlan = z.infer<typeof detectionInPlanSchema>;

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
