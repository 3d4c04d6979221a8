import fc from 'fast-check';
import { observe } from '../../../lambda/lines/event-identity.ts';
import { readSignals } from '../../../lambda/lines/read-signals.ts';
import { observedEventSchema } from '../../../lambda/model/signal.ts';
import type { DetectionInPlan } from '../../../lambda/plan/scan-plan.ts';
import { plan } from '../../queries/pack.ts';
import { planRegexp } from '../../regexp-programs.ts';

const base: DetectionInPlan = {
  id: 'granted',
  title: 'A role was granted',
  severity: 'high',
  raise: [],
  signal: 'outcome',
  verb: 'grant-role',
  parse: [
    planRegexp('User "([^"\\n]+)" (got|lost) role "([^\\n]+?)"(?:$|\\n)', {
      target: 1,
      did: 2,
      role: 3,
    }),
  ],
  attack: ['T1098.003'],
  runbook: 'docs/runbooks/role-granted.md',
  anchors: ['" got role ', '" lost role '],
};

function read(message: string, ...changes: Partial<DetectionInPlan>[]) {
  const detections = (changes.length === 0 ? [{}] : changes).map((c) => ({ ...base, ...c }));
  const event = { logGroup: 'g', logStream: 's', timestamp: 0, message };
  return readSignals(
    { ...event, detections: detections.map(({ id }) => id) },
    new Map(detections.map((detection) => [detection.id, detection])),
  );
}

test('each match is a signal of its own', () => {
  const lines = 'User "bob" got role "Op"\nUser "eve" got role "Admin"';
  expect(read(lines)).toMatchObject([
    { kind: 'outcome', verb: 'grant-role', target: 'bob', role: 'Op', severity: 'high' },
    { target: 'eve', role: 'Admin' },
  ]);
});

test('names have no JSON escapes', () => {
  const message = JSON.stringify({ event: 'User "bob" got role "É\t"x" \\ y"' });
  expect(read(message)).toMatchObject([{ role: 'É\t"x" \\ y' }]);
  expect(read(`{"event":"User \\"bob\\" got role \\"\\u00c9q\\""}`)).toMatchObject([
    { role: 'Éq' },
  ]);
});

test('blanks alone are not a name', () => {
  const [signal] = read('User " " got role "Op"');
  expect(signal).toMatchObject({ role: 'Op' });
  expect(signal).not.toHaveProperty('target');
});

test('names have no colour codes, and %s of Airflow 2.7 is not a name', () => {
  expect(read('User "\u001b[1mbob\u001b[22m" got role "%s"')).toEqual([
    {
      kind: 'outcome',
      detections: ['granted'],
      severity: 'high',
      verb: 'grant-role',
      target: 'bob',
    },
  ]);
});

test('the first rule that fits decides the severity, up or down', () => {
  const raise: DetectionInPlan['raise'] = [
    { when: { role: ['Admin'], did: ['lost'] }, severity: 'low' },
    { when: { role: ['Admin', 'Op'] }, severity: 'critical' },
  ];
  const severities = (text: string) => read(text, { raise }).map(({ severity }) => severity);
  expect(severities('User "bob" got role "Admin"')).toEqual(['critical']);
  expect(severities('User "bob" lost role "Admin"')).toEqual(['low']);
  expect(severities('User "bob" got role "Admin lite"')).toEqual(['high']);
});

test('a parsed text can decide the verb', () => {
  const verb = { parsed: 'did', values: { got: 'grant-role', lost: 'revoke-role' } } as const;
  expect(read('User "bob" lost role "Op"', { verb })).toMatchObject([{ verb: 'revoke-role' }]);
});

test('what two detections read alike is one signal with both ids and the higher severity', () => {
  const twice = read('User "bob" got role "Op"', {}, { id: 'other', severity: 'critical' });
  expect(twice).toMatchObject([{ detections: ['granted', 'other'], severity: 'critical' }]);
  expect(read('User "bob" got role "Op"', {}, { id: 'other', signal: 'write' })).toHaveLength(2);
});

test('a line that was found but cannot be parsed results in a signal without names', () => {
  expect(read('what is this?')).toEqual([
    { kind: 'outcome', detections: ['granted'], severity: 'high', verb: 'grant-role' },
  ]);
  expect(read('what is this?', { signal: 'request' })).toMatchObject([{ severity: 'medium' }]);
});

