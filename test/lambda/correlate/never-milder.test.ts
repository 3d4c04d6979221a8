import fc from 'fast-check';
import { namesCharactersMax } from '../../../lambda/correlate/change.ts';
import { correlateStream } from '../../../lambda/correlate/derive-stream.ts';
import { severityRank } from '../../../lambda/model/severity.ts';
import type { ObservedEvent, Signal } from '../../../lambda/model/signal.ts';
import type { Verb } from '../../../lambda/model/verbs.ts';
import { linesAt } from '../setup/arbitrary-events.ts';

const settings = { environment: 'prod', correlateSeconds: 180 };

function line(atSeconds: number, ...signals: Partial<Signal>[]): ObservedEvent {
  return {
    key: `${String(atSeconds).padStart(9, '0')}${JSON.stringify(signals)}`,
    logGroup: 'airflow-prod-Task',
    logStream: 's',
    timestamp: Math.round(atSeconds * 1000),
    message: JSON.stringify(signals),
    occurrences: 1,
    signals: signals.map((signal) => ({
      kind: 'outcome',
      detections: [`${signal.kind ?? 'outcome'}-detection`],
      severity: 'high',
      ...signal,
    })),
  };
}

const changesOf = (events: readonly ObservedEvent[]) =>
  correlateStream(events, Number.MAX_SAFE_INTEGER, settings);

const said = (events: readonly ObservedEvent[]) =>
  changesOf(events).map(({ outcome, severity, verb }) => `${verb} ${outcome} ${severity}`);

const command = (verb: Verb, names: Partial<Signal> = {}): Partial<Signal> => ({
  ...{ kind: 'command', severity: 'medium', verb },
  ...names,
});
const failure = (names: Partial<Signal> = {}): Partial<Signal> => ({
  ...{ kind: 'failure', severity: 'info' },
  ...names,
});
const write = (verb: Verb, names: Partial<Signal> = {}): Partial<Signal> => ({
  ...{ kind: 'write', verb },
  ...names,
});
const eve = { target: 'eve', role: 'Admin' };
const grant = command('grant-role', eve);
const granted: Partial<Signal> = { verb: 'grant-role', ...eve, severity: 'critical' };
const block: Partial<Signal> = { kind: 'block', verb: 'bypass-metadata-block', severity: 'low' };
const sql = command('write-metadata-tables', { object: 'ab_user_role' });
const statement: Partial<Signal> = {
  ...{ kind: 'statement', verb: 'write-metadata-tables', object: 'ab_user_role' },
  severity: 'critical',
};
const result = (outcome: Signal['outcome']): Partial<Signal> => ({
  ...{ kind: 'result', verb: 'write-metadata-tables', severity: 'info' },
  ...(outcome && { outcome }),
});

describe('an outcome is as bad as the worst line that it explains', () => {
  test.each([
    ['sync-permissions', write('add-permissions', { role: 'ops', severity: 'critical' })],
    ['sync-permissions', write('create-role', { role: 'ops', severity: 'critical' })],
    ['import-roles', write('add-permissions', { role: 'Public', severity: 'critical' })],
    ['sync-permissions', write('change-dag-access', { role: 'Public', severity: 'critical' })],
    ['import-roles', write('change-dag-access', { severity: 'critical' })],
    ['change-role', write('remove-permissions', { role: 'ops', severity: 'critical' })],
    ['create-role', write('add-permissions', { role: 'ops', severity: 'critical' })],
    ['delete-role', write('delete-role', { role: 'ops', severity: 'critical' })],
    ['import-users', write('create-user', { target: 'eve', severity: 'critical' })],
    ['create-user', write('create-user', { target: 'eve', severity: 'critical' })],
    ['delete-user', write('delete-user', { target: 'eve', severity: 'critical' })],
    ['reset-password', write('update-user', { target: 'Eve V', severity: 'critical' })],
    ['grant-role', write('update-user', { target: 'Eve V', severity: 'critical' })],
  ] as const)('%s, low, takes a critical line of the security manager', (verb, written) => {
    const [only, ...others] = changesOf([line(1, written), line(8, { verb, severity: 'low' })]);
    expect(others).toEqual([]);
    expect(only).toMatchObject({ verb, severity: 'critical', outcome: 'succeeded' });
  });

  test('a batch names the roles of the lines that it claims', () => {
    const changes = changesOf([
      line(1, write('create-role', { role: 'ops', severity: 'critical' })),
      line(8, { verb: 'sync-permissions', severity: 'low' }),
    ]);
    expect(changes).toMatchObject([{ verb: 'sync-permissions', roles: ['ops'] }]);
  });

  test('a line that is older than ten seconds is not claimed', () => {
    const old = write('create-role', { role: 'ops', severity: 'critical' });
    const sync = { verb: 'sync-permissions', severity: 'low' } as const;
    expect(said([line(1, old), line(11.5, sync)])).toEqual([
      'create-role succeeded critical',
      'sync-permissions succeeded low',
    ]);
  });
});

