import { redactSecrets } from '../redact.ts';
import { shellWord } from '../shell-word.ts';
import type { Change } from './correlation-state.ts';
import type { Outcome, Undo } from './finding.ts';
import { isShownAsItIs } from './show-text.ts';
import { verbs } from './verbs.ts';

/** Commands in one finding: of an import with hundreds of users the runbook says how to go on. */
const commandsMax = 5;
/** Airflow's names of users have at most 256 characters, those of roles 80. */
const nameCharactersMax = 256;

/** What an attempt with one of these outcomes leaves is nothing. */
const withoutEffect: ReadonlySet<Outcome> = new Set(['failed', 'denied', 'no-effect']);

/** Whether there may be something to undo: also where the log does not show what came of a command. */
export function mayHaveHappened(outcome: Outcome): boolean {
  return !withoutEffect.has(outcome);
}

/**
 * The commands that take back what was given. For what was taken away or deleted there is none, since
 * that would be a grant of its own; for a new role neither, since `airflow roles create` says the same
 * of one that was there before.
 *
 * A name that holds a control character, a mark of direction, a link or a secret is never filled in,
 * and neither is one that Airflow's secrets masker has changed.
 *
 * @returns undefined where there is nothing to undo, or no command for it
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
        ? targets.map((user) => ({ words: undo, names: { username: user } }))
        : [];
  if (all.length === 0) return undefined;
  const commands = all
    .filter(({ names }) => Object.values(names).every(isFilledIn))
    .slice(0, commandsMax)
    .map(({ words, names }) =>
      // `--name=value` in one word: a value that begins with a hyphen is no option then.
      [
        'airflow',
        words,
        ...Object.entries(names).map(([option, name]) => `--${option}=${shellWord(name)}`),
      ].join(' '),
    );
  return { commands, ...(commands.length < all.length && { isPartial: true }) };
}

/** Several users and several roles do not tell who was given which. */
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