describe('a detection that fixes the place of its text', () => {
  const place = 'line';

  test('reports quoted lines, and lines after them, as low', () => {
    expect(read('User "bob" got role "Op"', { place })).toMatchObject([{ severity: 'high' }]);
    expect(read('expected: User "bob" got role "Op"', { place })).toMatchObject([
      { target: 'bob', role: 'Op', severity: 'low' },
    ]);
    const parse = [planRegexp('User "([^"\\n]+)" got', { target: 1 })];
    const severities = (text: string) =>
      read(text, { place, parse, anchors: [] }).map(({ severity }) => severity);
    expect(severities('expected: User "bob" got x User "eve" got')).toEqual(['low', 'low']);
    expect(severities('expected: User "bob" got x\nUser "eve" got')).toEqual(['low', 'high']);
  });

  test('reads nothing in what it cannot parse', () => {
    expect(read('what is this?', { place })).toEqual([]);
  });

  test('keeps what it cannot parse if the security manager wrote it', () => {
    const manager = { place: 'security-manager', signal: 'write' } as const;
    expect(read('what is this?', manager)).toEqual([]);
    expect(read('[x] {override.py:1507} INFO - what is this?', manager)).toHaveLength(1);
    expect(read('User "bob" got role "Op"', manager)).toEqual([]);
    expect(read('[x] {override.py:1507} INFO - User "bob" got role "Op"', manager)).toMatchObject([
      { target: 'bob', severity: 'high' },
    ]);
  });
});

test('a command detection with a verb takes only the commands of that verb', () => {
  const message = `Running command: ['bash', '-c', 'airflow sync-perm; psql -c "update ab_user x"']`;
  expect(read(message, { signal: 'command', verb: undefined })).toHaveLength(2);
  expect(read(message, { signal: 'command', verb: 'write-metadata-tables' })).toMatchObject([
    { object: 'ab_user' },
  ]);
});

test('a long event is read around the anchors', () => {
  const far = `${'x'.repeat(100_000)}\nUser "bob" got role "Op"\n${'y'.repeat(100_000)}`;
  expect(read(far)).toMatchObject([{ target: 'bob', role: 'Op' }]);
});

test('the name of a user agent is not read as a request', () => {
  const request: Partial<DetectionInPlan> = {
    signal: 'request',
    verb: undefined,
    parse: [
      planRegexp('(?:^|[^\\\\])"([A-Z]+) ([^ "]*) HTTP[^"]*" (\\d{3})', {
        method: 1,
        path: 2,
        status: 3,
      }),
    ],
    anchors: [],
  };
  const agent = '"x" "POST /users/edit/1 HTTP/1.1" 302 "';
  expect(read(`- "GET /home HTTP/1.1" 200 9 "-" ${agent}`, request)).toEqual([]);
  expect(read('- "POST /users/edit/1 HTTP/1.1" 302 9', request)).toMatchObject([
    { kind: 'request', verb: 'change-user', target: '1', method: 'POST', status: 302 },
  ]);
});

test('a rule does not lower a line whose name may go on or has colour codes', () => {
  const raise: DetectionInPlan['raise'] = [{ when: { role: ['Admin'] }, severity: 'info' }];
  const parse = [planRegexp('role ([^\\n]+?)(?:("[,}])|\\n|$)', { role: 1, doubt: 2 })];
  const severity = (text: string) => read(text, { raise, parse, anchors: [] })[0]?.severity;
  expect(severity('role Admin')).toBe('info');
  expect(severity('role Admin",x')).toBe('high');
  expect(severity('role \u001b[1mAdmin\u001b[22m')).toBe('high');
  expect(severity('[\u001b[34m9:00\u001b[0m] role \u001b[1mAdmin\u001b[22m\u001b[0m')).toBe('info');
  expect(severity('[\u001b[34m9:00\u001b[0m] role \u001b[1m\u001b[1mAdmin\u001b[22m')).toBe('high');
});

test("if a name contains its line's own words, the reading with the higher severity counts", () => {
  const raise: DetectionInPlan['raise'] = [{ when: { role: ['Admin'] }, severity: 'critical' }];
  const parse = [planRegexp('User "(.+?)" added to role "(.+)"', { target: 1, role: 2 })];
  const line = (user: string, role: string) => `User "${user}" added to role "${role}"`;
  expect(
    read(line('x" added to role "Viewer', 'Admin'), { raise, parse, anchors: [] }),
  ).toMatchObject([{ target: 'x" added to role "Viewer', role: 'Admin', severity: 'critical' }]);
  expect(read(line('x', 'Admin" added to role "Op'), { raise, parse, anchors: [] })).toMatchObject([
    { target: 'x', role: 'Admin" added to role "Op', severity: 'high' },
  ]);
});

test('a bracket at the end of a line belongs to the name, except on a structlog line', () => {
  const parse = [
    planRegexp('role ([^\\n]+?)(?:( \\[[\\w.]+\\])?(?:\\n|$))', { role: 1, doubt: 2 }),
  ];
  const roleIn = (text: string) => read(text, { parse, anchors: [] })[0]?.role;
  expect(roleIn('role Admin [eu]')).toBe('Admin [eu]');
  expect(roleIn('{"event":"role Admin [eu]"}')).toBe('Admin [eu]');
  expect(roleIn('2026-05-06T01:00:14.610844Z [info     ] role Admin [eu]')).toBe('Admin');
});

