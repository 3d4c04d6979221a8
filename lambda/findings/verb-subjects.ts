/** Whom a change of a verb is about: what its lines have to name so that it is known what was done. */
interface VerbSubjects {
  readonly user: boolean;
  readonly role: boolean;
  /** One run may be about many, so that its command names none of them. */
  readonly isBatch?: boolean;
  /** Whoever does it can sign in as the user afterwards: an Admin's account makes an Admin. */
  readonly takesAccount?: boolean;
}

const both = { user: true, role: true };
const ofUser = { user: true, role: false };
const ofRole = { user: false, role: true };
const ofNone = { user: false, role: false };

/** Every verb that a line is read as. */
const subjects = {
  'grant-role': both,
  'revoke-role': both,
  'create-user': both,
  'import-users': { ...both, isBatch: true },
  // It may give any role, and a password.
  'change-user': { ...both, takesAccount: true },
  'update-user': both,
  'delete-user': ofUser,
  'reset-password': { ...ofUser, takesAccount: true },
  'create-role': ofRole,
  'change-role': ofRole,
  'delete-role': ofRole,
  'import-roles': { ...ofRole, isBatch: true },
  'add-permissions': ofRole,
  'remove-permissions': ofRole,
  'change-dag-access': ofRole,
  // A group's roles are in no line.
  'create-group': ofRole,
  'change-group': ofRole,
  'delete-group': ofNone,
  'sync-permissions': { ...ofNone, isBatch: true },
  'clean-up-permissions': { ...ofNone, isBatch: true },
  'write-metadata-tables': ofNone,
  'change-metadata-schema': ofNone,
  'read-metadata-credentials': ofNone,
  'bypass-metadata-block': ofNone,
} satisfies Readonly<Record<string, VerbSubjects>>;

export type ChangeVerb = keyof typeof subjects;

export const changeVerbs = Object.keys(subjects) as [ChangeVerb, ...ChangeVerb[]];

/** Of a verb that is not known, everything has to be named. */
export function verbSubjects(verb: string): VerbSubjects {
  return Object.hasOwn(subjects, verb) ? subjects[verb as ChangeVerb] : both;
}

/**
 * Verbs whose lines a security manager also reports as `Updated user`, which names nobody: no act of its
 * own.
 */
export function impliesUpdate(verb: string | undefined): boolean {
  return verb !== undefined && verb !== 'update-user' && verbSubjects(verb).user;
}

/**
 * Verbs of a security manager's lines that an import leaves for each user of its file: no acts of their
 * own, and whom they name the import names. `update-user` is one as well ({@link impliesUpdate}).
 */
export function impliesCreation(verb: string | undefined): boolean {
  return verb === 'import-users';
}
