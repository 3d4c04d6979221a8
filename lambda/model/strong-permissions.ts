/** Actions and resources whose combination lets a user become Admin. */
const actions = ['create', 'edit', 'delete'] as const;
const resources = [
  ...['Users', 'Roles', 'Passwords', 'Permissions', 'Permission Views', 'View Menus'],
] as const;

/**
 * Permissions with which a user can make himself Admin, as Airflow's REST API writes them: the same as in the
 * `raise` rules of the detection `cli-permissions-changed`.
 */
export const strongPermissions: ReadonlySet<string> = new Set(
  actions.flatMap((action) => resources.map((resource) => `can_${action} on ${resource}`)),
);

/** Roles that Airflow makes itself, and MWAA gives by IAM. */
export const builtInRoles: ReadonlySet<string> = new Set([
  'Admin',
  'Op',
  'User',
  'Viewer',
  'Public',
]);

/**
 * Whether a role lets its users change other users, or the environment. One whose permissions are not known
 * may: a role can be made, or deleted, between the list of users and that of roles.
 */
export function isPowerful(
  role: string,
  permissionsOf: (role: string) => readonly string[] | undefined,
): boolean {
  if (role === 'Admin' || role === 'Op') return true;
  return permissionsOf(role)?.some((permission) => strongPermissions.has(permission)) ?? true;
}
