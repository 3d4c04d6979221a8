import type { FindingRecord } from '../../../lambda/findings/finding-record.ts';
import type { AuditRow } from '../../../lambda/model/airflow-state.ts';
import type { StateChange } from '../../../lambda/model/testimony.ts';
import type { Verb } from '../../../lambda/model/verbs.ts';
import { explainChanges } from '../../../lambda/testimony/explain-changes.ts';
import { explainRows } from '../../../lambda/testimony/explain-rows.ts';
import { recordTestimony } from '../../../lambda/testimony/record-testimony.ts';

const minute = 60_000;
const from = Date.parse('2026-03-01T06:00:00Z');
const to = from + 15 * minute;
const settings = { correlateMs: 3 * minute };

function change(given: Partial<StateChange> = {}): StateChange {
  return {
    ...{ object: 'user', name: 'bob', kind: 'gained-role', role: 'Admin', severity: 'critical' },
    ...{ fromEpochMs: from, toEpochMs: to },
    ...given,
  };
}

interface Given {
  readonly verb?: Verb;
  readonly target?: string;
  readonly role?: string;
  readonly outcome?: FindingRecord['finding']['outcome'];
  readonly approved?: boolean;
  readonly at?: number;
  readonly severity?: FindingRecord['finding']['severity'];
  readonly detections?: readonly string[];
}

let count = 0;

function record({
  verb,
  target,
  role,
  at = from + 5 * minute,
  ...given
}: Given = {}): FindingRecord {
  count += 1;
  const id = String(count).padStart(32, '0');
  const time = new Date(at).toISOString();
  return {
    finding: {
      ...{ schema: 1, id, environment: 'prod', severity: given.severity ?? 'medium' },
      title: `finding ${id}`,
      detections: given.detections ?? ['privilege-command-run'],
      attack: [],
      actor: { dag: 'promote' },
      ...(target && { target }),
      ...(role && { role }),
      ...{ firstSeen: time, lastSeen: time, detectedAt: time, late: false },
      outcome: given.outcome ?? 'unknown',
      evidence: [
        {
          logGroup: 'airflow-prod-Task',
          logStream: 's',
          timestamp: time,
          message: 'm',
          occurrences: 1,
        },
      ],
      links: { logStream: 'https://x.test/', insights: 'https://x.test/' },
      runbook: 'docs/runbooks/privilege-command.md',
    },
    ...{ logGroup: 'airflow-prod-Task', streamId: 's', anchorKey: id, anchorEpochMs: at },
    approved: given.approved ?? false,
    unknownPublishes: 0,
    delivery: { status: 'notified', severity: given.severity ?? 'medium' },
    ...(verb && { verb }),
    revision: 1,
  };
}

/** Whether one finding explains one change. */
function explains(given: Given, seen: Partial<StateChange> = {}): boolean {
  return explainChanges([change(seen)], [record(given)], settings).joins.length === 1;
}

test.each([
  ['the same user and role', { verb: 'grant-role', target: 'bob', role: 'Admin' }, true],
  ['another role', { verb: 'grant-role', target: 'bob', role: 'Viewer' }, false],
  ['another user', { verb: 'grant-role', target: 'eve', role: 'Admin' }, false],
  ['the opposite', { verb: 'revoke-role', target: 'bob', role: 'Admin' }, false],
  ['a password', { verb: 'reset-password', target: 'bob' }, false],
  ['an edit of the user', { verb: 'change-user', target: 'bob' }, true],
  ['an edit of a user without a name', { verb: 'change-user', target: '12' }, true],
  ['an edit of a role without a name', { verb: 'change-role' }, false],
  ['SQL on the tables', { verb: 'write-metadata-tables' }, true],
  ['an unknown command', {}, true],
  ['one of several users', { verb: 'import-users', target: 'eve, bob' }, true],
  ['what failed', { verb: 'grant-role', target: 'bob', role: 'Admin', outcome: 'failed' }, false],
  [
    'what was denied',
    { verb: 'grant-role', target: 'bob', role: 'Admin', outcome: 'denied' },
    false,
  ],
  [
    'long before',
    { verb: 'grant-role', target: 'bob', role: 'Admin', at: from - 4 * minute },
    false,
  ],
  [
    'just before',
    { verb: 'grant-role', target: 'bob', role: 'Admin', at: from - 2 * minute },
    true,
  ],
  ['after', { verb: 'grant-role', target: 'bob', role: 'Admin', at: to + 4 * minute }, false],
  ['the monitor itself', { detections: ['coverage-gap'] }, false],
  ['a change of the state', { target: 'bob', role: 'Admin', detections: ['state-change'] }, false],
] as const)('a finding about %s explains that bob has Admin: %s', (_, given, isExplained) => {
  expect(explains(given)).toBe(isExplained);
});

test('an e-mail address, and a former name, name the user as well', () => {
  const seen = { aliases: ['bob@example.com', 'robert'] };
  const about = { verb: 'grant-role', role: 'Admin' } as const;
  expect(explains({ ...about, target: 'bob@example.com' }, seen)).toBe(true);
  expect(explains({ ...about, target: 'robert' }, seen)).toBe(true);
});

