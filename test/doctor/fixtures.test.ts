import { checks } from '../../doctor/checks.ts';
import { examine } from '../../doctor/examine.ts';
import { defaultExpectations } from '../../doctor/facts.ts';
import { fixture, variations } from '../../doctor/fixtures/fixtures.ts';
import { observedSchema } from '../../doctor/observed.ts';
import { type CheckReport, type Report, reportSchema } from '../../doctor/report.ts';
import { type DutiesOfLogTypes, type LogType, logTypes } from '../../lambda/log-types.ts';
import { expectedVerdicts, type Verdict } from './expected-verdicts.ts';

const names = Object.keys(variations);

function reportOf(name: string): Report {
  // As stored in a file: nothing may depend on what JSON does not represent.
  return examine(observedSchema.parse(JSON.parse(JSON.stringify(fixture(name)))));
}

function allWords(check: CheckReport): { evidence: string; fix: string } {
  return {
    evidence: check.evidence.join('\n'),
    fix: check.fixes.flatMap(({ text, commands }) => [text, ...commands]).join('\n'),
  };
}

test('every check passes on the healthy environment, and none is skipped', () => {
  const { counts, skipped, result } = reportOf('healthy');

  expect(counts).toEqual({ pass: checks.length, warn: 0, fail: 0, unknown: 0 });
  expect(skipped).toEqual([]);
  expect(result).toBe('pass');
});

test.each([
  ['healthy', ['DAGProcessing, Scheduler, Task, WebServer, Worker']],
  ['role-logs-task-only', ['to every stream of Task,']],
  ['role-logs-sample', []],
])('the report on %s notes which log lines the author of a DAG can forge', (name, words) => {
  const { notices } = reportOf(name).checks.find(({ id }) => id === 'role-log-forging') ?? {};

  expect(notices).toEqual(words.map((word) => expect.stringContaining(word)));
  for (const notice of notices ?? []) expect(notice).toContain('can forge any line');
});

test.each<[LogType[], string]>([
  [['DAGProcessing', 'Scheduler'], 'fail'],
  [['Scheduler'], 'fail'],
  [['DAGProcessing'], 'pass'],
])('with %s as the never-silent log types, a silent scheduler is a %s', (neverSilent, expected) => {
  const silent = fixture('silent');
  if (silent === undefined) throw new Error('there is no fixture silent');
  const duties = Object.fromEntries(
    logTypes.map((one) => [one, neverSilent.includes(one) ? 'never-silent' : 'required']),
  ) as DutiesOfLogTypes;
  const { checks: made } = examine(silent, { ...defaultExpectations, logTypes: duties });
  expect(made.find(({ id }) => id === 'log-events-fresh')?.result).toBe(expected);
});

test.each([
  ['web-server-logs-off', 'WebServer', 'log-types-enabled'],
  ['warning-level', 'Worker', 'log-types-enabled'],
  ['log-group-missing', 'Task', 'log-groups-exist'],
] as const)('%s does not fail when %s is an optional log type', (name, logType, id) => {
  const observed = fixture(name);
  if (observed === undefined) throw new Error(`there is no fixture ${name}`);
  const duties: DutiesOfLogTypes = { ...defaultExpectations.logTypes, [logType]: 'optional' };
  const made = examine(observed, { ...defaultExpectations, logTypes: duties }).checks;
  expect(made.find((check) => check.id === id)).toMatchObject({
    result: 'pass',
    notices: [expect.stringContaining('which the environment’s file allows')],
  });
});

test.each([
  ['healthy', []],
  ['public-web-server', [expect.stringContaining('amazon-mwaa-docker-images#370')]],
])(
  'the report on %s notes what MWAA may not log about DAG files from Airflow 3 on',
  (name, expected) => {
    const { notices } = reportOf(name).checks.find(({ id }) => id === 'airflow-version') ?? {};
    expect(notices).toEqual(expected);
  },
);

