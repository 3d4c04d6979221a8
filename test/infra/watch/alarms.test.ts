import { existsSync } from 'node:fs';
import { alarmNames, everyPart } from '../../../infra/naming/names.ts';
import { metricDefinitions, metricNamespace } from '../../../lambda/metrics/metric-definitions.ts';
import { logTypes } from '../../../lambda/model/log-types.ts';
import { templateOf, withWitness } from '../synthesized.ts';
import { resourcesOf, type TemplateJson, targetOf } from '../template-walk.ts';

const template = templateOf();
const json: TemplateJson = template.toJSON() as TemplateJson;
const alarms = resourcesOf(json, 'AWS::CloudWatch::Alarm').map(([, { Properties }]) => Properties);
const alarmsOf = (of: TemplateJson) =>
  new Map(
    resourcesOf(of, 'AWS::CloudWatch::Alarm').map(([, { Properties }]) => [
      String(Properties.AlarmName).replace('mwaa-privilege-monitor-prod-', ''),
      Properties,
    ]),
  );
const alarmNamed = (name: string) => alarmsOf(json).get(name);

test('an environment has the defined alarms, under the names that the doctor looks for', () => {
  expect(alarms.map(({ AlarmName }) => AlarmName).sort()).toEqual(alarmNames('prod').sort());
});

test('a witness brings its alarm and its line on the dashboard, and nothing else has either', () => {
  const full = templateOf(withWitness).toJSON() as TemplateJson;
  const names = [...alarmsOf(full).keys()];
  expect(names.filter((name) => !alarmsOf(json).has(name))).toEqual(['blind-witness']);
  expect(names).toHaveLength(alarmNames('prod', everyPart).length);
  const dashboard = (of: TemplateJson) =>
    JSON.stringify(resourcesOf(of, 'AWS::CloudWatch::Dashboard'));
  expect(dashboard(full)).toContain('WitnessBlind');
  expect(dashboard(json)).not.toContain('WitnessBlind');
});

test('documentedAlarms: false leaves out the alarms on the documented query, and no others', () => {
  const names = resourcesOf(
    templateOf({
      notify: { email: ['oncall@example.com'], documentedAlarms: false },
    }).toJSON() as TemplateJson,
    'AWS::CloudWatch::Alarm',
  ).map(([, { Properties }]) => String(Properties.AlarmName));
  expect(names.filter((name) => name.includes('add-role'))).toEqual([]);
  expect(names).toHaveLength(alarms.length - logTypes.length);
});

const aboutChanges = logTypes.flatMap((type) => [`add-role-${type}`, `privilege-change-${type}`]);
const withAction = (of: TemplateJson, action: 'AlarmActions' | 'OKActions') =>
  [...alarmsOf(of)].flatMap(([name, alarm]) => (alarm[action] === undefined ? [] : [name])).sort();

test('alarmMails: false silences the alarms on privilege changes, and no alarm about the monitor', () => {
  const quiet = templateOf({
    notify: { email: ['oncall@example.com'], alarmMails: false },
  }).toJSON() as TemplateJson;
  const all = withAction(json, 'AlarmActions');
  const left = withAction(quiet, 'AlarmActions');
  expect([...alarmsOf(quiet).keys()]).toEqual([...alarmsOf(json).keys()]);
  expect(all.filter((name) => !left.includes(name))).toEqual(aboutChanges.sort());
  expect(withAction(quiet, 'OKActions')).toEqual(withAction(json, 'OKActions'));
});

test('an end is notified only where people wait for it', () => {
  const blind = logTypes.map((type) => `blind-${type}`);
  expect(withAction(json, 'OKActions')).toEqual(
    [...blind, 'behind', 'documented-behind', 'silent', 'undelivered'].sort(),
  );
});

test('an alarm links to its runbook, and names its file where the address leaves no room for its texts', () => {
  const ofBase = (runbookBaseUrl: string) =>
    alarmsOf(templateOf({ runbookBaseUrl }).toJSON() as TemplateJson);
  const linked = ofBase('https://wiki.example.com/runbooks/');
  expect(String(linked.get('silent')?.AlarmDescription)).toMatch(
    /\nRunbook: https:\/\/wiki\.example\.com\/runbooks\/monitor-silent\.md$/,
  );
  for (const { AlarmDescription } of ofBase(`https://x.example.com/${'r'.repeat(270)}`).values()) {
    expect(String(AlarmDescription).length).toBeLessThanOrEqual(1024);
    expect(String(AlarmDescription)).toMatch(/\nRunbook: \S+\/[a-z-]+\.md$/);
  }
});

