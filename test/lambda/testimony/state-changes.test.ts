import type { AirflowState, UserState } from '../../../lambda/model/airflow-state.ts';
import { strongPermissions } from '../../../lambda/model/strong-permissions.ts';
import { stateChanges } from '../../../lambda/testimony/state-changes.ts';
import { loadDetections } from '../../../queries/tools/load-detections.ts';
import { growth, linearGrowth } from '../../counted-steps.ts';

const from = Date.parse('2026-03-01T06:00:00Z');
const to = from + 15 * 60_000;

const roles = {
  Admin: ['can_edit on Users'],
  Op: ['can_edit on Variables'],
  Public: [],
  User: ['can_edit on DAGs'],
  Viewer: ['can_read on DAGs'],
  stewards: ['can_edit on Roles'],
  analysts: ['can_read on DAGs'],
};

function user(username: string, held: readonly string[], more: Partial<UserState> = {}): UserState {
  const email = `${username}@example.com`;
  return { username, email, active: true, roles: held, createdOn: `created ${username}`, ...more };
}

function state(
  users: readonly UserState[],
  ofRoles: Readonly<Record<string, readonly string[]>> = roles,
): AirflowState {
  return {
    ...{ startEpochMs: from, endEpochMs: from },
    users: new Map(users.map((one) => [one.username, one])),
    roles: new Map(Object.entries(ofRoles)),
  };
}

function compare(before: AirflowState, after: AirflowState, isUpgrade = false) {
  const later = { ...after, startEpochMs: to, endEpochMs: to };
  return stateChanges({ before, after: later, isUpgrade }).map(
    ({ name, kind, role, severity, because }) =>
      [name, kind, role, severity, because].filter((part) => part !== undefined).join(' '),
  );
}

const bob = (held: readonly string[], more: Partial<UserState> = {}) =>
  state([user('bob', held, more)]);
const withRole = (role: string, permissions: readonly string[]) =>
  state([], { ...roles, [role]: permissions });

test.each([
  [['Op'], 'bob gained-role Op critical'],
  [['Admin'], 'bob gained-role Admin critical'],
  [['stewards'], 'bob gained-role stewards critical'],
  [['User'], 'bob gained-role User high'],
])('a user who gains %s', (held, change) => {
  expect(compare(bob([]), bob(held))).toEqual([change]);
});

test('a role that is lost, a user who is gone or switched off, and one who is switched on', () => {
  expect(compare(bob(['Admin']), bob([]))).toEqual(['bob lost-role Admin medium']);
  expect(compare(bob(['Admin']), state([]))).toEqual(['bob removed medium']);
  expect(compare(bob(['Admin']), bob(['Admin'], { active: false }))).toEqual([
    'bob switched-off medium',
  ]);
  expect(compare(bob(['Admin'], { active: false }), bob(['Admin']))).toEqual([
    'bob switched-on critical',
  ]);
});

test('a user with another name is renamed, if the time of creation or the e-mail address is the same', () => {
  const renamed = ['eve renamed critical'];
  const eve = (more: Partial<UserState>) => state([user('eve', ['Admin'], more)]);
  expect(compare(bob(['Admin']), eve({ createdOn: 'created bob' }))).toEqual(renamed);
  expect(compare(bob(['Admin']), eve({ email: 'BOB@example.com' }))).toEqual(renamed);
  expect(compare(bob(['Admin']), eve({}))).toEqual([
    'bob removed medium',
    'eve added high',
    'eve gained-role Admin critical',
  ]);
});

test('a role that a renamed user gains meanwhile is a change of its own', () => {
  const after = state([user('eve', ['Admin', 'User'], { createdOn: 'created bob' })]);
  expect(compare(bob(['User']), after)).toEqual([
    'eve renamed critical',
    'eve gained-role Admin critical',
  ]);
});

test('a user with a role that is not in the list of roles may have any right', () => {
  expect(compare(bob([]), bob(['made-meanwhile']))).toEqual([
    'bob gained-role made-meanwhile critical',
  ]);
});

test('an e-mail address that several share shows no other name', () => {
  const shared = { email: 'bob@example.com' };
  const after = state([user('eve', ['User'], shared), user('mallory', ['Admin'], shared)]);
  expect(compare(bob(['Admin']), after)).toContain('mallory gained-role Admin critical');
});

test('users who take the place of as many are compared in time that grows like their number', () => {
  const replaced = (size: number) => {
    const many = (prefix: string) =>
      state(Array.from({ length: size }, (_, at) => user(`${prefix}-${at}`, ['Viewer'])));
    const [before, after] = [many('old'), many('new')];
    return () => expect(compare(before, after)).toHaveLength(3 * size);
  };
  expect(growth(replaced, 400)).toBeLessThan(linearGrowth);
});

