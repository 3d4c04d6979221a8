import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { detectionJsonSchema, jsonSchemaFile } from '../../../queries/tools/detection-schema.ts';
import { documentedDetection, loadDetections } from '../../../queries/tools/load-detections.ts';

const work = mkdtempSync(join(tmpdir(), 'detections-'));
afterAll(() => rmSync(work, { recursive: true }));

const base = `id: sample
title: Somebody did something
severity: high
logTypes: [Task]
attack: [T1098.003]
query: |
  fields @timestamp, @message
  | filter @message like "something"
outcome: true
runbook: docs/runbooks/add-role.md
falsePositives: [a text about something]
references: [https://example.com/]
tests:
  matches:
    - { logType: Task, airflow: 2.10.3, message: did something }
  ignores:
    - { logType: Task, message: did nothing }
`;

/** Loads the base with one text replaced. */
function loadWith(from = '', to = '', fileName = 'sample.yaml') {
  expect(base).toContain(from);
  const folder = mkdtempSync(join(work, 'queries-'));
  writeFileSync(join(folder, fileName), base.replace(from, to));
  return loadDetections(folder);
}

const refusal = (from: string, to: string, fileName?: string) => {
  try {
    loadWith(from, to, fileName);
  } catch (error) {
    return String(error).replace(/queries-\w+\//g, '');
  }
  return 'not refused';
};

test('a detection is read completely, including optional fields', () => {
  expect(loadWith()).toEqual([
    {
      id: 'sample',
      title: 'Somebody did something',
      severity: 'high',
      raise: [],
      logTypes: ['Task'],
      attack: ['T1098.003'],
      query: 'fields @timestamp, @message\n| filter @message like "something"\n',
      outcome: true,
      runbook: 'docs/runbooks/add-role.md',
      falsePositives: ['a text about something'],
      references: ['https://example.com/'],
      tests: {
        matches: [{ logType: 'Task', airflow: '2.10.3', message: 'did something' }],
        ignores: [{ logType: 'Task', message: 'did nothing' }],
      },
    },
  ]);
});

const parsing = '"something"\n  | parse @message /did (?<role>\\w+)/\n';

test('a file that has changed is read anew', () => {
  const folder = mkdtempSync(join(work, 'queries-'));
  const severityOf = (text: string) => {
    writeFileSync(join(folder, 'sample.yaml'), text);
    return loadDetections(folder).map(({ severity }) => severity);
  };
  expect(severityOf(base)).toEqual(['high']);
  expect(severityOf(base.replace('severity: high', 'severity: low'))).toEqual(['low']);
  expect(severityOf(base)).toEqual(['high']);
});

test('parsed fields may raise the severity', () => {
  const raise = 'raise: [{ when: { role: [Admin, Op] }, severity: critical }]\noutcome';
  expect(loadWith('"something"\noutcome', `${parsing}${raise}`)[0]?.raise).toEqual([
    { when: { role: ['Admin', 'Op'] }, severity: 'critical' },
  ]);
});

test.each([
  [
    'raise by a field that is not parsed',
    '"something"\noutcome',
    `${parsing}raise: [{ when: { rol: [Admin] }, severity: critical }]\noutcome`,
    "sample.yaml:10: raise[0].when.rol: is not a field of the query's parse; its fields are role",
  ],
  [
    'raise for a line that does not prove the change',
    '"something"\noutcome: true',
    `${parsing}raise: [{ when: { role: [Admin] }, severity: critical }]\noutcome: false`,
    'sample.yaml:10: raise[0].severity: can be higher than "high" only if the line says that it happened',
  ],
  [
    'a misspelt verb',
    'outcome: true',
    'outcome: true\nverb: grant-rolle',
    'sample.yaml:10: verb: must be a known verb (did you mean grant-role?), got "grant-rolle"',
  ],
  [
    'a misspelt verb for a parsed text',
    '"something"\noutcome: true',
    '"something"\n  | parse @message /did (?<did>\\w+)/\noutcome: true\nverb:\n  parsed: did\n  values:\n    made: create-rol',
    'sample.yaml:14: verb.values.made: must be a known verb (did you mean create-role?), got "create-rol"',
  ],
  [
    'a verb that resembles no known one',
    'outcome: true',
    'outcome: true\nverb: jump',
    'sample.yaml:10: verb: must be one of grant-role, revoke-role, create-user, ',
  ],
  [
    'a verb by a field that is not parsed',
    'outcome: true',
    'outcome: true\nverb: { parsed: did, values: { made: create-user } }',
    'sample.yaml:10: verb.parsed: must be a field of the query\'s parse, got "did"; its fields are -',
  ],
  [
    'a line that the query does not find',
    'message: did something }',
    'message: did nothing }',
    'sample.yaml:15: tests.matches[0].message: is not found by the query',
  ],
  [
    'a line of a log type that is not read',
    'matches:\n    - { logType: Task',
    'matches:\n    - { logType: Worker',
    'sample.yaml:15: tests.matches[0].logType: must be one of the detection\'s logTypes, got "Worker"',
  ],
  [
    'a line to be ignored that the query finds',
    'message: did nothing }',
    'message: something else }',
    'sample.yaml:17: tests.ignores[0].message: is found by the query',
  ],
  [
    'a parsed value of no field',
    'message: did something }',
    'message: did something, parsed: { role: Admin } }',
    "sample.yaml:15: tests.matches[0].parsed.role: is not a field of the query's parse",
  ],
])('refused with its line: %s', (_what, from, to, message) => {
  expect(refusal(from, to)).toContain(message);
});

test('an expected value that the query does not parse is refused with the parsed one', () => {
  const folder = mkdtempSync(join(work, 'queries-'));
  const parsed = base
    .replace('"something"\n', parsing)
    .replace('message: did something }', 'message: did something, parsed: { role: Admin } }');
  writeFileSync(join(folder, 'sample.yaml'), parsed);
  expect(() => loadDetections(folder)).toThrow(
    'sample.yaml:16: tests.matches[0].parsed.role: the query extracts "something", not "Admin"',
  );
});

test('a filter that does not compare texts is refused, and its own lines compare in text order', () => {
  const filter = '| filter strlen(@message) > 3';
  expect(refusal('| filter @message like "something"', filter)).toContain('a function');
  const ordered = (text: string) => `| filter @message >= "${text}"`;
  expect(refusal('| filter @message like "something"', ordered('z'))).toContain('is not found');
  expect(loadWith('| filter @message like "something"', ordered('did s'))).toHaveLength(1);
});

test.each([
  [
    'severity: high',
    'severity: bad',
    'sample.yaml:3: severity: expected one of "info"|"low"|"medium"|"high"|"critical", got "bad"',
  ],
  ['title: Somebody did something\n', '', 'sample.yaml:1: title: is required'],
  ['outcome: true', 'outcome: "yes"', 'sample.yaml:9: outcome: expected boolean, got "yes"'],
  [
    'outcome: true',
    'outcom: true',
    'sample.yaml:9: outcom: unknown field; the fields here are id,',
  ],
  [
    'attack: [T1098.003]',
    'attack: [T1098.003, 1098]',
    'sample.yaml:5: attack[1]: expected string, got 1098',
  ],
  [
    'attack: [T1098.003]',
    'attack: [T98]',
    'sample.yaml:5: attack[0]: must be an ATT&CK technique like T1098.003, got "T98"',
  ],
  [
    '- { logType: Task, airflow',
    '- { logType: Tasks, airflow',
    'sample.yaml:15: tests.matches[0].logType: expected one of "DAGProcessing"|"Scheduler"|"Task"|"WebServer"|"Worker", got "Tasks"',
  ],
  [
    'message: did nothing }',
    'message: did nothing, msg: x }',
    'sample.yaml:17: tests.ignores[0].msg: unknown field; the fields here are logType, airflow, message',
  ],
  [
    'falsePositives: [a text about something]',
    'falsePositives: []',
    'sample.yaml:11: falsePositives: Too small: expected array to have >=1 items, got []',
  ],
  ['references: [https://example.com/]\n', '', 'sample.yaml:1: references: is required'],
  [
    'references: [https://example.com/]',
    'references: []',
    'sample.yaml:12: references: Too small: expected array to have >=1 items, got []',
  ],
  ['id: sample', 'id: other', 'sample.yaml:1: id: must be the file\'s name, "sample", got "other"'],
  [
    'docs/runbooks/add-role.md',
    'docs/runbooks/no-such.md',
    'sample.yaml:10: runbook: must be a file of the project, got "docs/runbooks/no-such.md"',
  ],
  [
    'docs/runbooks/add-role.md',
    '../secrets.md',
    'sample.yaml:10: runbook: must be docs/runbooks/<name>.md, got "../secrets.md"',
  ],
  ['title: Somebody', 'title: [Somebody', 'sample.yaml:3:1: not valid YAML: '],
  ['severity: high', 'severity: high\nseverity: low', 'sample.yaml:4:1: not valid YAML: Map keys'],
])('refused: %j changed to %j', (from, to, message) => {
  expect(refusal(from, to)).toContain(message);
});

const blockQuery = `|
  fields @timestamp, @message
  | filter @message like "something"
`;

test.each([
  ['in a block', '|\n  fields @message\n\n  | filtre x\n', 9],
  ['in a block that starts with an empty line', '|\n\n  fields @message\n  | filtre x\n', 9],
  ['on one line', '"fields @message | filtre x"\n', 6],
])('a mistake in a query is refused with its line: %s', (_how, query, line) => {
  expect(refusal(blockQuery, query)).toMatch(new RegExp(`sample\\.yaml:${line}: query: .*filtre`));
});

test('a query that cannot run together with the others is refused with its line', () => {
  const query = '|\n  fields @message\n  | filter @message like "a"\n  | stats count()\n';
  expect(refusal(blockQuery, query)).toContain('sample.yaml:9: query: stats in a detection');
});

test('a file with another extension is reported, not skipped', () => {
  expect(refusal('id: sample', 'id: sample', 'sample.yml')).toContain(
    'sample.yml: must end in .yaml',
  );
});

test('the documented query is exactly the one that AWS documents', () => {
  const { query } = documentedDetection(loadDetections());
  expect(query).toBe(
    'fields @log, @timestamp, @message | filter @message like "add-role" | stats count() by @log',
  );
});

test('a pack without the documented query is refused', () => {
  expect(() => documentedDetection(loadWith())).toThrow('queries/add-role.yaml');
});

test("the documented query's own lines contain the word exactly if they match", () => {
  const { tests } = documentedDetection(loadDetections());
  expect(tests.matches.filter(({ message }) => !message.includes('add-role'))).toEqual([]);
  expect(tests.ignores.filter(({ message }) => message.includes('add-role'))).toEqual([]);
  expect(new Set(tests.matches.map(({ logType }) => logType)).size).toBe(5);
});

test('no detection file contains a tab or trailing space, which YAML and editors change', () => {
  const text = readFileSync(new URL('../../../queries/add-role.yaml', import.meta.url), 'utf8');
  expect(text.split('\n').filter((line) => /\t|\s$/.test(line))).toEqual([]);
});

test('the JSON Schema for editors is the one of the loader', () => {
  expect(JSON.parse(readFileSync(jsonSchemaFile, 'utf8'))).toEqual(
    JSON.parse(detectionJsonSchema()),
  );
});

test("the README's example is a complete detection", () => {
  const readme = readFileSync(new URL('../../../queries/README.md', import.meta.url), 'utf8');
  const [, example = '', id = ''] =
    /```yaml\n([\s\S]*?\nid: ([\w-]+)[\s\S]*?)```/.exec(readme) ?? [];
  const folder = mkdtempSync(join(work, 'queries-'));
  writeFileSync(join(folder, `${id}.yaml`), example);
  expect(loadDetections(folder)).toMatchObject([{ id, verb: 'grant-role' }]);
});

test.each([
  ['in a filter', '(a|ab|\\W|\\s)+', 'a and ab', 27],
  ['of which one contains the other', '\\d(?:\\w|x)*', '\\w and x', 31],
  ['inside a sequence', '(-(no|none),)+', 'no and none', 29],
  ['a repeat inside a repeat', '(?:x+)+', 'x+ and x', 29],
  ['a repeat that overlaps the next one', '(a*a?b)+', 'a and a', 27],
])(
  'overlapping alternatives under a repeat are refused with their position: %s',
  (_how, regexp, parts, position) => {
    const query = `|\n  fields @message\n  | filter @message like /x${regexp}y/\n`;
    expect(refusal(blockQuery, query)).toContain(
      `sample.yaml:8: query: overlapping alternatives under a repeat, ${parts}, at line 2 and position ${position}: `,
    );
    const parse = `${blockQuery.trimEnd()}\n  | parse @message /(?<target>x)${regexp}y/\n`;
    expect(refusal(blockQuery, parse)).toContain(
      `overlapping alternatives under a repeat, ${parts}`,
    );
  },
);

test.each([
  '(ab|ac)+',
  '(into|if)+x',
  '( [A-Z]\\w+)*',
  '(?:(?:a|b)*c)*',
  '(a|ab)c',
  '(?:[^"\\\\]|\\\\.)*"',
])('alternatives that divide a text in only one way are accepted: %s', (regexp) => {
  const query = `|\n  fields @message\n  | filter @message like /${regexp}/\n`;
  expect(() => loadWith(blockQuery, query)).not.toThrow(/overlapping/);
});