test('every fixture has an expected verdict, and at least 40 fixtures are broken', () => {
  expect(Object.keys(expectedVerdicts).sort()).toEqual([...names].sort());
  const broken = Object.values(expectedVerdicts).filter((one) => Object.keys(one).length > 0);
  expect(broken.length).toBeGreaterThanOrEqual(40);
});

test('each check fails, warns or is unknown for at least one fixture', () => {
  const moved = new Set(Object.values(expectedVerdicts).flatMap((one) => Object.keys(one)));

  expect([...moved].sort()).toEqual(checks.map(({ id }) => id).sort());
});

describe('one change affects exactly the checks that examine it', () => {
  test.each(names)('%s', (name) => {
    const report = reportOf(name);
    const expected: Readonly<Record<string, Verdict>> = expectedVerdicts[name] ?? {};
    const troubles = report.checks.filter(({ result }) => result !== 'pass');

    expect(Object.fromEntries(troubles.map(({ id, result }) => [id, result]))).toEqual(
      Object.fromEntries(Object.entries(expected).map(([id, { result }]) => [id, result])),
    );
    for (const check of troubles) {
      const { evidence, fix } = allWords(check);
      for (const word of expected[check.id]?.evidence ?? []) expect(evidence).toContain(word);
      for (const word of expected[check.id]?.fix ?? []) expect(fix).toContain(word);
    }
  });
});

describe('every report', () => {
  test.each(names)('on %s matches the published schema, and has a fix for each problem', (name) => {
    const report = reportOf(name);

    expect(reportSchema.parse(report)).toEqual(report);
    for (const check of report.checks) {
      expect(check.evidence).not.toEqual([]);
      if (check.result !== 'pass') expect(check.fixes).not.toEqual([]);
      expect(check.evidence.join()).not.toContain(`the check ${check.id}`);
      expect(JSON.stringify(check)).not.toMatch(/undefined|NaN|\[object/);
    }
  });
});

test('checks have distinct ids, in kebab-case', () => {
  const ids = checks.map(({ id }) => id);

  expect(new Set(ids).size).toBe(ids.length);
  for (const id of ids) expect(id).toMatch(/^[a-z]+(-[a-z]+)*$/);
});

test('with the AWS owned key, the checks of a key are skipped', () => {
  const { skipped } = reportOf('no-key');

  expect(skipped.map(({ id }) => id)).toEqual(
    expect.arrayContaining(['key-reference', 'key-policy-logs', 'key-grants']),
  );
  expect(skipped.every(({ reason }) => reason.includes('the AWS owned key'))).toBe(true);
});

test('no report contains the values of configuration options, which may be secrets', () => {
  const observed = fixture('no-secrets-backend');
  if (observed?.environment.kind !== 'known') throw new Error('the fixture has an environment');
  observed.environment.value.AirflowConfigurationOptions = { 'smtp.smtp_password': 'hunter2' };

  expect(JSON.stringify(examine(observed))).not.toContain('hunter2');
});

test('a check that throws is unknown, and does not prevent the others', () => {
  const observed = fixture('healthy');
  const [first, second] = checks;
  if (!observed || !first || !second) throw new Error('there are fixtures and checks');
  const broken = {
    ...first,
    look: () => {
      throw new TypeError('x is not a function');
    },
  };

  const { checks: made } = examine(observed, undefined, [broken, second]);

  expect(made.map(({ result }) => result)).toEqual(['unknown', 'pass']);
  expect(made[0]?.evidence[0]).toContain('x is not a function');
});

test('the questions that only IAM can answer come with the commands to ask it', () => {
  const [question] = reportOf('healthy').questions;
  const commands = question?.commands.join('\n');

  expect(question?.id).toBe('people-and-dag-writers');
  expect(commands).toContain(
    '--action-names airflow:CreateWebLoginToken --resource-arns arn:aws:airflow:eu-west-1:111122223333:role/prod-airflow/Admin',
  );
  expect(commands).toContain(
    '--action-names s3:PutObject --resource-arns arn:aws:s3:::prod-airflow-dags-111122223333/dags/any.py',
  );
});
