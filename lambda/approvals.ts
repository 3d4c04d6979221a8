import * as z from 'zod/mini';
import { actorOf } from './findings/actor.ts';
import type { Change } from './findings/correlation-state.ts';
import { isAbout, type Verb, verbNames, verbs } from './findings/verbs.ts';
import { dayMs } from './time.ts';

const calendarDate = /^\d{4}-\d\d-\d\d$/;
const dateTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:\d\d)$/;

const name = z.string('must be text').check(z.minLength(1, 'must not be empty'));
const exactName = name.check(
  z.refine((text) => !text.includes('*'), 'must be one exact id, without *'),
);
const sentence = z
  .string('must be text')
  .check(z.refine((text) => text.trim() !== '', 'must not be empty'));

const verb = z.enum(verbNames, `must be one of ${verbNames.join(', ')}`);

/** Roles that give everything, or give it to everybody: no pattern names them. */
const protectedRoles: ReadonlySet<string> = new Set(['admin', 'op', 'public']);

/** One text stands for a list of one. */
function oneOrMore<T extends string>(each: z.ZodMiniType<T, string>) {
  return z.pipe(
    z.transform((input: unknown) => (typeof input === 'string' ? [input] : input)),
    z.readonly(
      z.array(each, 'must be a text or a list of texts').check(
        // An empty list would read like "any" and mean "none".
        z.minLength(1, 'must name one at least'),
      ),
    ),
  );
}

/**
 * A privilege change that somebody answers for: recorded, counted and listed in the day's digest, not
 * notified. It covers what it names and nothing else.
 */
