import {
  type ApprovedChange,
  approvedChangesSchema,
  expiredApprovals,
  isApproved,
} from '../../lambda/approvals.ts';
import { parseInput } from '../../lambda/parse-input.ts';
import { change, changeIn, event } from './findings/sample-change.ts';

const approval: ApprovedChange = {
  dag: 'grant_admin',
  reason: 'quarterly access review',
  owner: 'platform team',
  expires: '2026-12-31',
};
const narrowed = (narrowing: Partial<ApprovedChange>) => [{ ...approval, ...narrowing }];
const at = (isoTime: string) => change({ evidence: [event({ timestamp: Date.parse(isoTime) })] });

describe('an approved change', () => {
  test('covers what its DAG does', () => {
    expect(isApproved(change(), [approval])).toBe(true);
  });

  test.each(['grant_admi', 'grant_admin2', 'Grant_admin', 'other'])(
    'covers its own DAG alone, not %s',
    (dag) => {
      expect(isApproved(change(), narrowed({ dag }))).toBe(false);
    },
  );

  test('names its DAG as Airflow does, the stream has an underscore for a colon', () => {
    const logStream = 'dag_id=team_grant/run_id=r/task_id=t/attempt=1.log';
    expect(isApproved(changeIn({ logStream }), narrowed({ dag: 'team:grant' }))).toBe(true);
  });

  test('is narrowed by a user and by a role', () => {
    expect(isApproved(change(), narrowed({ user: 'bob', role: 'Admin' }))).toBe(true);
    expect(isApproved(change(), narrowed({ user: 'eve' }))).toBe(false);
    expect(isApproved(change(), narrowed({ role: 'Viewer' }))).toBe(false);
  });

  test('does not cover a change that does not name what it is narrowed to', () => {
    expect(isApproved(change({ targets: [] }), narrowed({ user: 'bob' }))).toBe(false);
    expect(isApproved(change({ roles: [] }), narrowed({ role: 'Admin' }))).toBe(false);
  });

  test('covers a change of several users only if all of them are covered', () => {
    const both = change({ targets: ['bob', 'eve'] });
    expect(isApproved(both, narrowed({ user: 'bob' }))).toBe(false);
    expect(isApproved(both, [...narrowed({ user: 'bob' }), ...narrowed({ user: 'eve' })])).toBe(
      true,
    );
    expect(isApproved(both, [approval])).toBe(true);
  });

  test('covers each user with each role', () => {
    const crossed = change({ targets: ['bob', 'eve'], roles: ['Admin', 'Viewer'] });
    expect(
      isApproved(crossed, [
        ...narrowed({ user: 'bob', role: 'Admin' }),
        ...narrowed({ user: 'eve', role: 'Viewer' }),
      ]),
    ).toBe(false);
  });

  test('does not take a user named "bob, eve" for two', () => {
    expect(isApproved(change({ targets: ['bob, eve'] }), narrowed({ user: 'bob' }))).toBe(false);
  });

  test('never covers what no DAG did', () => {
    for (const place of [
      { logGroup: 'airflow-prod-WebServer', logStream: 'webserver_vm_1.log' },
      { logGroup: 'airflow-prod-DAGProcessing', logStream: 'scheduler_grant_admin.py.log' },
      { logGroup: 'airflow-prod-Scheduler', logStream: 'startup_script_execution_vm_1.5.log' },
    ]) {
      expect(isApproved(changeIn(place), [approval])).toBe(false);
    }
    expect(isApproved(change({ evidence: [] }), [approval])).toBe(false);
  });

  test('does not cover a change with a line of another DAG', () => {
    const other = event({ key: 'b', logStream: 'dag_id=other/run_id=r/task_id=t/attempt=1.log' });
    expect(isApproved(change({ evidence: [event(), other] }), [approval])).toBe(false);
  });
});

describe('expiry', () => {
  test('a date counts to its end, UTC', () => {
    expect(isApproved(at('2026-12-31T23:59:59.999Z'), [approval])).toBe(true);
    expect(isApproved(at('2027-01-01T00:00:00.000Z'), [approval])).toBe(false);
  });

  test('a time counts with its offset', () => {
    const approvals = narrowed({ expires: '2026-12-31T18:00:00+02:00' });
    expect(isApproved(at('2026-12-31T15:59:59.999Z'), approvals)).toBe(true);
    expect(isApproved(at('2026-12-31T16:00:00.000Z'), approvals)).toBe(false);
  });

  test("counts by the change's last line, whenever it is scanned", () => {
    const across = change({
      evidence: [
        event({ timestamp: Date.parse('2026-12-31T23:59:59Z') }),
        event({ key: 'b', timestamp: Date.parse('2027-01-01T00:00:01Z') }),
      ],
    });
    expect(isApproved(across, [approval])).toBe(false);
  });

  test('expired approvals are listed, the others are not', () => {
    const old = { ...approval, expires: '2026-01-31' };
    expect(expiredApprovals([approval, old], Date.UTC(2026, 1, 1))).toEqual([old]);
    expect(expiredApprovals([approval, old], Date.UTC(2026, 1, 1) - 1)).toEqual([]);
  });
});

describe('what is written in the configuration', () => {
  const read = (input: unknown) => parseInput(approvedChangesSchema, input, 'approvedChanges');

  test('is taken when it is whole', () => {
    const full = { ...approval, user: 'bob', role: 'Admin', expires: '2026-12-31T18:00:00Z' };
    expect(read([approval, full])).toEqual([approval, full]);
  });

  test.each(['dag', 'reason', 'owner', 'expires'])('is refused without %s', (field) => {
    const { [field as 'dag']: _, ...rest } = approval;
    expect(() => read([rest])).toThrow(`field "[0].${field}"`);
  });

  test.each([
    ['dag', ''],
    ['reason', '  '],
    ['user', ''],
    ['expires', 'never'],
    ['expires', '2026-02-30'],
    ['expires', '31.12.2026'],
    ['expires', '2026-12-31T18:00:00'],
    ['expires', '2026-12-31T25:00:00Z'],
  ])('is refused with field and value: %s "%s"', (field, value) => {
    expect(() => read(narrowed({ [field]: value }))).toThrow(
      new RegExp(`field "\\[0\\]\\.${field}": must .*, got "${value}"`),
    );
  });

  test('is refused with a field that means nothing, so that a narrowing is not misspelt', () => {
    expect(() => read([{ ...approval, roles: ['Admin'] }])).toThrow('"roles"');
  });
});
