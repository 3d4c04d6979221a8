import type { Signal } from '../model/signal.ts';
import { credentialKind, type Verb, verbs } from '../model/verbs.ts';
import { partTables } from '../sql/metadata-sql.ts';

/** An outcome as its command's act: the lines of an import read like those of smaller commands. */
export function asDoneBy(outcome: Signal, command: Signal | undefined): Signal {
  const verb = command?.verb;
  return verb !== undefined && verbs[verb].isBatch ? { ...outcome, verb } : outcome;
}

/** Two lines of one stream with the same key are about one change. */
export function changeKey(signal: Signal): string {
  const { verb, target = '', object = '' } = signal;
  const role = signal.role ?? signal.roles?.join('\n') ?? '';
  if (verb === undefined) return JSON.stringify(['', target, role, object]);
  const { isBatch, keyedBy } = verbs[verb];
  if (isBatch) return JSON.stringify([verb]);
  if (keyedBy === 'object') return JSON.stringify([verb, object]);
  if (keyedBy === 'credential') return JSON.stringify([verb, credentialKind(object)]);
  return JSON.stringify([verb, target, role, object]);
}

/** Whether a command of a verb can leave an outcome of another; an unknown verb can be any. */
export function verbProduces(verb: Verb | undefined, outcome: Verb | undefined): boolean {
  if (verb === undefined || outcome === undefined || verb === outcome) return true;
  return verbs[verb].alsoLeaves?.includes(outcome) ?? false;
}

/**
 * How well an outcome fits a command: 0 for not at all, more for more fields that agree. What the
 * command does not show (a shell variable, an e-mail address instead of a user name) does not
 * contradict.
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

/**
 * Whether a command of a verb can have written a message about a failure: the message names its
 * verb, or is one that only some commands print. The author of a command also decides what else is
 * in the log, so a message of another command settles nothing.
 *
 * @param verb of a command; undefined if the shell decides it
 */
export function canHaveFailed(verb: Verb | undefined, failure: Signal): boolean {
  if (verb === undefined) return true;
  if (failure.verb !== undefined) return verbProduces(verb, failure.verb);
  const unknown = failure.role === undefined ? 'user' : 'role';
  return verbs[verb].failsOnUnknown?.includes(unknown) ?? false;
}

/**
 * Whether a command is one of the airflow program, whose access to the database Airflow can block.
 */
export function isAirflowCommand({ verb }: Signal): boolean {
  return verb === undefined || !verbs[verb].isSql;
}

/**
 * The name that identifies a security manager's line; `Updated user` prints no user name (FAB's
 * User.__repr__).
 */
export function nameOfWrite({ verb, target, role }: Signal): string | undefined {
  const names = verb && verbs[verb].writeNames;
  if (names === 'full name') return undefined;
  return names === 'user' ? target : role;
}

/**
 * The user and role that a security manager's line names: a user's full name is not a user name.
 */
export function namesOfWrite(write: Signal): Pick<Signal, 'target' | 'role'> {
  const { verb, role, target } = write;
  return verb && verbs[verb].writeNames === 'full name' ? { role } : { role, target };
}

/** Lines of the security manager that an outcome or a request can have caused. */
interface WrittenLines {
  readonly verb: Verb;
  /** The user's or role's name; undefined if any name can be the owner's. */
  readonly name?: string | undefined;
  /** Names nobody to compare: only the latest is the owner's. */
  readonly latestOnly?: boolean;
}

export function verbsWrittenBy(owner: Signal): readonly WrittenLines[] {
  const { causes = [] } = owner.verb === undefined ? {} : verbs[owner.verb];
  return causes.map(({ verb, name, latestOnly }) => ({
    ...{ verb, latestOnly },
    name: name && owner[name],
  }));
}

/**
 * Each start of an application writes lines about permissions, up to 2.7 without a name: they have
 * no owner.
 */
export function canBeOwned({ verb, role }: Signal): boolean {
  return role !== undefined || !isRoleEdit(verb);
}

/** Whether a line of the security manager is part of an edit of a role. */
export function isRoleEdit(verb: Verb | undefined): boolean {
  return verb !== undefined && verbs[verb].isRoleEdit === true;
}

/** Whether a security manager's line was caused by what an outcome or request reports. */
export function writeBelongsTo(write: Signal, owner: Signal): boolean {
  return (
    canBeOwned(write) &&
    verbsWrittenBy(owner).some(
      ({ verb, name }) => verb === write.verb && agree(name, nameOfWrite(write)),
    )
  );
}

/** Whether two names can be the same: Airflow up to 2.7 wrote lines without any. */
function agree(a: string | undefined, b: string | undefined): boolean {
  return a === undefined || b === undefined || a === b;
}

/** Which writes a denial by FAB's decorators can be about: permission and view against verb. */
export function denialFits(denial: Signal, request: Signal): boolean {
  if (denial.object !== undefined && denial.object !== request.object) return false;
  return denial.verb === undefined || denial.verb === request.verb;
}