describe('a login', () => {
  const at = (time: string) => ({ lastLogin: time });

  const during = at('2026-03-01T06:05:00.123456');

  test('within the interval may have changed the built-in roles, by IAM', () => {
    const after = bob(['User'], during);
    expect(compare(bob(['Viewer']), after)).toEqual([
      'bob gained-role User low login',
      'bob lost-role Viewer low login',
    ]);
    expect(compare(state([]), after)).toEqual([
      'bob added low login',
      'bob gained-role User low login',
    ]);
  });

  test.each(['Admin', 'Op'])(
    'that gives %s is told to people: whoever writes roles can write its time as well',
    (role) => {
      const gained = `bob gained-role ${role} medium login`;
      expect(compare(bob(['Viewer']), bob([role], during))).toContain(gained);
      expect(compare(state([]), bob([role], during))).toContain(gained);
    },
  );

  test.each([
    ['before the interval', at('2026-03-01T05:59:00'), ['Admin']],
    ['after it', at('2026-03-01T06:20:00'), ['Admin']],
  ])('%s did not', (_, login, held) => {
    expect(compare(bob([]), bob(held, login))).toEqual(['bob gained-role Admin critical']);
  });

  test('that was there before did not', () => {
    const login = at('2026-03-01T06:05:00');
    expect(compare(bob([], login), bob(['Admin'], login))).toEqual([
      'bob gained-role Admin critical',
    ]);
  });

  test('gives no custom role: then none of the changes is IAM’s', () => {
    const after = bob(['Op', 'stewards'], at('2026-03-01T06:05:00'));
    expect(compare(bob([]), after)).toEqual([
      'bob gained-role Op critical',
      'bob gained-role stewards critical',
    ]);
  });
});

describe('permissions', () => {
  test.each([
    ['Public', ['can_read on DAGs'], ['Public gained-permissions critical']],
    ['Public', ['can_read on Website'], ['Public gained-permissions critical']],
    ['Public', ['can_read on DAG:x'], ['Public gained-permissions critical dag-access']],
    [
      'analysts',
      ['can_edit on Roles', 'can_read on DAGs'],
      ['analysts gained-permissions critical'],
    ],
    ['analysts', ['can_read on DAGs', 'can_read on XComs'], ['analysts gained-permissions high']],
    [
      'analysts',
      ['can_read on DAGs', 'can_edit on DAG:x'],
      ['analysts gained-permissions low dag-access'],
    ],
    ['analysts', [], ['analysts lost-permissions high']],
    ['analysts', ['can_read on DAGs', 'can_read on Website'], []],
    ['Admin', ['can_edit on Users', 'can_edit on Anything'], []],
    ['Admin', [], ['Admin lost-permissions high']],
    ['fresh', ['can_edit on Users'], ['fresh added critical']],
    ['fresh', [], ['fresh added high']],
  ])('of %s, now %j', (role, permissions, expected) => {
    expect(compare(state([]), withRole(role, permissions))).toEqual(expected);
  });

  test('what Airflow gives its own roles at any start is no change, and anything else is', () => {
    const more = ['can_edit on Variables', 'can_read on Pools', 'can_read on Secrets'];
    const about = { before: state([]), after: withRole('Op', more), isUpgrade: false };
    const [change] = stateChanges({ ...about, airflowVersion: '2.10.3' });
    expect(change).toMatchObject({ name: 'Op', permissions: ['can_read on Secrets'] });
  });

  test('a new version gives nobody a strong permission: that is somebody else’s change', () => {
    const more = ['can_edit on DAGs', 'can_edit on Users', 'can_read on Gadgets'];
    expect(compare(state([]), withRole('User', more), true)).toEqual([
      'User gained-permissions low upgrade',
      'User gained-permissions critical',
    ]);
  });

  test('a new version may rewrite its own roles, and neither Public nor a custom role', () => {
    const after = state([], {
      ...roles,
      Op: ['can_read on Gadgets'],
      Viewer: [],
      Public: ['can_read on DAGs'],
      analysts: ['can_edit on Users', 'can_read on DAGs'],
    });
    expect(compare(state([]), after, true)).toEqual([
      'Op gained-permissions low upgrade',
      'Op lost-permissions low upgrade',
      'Public gained-permissions critical',
      'Viewer lost-permissions low upgrade',
      'analysts gained-permissions critical',
    ]);
  });
});

test('strong permissions are those that the pack raises to critical', () => {
  const detection = loadDetections().find(({ id }) => id === 'cli-permissions-changed');
  const raised = detection?.raise.flatMap(({ when }) => when.permission ?? []) ?? [];
  expect(new Set(raised.map((text) => text.replace(/^can /, 'can_')))).toEqual(strongPermissions);
});
