import type { FindingRecord } from '../../../lambda/findings/finding-record.ts';
import type { AirflowState, AuditRow } from '../../../lambda/model/airflow-state.ts';
import type { StateChange } from '../../../lambda/model/testimony.ts';
import { joinFindings } from '../../../lambda/testimony/join-findings.ts';

const minute = 60_000;
const from = Date.parse('2026-03-01T06:00:00Z');
const to = from + 15 * minute;
const time = new Date(from + 5 * minute).toISOString();

const state: AirflowState = {
  ...{ startEpochMs: from, endEpochMs: from },
  ...{ users: new Map(), roles: new Map() },
};

function change(given: Partial<StateChange> = {}): StateChange {
  return {
    ...{ object: 'user', name: 'mallory', kind: 'gained-role', role: 'Admin' },
    ...{ severity: 'critical', fromEpochMs: from, toEpochMs: to },
    ...given,
  };
}

function row(id: number, given: Partial<AuditRow> = {}): AuditRow {
  return {
    ...{ id, event: 'cli_users_manage_role', whenEpochMs: from + 5 * minute, readEpochMs: to },
    command: 'airflow users add-role -u mallory -r Admin',
    commands: [{ verb: 'grant-role', target: 'mallory', role: 'Admin' }],
    ...given,
  };
}

function record(
  verb: NonNullable<FindingRecord['verb']>,
  names: { readonly target?: string; readonly role?: string },
): FindingRecord {
  return {
    finding: {
      ...{ schema: 1, id: 'a'.repeat(32), environment: 'prod', severity: 'critical' },
      ...{ title: 'printed', detections: ['cli-role-granted'], attack: [], actor: { dag: 'x' } },
      ...names,
      ...{ firstSeen: time, lastSeen: time, detectedAt: time, late: false, outcome: 'succeeded' },
      evidence: [],
      links: { logStream: 'https://x.test/', insights: 'https://x.test/' },
      runbook: 'docs/runbooks/privilege-command.md',
    },
    ...{ logGroup: 'airflow-prod-Task', streamId: 's', anchorKey: 'a', anchorEpochMs: from },
    ...{ approved: false, unknownPublishes: 0, verb, revision: 1 },
    delivery: { status: 'notified', severity: 'critical' },
  };
}

function join(given: {
  readonly changes?: readonly StateChange[];
  readonly rows?: readonly AuditRow[];
  readonly records?: readonly FindingRecord[];
}): readonly FindingRecord[] {
  const { changes = [], rows = [], records = [] } = given;
  return joinFindings(
    { rows, records, intervals: [{ before: state, after: { ...state, endEpochMs: to }, changes }] },
    {
      correlateMs: 3 * minute,
      isSettled: () => true,
      surroundings: {
        ...{ environment: 'prod', region: 'eu-west-1', tickEpochMs: to, alertAt: 'medium' },
      },
    },
  );
}

const crowd = (count: number, prefix: string) =>
  Array.from({ length: count }, (_, at) => `${prefix}-${String(at).padStart(5, '0')}`);

test('a user whose name does not fit into the names of a printed line is told by himself', () => {
  const printed = record('import-users', { target: crowd(20, 'somebody').join(', ') });
  const joined = join({ changes: [change()], records: [printed] });
  expect(joined).toMatchObject([
    {
      finding: { detections: ['state-change'], severity: 'critical', target: 'mallory' },
      delivery: { status: 'pending' },
    },
  ]);
});

test('a command of the audit log that a vague line does not name in full is told again, with its names', () => {
  const [printed, ...others] = join({
    rows: [row(1)],
    records: [record('grant-role', { role: 'Admin' })],
  });
  expect(others).toEqual([]);
  expect(printed).toMatchObject({
    finding: { target: 'mallory', role: 'Admin' },
    delivery: { status: 'pending' },
  });
});

test('the hundred and first change of an import is told by itself', () => {
  const users = crowd(101, 'u').map((name) => name.replace('00', ''));
  const changes = users.map((name) => change({ name, role: 'Viewer', severity: 'high' }));
  const named = record('import-users', { target: users.join(', ') });
  const joined = join({ changes, records: [named] });
  const told = joined.flatMap(({ testimony }) => testimony?.changes.map(({ name }) => name) ?? []);
  expect(told.sort()).toEqual(users);
});

test('ten thousand users at once are a hundred findings, and one with their number and the worst of them', () => {
  const changes = [
    ...crowd(10_000, 'user').map((name) => change({ name, role: 'Viewer', severity: 'high' })),
    change(),
  ];
  const joined = join({ changes });
  expect(joined).toHaveLength(101);
  expect(joined.filter(({ finding: { target } }) => target === 'mallory')).toHaveLength(1);
  expect(joined.map(({ finding }) => finding.title)).toContainEqual(
    expect.stringMatching(/^9901 more users and roles changed: user-00099 has role Viewer; /),
  );
  // The same, however much of it was stored before a tick died.
  const again = join({ changes, records: joined.slice(0, 50) });
  const ids = new Set(joined.map(({ finding: { id } }) => id));
  expect(again.every(({ finding: { id } }) => ids.has(id))).toBe(true);
});

test('ten thousand rows of the audit log are a hundred findings, and one with their number', () => {
  const rows = crowd(10_000, 'user').map((target, id) =>
    row(id, { commands: [{ verb: 'grant-role', target, role: 'Op' }] }),
  );
  const joined = join({ rows });
  expect(joined).toHaveLength(101);
  expect(joined.at(-1)?.finding).toMatchObject({
    severity: 'medium',
    title: expect.stringContaining('9900 more'),
  });
});

test('a new version and a strong permission of the same role are two findings', () => {
  const ofOp = { object: 'role', name: 'Op', kind: 'gained-permissions', role: undefined } as const;
  const joined = join({
    changes: [
      change({ ...ofOp, because: 'upgrade', severity: 'low', permissions: ['can_read on X'] }),
      change({ ...ofOp, permissions: ['can_edit on Users'] }),
    ],
  });
  expect(joined.map(({ finding: { severity } }) => severity)).toEqual(['low', 'critical']);
});
