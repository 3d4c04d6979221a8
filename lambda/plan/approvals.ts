import { actorOf } from '../model/actor.ts';
import type { Change } from '../model/correlation-state.ts';
import { isAbout, type Verb, verbs } from '../model/verbs.ts';
import { expiryEpochMs } from './approval-expiry.ts';
import type { ApprovedChange } from './approved-change.ts';

/** Admin and Op may do nearly everything, and everybody has Public: no pattern covers them. */
const protectedRoles: ReadonlySet<string> = new Set(['admin', 'op', 'public']);

/** Why a change was approved: `reason (owner)` of each approval that covers it; see {@link approvalsOf}. */
export function approvalReasons(change: Change, approvals: readonly ApprovedChange[]): string[] {
  return approvalsOf(change, approvals).map(({ reason, owner }) => `${reason} (${owner})`);
}

/**
 * The approvals that cover a change; none when it is not covered in full.
 *
 * A change is covered when, for every verb of its lines and every pair of a user and a role that it
 * names, there is an approval of its DAG (and task), as the stream's name gives them, that had not
 * expired at the time of its last line. An approval that names users covers no change without one,
 * and the other way round; the same holds for roles. A change whose lines leave something out is
 * not covered, since whoever writes the lines could leave out what is not approved; imports are the
 * exception. Changes outside of tasks have no DAG and cannot be approved.
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
  const inForce = approvals.filter(
    ({ dag, task, expires }) =>
      asInStream(dag) === first.dag &&
      (task === undefined || actors.every((actor) => actor.task === asInStream(task))) &&
      lastEpochMs < (expiryEpochMs(expires) ?? Number.NEGATIVE_INFINITY),
  );
  const covering = new Set<ApprovedChange>();
  for (const each of acts) {
    for (const user of targets.length === 0 ? [undefined] : targets) {
      for (const role of roles.length === 0 ? [undefined] : roles) {
        const found = inForce.find(
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
 * Whether a change leaves out the user or the role that its verb needs. An import never shows the
 * roles of its file, and its command shows no users: it is approved by its verb, as SQL is.
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
 * Names that a `*` may cover: not several names in one (`a,Admin`), a variable that was not filled
 * in (`$ROLE`), or Airflow's mask (`***`).
 */
const plainName = /^[\p{L}\p{N} _.@+-]+$/u;

/** Whether a pattern with `*` matches a plain name. */
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

/** Approvals that have expired at a moment: they should be renewed or removed. */
export function expiredApprovals(
  approvals: readonly ApprovedChange[],
  epochMs: number,
): readonly ApprovedChange[] {
  return approvals.filter(
    ({ expires }) => (expiryEpochMs(expires) ?? Number.NEGATIVE_INFINITY) <= epochMs,
  );
}
