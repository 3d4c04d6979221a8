import { correlateStream } from '../../../lambda/correlate/derive-stream.ts';
import type { ObservedEvent, Signal } from '../../../lambda/model/signal.ts';
import { approvalsOf } from '../../../lambda/plan/approvals.ts';
import type { ApprovedChange } from '../../../lambda/plan/approved-change.ts';
import { taskStream } from '../setup/sample-change.ts';

const second = 1000;

function line(atSeconds: number, signal: Partial<Signal>): ObservedEvent {
  return {
    key: `${atSeconds} ${JSON.stringify(signal)}`,
    logGroup: 'airflow-prod-Task',
    logStream: taskStream,
    timestamp: Date.UTC(2026, 10, 22) + atSeconds * second,
    message: JSON.stringify(signal),
    occurrences: 1,
    signals: [{ kind: 'outcome', detections: ['d'], severity: 'high', ...signal }],
  };
}

const changesOf = (...lines: readonly ObservedEvent[]) =>
  correlateStream(lines, Number.MAX_SAFE_INTEGER, { environment: 'prod', correlateSeconds: 180 });

const approval: ApprovedChange = {
  ...{ dag: 'grant_admin', verb: ['grant-role'], user: ['bob'], role: ['Viewer'] },
  ...{ reason: 'OPS-1', owner: 'platform', expires: '2026-12-31' },
};
const approved = (lines: readonly ObservedEvent[], ...approvals: readonly ApprovedChange[]) =>
  changesOf(...lines).map((change) => approvalsOf(change, approvals).length > 0);

const grant = { verb: 'grant-role', target: 'bob', role: 'Viewer' } as const;
const command = { ...grant, kind: 'command', severity: 'medium' } as const;
const updated = { kind: 'write', verb: 'update-user', target: 'Bob Smith' } as const;

test("a grant with its echo and the security manager's line is approved by the grant alone", () => {
  const lines = [line(1, command), line(20, updated), line(20.002, grant)];
  expect(changesOf(...lines)).toHaveLength(1);
  expect(approved(lines, approval)).toEqual([true]);
});

test.each([
  ['the user', { ...command, target: undefined }],
  ['the role', { ...command, role: undefined }],
  ['the verb', { kind: 'command', severity: 'medium' } as const],
])('a grant whose command leaves out %s is not approved', (_, nameless) => {
  // The same command may have run once more, with its output thrown away.
  const lines = [line(1, nameless), line(20, grant)];
  expect(changesOf(...lines)).toHaveLength(1);
  expect(approved(lines, approval)).toEqual([false]);
});

test('a grant made by a command of another verb needs an approval of both verbs', () => {
  const created = { ...command, verb: 'create-user' } as const;
  const lines = [line(1, created), line(20, grant)];
  expect(changesOf(...lines)).toMatchObject([{ otherVerbs: ['create-user'] }]);
  expect(approved(lines, approval)).toEqual([false]);
  expect(approved(lines, { ...approval, verb: ['grant-role', 'create-user'] })).toEqual([true]);
});

test('a synchronization that gives permissions needs an approval of these, by role', () => {
  const synced = { verb: 'sync-permissions' } as const;
  const given = { kind: 'write', verb: 'add-permissions', role: 'ops' } as const;
  const { user: _, role: __, ...sync } = { ...approval, verb: ['sync-permissions'] as const };
  expect(approved([line(20, synced)], sync)).toEqual([true]);
  const lines = [line(19, given), line(20, synced)];
  expect(changesOf(...lines)).toHaveLength(1);
  expect(approved(lines, sync, { ...sync, role: ['ops'] })).toEqual([false]);
  const both = { ...sync, verb: ['sync-permissions', 'add-permissions'] as const, role: ['ops'] };
  expect(approved(lines, both)).toEqual([true]);
});

test('a command that failed is approved like one that ran', () => {
  const failure = { kind: 'result', verb: 'write-metadata-tables', outcome: 'failed' } as const;
  const refused = { ...grant, kind: 'failure', severity: 'info' } as const;
  expect(approved([line(1, command), line(3, refused)], approval)).toEqual([true]);
  expect(approved([line(1, command), line(3, failure)], approval)).toEqual([true]);
});

test('an approved grant does not hide another grant', () => {
  const admin = { ...grant, role: 'Admin', severity: 'critical' } as const;
  const lines = [line(1, grant), line(2, admin)];
  expect(approved(lines, approval)).toEqual([true, false]);
});

test("an approval of an import covers the security manager's lines that it causes", () => {
  const imported = { verb: 'import-users', target: 'dave@example.com' } as const;
  const created = { kind: 'write', verb: 'create-user', target: 'dave' } as const;
  const lines = [
    line(1, { kind: 'command', verb: 'import-users', severity: 'medium' }),
    line(20, imported),
    line(20.5, created),
    line(21, { verb: 'import-users' }),
  ];
  const { role: _, ...ofUsers } = { ...approval, verb: ['import-users'] as const };
  expect(changesOf(...lines)).toMatchObject([{ targets: ['dave@example.com', 'dave'] }]);
  expect(approved(lines, { ...ofUsers, user: ['*'] })).toEqual([true]);
  expect(approved(lines, { ...ofUsers, user: ['dave@example.com', 'dave'] })).toEqual([true]);
  expect(approved(lines, { ...ofUsers, user: ['dave@example.com'] })).toEqual([false]);
  // A user created with a role is approved by the role.
  const admin = line(22, { verb: 'create-user', target: 'eve', role: 'Admin' });
  expect(approved([...lines, admin], { ...ofUsers, user: ['*'] })).toEqual([false]);
});

test('all variables in one print are a finding for the connection and one for the keys', () => {
  const read = { kind: 'notice', verb: 'read-metadata-credentials', severity: 'medium' } as const;
  const names = ['SQL_ALCHEMY_CONN', 'FERNET_KEY', 'SECRET_KEY', 'MWAA__DB__CREDENTIALS'];
  const print = names.map((object) => ({ detections: ['d'], ...read, object }));
  const all = { ...line(1, read), signals: print };
  const named = changesOf(all).map(({ object }) => object);
  expect(new Set(named)).toEqual(new Set(['SQL_ALCHEMY_CONN', 'FERNET_KEY']));
  expect(named).toHaveLength(2);
});