test('a name that may go on after its quote is not read as a role with defaults', () => {
  const source = '(Added Permission) ([a-z ]+ on \\w+) to role ([^\\n]*?)(?:("[,}])|\\n|$)';
  const parse = [planRegexp(source, { did: 1, permission: 2, role: 3, doubt: 4 })];
  const severityOf = (end: string) =>
    read(`Added Permission can read on DAGs to role Viewer${end}`, { parse, anchors: [] })[0]
      ?.severity;
  expect(severityOf('')).toBe('info');
  expect(severityOf('", of the east')).toBe('high');
});

/** Pieces of the lines that detections look for, with bytes of any kind in between. */
const anyMessage = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary', maxLength: 20 }),
      fc.constantFrom(
        ...[
          'User "',
          '" added to role "',
          '" created with role "',
          '"',
          '" deleted',
          '\n',
          ' ',
          '\\',
        ],
        ...[
          'Added Permission can edit on Users to role ',
          'Inserted Role: ',
          'Added user ',
          '%s',
          '***',
        ],
        ...[
          '[2026-11-22T05:50:01.362+0000] {override.py:1962} INFO - ',
          '{"event":"',
          '","logger":"x"}',
        ],
        ...[
          "Running command: ['bash', '-c', '",
          'airflow users add-role -u ',
          ' -r ',
          "']",
          '$(',
          '\ud800',
        ],
        ...[
          '"POST /users/edit/',
          '"POST /resetpassword/form?pk=',
          ' HTTP/1.1" 302 5',
          ' HTTP/1.1" 999',
        ],
        ...[
          'Running statement: insert into ab_user',
          'Access is Denied for: can_edit on: RoleModelView',
        ],
        ...[
          "method='POST' path='/auth/fab/v1/users/",
          "' query='' status_code=",
          'NaN',
          '-1',
          'constructor',
        ],
        ...[
          "Created user '",
          "' (fields: ",
          ' is not a valid role.',
          "user with email '",
          '\u0000',
        ],
      ),
    ),
    { maxLength: 12 },
  )
  .map((pieces) => pieces.join(''));

test('the signals of any bytes can be stored and read back unchanged', () => {
  fc.assert(
    fc.property(anyMessage, (message) => {
      const event = { logGroup: 'g', logStream: 's', timestamp: 0, message };
      const matched = { ...event, detections: [...plan.keys()] };
      const observed = observe(matched, readSignals(matched, plan));
      const stored: unknown = JSON.parse(JSON.stringify(observed));
      expect(observedEventSchema.parse(stored)).toStrictEqual(observed);
      for (const { verb, target, role, object, user, method, status } of observed.signals) {
        for (const name of [verb, target, role, object, user, method]) {
          expect(name?.trim()).toBe(name);
          expect(name).not.toBe('');
          expect(name?.isWellFormed()).not.toBe(false);
        }
        expect(status === undefined || (status >= 100 && status <= 599)).toBe(true);
      }
    }),
    { numRuns: 150 },
  );
});

describe('an incomplete name does not lower its line', () => {
  const prefix = '[2026-11-22T05:47:03.186+0000] {override.py:1507} INFO - ';
  const worstOf = (id: string, message: string) =>
    readSignals(
      { logGroup: 'airflow-a-Task', logStream: 's', timestamp: 0, message, detections: [id] },
      plan,
    ).map(({ severity }) => severity)[0];

  test.each([
    ['cli-role-granted', 'User "eve" added to role "***"', 'critical'],
    ['cli-role-granted', 'User "eve" added to role "***in"', 'critical'],
    ['cli-role-granted', 'User "eve" added to role "A***n"', 'critical'],
    ['cli-role-granted', 'User "eve" added to role "***x"', 'high'],
    ['cli-role-granted', 'User "***" added to role "Viewer"', 'high'],
    ['cli-user-created', 'User "eve" created with role "***"', 'critical'],
    [
      'security-manager-write',
      `${prefix}Added Permission can read on DAGs to role ***`,
      'critical',
    ],
    ['security-manager-write', `${prefix}Inserted Role: ***`, 'high'],
    [
      'strong-permission-for-weak-role',
      `${prefix}Added Permission can edit on *** to role ops`,
      'critical',
    ],
    [
      'strong-permission-for-weak-role',
      `${prefix}Added Permission can edit on Users to role ***`,
      'critical',
    ],
  ] as const)('where the secrets masker took a part of it: %s, %s', (id, message, severity) => {
    expect(worstOf(id, message)).toBe(severity);
  });

  test.each(['x', '[x] y', `[2026-11-22T05:47:03.186+0000] {a.py:1} INFO - x`])(
    'if it may go on in the next line: %s',
    (rest) => {
      const text = `${prefix}Inserted Role: Admin`;
      expect(worstOf('security-manager-write', text)).toBe('info');
      expect(worstOf('security-manager-write', `${text}\n`)).toBe('info');
      expect(worstOf('security-manager-write', `${text}\n${rest}`)).toBe('high');
      expect(worstOf('security-manager-write', `${text}\n${prefix}Inserted Role: Op`)).toBe('info');
    },
  );
});