describe('a failed attempt is not joined by another one', () => {
  const fails = failure({ verb: 'grant-role', ...eve });

  test('a later silenced command of the same key is a change of its own', () => {
    expect(said([line(1, grant), line(2, fails), line(30, grant)])).toEqual([
      'grant-role failed medium',
      'grant-role unknown medium',
    ]);
  });

  test('a later success of the same key is a change of its own', () => {
    expect(said([line(1, grant), line(2, fails), line(30, grant), line(31, granted)])).toEqual([
      'grant-role failed medium',
      'grant-role succeeded critical',
    ]);
  });

  test('a later success without a command is a change of its own', () => {
    expect(said([line(1, grant), line(2, fails), line(9, granted)])).toEqual([
      'grant-role failed medium',
      'grant-role succeeded critical',
    ]);
  });

  test('a failure that is printed after the success changes nothing', () => {
    expect(said([line(1, grant), line(8, granted), line(8.1, fails)])).toEqual([
      'grant-role succeeded critical',
    ]);
  });

  test('a silenced command after a blocked one of the same key is a change of its own', () => {
    expect(said([line(1, grant), line(3, block), line(60, grant)])).toEqual([
      'grant-role denied medium',
      'grant-role unknown medium',
    ]);
  });

  test('a statement that worked after one that failed is a change of its own', () => {
    const events = [
      ...[line(1, statement), line(1.1, result('failed'))],
      ...[line(5, statement), line(5.1, result('succeeded'))],
    ];
    expect(said(events)).toEqual([
      'write-metadata-tables failed medium',
      'write-metadata-tables succeeded critical',
    ]);
  });

  test('a second report of one failure is not a new attempt', () => {
    const echoed = line(1, grant, failure({ verb: 'grant-role', ...eve }));
    const again = line(2, grant, failure({ verb: 'grant-role', ...eve }));
    expect(changesOf([echoed, again])).toMatchObject([
      { outcome: 'failed', severity: 'medium', evidence: [{}, {}] },
    ]);
  });
});

describe('a line that looks quoted', () => {
  const quoted: Partial<Signal> = { ...granted, severity: 'low', fullSeverity: 'critical' };
  const updated = write('update-user', { target: 'Eve V', severity: 'high' });

  test('is low if no other line confirms it', () => {
    expect(said([line(1, quoted)])).toEqual(['grant-role succeeded low']);
  });

  test.each([
    ['its command', grant],
    ['a command without a name', command('grant-role')],
    ['a command of which nobody knows what it does', { kind: 'command', severity: 'medium' }],
    ['what the security manager wrote about a user', updated],
  ] as const)('is as bad as it says behind %s', (_, before) => {
    expect(said([line(1, before), line(8, quoted)])).toEqual(['grant-role succeeded critical']);
    expect(said([line(1, before, quoted)])).toEqual(['grant-role succeeded critical']);
  });

  test.each([
    ['the command for another role', command('grant-role', { target: 'eve', role: 'Op' }), 8],
    ['a command that is too long ago', grant, 190],
    ['a write that is too long ago', updated, 15],
  ] as const)('stays low behind %s', (_, before, at) => {
    expect(said([line(1, before), line(at, quoted)]).at(-1)).toBe('grant-role succeeded low');
  });
});

