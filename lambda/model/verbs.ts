/**
 * What a line about credentials takes: an RDS token, a secret key of Airflow, or the connection to
 * the database.
 */
type CredentialKind = 'token' | 'key' | 'connection';

/**
 * @param object what the line names, such as `MWAA__DB__CREDENTIALS`, `fernet_key` or
 *   `generate-db-auth-token`; an unknown name counts as the connection
 */
export function credentialKind(object = ''): CredentialKind {
  if (object.endsWith('token') || object.startsWith('Action=')) return 'token';
  return /(?:fernet_key|secret_key|jwt_secret)$/i.test(object) ? 'key' : 'connection';
}

/** How a title says what a change did. Each `{…}` is replaced by the change's names. */
export interface Clause {
  /** `bob was given role Admin` */
  readonly done: string;
  /** `gives bob role Admin`: for a command whose success is not known. */
  readonly does: string;
  /** `tried to reach …`: for an attempt without a known command. */
  readonly tried?: string;
}

/** A line of the security manager that a command or a request causes. */
interface CausedWrite<V> {
  readonly verb: V;
  /** The name that both lines share; undefined if any name fits. */
  readonly name?: 'target' | 'role';
  /** The line has no name to compare: only the latest one belongs to it. */
  readonly latestOnly?: true;
}

/** Everything that depends on a verb; an absent field means no. */
interface VerbFacts<V> {
  /** Its heading in docs/coverage.md. */
  readonly heading: string;
  /** Its sentence in the title of a finding. */
  readonly title: Clause | Readonly<Record<CredentialKind, Clause>>;
  /** What its lines have to name: without these, the log does not show what was done. */
  readonly about: readonly ('user' | 'role')[];
  /** One run is one change, whatever its lines name; its command may name nobody. */
  readonly isBatch?: true;
  /** Whoever does it can sign in as the user afterwards, who may be an Admin. */
  readonly takesAccount?: true;
  /** It gives a user or a role something; if the role is powerful, its signals rank first. */
  readonly gives?: true;
  /** SQL on the metadata database, not a command of the airflow program. */
  readonly isSql?: true;
  /** What identifies a change besides the verb. @default user, role and object */
  readonly keyedBy?: 'object' | 'credential';

  /** Subcommands of `airflow` (or `flask`) that do it. */
  readonly commands?: readonly string[];
  /** Outcomes of other verbs that its command leaves as well. */
  readonly alsoLeaves?: readonly V[];
  /** Its command prints an error without its own name if it does not know one of these. */
  readonly failsOnUnknown?: readonly ('user' | 'role')[];
  /** Other products built on Flask-AppBuilder have the command and print the same line. */
  readonly isInFlaskAppBuilder?: true;
  /** Its printed line names a role: if that is masked, it may be any role. */
  readonly printsRole?: true;

  /** Lines of the security manager that it causes. */
  readonly causes?: readonly CausedWrite<V>[];
  /** Lines that repeat it and are no acts of their own; `writes` only by the security manager. */
  readonly repeatedBy?: { readonly lines: readonly V[]; readonly writes?: readonly V[] };
  /** What the security manager's line about it names. @default a role */
  readonly writeNames?: 'user' | 'full name';
  /** The security manager's line about it, just before a line that looks quoted, confirms it. */
  readonly confirmsQuote?: true;
  /**
   * The security manager's lines about it are parts of one edit of a role. Without a role they have
   * no owner: every start of an application writes such lines, up to 2.7 without a name.
   */
  readonly isRoleEdit?: true;

  /**
   * The command that undoes it; absent if undoing would be a grant itself. `role`: the role as it is now shows what
   * is to be undone.
   */
  readonly undo?: 'users remove-role' | 'users delete' | 'roles del-perms' | 'role';
}

const userUpdated = [{ verb: 'update-user', latestOnly: true }] as const;

const permissionsWritten = [
  { verb: 'create-role', name: 'role' },
  { verb: 'add-permissions', name: 'role' },
  { verb: 'remove-permissions', name: 'role' },
  { verb: 'change-dag-access', name: 'role' },
] as const;

/** The security manager writes `Updated user`, without a user name, for any change of a user. */
const byUpdate = { lines: ['update-user'] } as const;

