import type { Change } from './correlation-state.ts';
import { type CredentialKind, credentialKind } from './credential-kind.ts';
import { partTables } from './metadata-sql.ts';
import { shownName, shownNames } from './show-text.ts';

/** What a change did, in both forms that a sentence may need. */
interface Clause {
  /** `bob was given role Admin` */
  readonly done: string;
  /** `gives bob role Admin` */
  readonly does: string;
  /** `tried to reach …`, where no command is known that it was done by. */
  readonly tried?: string;
}

/** The subjects of a change as they stand in a sentence. */
interface Subjects {
  /** `bob`, `user record 6`, `a user` */
  readonly whom: string;
  /** `user bob`, `users bob and carol`, `user record 6`, `a user` */
  readonly user: string;
  /** `role Admin`, `role record 3`, `a role` */
  readonly role: string;
  readonly group: string;
  /** ` with role Admin`, or nothing */
  readonly withRole: string;
  /** ` for role Admin`, or nothing */
  readonly forRole: string;
  /** ` (roles ops and dev)`, or nothing: of a batch */
  readonly changedRoles: string;
  readonly were: 'was' | 'were';
  /** Of the roles. */
  readonly rolesWere: 'was' | 'were';
  readonly names: string;
  readonly object: string | undefined;
}

const credentialClauses: Readonly<Record<CredentialKind, Clause>> = {
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
};

const clauses: Readonly<Record<string, (s: Subjects) => Clause>> = {
  'grant-role': ({ whom, role, were }) => ({
    done: `${whom} ${were} given ${role}`,
    does: `gives ${whom} ${role}`,
  }),
  'revoke-role': ({ whom, role }) => ({
    done: `${whom} lost ${role}`,
    does: `takes ${role} from ${whom}`,
  }),
  'create-user': ({ user, withRole, were }) => ({
    done: `${user} ${were} created${withRole}`,
    does: `creates ${user}${withRole}`,
  }),
  'update-user': ({ user, were }) => ({ done: `${user} ${were} edited`, does: `edits ${user}` }),
  'change-user': ({ user, were }) => ({ done: `${user} ${were} edited`, does: `edits ${user}` }),
  'delete-user': ({ user, were }) => ({ done: `${user} ${were} deleted`, does: `deletes ${user}` }),
  'reset-password': ({ whom }) => ({
    done: `the password of ${whom} was reset`,
    does: `resets the password of ${whom}`,
  }),
  'import-users': ({ names }) => ({
    done: names === '' ? 'users were imported' : `users were imported (${names})`,
    does: 'imports users',
  }),
  'create-role': ({ role, rolesWere }) => ({
    done: `${role} ${rolesWere} created`,
    does: `creates ${role}`,
  }),
  'change-role': ({ role, rolesWere }) => ({
    done: `${role} ${rolesWere} edited`,
    does: `edits ${role}`,
  }),
  'delete-role': ({ role, rolesWere }) => ({
    done: `${role} ${rolesWere} deleted`,
    does: `deletes ${role}`,
  }),
  'import-roles': ({ changedRoles }) => ({
    done: `roles and their permissions were imported${changedRoles}`,
    does: 'imports roles and their permissions',
  }),
  'add-permissions': ({ role, rolesWere }) => ({
    done: `${role} ${rolesWere} given permissions`,
    does: `gives ${role} permissions`,
  }),
  'remove-permissions': ({ role }) => ({
    done: `${role} lost permissions`,
    does: `takes permissions from ${role}`,
  }),
  'change-dag-access': ({ object, forRole }) => {
    const dag = object === undefined ? 'a DAG' : `DAG ${shownName(object.replace(/^DAG:/, ''))}`;
    return {
      done: `access to ${dag} was changed${forRole}`,
      does: `changes access to ${dag}${forRole}`,
    };
  },
  'sync-permissions': ({ changedRoles }) => ({
    done: `the permissions of all roles were synchronized${changedRoles}`,
    does: 'synchronizes the permissions of all roles',
  }),
  'clean-up-permissions': () => ({
    done: 'permissions on DAGs that are gone were deleted',
    does: 'deletes permissions on DAGs that are gone',
  }),
  'write-metadata-tables': ({ object }) => {
    const names = object === undefined ? [] : partTables(object);
    const tables =
      names.length === 0
        ? 'tables of users and roles'
        : `${names.length > 1 ? 'tables' : 'table'} ${shownNames(names, names.length)}`;
    return {
      done: `${tables} of the metadata database ${names.length === 1 ? 'was' : 'were'} written with SQL`,
      does: `writes ${tables} of the metadata database`,
    };
  },
  'read-metadata-credentials': ({ object }) => credentialClauses[credentialKind(object)],
  'bypass-metadata-block': () => ({
    done: 'the metadata database was reached',
    does: 'reaches for the metadata database',
    tried: 'tried to reach the metadata database',
  }),
  'change-metadata-schema': () => ({
    done: "the schema of Airflow's user tables was changed",
    does: "changes the schema of Airflow's user tables",
  }),
  'create-group': ({ group }) => ({ done: `${group} was created`, does: `creates ${group}` }),
  'change-group': ({ group }) => ({ done: `${group} was edited`, does: `edits ${group}` }),
  'delete-group': ({ group }) => ({ done: `${group} was deleted`, does: `deletes ${group}` }),
};

/** Undefined for a verb that has no clause, so that the detection's own title has to do. */
export function clauseOf(change: Pick<Change, 'verb' | 'targets' | 'roles' | 'object'>) {
  return clauses[change.verb ?? '']?.(subjectsOf(change));
}

function subjectsOf({
  targets,
  roles,
  object,
}: Pick<Change, 'targets' | 'roles' | 'object'>): Subjects {
  const role = roles.length > 0 ? noun('role', roles) : undefined;
  return {
    whom: targets.length > 0 && !isRecord(targets) ? shownNames(targets) : noun('user', targets),
    user: noun('user', targets),
    role: role ?? noun('role', targets.every((target) => isRecord([target])) ? targets : []),
    group: noun('group', targets),
    withRole: role === undefined ? '' : ` with ${role}`,
    forRole: role === undefined ? '' : ` for ${role}`,
    changedRoles: role === undefined ? '' : ` (${role})`,
    were: targets.length > 1 ? 'were' : 'was',
    rolesWere: roles.length > 1 ? 'were' : 'was',
    names: targets.length === 0 ? '' : shownNames(targets),
    object,
  };
}

/** `a user`, `user bob`, `users bob and carol`; a web request names a record by its number. */
function noun(word: string, names: readonly string[]): string {
  if (names.length === 0) return `a ${word}`;
  if (isRecord(names)) return `${word} record ${names[0]}`;
  return `${word}${names.length > 1 ? 's' : ''} ${shownNames(names)}`;
}

function isRecord(names: readonly string[]): boolean {
  return names.length === 1 && /^\d{1,12}$/.test(names[0] ?? '');
}