describe('SQL that a command was given', () => {
  const answer = { ...result('succeeded'), object: 'INSERT 0 1' };
  const other = command('write-metadata-tables', { object: 'ab_user' });

  test('is as bad as what it touches once psql reports changed rows', () => {
    expect(said([line(1, sql), line(3, answer)])).toEqual([
      'write-metadata-tables succeeded critical',
    ]);
    expect(said([line(1, sql, answer)])).toEqual(['write-metadata-tables succeeded critical']);
  });

  test('is so for all commands to which the answer can belong', () => {
    expect(said([line(1, sql), line(2, other), line(3, answer)])).toEqual([
      'write-metadata-tables succeeded critical',
      'write-metadata-tables succeeded critical',
    ]);
  });

  test('joins its later echo', () => {
    expect(said([line(1, sql), line(3, answer), line(5, sql), line(7, answer)])).toEqual([
      'write-metadata-tables succeeded critical',
    ]);
  });

  test.each([
    ['an answer before it', [line(1, answer), line(2, sql)]],
    ['an answer after its time', [line(1, sql), line(182, answer)]],
    ["a hook's rows, which are of another statement", [line(1, sql), line(2, result('succeeded'))]],
    ["a hook's statement without rows", [line(1, sql), line(2, result('no-effect'))]],
  ])('stays a command of unknown outcome: %s', (_, events) => {
    expect(said(events)).toEqual(['write-metadata-tables unknown medium']);
  });

  test("psql's answer is not an outcome of Airflow's commands", () => {
    expect(said([line(1, grant), line(2, answer)])).toEqual(['grant-role unknown medium']);
  });
});

describe('a failure settles only a command that can have written it', () => {
  const isUnknown = (events: readonly ObservedEvent[]) =>
    expect(changesOf(events).map(({ outcome }) => outcome)).toEqual(
      changesOf(events).map(() => 'unknown'),
    );

  test.each([
    ['users create', command('create-user', eve), failure({ target: 'eve' })],
    ['roles create', command('create-role', { role: 'Admin' }), failure({ role: 'Admin' })],
    ['sync-perm', command('sync-permissions'), failure({ target: 'eve' })],
    ['users add-role', grant, failure({ verb: 'create-user', target: 'eve' })],
    ['users add-role', grant, failure({ verb: 'revoke-role', ...eve })],
    ['another user', grant, failure({ target: 'bob' })],
    ['another role', grant, failure({ role: 'Op' })],
    ['a command that does not name the user', command('grant-role'), failure({ target: 'eve' })],
    ['its output is away', { ...grant, silenced: true }, failure({ target: 'eve' })],
    ['its output is away, nameless', { ...grant, silenced: true }, failure()],
    ['SQL', sql, failure({ target: 'eve' })],
    ['SQL, nameless', sql, failure()],
  ] as const)('not: %s', (_, waiting, fails) => {
    isUnknown([line(1, waiting), line(2, fails)]);
  });

  test('of a deletion and a creation, it settles the deletion', () => {
    const events = [
      line(1, command('delete-user', { target: 'eve' }), {
        ...command('create-user', eve),
        silenced: true,
      }),
      ...[line(2, failure({ target: 'eve' })), line(3, failure({ target: 'eve' }))],
    ];
    expect(said(events).sort()).toEqual([
      'create-user unknown medium',
      'delete-user failed medium',
    ]);
  });

  test('without names, it settles nothing if a silenced command waits as well', () => {
    isUnknown([
      line(1, grant, { ...command('create-user', eve), silenced: true }),
      line(2, failure()),
    ]);
  });
});

describe('a block settles only commands of the airflow program', () => {
  test('SQL beside it stays unknown', () => {
    expect(said([line(1, sql), line(9, block)]).sort()).toEqual([
      'bypass-metadata-block denied low',
      'write-metadata-tables unknown medium',
    ]);
    expect(said([line(1, sql, grant), line(9, block)]).sort()).toEqual([
      'grant-role denied medium',
      'write-metadata-tables unknown medium',
    ]);
  });

  test('a silenced command stays unknown', () => {
    expect(said([line(1, { ...grant, silenced: true }), line(9, block)]).sort()).toEqual([
      'bypass-metadata-block denied low',
      'grant-role unknown medium',
    ]);
  });
});