test('what a finding does not name is left over', () => {
  const changes = [change({ role: 'Viewer' }), change({ role: 'Admin' })];
  const { left } = explainChanges(
    changes,
    [record({ verb: 'grant-role', target: 'bob', role: 'Viewer' })],
    settings,
  );
  expect(left).toEqual([changes[1]]);
});

test('a finding without a name explains one user, the one with the mildest change', () => {
  const changes = [
    change({ name: 'mallory' }),
    change({ name: 'ann', role: 'Viewer', severity: 'high' }),
    change({ name: 'ann', role: 'User', severity: 'high' }),
  ];
  const { joins, left } = explainChanges(
    changes,
    [record({ verb: 'change-user', target: '12' })],
    settings,
  );
  expect(joins).toMatchObject([{ seen: [{ name: 'ann' }, { name: 'ann' }] }]);
  expect(left).toMatchObject([{ name: 'mallory' }]);
});

test('an approved finding explains what it names in full, and nothing else', () => {
  const approved = { verb: 'grant-role', approved: true } as const;
  expect(explains({ ...approved, target: 'bob', role: 'Admin' })).toBe(true);
  expect(explains({ ...approved, target: 'bob' })).toBe(false);
  expect(explains({ verb: 'import-users', approved: true })).toBe(false);
  expect(explains({ verb: 'change-user', target: 'bob', approved: true })).toBe(false);
});

test.each([
  ['by an e-mail address, which anybody can write', { aliases: ['bob'], name: 'mallory' }],
  [
    'by a former name',
    { aliases: ['mallory@example.com', 'bob'], name: 'mallory', kind: 'renamed' },
  ],
] as const)('an approved finding explains nothing of somebody whom it names %s', (_, seen) => {
  const approved = { verb: 'grant-role', approved: true, target: 'bob', role: 'Admin' } as const;
  expect(explains(approved, seen)).toBe(false);
});

test('an approved finding about a role explains no permissions that are worse than its line', () => {
  const about = { verb: 'add-permissions', approved: true, role: 'stewards' } as const;
  const gained = (severity: StateChange['severity']) => ({
    ...({ object: 'role', name: 'stewards', kind: 'gained-permissions' } as const),
    ...{ role: undefined, permissions: ['can_edit on Users'], severity },
  });
  expect(explains({ ...about, severity: 'high' }, gained('high'))).toBe(true);
  expect(explains({ ...about, severity: 'high' }, gained('critical'))).toBe(false);
});

test('an approved edit of a user does not explain that he was switched on with Admin', () => {
  const approved = { verb: 'change-user', approved: true, target: 'bob' } as const;
  expect(explains(approved, { kind: 'switched-on', role: undefined })).toBe(false);
});

test('the access to a DAG that a DAG file gives explains access to DAGs, also that of Public', () => {
  const given = {
    object: 'role',
    kind: 'gained-permissions',
    permissions: ['can_read on DAG:x'],
  } as const;
  const about = { verb: 'change-dag-access', role: 'Public' } as const;
  expect(explains(about, { ...given, name: 'Public', role: undefined })).toBe(true);
  const other = {
    ...given,
    name: 'Public',
    role: undefined,
    permissions: ['can_read on Connections'],
  };
  expect(explains(about, other)).toBe(false);
});

test('a line that is later than the reading explains nothing that was read', () => {
  const given = { verb: 'grant-role', target: 'bob', role: 'Admin' } as const;
  expect(explains({ ...given, at: to + minute / 4 })).toBe(true);
  expect(explains({ ...given, at: to + minute })).toBe(false);
});

test('an import that names nobody explains a new user before a grant to another', () => {
  const grant = change({ name: 'carol', role: 'Viewer', severity: 'high' });
  const added = [
    change({ name: 'nadia', kind: 'added', role: undefined, severity: 'high' }),
    change({ name: 'nadia' }),
  ];
  const { joins, left } = explainChanges(
    [grant, ...added],
    [record({ verb: 'import-users' })],
    settings,
  );
  expect(joins).toMatchObject([{ seen: added }]);
  expect(left).toEqual([grant]);
});

test('a login at that time does not excuse a grant that a command is known to have made', () => {
  const atLogin = change({ severity: 'low', because: 'login', fullSeverity: 'critical' });
  const { joins } = explainChanges(
    [atLogin],
    [record({ verb: 'grant-role', target: 'bob', role: 'Admin' })],
    settings,
  );
  expect(joins).toMatchObject([{ seen: [{ severity: 'critical' }] }]);
  expect(explainChanges([atLogin], [], settings).left).toMatchObject([{ severity: 'low' }]);
});

test('what a finding has already is not joined again', () => {
  const finding = record({ verb: 'grant-role', target: 'bob', role: 'Admin' });
  const joined = recordTestimony(finding, { changes: [change()] }, { alertAt: 'medium' });
  expect(explainChanges([change()], joined ? [joined] : [], settings)).toEqual({
    joins: [],
    left: [],
  });
});

