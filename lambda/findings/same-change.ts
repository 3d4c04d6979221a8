import type { PendingCommand } from './correlation-state.ts';
import type { Signal } from './signal.ts';

/** Outcomes that a command of another name leaves as well. */
const produces: Readonly<Record<string, readonly string[]>> = {
  'import-users': ['create-user', 'update-user'],
  'import-roles': ['create-role', 'add-permissions', 'remove-permissions'],
  'sync-permissions': ['add-permissions', 'remove-permissions', 'create-role'],
  'create-user': ['grant-role'],
};

/** Verbs whose lines name each subject in turn: one run is one change, whoever it names. */
const batchVerbs = new Set([
  ...['import-users', 'import-roles', 'sync-permissions', 'clean-up-permissions'],
]);

/** An outcome as what its command did: an import's lines read like those of smaller commands. */
export function asDoneBy(outcome: Signal, command: Signal | undefined): Signal {
  const verb = command?.verb;
  return verb !== undefined && batchVerbs.has(verb) ? { ...outcome, verb } : outcome;
}

/** Verbs whose lines are told apart by their object (the DAG, the table) and not by role or user. */
const objectVerbs = new Set(['change-dag-access', 'write-metadata-tables']);

/** What has to be equal for two lines of one stream to speak of one change. */
export function changeKey(signal: Signal): string {
  const { verb = '', target = '', role = '', object = '' } = signal;
  if (batchVerbs.has(verb)) return JSON.stringify([verb]);
  if (objectVerbs.has(verb)) return JSON.stringify([verb, object]);
  return JSON.stringify([verb, target, role, object]);
}

export function verbProduces(verb: string | undefined, outcome: string | undefined): boolean {
  if (verb === undefined || outcome === undefined || verb === outcome) return true;
  return produces[verb]?.includes(outcome) ?? false;
}

/**
 * How well an outcome fits a command: 0 for not at all, more for more fields that agree. What the
 * command does not tell (a shell variable, an e-mail address for a user name) does not contradict.
 */
export function commandFit(command: PendingCommand, outcome: Signal): number {
  const { verb, target, role, object } = command.signal;
  if (!verbProduces(verb, outcome.verb)) return 0;
  let fit = verb === undefined ? 1 : 2;
  for (const [said, seen] of [
    [target?.includes('@') && !outcome.target?.includes('@') ? undefined : target, outcome.target],
    [role, outcome.role],
    [object, outcome.object],
  ]) {
    if (said === undefined || seen === undefined) continue;
    if (said !== seen) return 0;
    fit += 2;
  }
  return fit * 2 + (command.claimed ? 0 : 1);
}

/** Whether a message about a failure can be about a command: all that both name agrees. */
export function failureFits(failure: Signal, command: Signal): boolean {
  return (
    verbProduces(command.verb, failure.verb) &&
    (failure.target === undefined || failure.target === command.target) &&
    (failure.role === undefined || failure.role === command.role)
  );
}

const userVerbs = new Set([
  'grant-role',
  'revoke-role',
  'create-user',
  'update-user',
  'import-users',
  'reset-password',
  'change-user',
]);

const roleVerbs = new Set(['create-role', 'add-permissions', 'remove-permissions', 'delete-role']);

/**
 * Whether a security manager's line was written on behalf of what an outcome or request reports.
 *
 * `Updated user` prints first and last name, never the user name (FAB's User.__repr__), so that its
 * target tells nothing.
 */
export function writeBelongsTo(write: Signal, owner: Signal): boolean {
  const sameTarget = agree(owner.target, write.target);
  const sameRole = agree(owner.role, write.role);
  switch (write.verb) {
    case 'create-user':
      if (owner.verb === 'create-user') return sameTarget;
      return owner.verb === 'import-users';
    case 'update-user':
      return userVerbs.has(owner.verb ?? '') && owner.verb !== 'create-user';
    case 'create-role':
    case 'add-permissions':
    case 'remove-permissions':
      // Each start of an application writes such lines; up to 2.7 without a name to tell them by.
      return (
        write.role !== undefined &&
        sameRole &&
        (owner.verb === write.verb ||
          owner.verb === 'create-role' ||
          owner.verb === 'change-role' ||
          owner.verb === 'import-roles' ||
          owner.verb === 'sync-permissions')
      );
    case 'change-dag-access':
      return (
        sameRole &&
        /^(?:create-role|change-role|import-roles|sync-permissions)$/.test(owner.verb ?? '')
      );
    case 'delete-role':
      return owner.verb === 'delete-role' && sameRole;
    case 'delete-user':
      return owner.verb === 'delete-user' && sameTarget;
    default:
      return false;
  }
}

/** Whether two names can be of one: Airflow up to 2.7 wrote lines without any. */
function agree(a: string | undefined, b: string | undefined): boolean {
  return a === undefined || b === undefined || a === b;
}

/** Whether two lines without an owner tell of one edit of one role. */
export function sameRoleEdit(
  a: { verb?: string | undefined; role?: string | undefined },
  b: { verb?: string | undefined; role?: string | undefined },
): boolean {
  return (
    a.role !== undefined &&
    a.role === b.role &&
    a.verb !== b.verb &&
    a.verb !== 'delete-role' &&
    b.verb !== 'delete-role' &&
    roleVerbs.has(a.verb ?? '') &&
    roleVerbs.has(b.verb ?? '')
  );
}

/** Which writes a denial of FAB's decorators can be about: permission and view against verb. */
export function denialFits(denial: Signal, request: Signal): boolean {
  if (denial.object !== undefined && denial.object !== request.object) return false;
  return denial.verb === undefined || denial.verb === request.verb;
}
