import { approvalLine } from '../../infra/config/written-approval.ts';
import { dayMs } from '../../lambda/common/time.ts';
import type { FindingRecord } from '../../lambda/findings/finding-record.ts';
import { isAbout, verbs } from '../../lambda/model/verbs.ts';
import { UserError } from '../common/output.ts';

const validDays = 30;

/**
 * The entry of `approvedChanges` that covers changes like a finding and nothing else. Reason and
 * owner are left to the person who answers for it.
 *
 * @throws UserError when no approval can cover it, with the reason
 */
export function suggestApproval(
  { finding, verb }: Pick<FindingRecord, 'finding' | 'verb'>,
  nowEpochMs: number,
): string {
  const { id, actor, target, role } = finding;
  const cannot = (why: string) => new UserError(`finding ${id} cannot be approved: ${why}`);
  if (verb === undefined) {
    throw cannot(
      'the ledger does not say what kind of change it is; write the entry as docs/environments/full.yaml explains',
    );
  }
  if (actor.dag === undefined) {
    throw cannot('it was not made by a DAG, and an approval is for the tasks of one DAG');
  }
  if ([actor.dag, actor.task].some((id) => id?.includes('*'))) {
    throw cannot('the id of its DAG or task, as its log stream gives it, has a *');
  }
  const users = namesIn(target);
  const roles = namesIn(role);
  const { isBatch = false } = verbs[verb];
  for (const [subject, names] of [
    ['user', users],
    ['role', roles],
  ] as const) {
    // Names are from log lines: one that is called `*` would approve every name.
    if (names.some((name) => /[*…]/.test(name))) {
      throw cannot(`the ${subject} that its lines show is masked, cut off, or has a * in its name`);
    }
    // A name may have a comma itself, and its parts may be the names of others.
    if (names.length > 1) {
      throw cannot(`its lines show several names as ${subject}; write the entry yourself`);
    }
    if (isAbout(verb, subject) && names.length === 0 && !isBatch) {
      throw cannot(`its lines do not show the ${subject}`);
    }
  }
  // A batch does not show all that it changes: only a `*` covers the users that it hides.
  const coveredUsers = isBatch && isAbout(verb, 'user') && users.length === 0 ? ['*'] : users;
  return approvalLine({
    dag: actor.dag,
    ...(actor.task !== undefined && { task: actor.task }),
    verb: [verb],
    ...(coveredUsers.length > 0 && { user: coveredUsers }),
    ...(roles.length > 0 && { role: roles }),
    reason: 'WHY, WITH THE TICKET',
    owner: 'WHO ANSWERS FOR IT',
    expires: new Date(nowEpochMs + validDays * dayMs).toISOString().slice(0, 10),
  });
}

/** A finding joins the names of a change by commas. */
function namesIn(joined: string | undefined): string[] {
  return joined === undefined ? [] : joined.split(', ');
}
