import { undoOf } from '../../../lambda/findings/undo.ts';
import { outcomes } from '../../../lambda/model/finding.ts';
import { change } from '../setup/sample-change.ts';

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
  ...(['revoke-role', 'delete-user', 'create-role', 'reset-password'] as const),
  'write-metadata-tables' as const,
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
