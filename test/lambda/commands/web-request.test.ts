import { readPrivilegeRequest } from '../../../lambda/commands/web-request.ts';

const read = (method: string, path: string, status = 302) =>
  readPrivilegeRequest({ method, path, status });

test.each([
  ['POST', '/users/add', { verb: 'create-user', object: 'users' }],
  ['POST', '/auth/users/edit/5', { verb: 'change-user', object: 'users', target: '5' }],
  ['POST', '/base/roles/delete/5', { verb: 'delete-role', object: 'roles', target: '5' }],
  ['POST', '/roles/action_post', { verb: 'change-role', object: 'roles' }],
  ['POST', '/roles/action/copyrole/8', { verb: 'change-role', object: 'roles', target: '8' }],
  ['POST', '/groups/add', { verb: 'create-group', object: 'groups' }],
  ['POST', '/resetpassword/form?pk=6', { verb: 'reset-password', object: 'password', target: '6' }],
  ['POST', '/%75sers/edi%74/5', { verb: 'change-user', target: '5' }],
  ['POST', '/users%2Fedit%2F5?x=1', { verb: 'change-user', target: '5' }],
])('%s %s is a form request that writes', (method, path, expected) => {
  expect(read(method, path)).toMatchObject({ ...expected, outcome: 'succeeded' });
});

test.each([
  ['POST', '/api/v1/users', { verb: 'create-user', object: 'users' }],
  [
    'PATCH',
    '/auth/fab/v1/users/assumed-role%2Fx',
    { verb: 'change-user', target: 'assumed-role/x' },
  ],
  ['DELETE', '/auth/fab/v1/roles/O%27Brien%20EU', { verb: 'delete-role', role: "O'Brien EU" }],
  ['DELETE', '/auth/fab/v1/roles/day/night', { verb: 'delete-role', role: 'day/night' }],
  ['POST', '/api/v1/security/users/', { verb: 'create-user' }],
  ['POST', '/api/v1/security/roles/3/permissions', { verb: 'change-role', target: '3' }],
  ['PUT', '/users/api/update/6', { verb: 'change-user', target: '6' }],
  ['DELETE', '/auth/roles/api/delete/6', { verb: 'delete-role', target: '6' }],
])('%s %s is an API request that writes', (method, path, expected) => {
  expect(read(method, path, 200)).toMatchObject({ ...expected, outcome: 'succeeded' });
});

test('a form succeeds with a redirect, an API with 2xx', () => {
  const outcomes = (path: string) =>
    [200, 204, 302, 400, 401, 403, 500].map((status) => read('POST', path, status)?.outcome);
  expect(outcomes('/users/add')).toEqual([
    'failed',
    'failed',
    'succeeded',
    'failed',
    'denied',
    'denied',
    'failed',
  ]);
  expect(outcomes('/api/v1/users')).toEqual([
    'succeeded',
    'succeeded',
    'failed',
    'failed',
    'denied',
    'denied',
    'failed',
  ]);
});

test.each([
  ['POST', '/login/?next=/users/edit/1'],
  ['POST', '/api/v1/dags/users/dagRuns'],
  ['PATCH', '/api/v1/variables/users%2Fedit%2F5'],
  ['POST', '/variable/edit/5'],
  ['POST', '/users/list/'],
  ['GET', '/api/v1/users'],
  ['POST', '/superusers/edit/5'],
])('%s %s writes nothing', (method, path) => {
  expect(read(method, path)).toBeUndefined();
});

test('a path with a broken escape is still read', () => {
  expect(read('POST', '/%75sers/edit/%zz')).toMatchObject({ verb: 'change-user', target: '%zz' });
});

test.each(['roles', 'email', 'users'])('the choices of a form belong to the form: %s', (column) => {
  const read = (path: string) => readPrivilegeRequest({ method: 'GET', path, status: 401 });
  expect(read(`/users/api/column/add/${column}`)).toMatchObject({
    ...{ verb: 'create-user', object: 'users', outcome: 'denied' },
  });
  expect(read(`/auth/roles/api/column/edit/${column}`)).toMatchObject({
    ...{ verb: 'change-role', object: 'roles', outcome: 'denied' },
  });
});
