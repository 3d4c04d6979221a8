import fc from 'fast-check';
import { parse } from 'yaml';
import { environmentSchema } from '../../../infra/config/environment-config.ts';
import { parseInput } from '../../../lambda/common/parse-input.ts';
import type { Change } from '../../../lambda/model/correlation-state.ts';
import { isAbout, verbNames, verbs } from '../../../lambda/model/verbs.ts';
import { approvalReasons, approvalsOf, expiredApprovals } from '../../../lambda/plan/approvals.ts';
import {
  type ApprovedChange,
  approvedChangesSchema,
} from '../../../lambda/plan/approved-change.ts';
import { change, changeIn, event } from '../setup/sample-change.ts';

const approval: ApprovedChange = {
  dag: 'grant_admin',
  verb: ['grant-role'],
  user: ['bob'],
  role: ['Admin'],
  reason: 'OPS-1: quarterly access review',
  owner: 'platform team',
  expires: '2026-12-31',
};
const { user: _user, role: _role, ...nameless } = approval;
const but = (changes: Partial<ApprovedChange>) => [{ ...approval, ...changes }];
const at = (isoTime: string) => change({ evidence: [event({ timestamp: Date.parse(isoTime) })] });
const isApproved = (one: Change, approvals: readonly ApprovedChange[]) =>
  approvalsOf(one, approvals).length > 0;