/** In the order of docs/coverage.md. */
const table = {
  'grant-role': {
    heading: 'A user is given a role',
    title: { done: '{whom} {userWas} given {role}', does: 'gives {whom} {role}' },
    about: ['user', 'role'],
    gives: true,
    commands: ['users add-role'],
    failsOnUnknown: ['user', 'role'],
    printsRole: true,
    causes: userUpdated,
    repeatedBy: byUpdate,
    undo: 'users remove-role',
  },
  'revoke-role': {
    heading: 'A role is taken from a user',
    title: { done: '{whom} lost {role}', does: 'takes {role} from {whom}' },
    about: ['user', 'role'],
    commands: ['users remove-role'],
    failsOnUnknown: ['user', 'role'],
    printsRole: true,
    causes: userUpdated,
    repeatedBy: byUpdate,
  },
  'create-user': {
    heading: 'A user is created',
    title: { done: '{user} {userWas} created{withRole}', does: 'creates {user}{withRole}' },
    about: ['user', 'role'],
    gives: true,
    commands: ['users create', 'fab create-admin', 'fab create-user'],
    alsoLeaves: ['grant-role'],
    failsOnUnknown: ['role'],
    isInFlaskAppBuilder: true,
    printsRole: true,
    causes: [{ verb: 'create-user', name: 'target' }],
    repeatedBy: byUpdate,
    writeNames: 'user',
    confirmsQuote: true,
    undo: 'users delete',
  },
  // A command or a request; it may give any role, and a password.
  'change-user': {
    heading: 'A user is changed',
    title: { done: '{user} {userWas} edited', does: 'edits {user}' },
    about: ['user', 'role'],
    takesAccount: true,
    commands: ['users update'],
    causes: userUpdated,
    repeatedBy: byUpdate,
  },
  // The security manager's line.
  'update-user': {
    heading: 'A user is changed',
    title: { done: '{user} {userWas} edited', does: 'edits {user}' },
    about: ['user', 'role'],
    causes: userUpdated,
    writeNames: 'full name',
    confirmsQuote: true,
  },
  'delete-user': {
    heading: 'A user is deleted',
    title: { done: '{user} {userWas} deleted', does: 'deletes {user}' },
    about: ['user'],
    commands: ['users delete'],
    failsOnUnknown: ['user'],
    causes: [{ verb: 'delete-user', name: 'target' }],
    repeatedBy: byUpdate,
    writeNames: 'user',
  },
  'reset-password': {
    heading: 'A password is reset',
    title: {
      done: 'the password of {whom} was reset',
      does: 'resets the password of {whom}',
    },
    about: ['user'],
    takesAccount: true,
    commands: ['users reset-password', 'fab reset-password'],
    failsOnUnknown: ['user'],
    isInFlaskAppBuilder: true,
    causes: userUpdated,
    repeatedBy: byUpdate,
  },
  'import-users': {
    heading: 'Users are imported',
    title: { done: 'users were imported{names}', does: 'imports users' },
    about: ['user', 'role'],
    isBatch: true,
    commands: ['users import'],
    alsoLeaves: ['create-user', 'update-user'],
    causes: [{ verb: 'create-user' }, ...userUpdated],
    // One for each user of its file; the import names them.
    repeatedBy: { lines: ['update-user'], writes: ['create-user'] },
  },
  'create-role': {
    heading: 'A role is created',
    title: { done: '{role} {roleWas} created', does: 'creates {role}' },
    about: ['role'],
    commands: ['roles create'],
    printsRole: true,
    causes: permissionsWritten,
    isRoleEdit: true,
    undo: 'role',
  },
  'change-role': {
    heading: 'A role is changed',
    title: { done: '{role} {roleWas} edited', does: 'edits {role}' },
    about: ['role'],
    commands: ['roles update'],
    failsOnUnknown: ['role'],
    causes: permissionsWritten,
    undo: 'role',
  },
  'delete-role': {
    heading: 'A role is deleted',
    title: { done: '{role} {roleWas} deleted', does: 'deletes {role}' },
    about: ['role'],
    commands: ['roles delete'],
    failsOnUnknown: ['role'],
    causes: [{ verb: 'delete-role', name: 'role' }],
  },
  'import-roles': {
    heading: 'Roles are imported',
    title: {
      done: 'roles and their permissions were imported{changedRoles}',
      does: 'imports roles and their permissions',
    },
    about: ['role'],
    isBatch: true,
    commands: ['roles import', 'fab import-roles'],
    alsoLeaves: ['create-role', 'add-permissions', 'remove-permissions'],
    causes: permissionsWritten,
  },
  'add-permissions': {
    heading: 'A role is given permissions',
    title: { done: '{role} {roleWas} given permissions', does: 'gives {role} permissions' },
    about: ['role'],
    gives: true,
    commands: ['roles add-perms'],
    failsOnUnknown: ['role'],
    printsRole: true,
    causes: [{ verb: 'add-permissions', name: 'role' }],
    isRoleEdit: true,
    undo: 'roles del-perms',
  },
  'remove-permissions': {
    heading: 'Permissions are taken from a role',
    title: { done: '{role} lost permissions', does: 'takes permissions from {role}' },
    about: ['role'],
    commands: ['roles del-perms'],
    failsOnUnknown: ['role'],
    printsRole: true,
    causes: [{ verb: 'remove-permissions', name: 'role' }],
    isRoleEdit: true,
  },
  'change-dag-access': {
    heading: "A DAG's access control changes",
    title: {
      done: 'access to {dag} was changed{forRole}',
      does: 'changes access to {dag}{forRole}',
    },
    about: ['role'],
    keyedBy: 'object',
  },
  'sync-permissions': {
    heading: 'Permissions are synchronized',
    title: {
      done: 'the permissions of all roles were synchronized{changedRoles}',
      does: 'synchronizes the permissions of all roles',
    },
    about: [],
    isBatch: true,
    commands: ['sync-perm'],
    alsoLeaves: ['add-permissions', 'remove-permissions', 'create-role'],
    causes: permissionsWritten,
  },
  'clean-up-permissions': {
    heading: 'Permissions are cleaned up',
    title: {
      done: 'permissions on DAGs that are gone were deleted',
      does: 'deletes permissions on DAGs that are gone',
    },
    about: [],
    isBatch: true,
    commands: ['permissions-cleanup'],
  },
  'create-group': {
    heading: 'A group is created',
    title: { done: '{group} was created', does: 'creates {group}' },
    // No line names the roles of a group.
    about: ['role'],
  },
  'change-group': {
    heading: 'A group is changed',
    title: { done: '{group} was edited', does: 'edits {group}' },
    about: ['role'],
  },
  'delete-group': {
    heading: 'A group is deleted',
    title: { done: '{group} was deleted', does: 'deletes {group}' },
    about: [],
  },
  'write-metadata-tables': {
    heading: 'SQL writes users or roles',
    title: {
      done: '{tables} of the metadata database {tablesWere} written with SQL',
      does: 'writes {tables} of the metadata database',
    },
    about: [],
    isSql: true,
    keyedBy: 'object',
  },
  'change-metadata-schema': {
    heading: "Airflow's tables of users and roles are migrated or reset",
    title: {
      done: "the schema of Airflow's user tables was changed",
      does: "changes the schema of Airflow's user tables",
    },
    about: [],
    commands: ['fab-db migrate', 'fab-db downgrade', 'fab-db reset'],
  },
  'read-metadata-credentials': {
    heading: "The metadata database's credentials are read",
    title: {
      token: {
        done: 'a token for a database in RDS was taken',
        does: 'takes a token for a database in RDS',
        tried: 'took a token for a database in RDS',
      },
      key: {
        done: "a secret key of Airflow's configuration was read",
        does: "reads a secret key of Airflow's configuration",
        tried: "tried to read a secret key of Airflow's configuration",
      },
      connection: {
        done: "the metadata database's credentials were read",
        does: "reads the metadata database's credentials",
        tried: "tried to read the metadata database's credentials",
      },
    },
    about: [],
    // A print of all variables names many.
    keyedBy: 'credential',
  },
  'bypass-metadata-block': {
    heading: 'A task tries to reach the metadata database',
    title: {
      done: 'the metadata database was reached',
      does: 'reaches for the metadata database',
      tried: 'tried to reach the metadata database',
    },
    about: [],
  },
} as const satisfies Readonly<Record<string, VerbFacts<string>>>;

/** What a change does: the word for it in detections, approvals and signals. */
export type Verb = keyof typeof table;

/** The only list of verbs, with all that depends on each. */
export const verbs: Readonly<Record<Verb, VerbFacts<Verb>>> = table;

export const verbNames = Object.keys(table) as [Verb, ...Verb[]];

/** Whether a verb's lines have to name a user or a role; an unknown verb's have to name both. */
export function isAbout(verb: Verb | undefined, subject: 'user' | 'role'): boolean {
  return verb === undefined || verbs[verb].about.includes(subject);
}
