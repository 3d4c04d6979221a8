import { type Verb, verbNames, verbs } from '../model/verbs.ts';

const verbOfCommand: ReadonlyMap<string, Verb> = new Map(
  verbNames.flatMap((verb) => (verbs[verb].commands ?? []).map((words) => [words, verb] as const)),
);

const commands = [...verbOfCommand.keys()].map((words) => words.split(' '));

/** Groups and their subcommands that change privileges: `['users', 'add-role']`. */
export const subcommands: readonly (readonly [group: string, subcommand: string])[] =
  commands.flatMap(([group = '', subcommand]) =>
    subcommand === undefined ? [] : [[group, subcommand] as const],
  );

/** Commands that change privileges and have no subcommands: `sync-perm`. */
export const loneSubcommands: readonly string[] = commands.flatMap(([name = '', subcommand]) =>
  subcommand === undefined ? [name] : [],
);

/** What `airflow users add-role` and the like do; undefined if it changes no privileges. */
export function verbOf(group: string, subcommand: string): Verb | undefined {
  return verbOfCommand.get(`${group} ${subcommand}`);
}

/** {@link verbOf}, for a command that has no subcommands. */
export function loneVerbOf(name: string): Verb | undefined {
  return name.includes(' ') ? undefined : verbOfCommand.get(name);
}

/** Subcommands that no other program has. */
const ownSubcommands = new Set([
  ...['add-role', 'remove-role', 'add-perms', 'del-perms', 'sync-perm', 'permissions-cleanup'],
]);

/** Whether a subcommand shows that the program is Airflow, whatever runs it. */
export function isOwnSubcommand(name: string): boolean {
  return ownSubcommands.has(name);
}
