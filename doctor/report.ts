import { z } from 'zod';
import { areas } from './check.ts';

const fix = z.object({
  text: z.string(),
  /** For a POSIX shell, in their order. */
  commands: z.array(z.string()),
});

const result = z.enum(['pass', 'warn', 'fail', 'unknown']);

const checkReport = z.object({
  id: z.string(),
  area: z.enum(areas),
  title: z.string(),
  meaning: z.string(),
  result,
  /** What was seen, the worst first. */
  evidence: z.array(z.string()),
  /** What people should know although nothing is to be done about it; each is in `evidence` as well. */
  notices: z.array(z.string()),
  /** A text that begins with `Or` is another way than the one before. */
  fixes: z.array(fix),
  /** Of `unknown`: the answers that were denied, or that could not be used. */
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
  /** `fail`: a check failed; `unknown`: none did, and one could not be made. */
  result,
  counts: z.record(result, z.int()),
  checks: z.array(checkReport),
  /** Checks whose question does not arise here. */
  skipped: z.array(z.object({ id: z.string(), title: z.string(), reason: z.string() })),
  /** What only people, with IAM's help, can answer. */
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
