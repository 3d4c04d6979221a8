import type { DetectionInPlan } from '../../../lambda/findings/detection-in-plan.ts';
import { readSignals } from '../../../lambda/findings/read-signals.ts';

const base: DetectionInPlan = {
  id: 'granted',
  title: 'A role was granted',
  severity: 'high',
  raise: [],
  signal: 'outcome',
  verb: 'grant-role',
  parse: [
    {
      source:
        'User \\\\?"([^"\\\\]+)\\\\?" (got|lost) role \\\\?"((?:[^"\\\\]|\\\\.)+?)\\\\?"(?:$|\\n|")',
      groups: { target: 1, did: 2, role: 3 },
    },
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

test('names come without the escapes of JSON', () => {
  const message = JSON.stringify({ event: 'User "bob" got role "É\t"x" \\ y"' });
  expect(read(message)).toMatchObject([{ role: 'É\t"x" \\ y' }]);
  expect(read(`{"event":"User \\"bob\\" got role \\"\\u00c9q\\""}`)).toMatchObject([
    { role: 'Éq' },
  ]);
});

test('names come without colours, and %s of Airflow 2.7 is no name', () => {
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

test('the first rule that fits decides the severity, upwards or downwards', () => {
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
  const verb = { parsed: 'did', values: { got: 'grant-role', lost: 'revoke-role' } };
  expect(read('User "bob" lost role "Op"', { verb })).toMatchObject([{ verb: 'revoke-role' }]);
});

test('what two detections read alike is one signal with both ids and the higher severity', () => {
  const twice = read('User "bob" got role "Op"', {}, { id: 'other', severity: 'critical' });
  expect(twice).toMatchObject([{ detections: ['granted', 'other'], severity: 'critical' }]);
  expect(read('User "bob" got role "Op"', {}, { id: 'other', signal: 'write' })).toHaveLength(2);
});

test('a line that was found but cannot be parsed is kept, without names', () => {
  expect(read('what is this?')).toEqual([
    { kind: 'outcome', detections: ['granted'], severity: 'high', verb: 'grant-role' },
  ]);
  expect(read('what is this?', { signal: 'request' })).toMatchObject([{ severity: 'medium' }]);
});

test('a command detection with a verb takes only the commands of that verb', () => {
  const message = `Running command: ['bash', '-c', 'airflow sync-perm; psql -c "update ab_user x"']`;
  expect(read(message, { signal: 'command', verb: undefined })).toHaveLength(2);
  expect(read(message, { signal: 'command', verb: 'write-metadata-tables' })).toMatchObject([
    { object: 'ab_user' },
  ]);
});

test('of a long event the neighbourhood of the anchors is read', () => {
  const far = `${'x'.repeat(100_000)}\nUser "bob" got role "Op"\n${'y'.repeat(100_000)}`;
  expect(read(far)).toMatchObject([{ target: 'bob', role: 'Op' }]);
});

test('what an agent calls itself is no request', () => {
  const request: Partial<DetectionInPlan> = {
    signal: 'request',
    verb: undefined,
    parse: [
      {
        source: '(?:^|[^\\\\])"([A-Z]+) ([^ "]*) HTTP[^"]*" (\\d{3})',
        groups: { method: 1, path: 2, status: 3 },
      },
    ],
    anchors: [],
  };
  const agent = '"x" "POST /users/edit/1 HTTP/1.1" 302 "';
  expect(read(`- "GET /home HTTP/1.1" 200 9 "-" ${agent}`, request)).toEqual([]);
  expect(read('- "POST /users/edit/1 HTTP/1.1" 302 9', request)).toMatchObject([
    { kind: 'request', verb: 'change-user', target: '1', method: 'POST', status: 302 },
  ]);
});
