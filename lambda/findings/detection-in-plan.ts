import * as z from 'zod/mini';
import { programSchema } from '../read-program.ts';
import { severities } from './finding.ts';
import { signalKinds } from './signal.ts';

const severity = z.enum(severities);
const text = z.string().check(z.minLength(1));

/** A regexp of a `parse` command, in RE2's syntax with everything written out: there are no flags. */
const planRegexpSchema = z.strictObject({
  source: text,
  /** What it compiles to, made at synth. */
  program: programSchema,
  /** Which capturing group holds which field; groups have numbers only. */
  groups: z.record(z.string(), z.int().check(z.minimum(1))),
});

/**
 * - `line`: at the beginning of its line, of a string, or behind a label such as `stdout:`. What other words
 *   introduce is told as low.
 * - `security-manager`: in a record of Airflow's security manager; another program's text is not told.
 */
export const placesOfTexts = ['line', 'security-manager'] as const;

/**
 * What the Lambda has to know about a detection to read the events that its filter found: plain data
 * made at synth, so that the Lambda holds neither a query parser nor YAML.
 */
export const detectionInPlanSchema = z.strictObject({
  id: text,
  title: text,
  severity,
  /** The first rule whose fields all have one of their values decides the severity. */
  raise: z.array(z.strictObject({ when: z.record(text, z.array(text)), severity })),
  signal: z.enum(signalKinds),
  /** What is done to whom: one word, or the word that a parsed text stands for. */
  verb: z.optional(z.union([text, z.strictObject({ parsed: text, values: z.record(text, text) })])),
  parse: z.array(planRegexpSchema),
  /** Where a text of it has to stand in its line to be what it says. */
  place: z.optional(z.enum(placesOfTexts)),
  attack: z.array(text),
  runbook: text,
  /** What the first parse finds contains one of these, case-sensitive; none if it requires nothing. */
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
