import { execFileSync } from 'node:child_process';
import { undoOf } from '../../../lambda/findings/undo.ts';
import { undoOfChanges } from '../../../lambda/findings/with-testimony.ts';
import { outcomes } from '../../../lambda/model/finding.ts';
import type { StateChange } from '../../../lambda/model/testimony.ts';
import { change, event } from '../setup/sample-change.ts';

test('a granted role is removed by a command with quoted names', () => {
  expect(undoOf(change())).toEqual({
    commands: ["airflow users remove-role --username='bob' --role='Admin'"],
    changes: [{ username: 'bob', role: 'Admin' }],
  });
});

test('a created user is deleted only if the log shows that it was created', () => {
  const created = change({ verb: 'create-user', targets: ['eve'], roles: ['Admin'] });
  expect(undoOf(created)?.commands).toEqual(["airflow users delete --username='eve'"]);
  expect(undoOf({ ...created, outcome: 'unknown' })).toBeUndefined();
});

test.each([
  ...(['revoke-role', 'delete-user', 'delete-role', 'remove-permissions'] as const),
  ...(['reset-password', 'write-metadata-tables'] as const),
])('there is no command for %s', (verb) => {
  expect(undoOf(change({ verb }))).toBeUndefined();
});

test('only what may have happened is undone', () => {
  const undone = outcomes.filter((outcome) => undoOf(change({ outcome })) !== undefined);
  expect(undone).toEqual(['succeeded', 'unknown']);
});

test('a name with a leading hyphen is not read as an option', () => {
  expect(undoOf(change({ targets: ['--help'] }))?.commands).toEqual([
    "airflow users remove-role --username='--help' --role='Admin'",
  ]);
});

test.each([
  ['a control character', 'bob\u001b[2K'],
  ['a line break', 'bob\nrm'],
  ['a mark of direction', 'bob\u202e'],
  ['a space without width', 'b\u200bob'],
  ['a link', 'https://evil.com'],
  ['what Airflow masked', 'b***b'],
  ['the number of a record', '5'],
  ['a secret', 'postgres://bob:Fake-pw-1@host/db'],
  ['more characters than a name has', 'b'.repeat(257)],
])('a name with %s is in no command, unlike the others', (_, name) => {
  expect(undoOf(change({ targets: [name, 'bob'] }))).toEqual({
    commands: ["airflow users remove-role --username='bob' --role='Admin'"],
    changes: [{ username: 'bob', role: 'Admin' }],
    isPartial: true,
  });
});

test('there is no command if several users and several roles are named', () => {
  expect(undoOf(change({ targets: ['a', 'b'], roles: ['c', 'd'] }))).toBeUndefined();
});

test('at most five commands are listed', () => {
  const targets = Array.from({ length: 300 }, (_, at) => `user${at}`);
  const undo = undoOf(change({ targets }));
  expect(undo?.commands).toHaveLength(5);
  expect(undo?.isPartial).toBe(true);
});

/** A role that the CLI gave permissions, with the lines that say so. */
const given = (lines: readonly string[], roles = ['Viewer']) =>
  change({
    ...{ verb: 'add-permissions' as const, targets: [], roles },
    evidence: lines.map((message, at) => event({ key: String(at), message })),
  });

test('permissions that lines name are taken away, each by a command and once', () => {
  const lines = [
    '[x] {subprocess.py:106} INFO - Added can edit on Users to role Viewer',
    '[x] {override.py:1962} INFO - Added Permission can edit on Users to role Viewer',
    '{"event":"Added can read on DAG:pay roll to role Viewer","logger":"x"}',
    '[x] {subprocess.py:106} INFO - Added 2 permission(s)',
  ];
  expect(undoOf(given(lines))).toEqual({
    commands: [
      "airflow roles del-perms --action='can_edit' --resource='Users' -- 'Viewer'",
      "airflow roles del-perms --action='can_read' --resource='DAG:pay roll' -- 'Viewer'",
    ],
    roles: ['Viewer'],
  });
});

test('a line that gives a role what it has anyway leads to no command', () => {
  const lines = [
    'Added can read on DAGs to role Viewer',
    'Added can edit on Users to role Admin',
    'Added can read on DAGs to role Viewers',
  ];
  expect(undoOf(given(lines, ['Viewer', 'Admin']))).toEqual({
    commands: [],
    roles: ['Viewer', 'Admin'],
  });
});

test.each([
  [
    'counts more than are named',
    ['Added can edit on Users to role Viewer', 'Added 3 permission(s)'],
  ],
  ['names none', ['Running command: airflow roles add-perms Viewer']],
  ['names one that is not safe in a command', ['Added can edit on evil.com to role Viewer']],
])('permissions are left out, and it says so, where the evidence %s', (_, lines) => {
  expect(undoOf(given(lines))?.isPartial).toBe(true);
});

test.each(["a' b", '--help', '"Data" Stewards'])(
  'a role is one word, not an option: %s',
  (role) => {
    const { commands = [] } =
      undoOf(given([`Added can edit on Users to role ${role}`], [role])) ?? {};
    expect(wordsOf(commands[0] ?? '').slice(-2)).toEqual(['--', role]);
  },
);

/** The words that a shell makes of a command. */
function wordsOf(command: string): string[] {
  const script = `airflow() { for word; do printf '%s\\0' "$word"; done; }; ${command}`;
  return execFileSync('/bin/sh', ['-c', script], { encoding: 'utf8' }).split('\0').slice(0, -1);
}

test.each([
  [['analysts'], 'succeeded', true],
  [['analysts'], 'unknown', undefined],
  // It was there before, whatever the log says.
  [['analysts', 'Op'], 'succeeded', undefined],
] as const)('created roles %j that %s are new: %s', (roles, outcome, areNewRoles) => {
  const undo = undoOf(change({ verb: 'create-role', targets: [], roles: [...roles], outcome }));
  expect(undo).toEqual({ commands: [], roles, ...(areNewRoles && { areNewRoles }) });
});

describe('what the state shows that a role gained', () => {
  const gained: StateChange = {
    ...{ object: 'role', name: 'Night shift', kind: 'gained-permissions', severity: 'high' },
    ...{ fromEpochMs: 0, toEpochMs: 1 },
  };

  test('is taken away by a command for each permission', () => {
    const permissions = ['can_edit on Connections', 'can_read on DAG:a on b'];
    expect(undoOfChanges([{ ...gained, permissions, permissionCount: 2 }])).toEqual({
      commands: [
        "airflow roles del-perms --action='can_edit' --resource='Connections' -- 'Night shift'",
        "airflow roles del-perms --action='can_read' --resource='DAG:a on b' -- 'Night shift'",
      ],
      roles: ['Night shift'],
    });
  });

  test('is only partly filled in where a name is no plain text, or more is not shown', () => {
    const permissions = ['can_edit\u001b[2J on Connections', 'can_edit on Pools'];
    expect(undoOfChanges([{ ...gained, permissions, permissionCount: 900 }])).toMatchObject({
      commands: ["airflow roles del-perms --action='can_edit' --resource='Pools' -- 'Night shift'"],
      isPartial: true,
    });
  });

  test('is left alone where Airflow gives it by itself', () => {
    const of = (given: Partial<StateChange>) =>
      undoOfChanges([{ ...gained, permissions: ['can_edit on Pools'], ...given }]);
    expect(of({ name: 'Op', because: 'upgrade' })).toBeUndefined();
    expect(of({ name: 'Admin' })?.commands).toEqual([]);
  });
});
