import type { Verb } from '../model/verbs.ts';

/** What a refused access was about, as far as its view and permission show. */
interface DeniedAccess {
  readonly verb?: Verb;
  readonly object?: 'users' | 'roles' | 'groups' | 'password';
}

/**
 * Reads `Access is Denied for: can_edit on: CustomRoleModelView` of Flask-AppBuilder's decorators:
 * the permission shows what was tried, the view on what.
 */
export function readDeniedAccess(permission: string, view: string): DeniedAccess {
  const object = objectOf(view);
  if (object === undefined) return {};
  if (object === 'password') return { verb: 'reset-password', object };
  const action = /^can[_ ](add|create|edit|delete)$/.exec(permission)?.[1];
  if (action === undefined) return { object };
  const done = { add: 'create', create: 'create', edit: 'change', delete: 'delete' } as const;
  const thing = { users: 'user', roles: 'role', groups: 'group' } as const;
  return { verb: `${done[action as keyof typeof done]}-${thing[object]}`, object };
}

function objectOf(view: string): DeniedAccess['object'] {
  if (/password/i.test(view)) return 'password';
  if (/user/i.test(view)) return 'users';
  if (/role/i.test(view)) return 'roles';
  if (/group/i.test(view)) return 'groups';
  return undefined;
}
