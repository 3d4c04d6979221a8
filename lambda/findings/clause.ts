import type { Change } from '../model/correlation-state.ts';
import { credentialKind } from '../model/credential-kind.ts';
import { type Clause, verbs } from '../model/verbs.ts';
import { partTables } from '../sql/metadata-sql.ts';
import { shownName, shownNames } from '../text/show-text.ts';

type Named = Pick<Change, 'verb' | 'targets' | 'roles' | 'object'>;

/**
 * What a change did, with its names filled in.
 *
 * @returns undefined for a change of unknown kind, whose title is its detection's
 */
export function clauseOf(change: Named): Clause | undefined {
  if (change.verb === undefined) return undefined;
  const { title } = verbs[change.verb];
  const { done, does, tried } = 'done' in title ? title : title[credentialKind(change.object)];
  const names = namesOf(change);
  return {
    done: fillIn(done, names),
    does: fillIn(does, names),
    ...(tried !== undefined && { tried: fillIn(tried, names) }),
  };
}

/** Fills each placeholder once: a name may look like a placeholder itself. */
function fillIn(template: string, names: Names): string {
  return template.replace(/\{(\w+)\}/g, (place, name: string) =>
    Object.hasOwn(names, name) ? names[name as keyof Names] : place,
  );
}

/** What the placeholders of the verbs' titles are replaced by. */
type Names = ReturnType<typeof namesOf>;

function namesOf({ targets, roles, object }: Named) {
  const role = roles.length > 0 ? noun('role', roles) : undefined;
  const tables = object === undefined ? [] : partTables(object);
  return {
    /** `bob`, `user record 6`, `a user` */
    whom: targets.length > 0 && !isRecord(targets) ? shownNames(targets) : noun('user', targets),
    /** `user bob`, `users bob and carol`, `user record 6`, `a user` */
    user: noun('user', targets),
    userWas: targets.length > 1 ? 'were' : 'was',
    /** ` (bob and carol)`, or nothing */
    names: targets.length === 0 ? '' : ` (${shownNames(targets)})`,
    /** `role Admin`, `role record 3`, `a role` */
    role: role ?? noun('role', targets.every((target) => isRecord([target])) ? targets : []),
    roleWas: roles.length > 1 ? 'were' : 'was',
    /** ` with role Admin`, or nothing */
    withRole: role === undefined ? '' : ` with ${role}`,
    /** ` for role Admin`, or nothing */
    forRole: role === undefined ? '' : ` for ${role}`,
    /** ` (roles ops and dev)`, or nothing; for a batch */
    changedRoles: role === undefined ? '' : ` (${role})`,
    group: noun('group', targets),
    /** `DAG x`, `a DAG` */
    dag: object === undefined ? 'a DAG' : `DAG ${shownName(object.replace(/^DAG:/, ''))}`,
    /** `table ab_user`, `tables ab_role and ab_user`, `tables of users and roles` */
    tables:
      tables.length === 0
        ? 'tables of users and roles'
        : `table${tables.length > 1 ? 's' : ''} ${shownNames(tables, tables.length)}`,
    tablesWere: tables.length === 1 ? 'was' : 'were',
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