describe('an approved change', () => {
  test('covers what it names, and is returned with its reason', () => {
    expect(approvalsOf(change(), [approval])).toEqual([approval]);
    expect(approvalReasons(change(), [approval])).toEqual([
      'OPS-1: quarterly access review (platform team)',
    ]);
    expect(approvalReasons(change(), [])).toEqual([]);
  });

  test.each(['grant_admi', 'grant_admin2', 'Grant_admin', 'other'])(
    'covers its own DAG alone, not %s',
    (dag) => {
      expect(isApproved(change(), but({ dag }))).toBe(false);
    },
  );

  test('names its DAG as Airflow does, where the stream has an underscore for a colon', () => {
    const logStream = 'dag_id=team_grant/run_id=r/task_id=t/attempt=1.log';
    expect(isApproved(changeIn({ logStream }), but({ dag: 'team:grant' }))).toBe(true);
  });

  test('covers only the task that it names', () => {
    expect(isApproved(change(), but({ task: 'promote' }))).toBe(true);
    expect(isApproved(change(), but({ task: 'promot' }))).toBe(false);
    const logStream = event().logStream.replace('promote', 'other');
    const both = change({ evidence: [event(), event({ key: 'b', logStream })] });
    expect(isApproved(both, [approval])).toBe(true);
    expect(isApproved(both, but({ task: 'promote' }))).toBe(false);
  });

  test('covers another verb, user or role only if it names that too', () => {
    expect(isApproved(change({ verb: 'revoke-role' }), [approval])).toBe(false);
    expect(isApproved(change({ verb: 'revoke-role' }), but({ verb: ['revoke-role'] }))).toBe(true);
    expect(isApproved(change(), but({ user: ['eve'] }))).toBe(false);
    expect(isApproved(change(), but({ role: ['Viewer'] }))).toBe(false);
    expect(isApproved(change({ verb: undefined as never }), [approval])).toBe(false);
  });

  test('without a user or role covers no change that has one', () => {
    const { user: _, ...noUser } = approval;
    const { role: __, ...noRole } = approval;
    for (const one of [noUser, noRole, nameless]) expect(isApproved(change(), [one])).toBe(false);
  });

  test.each(verbNames)('covers %s only with all that the verb is about', (verb) => {
    const about = { user: isAbout(verb, 'user'), role: isAbout(verb, 'role') };
    const approvals = [
      { ...approval, verb: [verb] },
      { ...nameless, verb: [verb] },
      { ...nameless, verb: [verb], user: ['bob'] },
      { ...nameless, verb: [verb], role: ['*', 'Admin'] },
    ];
    const named = change({
      ...{ verb, targets: about.user ? ['bob'] : [], roles: about.role ? ['Admin'] : [] },
    });
    expect(isApproved(named, approvals)).toBe(true);
    const { isBatch = false } = verbs[verb];
    if (about.user)
      expect(isApproved({ ...named, targets: [] }, but({ verb: [verb] }))).toBe(false);
    if (about.role) expect(isApproved({ ...named, roles: [] }, but({ verb: [verb] }))).toBe(false);
    const unnamed = { ...named, targets: [], roles: [] };
    const isNameless = about.user || about.role;
    expect(isApproved(unnamed, [{ ...nameless, verb: [verb] }])).toBe(isBatch || !isNameless);
  });

  test.each(['reset-password', 'change-user'] as const)(
    'covers %s of a named user only: a * may stand for an Admin',
    (verb) => {
      const roles = verb === 'change-user' ? ['Viewer'] : [];
      const one = change({ verb, targets: ['bob'], roles });
      const entry = { ...nameless, verb: [verb], ...(roles.length > 0 && { role: roles }) };
      for (const user of ['*', 'b*', '*b', 'b*b', '**']) {
        expect(isApproved(one, [{ ...entry, user: [user] }])).toBe(false);
        expect(isApproved(one, [{ ...entry, user: [user, 'bob'] }])).toBe(true);
      }
      const asPart = change({ otherVerbs: [verb], roles: ['Viewer'] });
      const grant = { ...approval, verb: ['grant-role', verb] as const, role: ['Viewer'] };
      expect(isApproved(asPart, [{ ...grant, user: ['*'] }])).toBe(false);
    },
  );

  test.each([
    'write-metadata-tables',
    'read-metadata-credentials',
    'bypass-metadata-block',
  ] as const)('covers %s by that name only', (verb) => {
    const other = verbNames.filter((each) => each !== verb);
    const one = change({ verb, targets: [], roles: [] });
    expect(isApproved(one, [{ ...nameless, verb: other }])).toBe(false);
    expect(isApproved(one, [{ ...nameless, verb: [verb] }])).toBe(true);
    // Nor as a part of another change.
    expect(isApproved(change({ otherVerbs: [verb] }), [approval])).toBe(false);
  });

  test('covers no change with a line that does not tell what it did', () => {
    expect(isApproved(change({ isIncomplete: true }), [approval])).toBe(false);
  });

  test('covers a change of several users only if all of them are covered', () => {
    const both = change({ targets: ['bob', 'eve'] });
    expect(isApproved(both, [approval])).toBe(false);
    expect(isApproved(both, [approval, ...but({ user: ['eve'] })])).toBe(true);
    expect(isApproved(both, but({ user: ['bob', 'eve'] }))).toBe(true);
  });

  test('covers each user with each role', () => {
    const crossed = change({ targets: ['bob', 'eve'], roles: ['Admin', 'Viewer'] });
    expect(isApproved(crossed, [approval, ...but({ user: ['eve'], role: ['Viewer'] })])).toBe(
      false,
    );
  });

  test('does not read a user named "bob, eve" as two users', () => {
    const both = change({ targets: ['bob, eve'] });
    expect(isApproved(both, but({ user: ['bob', 'eve'] }))).toBe(false);
    expect(isApproved(both, but({ user: ['*'] }))).toBe(false);
  });

  test('never covers a change outside of a DAG', () => {
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

describe('an import', () => {
  const verb = ['import-users'] as const;
  const ofUsers = (...targets: readonly string[]) =>
    change({ verb: 'import-users', targets: [...targets], roles: [] });

  test('that names nobody is approved only as a whole', () => {
    expect(isApproved(ofUsers(), [{ ...nameless, verb }])).toBe(true);
    expect(isApproved(ofUsers(), [{ ...nameless, verb, user: ['*'] }])).toBe(true);
    expect(isApproved(ofUsers(), [{ ...nameless, verb, user: ['bob', 'b*'] }])).toBe(false);
    expect(isApproved(ofUsers(), [{ ...nameless, verb: ['create-user'] }])).toBe(false);
  });

  test('is approved only if every user that it names is', () => {
    expect(isApproved(ofUsers('bob', 'eve'), [{ ...nameless, verb, user: ['bob'] }])).toBe(false);
    expect(isApproved(ofUsers('bob', 'eve'), [{ ...nameless, verb, user: ['*'] }])).toBe(true);
    const both = { ...nameless, verb, user: ['bob', 'eve'] };
    expect(isApproved(ofUsers('bob', 'eve'), [both])).toBe(true);
    expect(isApproved(ofUsers('bob'), [{ ...nameless, verb }])).toBe(false);
  });

  test('that shows a role is approved by that role', () => {
    const admin = change({ verb: 'import-users', roles: ['Admin'] });
    for (const role of [undefined, ['*'], ['Viewer']]) {
      expect(isApproved(admin, [{ ...nameless, verb, user: ['*'], role }])).toBe(false);
    }
    expect(isApproved(admin, but({ verb }))).toBe(true);
  });
});

describe('a * in an approval', () => {
  test.each([
    ['team_*', 'team_a', true],
    ['team_*', 'team_', true],
    ['team_*', 'ateam_a', false],
    ['*_team', 'a_team', true],
    ['a*b*c', 'a_b_b_c', true],
    ['a*b*c', 'a_c_b', false],
    ['ab*ba', 'aba', false],
    ['*', 'Data Engineers', true],
    ['*', 'ops@example.com', true],
    // Several names, a variable, Airflow's mask, a control character: not plain names.
    ['*', 'a,Admin', false],
    ['*', '$ROLE', false],
    ['*', '***', false],
    ['*', 'a\u0000', false],
    ['*', '', false],
  ])('%s and %s: %s', (pattern, name, isFit) => {
    expect(isApproved(change({ targets: [name] }), but({ user: [pattern] }))).toBe(isFit);
    expect(isApproved(change({ roles: [name] }), but({ role: [pattern] }))).toBe(isFit);
  });

  test.each(['Admin', 'Op', 'Public', 'admin', 'PUBLIC', ' Op '])(
    'never covers role %s, which is named itself',
    (role) => {
      const one = change({ roles: [role] });
      const patterns = ['*', `${role}*`, `*${role}`, role.replace(/\w(?=\W*$)/, '*')];
      expect(isApproved(one, but({ role: patterns }))).toBe(false);
      expect(isApproved(one, but({ role: [role] }))).toBe(true);
      expect(isApproved(change({ roles: ['Viewer', role] }), but({ role: ['*'] }))).toBe(false);
    },
  );

  test('never covers a protected role, whatever the pattern', () => {
    const pattern = fc
      .array(fc.constantFrom('*', 'A', 'd', 'm', 'i', 'n', 'O', 'p', 'Public'))
      .map((parts) => parts.join(''))
      .filter((text) => text.includes('*'));
    fc.assert(
      fc.property(pattern, fc.constantFrom('Admin', 'Op', 'Public'), (one, role) => {
        expect(isApproved(change({ roles: [role] }), but({ role: [one] }))).toBe(false);
      }),
    );
  });
});

describe('expiry', () => {
  test('a date is valid to its end, in UTC', () => {
    expect(isApproved(at('2026-12-31T23:59:59.999Z'), [approval])).toBe(true);
    expect(isApproved(at('2027-01-01T00:00:00.000Z'), [approval])).toBe(false);
  });

  test('a time is read with its offset', () => {
    const approvals = but({ expires: '2026-12-31T18:00:00+02:00' });
    expect(isApproved(at('2026-12-31T15:59:59.999Z'), approvals)).toBe(true);
    expect(isApproved(at('2026-12-31T16:00:00.000Z'), approvals)).toBe(false);
  });

  test("is compared with the change's last line, not with the time of the scan", () => {
    const across = change({
      evidence: [
        event({ timestamp: Date.parse('2026-12-31T23:59:59Z') }),
        event({ key: 'b', timestamp: Date.parse('2027-01-01T00:00:01Z') }),
      ],
    });
    expect(isApproved(across, [approval])).toBe(false);
  });

  test('only expired approvals are listed', () => {
    const old = { ...approval, expires: '2026-01-31' };
    expect(expiredApprovals([approval, old], Date.UTC(2026, 1, 1))).toEqual([old]);
    expect(expiredApprovals([approval, old], Date.UTC(2026, 1, 1) - 1)).toEqual([]);
  });
});

describe('an approval in the configuration', () => {
  const read = (input: unknown) => parseInput(approvedChangesSchema, input, 'approvedChanges');

  test('is accepted when it is complete; a single text is a list of one', () => {
    const text = { ...approval, task: 'promote', verb: 'grant-role', user: 'bob', role: 'Admin' };
    expect(read([approval, text, nameless])).toEqual([
      approval,
      { ...approval, task: 'promote' },
      nameless,
    ]);
  });

  test.each(['dag', 'verb', 'reason', 'owner', 'expires'])('is refused without %s', (field) => {
    const { [field as 'dag']: _, ...rest } = approval;
    expect(() => read([rest])).toThrow(`field "[0].${field}"`);
  });

  test.each([
    ['dag', ''],
    ['dag', 'team_*'],
    ['task', '*'],
    ['reason', '  '],
    ['expires', 'never'],
    ['expires', '2026-02-30'],
    ['expires', '31.12.2026'],
    ['expires', '2026-12-31T18:00:00'],
    ['expires', '2026-12-31T25:00:00Z'],
  ])('is rejected with field and value: %s "%s"', (field, value) => {
    expect(() => read(but({ [field]: value }))).toThrow(
      new RegExp(`field "\\[0\\]\\.${field}": must .*, got "${value.replaceAll('*', '\\*')}"`),
    );
  });

  test.each([
    ['verb', '*', 'verb[0]'],
    ['verb', 'add-role', 'verb[0]'],
    ['verb', [], 'verb'],
    ['user', '', 'user[0]'],
    ['user', [], 'user'],
    ['role', [''], 'role[0]'],
    ['role', 7, 'role'],
  ])('is rejected with an empty list: %s %j', (field, value, shown) => {
    expect(() => read([{ ...approval, [field]: value }])).toThrow(`field "[0].${shown}": must `);
  });

  test('is rejected with an unknown field, so that a misspelt restriction is noticed', () => {
    expect(() => read([{ ...approval, roles: ['Admin'] }])).toThrow('"roles"');
  });
});

describe('the old form, which named no verb', () => {
  const { verb: _verb, user: _, role: __, ...old } = approval;
  const refusal = (entry: object) => {
    const given = { mwaaEnvironment: 'prod', approvedChanges: [entry] };
    const { error } = environmentSchema.safeParse(given);
    return error?.issues ?? [];
  };

  test.each([
    [old, { user: '*', role: '*' }],
    [
      { ...old, user: 'bob' },
      { user: 'bob', role: '*' },
    ],
    [
      { ...old, role: 'Admin' },
      { user: '*', role: 'Admin' },
    ],
    [
      { ...old, dag: 'a: {b}', reason: "it's: #1", role: 'x' },
      { user: '*', role: 'x' },
    ],
  ])('is rejected with a line that is accepted instead: %j', (entry, named) => {
    const [issue, ...others] = refusal(entry);
    expect(others).toEqual([]);
    expect(issue?.path).toEqual(['approvedChanges', 0]);
    const [, line = ''] = issue?.message.split('\n') ?? [];
    const [written] = parse(line);
    expect(written).toEqual({ ...entry, verb: 'grant-role', ...named });
    expect(refusal(written)).toEqual([]);
  });
});

describe('an approval to take over any account', () => {
  const read = (entry: object) =>
    environmentSchema.safeParse({ mwaaEnvironment: 'prod', approvedChanges: [entry] }).error
      ?.issues ?? [];
  const { verb: _verb, user: _user, role: _role, ...rest } = approval;

  test.each([
    [{ verb: 'reset-password', user: '*' }, [{ verb: 'reset-password', user: 'USER' }]],
    [{ verb: 'reset-password', user: ['svc_*', 'bob'] }, [{ verb: 'reset-password', user: 'bob' }]],
    [
      { verb: ['create-user', 'reset-password'], user: '*', role: 'Viewer' },
      [
        { verb: 'create-user', user: '*', role: 'Viewer' },
        { verb: 'reset-password', user: 'USER' },
      ],
    ],
    [
      { verb: ['change-user', 'delete-user'], user: ['a*', 'bob'], role: ['Viewer', 'x'] },
      [
        { verb: 'delete-user', user: ['a*', 'bob'], role: ['Viewer', 'x'] },
        { verb: 'change-user', user: 'bob', role: ['Viewer', 'x'] },
      ],
    ],
  ])('is rejected with lines that are accepted instead: %j', (named, lines) => {
    const [issue, ...others] = read({ ...rest, ...named });
    expect(others).toEqual([]);
    expect(issue?.path).toEqual(['approvedChanges', 0]);
    expect(issue?.message).toContain('since the account may be an Admin');
    const shown = issue?.message.split('\n').filter((line) => line.startsWith('  - ')) ?? [];
    const written = shown.flatMap((line) => parse(line));
    expect(written).toEqual(lines.map((line) => ({ ...rest, ...line })));
    expect(written.flatMap(read)).toEqual([]);
  });

  test('is accepted if it names each user', () => {
    expect(read({ ...rest, verb: 'reset-password', user: ['bob', 'eve'] })).toEqual([]);
    expect(read({ ...rest, verb: 'delete-user', user: '*' })).toEqual([]);
  });
});