test.each(['low', 'medium', 'high'] as const)(
  'a printed line of severity %s never makes a hidden grant of Admin milder or silent',
  (severity) => {
    const printed = [
      record({ severity, verb: 'grant-role', target: 'bob', role: 'Admin' }),
      record({ severity, verb: 'change-user', target: 'bob' }),
      record({ severity }),
    ];
    for (const finding of printed) {
      const { joins } = explainChanges([change()], [finding], settings);
      const [join] = joins;
      const now =
        join && recordTestimony(join.record, { changes: join.seen }, { alertAt: 'medium' });
      expect(now?.finding).toMatchObject({
        severity: 'critical',
        outcome: 'succeeded',
        role: 'Admin',
      });
      // It is worse than what people were told, so they are told again.
      expect(now?.delivery).toEqual({ status: 'pending', told: severity });
    }
  },
);

test('a withheld finding is sent once the state makes it worse', () => {
  const finding: FindingRecord = {
    ...record({ severity: 'low', verb: 'grant-role', target: 'bob', role: 'Admin' }),
    delivery: { status: 'withheld' },
  };
  const now = recordTestimony(
    finding,
    { changes: [change()] },
    { alertAt: 'medium', sides: ['bus'] },
  );
  expect(now).toMatchObject({ delivery: { status: 'pending' }, bus: { status: 'pending' } });
});

test('of more changes than a finding keeps, the worst are kept, and the same again are no news', () => {
  const changes = Array.from({ length: 300 }, (_, at) =>
    change({ name: `user${at}`, severity: at === 299 ? 'critical' : 'high' }),
  );
  const now = recordTestimony(record({ verb: 'import-users' }), { changes }, { alertAt: 'medium' });
  expect(now?.testimony?.changes).toHaveLength(100);
  expect(now?.finding.severity).toBe('critical');
  expect(now && recordTestimony(now, { changes }, { alertAt: 'medium' })).toBeUndefined();
});

test('of more rows than a finding keeps, the rest are no news', () => {
  const rows = Array.from({ length: 50 }, (_, id) => row({ id }));
  const now = recordTestimony(record(), { rows }, { alertAt: 'medium' });
  expect(now?.testimony?.rows).toHaveLength(20);
  expect(now && recordTestimony(now, { rows }, { alertAt: 'medium' })).toBeUndefined();
});

function row(given: Partial<AuditRow> = {}): AuditRow {
  return {
    ...{ id: 7, event: 'cli_users_manage_role', whenEpochMs: from + 5 * minute },
    command: 'airflow users add-role -u bob -r Admin',
    commands: [{ verb: 'grant-role', target: 'bob', role: 'Admin' }],
    readEpochMs: to,
    ...given,
  };
}

test.each([
  ['the same command', { verb: 'grant-role', target: 'bob', role: 'Admin' }, true],
  ['another user', { verb: 'grant-role', target: 'eve', role: 'Admin' }, false],
  ['another role', { verb: 'grant-role', target: 'bob', role: 'Op' }, false],
  ['another command', { verb: 'revoke-role', target: 'bob', role: 'Admin' }, false],
  [
    'the same command that failed',
    { verb: 'grant-role', target: 'bob', role: 'Admin', outcome: 'failed' },
    true,
  ],
  ['an unknown command', {}, true],
  ['a command with an unknown role', { verb: 'grant-role', target: 'bob' }, true],
  ['an approved unknown command', { approved: true }, false],
  [
    'a change of the state',
    { verb: undefined, target: 'bob', role: 'Op', detections: ['state-change'] },
    false,
  ],
] as const)('a row of the audit log belongs to a finding about %s: %s', (_, given, isJoined) => {
  const { verb, ...about } = { verb: undefined, ...given };
  const { joins } = explainRows([row()], [record({ ...about, ...(verb && { verb }) })], settings);
  expect(joins.length === 1).toBe(isJoined);
});

test('a finding of an unknown command explains one row', () => {
  const rows = [
    row(),
    row({ id: 8, commands: [{ verb: 'create-user', target: 'eve', role: 'Admin' }] }),
  ];
  expect(explainRows(rows, [record()], settings).left).toMatchObject([{ id: 8 }]);
});

test('a row makes a printed line no milder than the row alone, and names whom the line does not name', () => {
  const now = recordTestimony(
    record({ severity: 'low' }),
    { rows: [row()] },
    { alertAt: 'medium' },
  );
  expect(now?.finding).toMatchObject({
    ...{ severity: 'medium', outcome: 'unknown', target: 'bob', role: 'Admin' },
    title: expect.stringContaining(
      `Airflow's audit log shows: "airflow users add-role -u bob -r Admin"`,
    ),
  });
});

test('a printed failure makes a hidden command no milder than without any line', () => {
  const failed = record({
    ...{ verb: 'grant-role', target: 'bob', role: 'Admin', outcome: 'failed', severity: 'low' },
  });
  const withheld: FindingRecord = { ...failed, delivery: { status: 'withheld' } };
  const now = recordTestimony(withheld, { rows: [row()] }, { alertAt: 'medium' });
  expect(now).toMatchObject({ finding: { severity: 'medium' }, delivery: { status: 'pending' } });
});
