import { readDeniedAccess } from '../../../lambda/lines/read-signals.ts';

test.each([
  ['can_create', 'CustomUserDBModelView', { verb: 'create-user', object: 'users' }],
  ['can_add', 'CustomRoleModelView', { verb: 'create-role', object: 'roles' }],
  ['can_edit', 'CustomUserRemoteUserModelView', { verb: 'change-user', object: 'users' }],
  ['can_delete', 'GroupModelView', { verb: 'delete-group', object: 'groups' }],
  ['can_copyrole', 'CustomRoleModelView', { object: 'roles' }],
  ['can_this_form_post', 'CustomResetPasswordView', { verb: 'reset-password', object: 'password' }],
  ['can_edit', 'VariableModelView', {}],
])('%s on %s', (permission, view, expected) => {
  expect(readDeniedAccess(permission, view)).toEqual(expected);
});
