import * as z from 'zod/mini';
import { actorOf } from './findings/actor.ts';
import type { Change } from './findings/correlation-state.ts';

const dayMs = 86_400_000;
const calendarDate = /^\d{4}-\d\d-\d\d$/;
const dateTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:\d\d)$/;

const name = z.string('must be text').check(z.minLength(1, 'must not be empty'));
const sentence = z
  .string('must be text')
  .check(z.refine((text) => text.trim() !== '', 'must not be empty'));

/** A privilege change that somebody answers for: recorded and counted, not notified. */
export const approvedChangeSchema = z.strictObject({
  /** Exact id of the DAG whose tasks make the change. */
  dag: name,
  /** @default any user */
  user: z.optional(name),
  /** @default any role */
  role: z.optional(name),
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

export type ApprovedChange = z.infer<typeof approvedChangeSchema>;

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

/**
 * Whether approvals cover a change: its DAG, told by the stream's name, which the DAG's author cannot
 * choose, and all users and roles it names, each user with each role. What an approval narrows and
 * the change does not name is not covered. Expiry counts by the time of the change's last line.
 *
 * Changes outside of tasks have no DAG and cannot be approved.
 */
export function isApproved(change: Change, approvals: readonly ApprovedChange[]): boolean {
  const [first, ...others] = change.evidence.map((event) => actorOf(event).dag);
  if (first === undefined || others.some((dag) => dag !== first)) return false;
  const lastEpochMs = Math.max(...change.evidence.map(({ timestamp }) => timestamp));
  const standing = approvals.filter(
    ({ dag, expires }) =>
      asInStream(dag) === first &&
      lastEpochMs < (expiryEpochMs(expires) ?? Number.NEGATIVE_INFINITY),
  );
  const users = change.targets.length === 0 ? [undefined] : change.targets;
  const roles = change.roles.length === 0 ? [undefined] : change.roles;
  return users.every((user) =>
    roles.every((role) =>
      standing.some(
        (approval) =>
          (approval.user === undefined || approval.user === user) &&
          (approval.role === undefined || approval.role === role),
      ),
    ),
  );
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
