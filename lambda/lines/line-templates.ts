import type { Verb } from '../model/verbs.ts';

/**
 * The variable parts of Airflow's lines: a name, a number, and the action of a permission (`can
 * edit`).
 */
export const name = Symbol('name');
export const count = Symbol('count');
export const action = Symbol('action');
type Part = string | typeof name | typeof count | typeof action;

export interface Template {
  readonly verb: Verb;
  readonly parts: readonly Part[];
  /** A line of Airflow's security manager, which counts only after its place in the code. */
  readonly isWrite: boolean;
  /** How many letters of its words must be left. @default as many as in any line */
  readonly lettersMin?: number;
}

function printed(verb: Verb, ...parts: readonly Part[]): Template {
  return { verb, parts, isWrite: false };
}

function written(verb: Verb, ...parts: readonly Part[]): Template {
  return { verb, parts, isWrite: true };
}

/** The lines that Airflow's command line prints and its security manager logs after a change. */
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
  // The second line of a name that has a line break.
  { ...printed('grant-role', name, '" added to role "', name, '"'), lettersMin: 6 },
  { ...printed('create-user', name, '" created with role "', name, '"'), lettersMin: 8 },
  // Short words that other texts have too.
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

/** A template as a row of places: single characters of its words, and the variable parts. */
export interface Row {
  readonly template: Template;
  readonly places: readonly Part[];
  /** Its names are in quotes, so that a quote ends them. */
  readonly isQuoted: boolean;
}

export const rows: readonly Row[] = templates.map((template) => ({
  template,
  places: template.parts.flatMap((part): Part[] => (typeof part === 'string' ? [...part] : [part])),
  isQuoted: template.parts.some((part) => typeof part === 'string' && part.includes('"')),
}));