test("every alarm reads a metric that the Lambda puts, by its dimensions, or one of AWS's own", () => {
  for (const { Namespace, MetricName, Dimensions } of alarms) {
    if (String(Namespace).startsWith('AWS/')) continue;
    expect(Namespace).toBe(metricNamespace);
    const definition = Object.values(metricDefinitions).find(({ name }) => name === MetricName);
    const names = (Dimensions as { Name: string }[]).map(({ Name }) => Name);
    expect([MetricName, names]).toEqual([
      definition?.name,
      ['Environment', ...(definition?.per === 'log-group' ? ['LogGroup'] : [])],
    ]);
  }
});

test('an alarm on our own metric takes the worst of its data, which a repeated put leaves as it is', () => {
  const own = alarms.filter(({ Namespace }) => Namespace === metricNamespace);
  const pairs = own.map(({ MetricName, Statistic }) => `${MetricName} ${Statistic}`);
  expect([...new Set(pairs)].filter((pair) => !pair.endsWith(' Maximum'))).toEqual([
    'LogGroupCovered Minimum',
    'ScanCompleted Minimum',
  ]);
});

test("the heartbeat that nobody can forge is Lambda's own count of the function's runs", () => {
  const alarm = alarmNamed('not-invoked');
  expect(alarm).toMatchObject({
    Namespace: 'AWS/Lambda',
    MetricName: 'Invocations',
    Statistic: 'Sum',
    ComparisonOperator: 'LessThanThreshold',
    Threshold: 1,
    EvaluationPeriods: 3,
    TreatMissingData: 'breaching',
  });
  const [dimension] = (alarm?.Dimensions ?? []) as { Name: string; Value: unknown }[];
  expect(dimension?.Name).toBe('FunctionName');
  expect(json.Resources[targetOf(dimension?.Value) ?? '']?.Type).toBe('AWS::Lambda::Function');
});

test.each([5, 1, 120])(
  'with a scan every %i minutes, alarms on our metrics have that period',
  (everyMinutes) => {
    const periods = resourcesOf(
      templateOf({ everyMinutes }).toJSON() as TemplateJson,
      'AWS::CloudWatch::Alarm',
    )
      .filter(([, { Properties }]) => Properties.Namespace === metricNamespace)
      .map(([, { Properties }]) => Properties.Period);
    expect(new Set(periods)).toEqual(new Set([everyMinutes * 60]));
  },
);

test('the silent alarm rings after three missed heartbeats, and missing data is a missed one', () => {
  expect(alarmNamed('silent')).toMatchObject({
    MetricName: 'ScanCompleted',
    ComparisonOperator: 'LessThanThreshold',
    Threshold: 1,
    EvaluationPeriods: 3,
    DatapointsToAlarm: 3,
    TreatMissingData: 'breaching',
  });
});

test.each([
  ['add-role', 'AddRoleMatches'],
  ['privilege-change', 'PrivilegeChanges'],
])(
  'a %s alarm rings at the first count of its group and never sends an all-clear',
  (name, metric) => {
    const alarm = alarmNamed(`${name}-Task`);
    expect(alarm).toMatchObject({
      MetricName: metric,
      Dimensions: [
        { Name: 'Environment', Value: 'prod' },
        { Name: 'LogGroup', Value: 'airflow-prod-Task' },
      ],
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      Threshold: 1,
      EvaluationPeriods: 1,
      TreatMissingData: 'missing',
    });
    expect(alarm).not.toHaveProperty('OKActions');
  },
);

test('a blind alarm rings below full coverage and reports when its group can be read again', () => {
  expect(alarmNamed('blind-Worker')).toMatchObject({
    MetricName: 'LogGroupCovered',
    ComparisonOperator: 'LessThanThreshold',
    Threshold: 1,
    OKActions: [expect.anything()],
  });
});

