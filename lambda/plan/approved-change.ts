import * as z from 'zod/mini';
import { verbNames } from '../model/verbs.ts';
import { expiryEpochMs } from './approval-expiry.ts';

const name = z.string('must be text').check(z.minLength(1, 'must not be empty'));
const exactName = name.check(
  z.refine((text) => !text.includes('*'), 'must be one exact id, without *'),
);
const sentence = z
  .string('must be text')
  .check(z.refine((text) => text.trim() !== '', 'must not be empty'));

const verb = z.enum(verbNames, `must be one of ${verbNames.join(', ')}`);

/** Also accepts a single text in place of a list of one. */
function oneOrMore<T extends string>(each: z.ZodMiniType<T, string>) {
  return z.pipe(
    z.transform((input: unknown) => (typeof input === 'string' ? [input] : input)),
    z.readonly(
      z.array(each, 'must be a text or a list of texts').check(
        // An empty list would read like "any" and mean "none".
        z.minLength(1, 'must name at least one'),
      ),
    ),
  );
}

/**
 * An approval of privilege changes that somebody answers for: they are recorded, counted and listed
 * in the day's digest, but not notified. It covers what it names and nothing else.
 */
export const approvedChangeSchema = z.strictObject({
  /** Exact id of the DAG whose tasks make the changes. */
  dag: exactName,
  /**
   * Exact id of its task.
   * @default any task of the DAG
   */
  task: z.optional(exactName),
  /** What the change does, one or several of {@link verbNames}. */
  verb: oneOrMore(verb),
  /**
   * The user who is changed; one or a list, with `*` for any characters of a plain name. For a verb
   * that takes over an account, such as `reset-password`, a `*` covers nobody: the account may be
   * an Admin's.
   * @default none: covers only changes that name no user
   */
  user: z.optional(oneOrMore(name)),
  /**
   * The role; one or a list, with `*` likewise, which never covers Admin, Op or Public.
   * @default none: covers only changes that name no role
   */
  role: z.optional(oneOrMore(name)),
  /** Why, with the ticket; the digest shows it. */
  reason: sentence,
  owner: sentence,
  /**
   * Until when changes are approved, by their own time: a date (to its end, UTC), or a date and
   * time with its offset.
   */
  expires: z
    .string('must be text: put the date in quotes')
    .check(
      z.refine(
        (text) => expiryEpochMs(text) !== undefined,
        'must be a date like 2026-12-31 or a time like 2026-12-31T18:00:00Z',
      ),
    ),
});

export const approvedChangesSchema = z.array(approvedChangeSchema);

export type ApprovedChange = Readonly<z.infer<typeof approvedChangeSchema>>;