export const approvedChangeSchema = z.strictObject({
  /** Exact id of the DAG whose tasks make the change. */
  dag: exactName,
  /**
   * Exact id of its task.
   * @default any task of the DAG
   */
  task: z.optional(exactName),
  /** What is done, as {@link verbNames} names it; one or a list. */
  verb: oneOrMore(verb),
  /**
   * To whom; one or a list, with `*` for any characters of a plain name. Of a verb that takes an account
   * over, such as `reset-password`, no `*` covers anybody: the account may be an Admin's.
   * @default none: covers only changes that name no user
   */
  user: z.optional(oneOrMore(name)),
  /**
   * Which role; likewise. Admin, Op and Public are never covered by a `*`.
   * @default none: covers only changes that name no role
   */
  role: z.optional(oneOrMore(name)),
  /** Why, with the ticket: the digest shows it. */
  reason: sentence,
  owner: sentence,
  /** By the time of the change: a date (to its end, UTC) or a date and time with its offset. */
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

/** The first moment that is not approved any more; undefined for what is no time. */
function expiryEpochMs(expires: string): number | undefined {
  const isDate = calendarDate.test(expires);
  if (!isDate && !dateTime.test(expires)) return undefined;
  const epochMs = Date.parse(expires);
  const day = Date.parse(expires.slice(0, 10));
  // JavaScript takes 2026-02-30 for the second of March.
  const isInCalendar =
    Number.isFinite(day) && new Date(day).toISOString().slice(0, 10) === expires.slice(0, 10);
  if (!Number.isFinite(epochMs) || !isInCalendar) return undefined;
  return isDate ? epochMs + dayMs : epochMs;
}

/** Why a change was approved: `reason (owner)` of each approval that covers it; see {@link approvalsOf}. */
export function approvalReasons(change: Change, approvals: readonly ApprovedChange[]): string[] {
  return approvalsOf(change, approvals).map(({ reason, owner }) => `${reason} (${owner})`);
}

/**
 * The approvals that cover a change; none when it is not covered in full.
 *
 * Covered are all verbs of its lines, and each user that it names with each role, by approvals of its
 * DAG (and task), told by the stream's name, that had not expired by the time of its last line. An
 * approval that names users covers no change without one, and the other way round; likewise roles.
 * What the log does not tell is covered by nothing, but for what an import leaves out: who writes the
 * lines could leave out what is not approved. Changes outside of tasks have no DAG and cannot be approved.
 */
export function approvalsOf(
  change: Change,
  approvals: readonly ApprovedChange[],
): readonly ApprovedChange[] {
  if (approvals.length === 0) return [];
  const { verb: ownVerb, otherVerbs = [], targets, roles, isIncomplete = false } = change;
  const acts = ownVerb === undefined ? [] : [ownVerb, ...otherVerbs];
  if (acts.length === 0 || isIncomplete || acts.some((each) => isMissing(each, change))) return [];
  const actors = change.evidence.map((event) => actorOf(event));
  const [first, ...others] = actors;
  if (first?.dag === undefined || others.some(({ dag }) => dag !== first.dag)) return [];
  const lastEpochMs = change.evidence.reduce(
    (last, { timestamp }) => Math.max(last, timestamp),
    Number.NEGATIVE_INFINITY,
  );
  const standing = approvals.filter(
    ({ dag, task, expires }) =>
      asInStream(dag) === first.dag &&
      (task === undefined || actors.every((actor) => actor.task === asInStream(task))) &&
      lastEpochMs < (expiryEpochMs(expires) ?? Number.NEGATIVE_INFINITY),
  );
  const covering = new Set<ApprovedChange>();
  for (const each of acts) {
    for (const user of targets.length === 0 ? [undefined] : targets) {
      for (const role of roles.length === 0 ? [undefined] : roles) {
        const found = standing.find(
          (approval) =>
            approval.verb.some((one) => one === each) &&
            namesUser(approval.user, user, each) &&
            namesRole(approval.role, role),
        );
        if (found === undefined) return [];
        covering.add(found);
      }
    }
  }
  return [...covering];
}

/**
 * Whether a change leaves out whom or which role its verb is about. An import never shows the roles of its
 * file, and its command no users: it is approved by its verb, as SQL is.
 */
function isMissing(verb: Verb, { targets, roles }: Pick<Change, 'targets' | 'roles'>): boolean {
  if (verbs[verb].isBatch) return false;
  return (
    (targets.length === 0 && isAbout(verb, 'user')) || (roles.length === 0 && isAbout(verb, 'role'))
  );
}

function namesUser(
  named: readonly string[] | undefined,
  user: string | undefined,
  verb: Verb,
): boolean {
  const { isBatch = false, takesAccount = false } = verbs[verb];
  if (user === undefined) {
    return named === undefined || (isBatch && isAbout(verb, 'user') && named.includes('*'));
  }
  return named?.some((each) => each === user || (!takesAccount && fits(each, user))) ?? false;
}

function namesRole(named: readonly string[] | undefined, role: string | undefined): boolean {
  if (named === undefined || role === undefined) return named === undefined && role === undefined;
  const isProtected = protectedRoles.has(role.trim().toLowerCase());
  return named.some((pattern) => pattern === role || (!isProtected && fits(pattern, role)));
}

/**
 * Characters that a `*` stands for: not those of several names in one (`a,Admin`), of a variable that
 * nobody filled in (`$ROLE`), or of Airflow's mask (`***`).
 */
const plainName = /^[\p{L}\p{N} _.@+-]+$/u;

/** Whether a pattern with `*` fits a name. */
function fits(pattern: string, name: string): boolean {
  if (!pattern.includes('*') || !plainName.test(name)) return false;
  const parts = pattern.split('*');
  const first = parts[0] ?? '';
  const last = parts.at(-1) ?? '';
  if (!name.startsWith(first) || !name.endsWith(last)) return false;
  const end = name.length - last.length;
  let at = first.length;
  for (const part of parts.slice(1, -1)) {
    const found = name.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return at <= end;
}

/** MWAA writes `_` for each `:` of a stream's name. */
function asInStream(dag: string): string {
  return dag.replaceAll(':', '_');
}

/** Approvals that cover nothing from a moment on: they ask to be renewed or removed. */
export function expiredApprovals(
  approvals: readonly ApprovedChange[],
  epochMs: number,
): readonly ApprovedChange[] {
  return approvals.filter(
    ({ expires }) => (expiryEpochMs(expires) ?? Number.NEGATIVE_INFINITY) <= epochMs,
  );
}
