import * as z from 'zod/mini';
import { severities } from '../model/finding.ts';
import { signalKinds } from '../model/signal.ts';
import { verbNames } from '../model/verbs.ts';
import { programSchema } from '../regexp/read-program.ts';

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
export const detectionInPlanSchema = z.strictObject({
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

/** A plan's detections by id. */
export type DetectionsById = ReadonlyMap<string, DetectionInPlan>;

export function detectionsById(plan: {
  readonly detections: readonly DetectionInPlan[];
}): DetectionsById {
  return new Map(plan.detections.map((detection) => [detection.id, detection]));
}
