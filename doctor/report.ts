import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { areas } from './facts/facts.ts';

const fix = z.object({
  text: z.string(),
  /** For a POSIX shell, in the order to run them. */
  commands: z.array(z.string()),
});

const result = z.enum(['pass', 'warn', 'fail', 'unknown']);

const checkReport = z.object({
  id: z.string(),
  area: z.enum(areas),
  title: z.string(),
  meaning: z.string(),
  result,
  /** What was observed, the worst first. */
  evidence: z.array(z.string()),
  /** What people should know although nothing can be done; each is in `evidence` as well. */
  notices: z.array(z.string()),
  /** A text that begins with `Or` is an alternative to the fix before it. */
  fixes: z.array(fix),
  /** For `unknown`: the calls that were denied, or whose answers could not be used. */
  missing: z.array(
    z.object({ kind: z.enum(['denied', 'failed']), action: z.string(), error: z.string() }),
  ),
});

/** What `doctor --json` prints. */
export const reportSchema = z.object({
  schema: z.literal(1),
  environment: z.string(),
  region: z.string(),
  observedAt: z.iso.datetime(),
  /** The worst of all checks. `unknown`: no check failed, but one could not be judged. */
  result,
  counts: z.record(result, z.int()),
  checks: z.array(checkReport),
  /** Checks that do not apply to this environment. */
  skipped: z.array(z.object({ id: z.string(), title: z.string(), reason: z.string() })),
  /** Questions that only people can answer, with IAM's help. */
  questions: z.array(
    z.object({
      id: z.string(),
      title: z.string(),
      meaning: z.string(),
      commands: z.array(z.string()),
    }),
  ),
});

export type Report = z.output<typeof reportSchema>;
export type CheckReport = Report['checks'][number];

const jsonSchemaFile = fileURLToPath(new URL('report.schema.json', import.meta.url));

/** The JSON Schema of what `doctor --json` prints; `npm run schemas` writes it to the file. */
function reportJsonSchema(): string {
  return `${JSON.stringify(z.toJSONSchema(reportSchema), null, 2)}\n`;
}

if (import.meta.main) writeFileSync(jsonSchemaFile, reportJsonSchema());
