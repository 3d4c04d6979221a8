import { credentialKind } from './credential-kind.ts';
import { partTables } from './metadata-sql.ts';
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
  const { verb = '', target = '', object = '' } = signal;
  const role = signal.role ?? signal.roles?.join('\n') ?? '';
  if (batchVerbs.has(verb)) return JSON.stringify([verb]);
  if (objectVerbs.has(verb)) return JSON.stringify([verb, object]);
  // A print of all variables names many.
  if (verb === 'read-metadata-credentials') return JSON.stringify([verb, credentialKind(object)]);
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
export function commandFit(
  command: { readonly signal: Signal; readonly claimed: boolean },
  outcome: Signal,
): number {
  const { verb, target, role, object } = command.signal;
  if (!verbProduces(verb, outcome.verb)) return 0;
  let fit = verb === undefined ? 1 : 2;
  for (const [said, seen] of [
    [target?.includes('@') && !outcome.target?.includes('@') ? undefined : target, outcome.target],
    [role, outcome.role],
    [object, outcome.object],
  ]) {
    if (said === undefined || seen === undefined) continue;
    if (said !== seen && !(said === object && announces(said, seen))) return 0;
    fit += 2;
  }
  return fit * 2 + (command.claimed ? 0 : 1);
}

/** Whether a text of several statements announced the one that is about to run. */
function announces(tables: string, statement: string): boolean {
  const announced = new Set(partTables(tables));
  return partTables(statement).every((table) => announced.has(table));
}

/** Commands that say so when they do not know the user: all that change one who is there. */
const userCommands = new Set(['grant-role', 'revoke-role', 'delete-user', 'reset-password']);

/** Commands that say so when they do not know the role, in one of two wordings. */
const roleCommands = new Set([
  ...['create-user', 'grant-role', 'revoke-role'],
  ...['delete-role', 'add-permissions', 'remove-permissions', 'change-role'],
]);

/**
 * Whether a command of a verb can have written a message about a failure: the message names its verb, or
 * is one that only some commands print. Who runs a command decides what else is in the log, so that a
 * message of another command settles nothing.
 *
 * @param verb of a command; undefined where the shell decides it
 */
export function canHaveFailed(verb: string | undefined, failure: Signal): boolean {
  if (verb === undefined) return true;
  if (failure.verb !== undefined) return verbProduces(verb, failure.verb);
  return (failure.role === undefined ? userCommands : roleCommands).has(verb);
}

/** Whether a command is one of the airflow program, whose access to the database Airflow can block. */
export function isAirflowCommand({ verb }: Signal): boolean {
  return verb !== 'write-metadata-tables';
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

/** Verbs whose lines a security manager writes about a role and its permissions. */
const permissionWrites = ['create-role', 'add-permissions', 'remove-permissions'] as const;

const roleOwners = new Set(['create-role', 'change-role', 'import-roles', 'sync-permissions']);

/** What identifies a security manager's line; `Updated user` prints no user name (FAB's User.__repr__). */
export function nameOfWrite({ verb, target, role }: Signal): string | undefined {
  if (verb === 'create-user' || verb === 'delete-user') return target;
  return verb === 'update-user' ? undefined : role;
}

/** Whom a security manager's line names: a user's full name is no user name. */
export function namesOfWrite(write: Signal): Pick<Signal, 'target' | 'role'> {
  const { verb, role, target } = write;
  return verb === 'update-user' ? { role } : { role, target };
}

/** Lines of a security manager that an outcome or a request can have caused. */
interface WrittenLines {
  readonly verb: string;
  /** Of the user or role; undefined where any is the owner's. */
  readonly name?: string | undefined;
  /** Names nobody that could be compared: only the latest is the owner's. */
  readonly latestOnly?: boolean;
}

export function verbsWrittenBy(owner: Signal): readonly WrittenLines[] {
  const { verb = '', target, role } = owner;
  const lines: WrittenLines[] = [];
  if (verb === 'create-user') lines.push({ verb: 'create-user', name: target });
  if (verb === 'import-users') lines.push({ verb: 'create-user' });
  if (userVerbs.has(verb) && verb !== 'create-user') {
    lines.push({ verb: 'update-user', latestOnly: true });
  }
  if (roleOwners.has(verb)) {
    lines.push(
      ...[...permissionWrites, 'change-dag-access'].map((each) => ({ verb: each, name: role })),
    );
  } else if (
    verb === 'add-permissions' ||
    verb === 'remove-permissions' ||
    verb === 'delete-role'
  ) {
    lines.push({ verb, name: role });
  }
  if (verb === 'delete-user') lines.push({ verb, name: target });
  return lines;
}

/** Each start of an application writes lines on permissions, up to 2.7 without a name: nobody's. */
export function canBeOwned({ verb = '', role }: Signal): boolean {
  return role !== undefined || !permissionWrites.some((each) => each === verb);
}

/** Whether a security manager's line was written on behalf of what an outcome or request reports. */
export function writeBelongsTo(write: Signal, owner: Signal): boolean {
  return (
    canBeOwned(write) &&
    verbsWrittenBy(owner).some(
      ({ verb, name }) => verb === write.verb && agree(name, nameOfWrite(write)),
    )
  );
}

/** Whether two names can be of one: Airflow up to 2.7 wrote lines without any. */
function agree(a: string | undefined, b: string | undefined): boolean {
  return a === undefined || b === undefined || a === b;
}

/** Which writes a denial of FAB's decorators can be about: permission and view against verb. */
export function denialFits(denial: Signal, request: Signal): boolean {
  if (denial.object !== undefined && denial.object !== request.object) return false;
  return denial.verb === undefined || denial.verb === request.verb;
}