test.each([
  [{ everyMinutes: 5, settleMinutes: 5 }, 1200],
  [{ everyMinutes: 1, settleMinutes: 0 }, 180],
  [{ everyMinutes: 1440, settleMinutes: 60 }, 262_800],
])(
  'with %p both behind alarms ring above a lag of %i seconds, twice in a row',
  (fields, seconds) => {
    const changed = alarmsOf(templateOf(fields).toJSON() as TemplateJson);
    for (const [name, MetricName, TreatMissingData] of [
      ['behind', 'ScanLag', 'ignore'],
      ['documented-behind', 'DocumentedLag', 'breaching'],
    ] as const) {
      expect(changed.get(name)).toMatchObject({
        MetricName,
        Statistic: 'Maximum',
        ComparisonOperator: 'GreaterThanThreshold',
        Threshold: seconds,
        Period: fields.everyMinutes * 60,
        EvaluationPeriods: 2,
        DatapointsToAlarm: 2,
        TreatMissingData,
        OKActions: [expect.anything()],
      });
    }
  },
);

test('the undelivered alarm rings when two ticks in a row leave a finding unpublished', () => {
  expect(alarmNamed('undelivered')).toMatchObject({
    MetricName: 'UndeliveredFindings',
    ComparisonOperator: 'GreaterThanOrEqualToThreshold',
    Threshold: 1,
    EvaluationPeriods: 2,
    DatapointsToAlarm: 2,
    TreatMissingData: 'ignore',
    OKActions: [expect.anything()],
  });
});

test("the late alarm rings at half of the far sweep's reach, and says what it cannot see", () => {
  const fields = { farSweep: { everyMinutes: 1440, lagMinutes: 600 } };
  const late = alarmsOf(templateOf(fields).toJSON() as TemplateJson).get('late');
  expect(late).toMatchObject({
    MetricName: 'LateLagMax',
    ComparisonOperator: 'GreaterThanOrEqualToThreshold',
    Threshold: 300 * 60,
    EvaluationPeriods: 1,
    TreatMissingData: 'notBreaching',
  });
  expect(late).not.toHaveProperty('OKActions');
  expect(late?.AlarmDescription).toMatch(
    /at least 300 minutes late.*600 minutes\. The metric cannot exceed/,
  );
});

test('the outputs name the test alarm and what else send-test needs', () => {
  const outputs = template.toJSON().Outputs as Record<string, { Value: unknown }>;
  expect(outputs.TestAlarmName?.Value).toBe('mwaa-privilege-monitor-prod-test');
  for (const [output, type] of [
    ['FindingsTopicArn', 'AWS::SNS::Topic'],
    ['AlarmTopicArn', 'AWS::SNS::Topic'],
    ['LedgerTableName', 'AWS::DynamoDB::Table'],
  ] as const) {
    expect(json.Resources[targetOf(outputs[output]?.Value) ?? '']?.Type).toBe(type);
  }
});

test.each(
  alarms.map(({ AlarmName, AlarmDescription, TreatMissingData }) => [
    AlarmName,
    AlarmDescription,
    TreatMissingData,
  ]),
)('%s says what it means, what to do and which runbook to open', (_name, description, missing) => {
  expect(description).toMatch(
    /^What it means: .+\nWhat to do: .+\nRunbook: docs\/runbooks\/[a-z-]+\.md$/,
  );
  // The limit of AlarmDescription in PutMetricAlarm.
  expect(String(description).length).toBeLessThanOrEqual(1024);
  expect(missing).toBeDefined();
});

test("each alarm's runbook exists, and the longest environment name fits AWS's limits", () => {
  const fields = { mwaaEnvironment: `a${'b'.repeat(79)}`, ...withWitness };
  const template = templateOf(fields).toJSON() as TemplateJson;
  const alarms = resourcesOf(template, 'AWS::CloudWatch::Alarm');
  expect(alarms).toHaveLength(alarmNames('any', everyPart).length);
  for (const [, { Properties }] of alarms) {
    const [, runbook] = /Runbook: (\S+)$/.exec(String(Properties.AlarmDescription)) ?? [];
    expect(existsSync(new URL(`../../../${runbook}`, import.meta.url))).toBe(true);
    expect(String(Properties.AlarmName).length).toBeLessThanOrEqual(255);
    expect(String(Properties.AlarmDescription).length).toBeLessThanOrEqual(1024);
  }
  const topics = resourcesOf(template, 'AWS::SNS::Topic');
  expect(topics).toHaveLength(2);
  for (const [, { Properties }] of topics) {
    expect(String(Properties.DisplayName).length).toBeLessThanOrEqual(100);
  }
});
