import { isDefaultGrant } from '../../../lambda/findings/default-permissions.ts';

const added = (permission: string, role: string, before = '') =>
  isDefaultGrant({ did: 'Added Permission', permission, role }, before);

test('each role has the defaults of the roles below it, and not those above', () => {
  expect(added('can read on DAGs', 'Viewer')).toBe(true);
  expect(added('can read on DAGs', 'Op')).toBe(true);
  expect(added('can edit on DAGs', 'Viewer')).toBe(false);
  expect(added('can edit on DAGs', 'User')).toBe(true);
  expect(added('can edit on Variables', 'User')).toBe(false);
  expect(added('can edit on Variables', 'Op')).toBe(true);
});

test('no default touches users, roles or permissions, and neither Public nor another role has one', () => {
  for (const resource of [
    'Users',
    'Roles',
    'Passwords',
    'Permissions',
    'View Menus',
    'List Users',
  ]) {
    for (const action of ['can create', 'can read', 'can edit', 'can delete', 'menu access']) {
      for (const role of ['Viewer', 'User', 'Op', 'Admin', 'Public']) {
        expect(added(`${action} on ${resource}`, role)).toBe(false);
      }
    }
  }
  for (const role of ['Public', 'viewer', 'Viewers', 'constructor', '']) {
    expect(added('can read on DAGs', role)).toBe(false);
  }
});

test('only what is added is a default', () => {
  const permission = 'can read on DAGs';
  expect(isDefaultGrant({ did: 'Removed Permission', permission, role: 'Viewer' }, '')).toBe(false);
  expect(isDefaultGrant({ did: 'Added Permission', role: 'Viewer' }, '')).toBe(false);
});

test.each([
  ['[2026-11-22] {manager.py:568} INFO - ', true],
  ['[2026-11-22] {override.py:1820} INFO - ', true],
  ['[2024-03-12] {override.py:1829} INFO - ', true],
  ['[2026-11-22] {override.py:1880} INFO - ', false],
  ['[2026-11-22] {override.py:1962} INFO - ', false],
  ['[2026-11-22] {override.py:1721} INFO - ', false],
  ['', false],
])(
  'reading audit logs was a default up to Airflow 2.8, as the place tells: %s',
  (before, expected) => {
    expect(added('can read on Audit Logs', 'Viewer', before)).toBe(expected);
  },
);