describe('SQL on the tables of users and roles', () => {
  test.each([
    ['nothing', [], 'unknown critical'],
    ['rows', [line(1.1, result('succeeded'))], 'succeeded critical'],
    ['no rows', [line(1.1, result('no-effect'))], 'no-effect medium'],
    ['an exception right after it', [line(1.1, result('failed'))], 'failed medium'],
    ['an exception 10 s later', [line(11, result('failed'))], 'failed medium'],
    ['an exception that comes later', [line(11.001, result('failed'))], 'unknown critical'],
    ['rows after three minutes', [line(182, result('succeeded'))], 'unknown critical'],
    [
      'rows, then an exception of something else',
      [line(1.1, result('succeeded')), line(1.2, result('failed'))],
      'succeeded critical',
    ],
  ] as const)('with %s after it is %s', (_, after, expected) => {
    expect(said([line(1, statement), ...after])).toEqual([`write-metadata-tables ${expected}`]);
  });

  test('a result in the same millisecond belongs to the statement before', () => {
    expect(said([line(1, statement), line(1, result('no-effect'))])).toEqual([
      'write-metadata-tables unknown critical',
    ]);
  });

  test('the failure of a second statement says nothing about the first', () => {
    expect(said([line(1, statement), line(2, statement), line(2.1, result('failed'))])).toEqual([
      'write-metadata-tables unknown critical',
    ]);
  });

  test('the traceback of a failed statement is its evidence and not a new command', () => {
    const events = [
      line(1, statement),
      ...[line(1.1, sql, result('failed')), line(1.2, sql, result('failed'))],
    ];
    expect(changesOf(events)).toMatchObject([{ outcome: 'failed', evidence: [{}, {}, {}] }]);
  });

  test('a result without a statement is no change', () => {
    expect(said([line(1, result('succeeded')), line(2, result('failed'))])).toEqual([]);
  });
});

describe('a web request', () => {
  const edit: Partial<Signal> = {
    ...{ kind: 'request', verb: 'change-user', object: 'users', method: 'POST', status: 302 },
    outcome: 'succeeded',
  };
  const denial: Partial<Signal> = {
    ...{ kind: 'denial', verb: 'change-user', object: 'users', severity: 'info' },
  };
  const unparsed: Partial<Signal> = { kind: 'request', severity: 'medium' };

  test('with its own denial is denied, low', () => {
    expect(said([line(1, denial), line(1.05, edit)])).toEqual(['change-user denied low']);
  });

  test.each(['GET', 'HEAD', 'OPTIONS'])('next to a refused %s is medium', (method) => {
    const look = { ...edit, method };
    expect(said([line(1, denial), line(1.005, look), line(1.05, edit)])).toEqual([
      'change-user unknown medium',
    ]);
  });

  test('next to a request that could not be read is medium', () => {
    const events = [line(1, denial), line(1.005, unparsed), line(1.05, edit)];
    expect(said(events)).toEqual(['undefined unknown medium', 'change-user unknown medium']);
  });

  test('next to a request that could not be read is medium, however many denials there are', () => {
    const events = [
      ...[line(0.5, denial), line(0.8, denial), line(1, denial)],
      ...[line(1.005, unparsed), line(1.05, edit)],
    ];
    expect(said(events)).toEqual(['undefined unknown medium', 'change-user unknown medium']);
  });

  test('with a status that is no number is medium', () => {
    const broken = { ...edit, status: Number.NaN, outcome: 'failed' } as const;
    expect(said([line(1, broken)])).toEqual(['change-user unknown medium']);
  });
});

/** Lines that a DAG's author can print in their own task: none of them may make anything milder. */
const printed = ['failure', 'block', 'result', 'write', 'command', 'outcome'] as const;

/** One of the names in the printed lines. */
const bob = { target: 'bob', role: 'Op' };

test('whatever its author prints, a change that succeeded keeps its severity', () => {
  const times = fc.array(fc.integer({ min: 0, max: 40_000 }), { maxLength: 8 });
  fc.assert(
    fc.property(linesAt(times), (noise) => {
      const own = line(20, { verb: 'grant-role', ...bob, severity: 'critical' });
      const events = noise
        .map((each) => ({
          ...each,
          signals: each.signals.filter(({ kind }) => printed.some((one) => one === kind)),
        }))
        .filter(({ signals }) => signals.length > 0);
      const holding = changesOf([...events, own]).filter(({ evidence }) =>
        evidence.some(({ key }) => key === own.key),
      );
      expect(holding.length).toBeGreaterThan(0);
      expect(holding.map(({ severity }) => severity)).toContain('critical');
    }),
    { numRuns: 500 },
  );
});

