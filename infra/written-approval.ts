import { stringify } from 'yaml';
import { z } from 'zod';
import { type ApprovedChange, approvedChangeSchema } from '../lambda/approvals.ts';

const { verb, ...others } = approvedChangeSchema.shape;

/**
 * An approval as a person writes it. One of the old form, which named no verb and covered every user and
 * role that it did not name, is refused with the line to write for it today.
 */
export const writtenApproval = z
  .strictObject({
    ...{ dag: others.dag, task: others.task },
    verb: z.optional(verb),
    ...{ user: others.user, role: others.role },
    ...{ reason: others.reason, owner: others.owner, expires: others.expires },
  })
  .superRefine((entry, context) => {
    if (entry.verb !== undefined) return;
    context.addIssue({
      code: 'custom',
      input: entry,
      message: `must name verb, user and role, and covers only what it names: write\n${newLine(entry)}\nwith the verbs that you mean (docs/environment.example.yaml has all)`,
    });
  })
  .transform(({ verb = [], ...rest }): ApprovedChange => ({ ...rest, verb }));

/**
 * The line in the new form: a `*` for what was not named and covered everything, but for the roles that no
 * `*` covers.
 */
function newLine(entry: Readonly<Record<string, unknown>>): string {
  const { dag, task, user = '*', role = '*', reason, owner, expires } = entry;
  const written = {
    ...{
      dag,
      ...(task !== undefined && { task }),
      verb: 'grant-role',
      user: one(user),
      role: one(role),
    },
    ...{ reason, owner, expires },
  };
  return `  - ${stringify(written, { collectionStyle: 'flow', lineWidth: 0 }).trim()}`;
}

/** A list of one is written as its text. */
function one(value: unknown): unknown {
  return Array.isArray(value) && value.length === 1 ? value[0] : value;
}
