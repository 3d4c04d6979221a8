import { shellWord } from '../common/text.ts';
import type { Change } from '../model/correlation-state.ts';
import type { Outcome, Undo } from '../model/finding.ts';
import { verbs } from '../model/verbs.ts';
import { redactSecrets } from '../redact/redact.ts';
import { isShownAsItIs } from '../text/show-text.ts';

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

/**
 * The commands that undo what was given. There is none for what was taken away or deleted, since it
 * would be a grant itself, and none for a new role: `airflow roles create` prints the same for a
 * role that existed before.
 *
 * A name with a control character, a direction mark, a link or a secret is never filled in, nor is
 * one that Airflow's secrets masker has changed.
 *
 * @returns undefined if there is nothing to undo, or no command for it
 */
export function undoOf({
  verb,
  targets,
  roles,
  outcome,
}: Pick<Change, 'verb' | 'targets' | 'roles' | 'outcome'>): Undo | undefined {
  if (!mayHaveHappened(outcome) || verb === undefined) return undefined;
  const { undo } = verbs[verb];
  const all =
    undo === 'users remove-role'
      ? removals(targets, roles)
      : undo === 'users delete' && outcome === 'succeeded'
        ? targets.map((username) => ({ words: undo, names: { username } }))
        : [];
  if (all.length === 0) return undefined;
  const chosen = all
    .filter(({ names }) => Object.values(names).every(isFilledIn))
    .slice(0, commandsMax);
  const commands = chosen.map(({ words, names }) =>
    // `--name=value` is one word, so that a value with a leading hyphen is not read as an option.
    [
      'airflow',
      words,
      ...Object.entries(names).map(([option, name]) => `--${option}=${shellWord(name)}`),
    ].join(' '),
  );
  return {
    commands,
    ...(chosen.length > 0 && { changes: chosen.map(({ names }) => names) }),
    ...(commands.length < all.length && { isPartial: true }),
  };
}

/** If several users and several roles are named, it is not known who was given which. */
function removals(users: readonly string[], roles: readonly string[]) {
  if (users.length > 1 && roles.length > 1) return [];
  return users.flatMap((username) =>
    roles.map((role) => ({ words: 'users remove-role', names: { username, role } })),
  );
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
