import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { logTypes } from '../../lambda/model/log-types.ts';
import { severities } from '../../lambda/model/severity.ts';
import { signalKinds } from '../../lambda/model/signal.ts';
import { verbNames } from '../../lambda/model/verbs.ts';
import { placesOfTexts } from '../../lambda/plan/scan-plan.ts';
import { didYouMean } from './nearest-names.ts';

const text = z.string().regex(/\S/, 'must not be empty');
const severity = z.enum(severities);
const logType = z.enum(logTypes);
const verb = z.enum(verbNames, {
  error: ({ input }) => `must be ${verbsMeant(String(input))}`,
});

/** Logs Insights refuses longer query texts (StartQuery, `queryString`). */
const maxQueryCharacters = 10_000;

/** One file of `queries/`: what to look for, how bad it is, and real lines that prove it. */
export const detectionSchema = z.strictObject({
  /** The file's name without `.yaml`. */
  id: z
    .string()
    .max(80)
    .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'must be lower-case words joined by hyphens'),
  title: text.max(100),
  /** `info` is evidence only: it never makes a finding by itself. */
  severity,
  /** The severity if every field of `when` has one of its values in the line. */
  raise: z
    .array(z.strictObject({ when: z.record(text, z.array(text).min(1)), severity }))
    .default([]),
  logTypes: z.array(logType).min(1),
  attack: z
    .array(z.string().regex(/^T\d{4}(\.\d{3})?$/, 'must be an ATT&CK technique like T1098.003'))
    .min(1),
  /** A whole Logs Insights query, which runs unchanged when pasted into the console. */
  query: text.max(maxQueryCharacters),
  /** True if a matching line reports that the change happened, not just that it was requested. */
  outcome: z.boolean(),
  /**
   * What kind of line it is, which decides how it is correlated with others. Default: `outcome` if
   * `outcome` is true, else `notice`.
   */
  signal: z.enum(signalKinds).exclude(['other-product']).optional(),
  /** What is done: one verb, or a verb for each value of a parsed field. */
  verb: z.union([verb, z.strictObject({ parsed: text, values: z.record(text, verb) })]).optional(),
  /** Where the parsed text has to be; anywhere else it is another program's. */
  place: z.enum(placesOfTexts).optional(),
  /** Path from the project's root. */
  runbook: z.string().regex(/^docs\/runbooks\/[a-z0-9-]+\.md$/, 'must be docs/runbooks/<name>.md'),
  falsePositives: z.array(text).min(1),
  references: z.array(z.url({ protocol: /^https$/ })).min(1),
  tests: z.strictObject({
    matches: z
      .array(
        z.strictObject({
          logType,
          airflow: z.string().regex(/^\d+\.\d+\.\d+$/, 'must be an Airflow version like 2.10.3'),
          message: z.string().min(1),
          /** What `parse` extracts from the line. */
          parsed: z.record(z.string(), z.string()).optional(),
        }),
      )
      .min(1),
    ignores: z
      .array(
        z.strictObject({
          logType,
          airflow: z
            .string()
            .regex(/^\d+\.\d+\.\d+$/, 'must be an Airflow version like 2.10.3')
            .optional(),
          message: z.string().min(1),
        }),
      )
      .min(1),
  }),
});

export type Detection = z.infer<typeof detectionSchema>;

/** `a known verb (did you mean grant-role?)`; lists all verbs if none is similar. */
function verbsMeant(text: string): string {
  const meant = didYouMean(text, verbNames);
  return meant === '' ? `one of ${verbNames.join(', ')}` : `a known verb${meant}`;
}

export const jsonSchemaFile = fileURLToPath(new URL('../detection.schema.json', import.meta.url));

/**
 * The schema with which editors check a detection file (`npm run schemas` writes it); the loader
 * checks more.
 */
export function detectionJsonSchema(): string {
  return `${JSON.stringify(z.toJSONSchema(detectionSchema, { io: 'input' }), null, 2)}\n`;
}

if (import.meta.main) writeFileSync(jsonSchemaFile, detectionJsonSchema());
