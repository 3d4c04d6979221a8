const verbs: Readonly<Record<string, string>> = {
  'users add-role': 'grant-role',
  'users remove-role': 'revoke-role',
  'users create': 'create-user',
  'users delete': 'delete-user',
  'users import': 'import-users',
  'users reset-password': 'reset-password',
  'users update': 'change-user',
  'roles create': 'create-role',
  'roles delete': 'delete-role',
  'roles import': 'import-roles',
  'roles update': 'change-role',
  'roles add-perms': 'add-permissions',
  'roles del-perms': 'remove-permissions',
  'fab create-admin': 'create-user',
  'fab create-user': 'create-user',
  'fab reset-password': 'reset-password',
  'fab import-roles': 'import-roles',
  'fab-db migrate': 'change-metadata-schema',
  'fab-db downgrade': 'change-metadata-schema',
  'fab-db reset': 'change-metadata-schema',
};

/** Groups and their subcommands that change privileges: `['users', 'add-role']`. */
export const subcommands: readonly (readonly [group: string, subcommand: string])[] = Object.keys(
  verbs,
).map((words) => {
  const [group = '', subcommand = ''] = words.split(' ');
  return [group, subcommand];
});

/** What `airflow users add-role` and the like do; undefined where it changes no privileges. */
export function verbOf(group: string, subcommand: string): string | undefined {
  return verbs[`${group} ${subcommand}`];
}

const loneVerbs = new Map([
  ['sync-perm', 'sync-permissions'],
  ['permissions-cleanup', 'clean-up-permissions'],
]);

/** Commands that change privileges and have no subcommands. */
export const loneSubcommands: readonly string[] = [...loneVerbs.keys()];

/** {@link verbOf}, of a command that has no subcommands. */
export function loneVerbOf(name: string): string | undefined {
  return loneVerbs.get(name);
}

/** Subcommands that no other program has. */
const ownSubcommands = new Set([
  ...['add-role', 'remove-role', 'add-perms', 'del-perms', 'sync-perm', 'permissions-cleanup'],
]);

/** Whether a subcommand tells that the program is Airflow, whatever runs it. */
export function isOwnSubcommand(name: string): boolean {
  return ownSubcommands.has(name);
}
