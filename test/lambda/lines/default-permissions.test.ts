import { isDefaultGrant } from '../../../lambda/lines/default-permissions.ts';

const added = (permission: string, role: string, before = '', version?: string) =>
  isDefaultGrant({ did: 'Added Permission', permission, role }, before, version);

test('each role has the defaults of the roles below it, but not of those above', () => {
  expect(added('can read on DAGs', 'Viewer')).toBe(true);
  expect(added('can read on DAGs', 'Op')).toBe(true);
  expect(added('can edit on DAGs', 'Viewer')).toBe(false);
  expect(added('can edit on DAGs', 'User')).toBe(true);
  expect(added('can edit on Variables', 'User')).toBe(false);
  expect(added('can edit on Variables', 'Op')).toBe(true);
});

test('no default is about users, roles or permissions, and other roles have none', () => {
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

test('only an added permission is a default', () => {
  const permission = 'can read on DAGs';
  expect(isDefaultGrant({ did: 'Removed Permission', permission, role: 'Viewer' }, '')).toBe(false);
  expect(isDefaultGrant({ did: 'Added Permission', role: 'Viewer' }, '')).toBe(false);
});

const manager = '[2026-11-22T05:47:08.700+0000] {manager.py:568} INFO - ';
const override = (line: number) => `[2026-11-22T05:47:08.700+0000] {override.py:${line}} INFO - `;

test.each([
  ['can read on Audit Logs', 'Viewer', [manager, '2.6.3', '2.7.2', '2.8.1', override(1829)]],
  ['can read on Cluster Activity', 'Viewer', ['2.7.2', '2.10.3', override(1820), override(1694)]],
  ['can read on Plugins', 'Viewer', [manager, '2.7.2', '2.8.1', override(1820)]],
  ['can read on Datasets', 'Viewer', ['2.6.3', '2.8.1', '2.10.3', override(1962), override(1880)]],
  ['can read on Assets', 'Viewer', ['3.0.6', override(1694), override(1718), override(1663)]],
  ['can edit on HITL Detail', 'User', ['3.1.0', override(1694), override(1721)]],
  ['can read on Configurations', 'Viewer', [override(1691)]],
])('%s of %s is a default only if the version has it: %j', (permission, role, where) => {
  for (const one of where) {
    const isPlace = one.startsWith('[');
    expect([one, added(permission, role, ...(isPlace ? [one] : ['', one]))]).toEqual([one, true]);
  }
  // Without a version or a place, it is a change.
  expect(added(permission, role, '')).toBe(false);
});

test.each([
  ['can read on Audit Logs', 'Viewer', '', '2.10.3'],
  ['can read on Audit Logs', 'Viewer', override(1962), undefined],
  ['can read on Plugins', 'Viewer', '', '2.11.0'],
  ['can read on Assets', 'Viewer', '', '2.10.3'],
  ['can read on Datasets', 'Viewer', override(1694), undefined],
  ['can read on Configurations', 'Viewer', override(1694), undefined],
  ['can read on Cluster Activity', 'Viewer', '', '2.6.3'],
  ['can create on Datasets', 'User', override(1820), undefined],
])('%s of %s is no default after "%s" in %s', (permission, role, before, version) => {
  expect(added(permission, role, before, version)).toBe(false);
});

test("the place in the line overrides MWAA's version: both write during an upgrade", () => {
  expect(added('can read on Assets', 'Viewer', override(1694), '2.10.3')).toBe(true);
  expect(added('can read on Datasets', 'Viewer', override(1962), '3.0.6')).toBe(true);
  expect(added('can read on Assets', 'Viewer', override(1962), '3.0.6')).toBe(false);
});

test('for an unknown version or place, only what every version has is a default', () => {
  for (const [before, version] of [
    ['', undefined],
    ['', '4.0.0'],
    [override(7), undefined],
    ['{other.py:1962} INFO - ', undefined],
  ] as const) {
    expect(added('can read on DAGs', 'Viewer', before, version)).toBe(true);
    expect(added('can read on Datasets', 'Viewer', before, version)).toBe(false);
  }
});