test('whatever its author prints, a command that was run is medium or worse', () => {
  const times = fc.array(fc.integer({ min: 0, max: 40_000 }), { maxLength: 8 });
  fc.assert(
    fc.property(linesAt(times), (events) => {
      const own = line(20, command('grant-role', bob));
      const worst = changesOf([...events, own])
        .filter(({ evidence }) => evidence.some(({ key }) => key === own.key))
        .map(({ severity }) => severityRank(severity));
      expect(Math.max(...worst)).toBeGreaterThanOrEqual(severityRank('medium'));
    }),
    { numRuns: 500 },
  );
});

describe('changed rows outweigh an earlier line that denies them', () => {
  test.each(['failed', 'no-effect'] as const)('%s, then rows', (outcome) => {
    const lines = [line(1, statement), line(2, result(outcome)), line(3, result('succeeded'))];
    expect(said(lines)).toEqual(['write-metadata-tables unknown critical']);
    expect(changesOf(lines)[0]?.evidence).toHaveLength(3);
  });

  test('changed rows after the time limit for a result do not count', () => {
    const lines = [
      line(1, statement),
      line(2, result('no-effect')),
      line(182, result('succeeded')),
    ];
    expect(said(lines)).toEqual(['write-metadata-tables no-effect medium']);
  });
});

describe('a finding has the names of its lines', () => {
  const names = (events: readonly ObservedEvent[]) =>
    changesOf(events).flatMap(({ targets, roles }) => [targets.join(', '), roles.join(', ')]);
  const named = (events: readonly ObservedEvent[], name: string) =>
    names(events).some((all) => all.length <= namesCharactersMax && all.split(', ').includes(name));
  const strong = write('add-permissions', { role: 'ops', severity: 'critical' });
  const many = (signal: (name: string) => Partial<Signal>) =>
    Array.from({ length: 60 }, (_, at) => line(1 + at / 100, signal(`forged-name-${at}`)));

  test("even if another role's closing line claims them", () => {
    const forged = { verb: 'add-permissions', role: 'harmless' } as const;
    const closing = { verb: 'add-permissions' } as const;
    expect(named([line(1, forged), line(2, strong), line(2.1, closing)], 'ops')).toBe(true);
  });

  test('even after a name that leaves no room for another', () => {
    const forged = { verb: 'add-permissions', role: 'h'.repeat(300) } as const;
    const closing = { verb: 'add-permissions' } as const;
    expect(named([line(1, forged), line(2, strong), line(2.1, closing)], 'ops')).toBe(true);
  });

  test.each(['sync-permissions', 'import-roles'] as const)(
    'even among many lines of a batch: %s',
    (verb) => {
      const forged = many((role) => write('add-permissions', { role }));
      expect(named([...forged, line(2, strong), line(3, { verb })], 'ops')).toBe(true);
      expect(named([line(0.5, strong), ...forged, line(3, { verb })], 'ops')).toBe(true);
    },
  );

  test('even among many users of an import', () => {
    const forged = many((target) => ({ verb: 'create-user', target, role: 'Viewer' }));
    const last = line(3, { verb: 'create-user', ...eve, severity: 'critical' });
    const lines = [line(0.5, command('import-users')), ...forged, last];
    expect(named(lines, 'eve')).toBe(true);
    expect(named(lines, 'Admin')).toBe(true);
  });

  test('even among many roles of one DAG', () => {
    const access = (role: string) => write('change-dag-access', { role, object: 'pay' });
    expect(named([...many(access), line(3, access('Public'))], 'Public')).toBe(true);
  });

  test('even if an import claims a user that the security manager created', () => {
    const made = write('create-user', { target: 'eve' });
    const imported = { verb: 'import-users', target: 'x@y' } as const;
    expect(named([line(1, made), line(2, imported)], 'eve')).toBe(true);
  });

  test('even if a second closing line claims the created role', () => {
    const lines = [
      line(1, { verb: 'create-role' }),
      line(5, write('create-role', { role: 'ops' })),
    ];
    expect(named([...lines, line(5.1, { verb: 'create-role' })], 'ops')).toBe(true);
  });
});
