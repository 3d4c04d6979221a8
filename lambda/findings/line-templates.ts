import type { Verb } from './verbs.ts';

/** Where a line of Airflow has a name, a number, and `can edit`, whose words a detection looks for. */
export const name = Symbol('name');
export const count = Symbol('count');
export const action = Symbol('action');
type Part = string | typeof name | typeof count | typeof action;

export interface Template {
  readonly verb: Verb;
  readonly parts: readonly Part[];
  /** Of Airflow's security manager: only behind its place in the code. */
  readonly isWrite: boolean;
  /** Letters of its words that have to be left. @default those of any line */
  readonly lettersMin?: number;
}

function printed(verb: Verb, ...parts: readonly Part[]): Template {
  return { verb, parts, isWrite: false };
}

function written(verb: Verb, ...parts: readonly Part[]): Template {
  return { verb, parts, isWrite: true };
}

/** What Airflow's command line prints and its security manager writes when something changed. */
const templates: readonly Template[] = [
  printed('grant-role', 'User "', name, '" added to role "', name, '"'),
  printed('revoke-role', 'User "', name, '" removed from role "', name, '"'),
  printed('create-user', 'User "', name, '" created with role "', name, '"'),
  printed('delete-user', 'User "', name, '" deleted'),
  printed('reset-password', 'User "', name, '" password reset successfully'),
  printed('create-user', 'Admin User ', name, ' created.'),
  printed('create-role', 'Added ', count, ' role(s)'),
  printed('delete-role', 'Deleted ', count, ' role(s)'),
  printed('import-roles', 'roles and permissions successfully imported'),
  printed('import-roles', "roles '[", name, "]' successfully imported"),
  printed('add-permissions', 'Added ', count, ' permission(s)'),
  printed('remove-permissions', 'Deleted ', count, ' permission(s)'),
  // The rest of a name that holds a line break.
  { ...printed('grant-role', name, '" added to role "', name, '"'), lettersMin: 6 },
  { ...printed('create-user', name, '" created with role "', name, '"'), lettersMin: 8 },
  // Short words that other texts have as well.
  {
    ...printed('add-permissions', 'Added ', action, ' on ', name, ' to role ', name),
    lettersMin: 8,
  },
  {
    ...printed('remove-permissions', 'Deleted ', action, ' on ', name, ' from role ', name),
    lettersMin: 10,
  },
  printed('import-users', 'Created the following users:'),
  printed('import-users', 'Updated the following users:'),
  printed('import-users', "Creating new user with email '", name, "'"),
  printed('import-users', "Found existing user with email '", name, "'"),
  printed('sync-permissions', 'Updating permission on all DAG views'),
  printed('sync-permissions', 'Updating actions and resources for all existing roles'),
  written('create-user', 'Added user ', name),
  written('update-user', 'Updated user ', name),
  written('delete-user', 'Deleted user ', name),
  written('create-role', 'Inserted Role: ', name),
  written('create-role', 'Inserted Role ', name),
  written('change-role', 'Updated role ', name),
  written('delete-role', "Deleting role '", name, "'"),
  written('add-permissions', 'Added Permission ', action, ' on ', name, ' to role ', name),
  written('remove-permissions', 'Removed Permission ', action, ' on ', name, ' to role ', name),
  written('create-group', 'Added group ', name),
  written('change-group', 'Updated group ', name),
];

/** A template as one row of places: characters that have to stand there, and names and numbers. */
export interface Row {
  readonly template: Template;
  readonly places: readonly Part[];
  /** Its names stand in quotes, so that a quote ends them. */
  readonly isQuoted: boolean;
}

export const rows: readonly Row[] = templates.map((template) => ({
  template,
  places: template.parts.flatMap((part): Part[] => (typeof part === 'string' ? [...part] : [part])),
  isQuoted: template.parts.some((part) => typeof part === 'string' && part.includes('"')),
}));
