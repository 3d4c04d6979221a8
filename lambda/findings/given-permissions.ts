import { isDefaultGrant } from '../lines/default-permissions.ts';
import type { Evidence } from '../model/finding.ts';
import { withoutColours } from '../text/log-text.ts';

/** A permission that a role was given, with the names that Airflow's commands take. */
export interface GivenPermission {
  readonly role: string;
  /** `can_edit` */
  readonly action: string;
  /** `Users`, `DAG:payroll` */
  readonly resource: string;
}

/** By the CLI (`Added can edit on Users to role X`), and by the security manager (`Added Permission can …`). */
const givenLine =
  /Added (?:Permission )?((?:can|menu)[ _][a-z_ ]{1,60}?) on ([^\n"\\]{1,250}?) to role (?=([^\n]*))/g;
/** Its last number: the lines before it may be missing. */
const countLine = /Added (\d{1,6}) permission\(s\)/g;

/** Airflow gives it everything at each start. */
const allPowerful = 'Admin';

/**
 * The permissions that lines of evidence give to roles, each once and in the order of the lines; without those
 * that a role has by default in every version: to take one of these would harm everybody who has the role.
 *
 * @param roles the roles that the change names
 * @returns `isComplete`: no line counts more permissions than there are
 */
export function permissionsGiven(
  evidence: readonly Pick<Evidence, 'message'>[],
  roles: readonly string[],
): { readonly permissions: readonly GivenPermission[]; readonly isComplete: boolean } {
  const named = new Map<string, GivenPermission>();
  let counted = 0;
  for (const { message } of evidence) {
    const text = withoutColours(message);
    for (const [, count] of text.matchAll(countLine)) counted += Number(count);
    for (const [, permission = '', resource = '', rest = ''] of text.matchAll(givenLine)) {
      const role = roles.find((name) => isRoleAtStart(rest, name));
      if (role === undefined) continue;
      const one = { role, action: permission.replaceAll(' ', '_'), resource };
      named.set(JSON.stringify(one), one);
    }
  }
  return {
    permissions: [...named.values()].filter(mayBeTaken),
    isComplete: named.size > 0 && counted <= named.size,
  };
}

/** Whether nobody needs it who has the role as Airflow makes it. */
export function mayBeTaken({ role, action, resource }: GivenPermission): boolean {
  if (role === allPowerful) return false;
  const permission = `${action.replaceAll('_', ' ')} on ${resource}`;
  return !isDefaultGrant({ did: 'Added Permission', permission, role }, '');
}

/** What may follow the name: the line's end, the quote of a JSON text, the logger's name. */
function isRoleAtStart(text: string, role: string): boolean {
  return text.startsWith(role) && /^(?:$|["\\]| +\[)/.test(text.slice(role.length));
}
