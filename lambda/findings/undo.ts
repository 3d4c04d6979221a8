import { shellWord } from '../common/text.ts';
import type { Change } from '../model/correlation-state.ts';
import type { Outcome, Undo } from '../model/finding.ts';
import { verbs } from '../model/verbs.ts';
import { redactSecrets } from '../redact/redact.ts';
import { isShownAsItIs } from '../text/show-text.ts';
import { type GivenPermission, mayBeTaken, permissionsGiven } from './given-permissions.ts';

/** Commands in one finding; after an import of hundreds of users, the runbook says how to go on. */
const commandsMax = 5;
/** In Airflow, user names have at most 256 characters and role names 80. */
const nameCharactersMax = 256;

/** An attempt with one of these outcomes left nothing to undo. */
const withoutEffect: ReadonlySet<Outcome> = new Set(['failed', 'denied', 'no-effect']);

/**
 * Whether there may be something to undo; true also if the log does not show what a command did.
 */
export function mayHaveHappened(outcome: Outcome): boolean {
  return !withoutEffect.has(outcome);
}

/** Roles that Airflow itself makes, and makes again at its next start. */
const builtInRoles = ['Admin', 'Op', 'User', 'Viewer', 'Public'];

/**
 * The commands that undo what was given. There is none for what was taken away or deleted, since it
 * would be a grant itself, and none for a new role: `airflow roles create` prints the same for a
 * role that existed before. Of such a role, and of one that was edited, only the name is given.
 *
 * A name with a control character, a direction mark, a link or a secret is never filled in, nor is
 * one that Airflow's secrets masker has changed.
 *
 * @returns undefined if there is nothing to undo, or no command for it
 */
export function undoOf(
  change: Pick<Change, 'verb' | 'targets' | 'roles' | 'outcome' | 'evidence'>,
): Undo | undefined {
  const { verb, targets, roles, outcome } = change;
  if (!mayHaveHappened(outcome) || verb === undefined) return undefined;
  const { undo } = verbs[verb];
  switch (undo) {
    case 'users remove-role':
      return undoOfUsers(undo, removals(targets, roles));
    case 'users delete':
      if (outcome !== 'succeeded') return undefined;
      return undoOfUsers(
        undo,
        targets.map((username) => ({ username })),
      );
    case 'roles del-perms':
      return undoOfPermissions(change);
    case 'role':
      return undoOfRoles(change);
    default:
      return undefined;
  }
}

/** Names that a command takes as values of its options. */
type UserNames = Readonly<Record<'username', string> & Partial<Record<'role', string>>>;

function undoOfUsers(words: string, all: readonly UserNames[]): Undo | undefined {
  if (all.length === 0) return undefined;
  const chosen = all
    .filter((names) => Object.values(names).every(isFilledIn))
    .slice(0, commandsMax);
  const commands = chosen.map((names) => airflowCommand(words, names));
  return {
    commands,
    ...(chosen.length > 0 && { changes: chosen }),
    ...(commands.length < all.length && { isPartial: true }),
  };
}

/** A command for each permission that the lines name. */
function undoOfPermissions({
  roles,
  evidence,
}: Pick<Change, 'roles' | 'evidence'>): Undo | undefined {
  if (roles.length === 0) return undefined;
  const { permissions, isComplete } = permissionsGiven(evidence, roles);
  return undoOfGivenPermissions(permissions, roles, isComplete);
}

/**
 * A command for each permission, but for those that a role has by default.
 *
 * @param isComplete whether there are no more than these
 */
export function undoOfGivenPermissions(
  permissions: readonly GivenPermission[],
  roles: readonly string[],
  isComplete: boolean,
): Undo {
  const chosen = permissions
    .filter(mayBeTaken)
    .filter((names) => Object.values(names).every(isFilledIn))
    .slice(0, commandsMax);
  const isPartial = !isComplete || chosen.length < permissions.length;
  return {
    // The role is no option: after `--` a name with a leading hyphen is not read as one.
    commands: chosen.map(({ role, action, resource }) =>
      [airflowCommand('roles del-perms', { action, resource }), '--', shellWord(role)].join(' '),
    ),
    roles: filledIn(roles),
    ...(isPartial && { isPartial }),
  };
}

/** The lines do not say what an edit changed, nor whether a role is new. */
function undoOfRoles({
  verb,
  roles,
  outcome,
}: Pick<Change, 'verb' | 'roles' | 'outcome'>): Undo | undefined {
  if (roles.length === 0) return undefined;
  const isNew =
    verb === 'create-role' &&
    outcome === 'succeeded' &&
    !roles.some((role) => builtInRoles.includes(role));
  return { commands: [], roles: filledIn(roles), ...(isNew && { areNewRoles: true }) };
}

function filledIn(roles: readonly string[]): string[] {
  return roles.filter(isFilledIn).slice(0, commandsMax);
}

/** `--name=value` is one word, so that a value with a leading hyphen is not read as an option. */
function airflowCommand(words: string, options: Readonly<Record<string, string>>): string {
  const named = Object.entries(options).map(([option, value]) => `--${option}=${shellWord(value)}`);
  return ['airflow', words, ...named].join(' ');
}

/** If several users and several roles are named, it is not known who was given which. */
function removals(users: readonly string[], roles: readonly string[]) {
  if (users.length > 1 && roles.length > 1) return [];
  return users.flatMap((username) => roles.map((role) => ({ username, role })));
}

/** A number is that of a record, as a web request names it. */
function isFilledIn(name: string): boolean {
  return (
    name.length <= nameCharactersMax &&
    isShownAsItIs(name) &&
    !name.includes('***') &&
    !/^\d{1,12}$/.test(name) &&
    redactSecrets(name) === name
  );
}
