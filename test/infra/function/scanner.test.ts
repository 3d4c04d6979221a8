import { regularPeriods } from '../../../infra/config/schedule.ts';
import { namesFor } from '../../../infra/naming/names.ts';
import { metricDefinitions } from '../../../lambda/metrics/metric-definitions.ts';
import { type DutiesOfLogTypes, defaultDuties, logTypes } from '../../../lambda/model/log-types.ts';
import { runtimeConfigSchema, runtimeConfigVariable } from '../../../lambda/plan/runtime-config.ts';
import { loadDetections } from '../../../queries/tools/load-detections.ts';
import { templateOf, withWitness } from '../synthesized.ts';
import { resourcesOf, type TemplateJson, targetOf } from '../template-walk.ts';

const duties: DutiesOfLogTypes = {
  ...defaultDuties,
  DAGProcessing: 'required',
  Worker: 'optional',
};
const json = templateOf({
  everyMinutes: 5,
  settleMinutes: 7,
  maxSliceMinutes: 30,
  silentAfterHours: 2,
  logTypes: duties,
  initialLookbackHours: 3,
  nearSweep: { everyMinutes: 30, lagMinutes: 40 },
  farSweep: { everyMinutes: 720, lagMinutes: 800 },
}).toJSON() as TemplateJson;
const only = (template: TemplateJson, type: string) => {
  const [[id, resource] = [], ...others] = resourcesOf(template, type);
  expect(others).toEqual([]);
  return { id, ...resource?.Properties };
};

const scheduleOf = (template: TemplateJson) => {
  const [schedule, ...others] = resourcesOf(template, 'AWS::Events::Rule').filter(
    ([, { Properties }]) => Properties.ScheduleExpression !== undefined,
  );
  expect(others).toEqual([]);
  return schedule?.[1].Properties;
};

test('the scanner is one arm64 function on Node 24 without reserved concurrency', () => {
  const scanner = only(json, 'AWS::Lambda::Function');
  expect(scanner).toMatchObject({ Runtime: 'nodejs24.x', Architectures: ['arm64'] });
  expect(scanner).not.toHaveProperty('ReservedConcurrentExecutions');
});

test('the scanner gets its configuration in the form that it reads', () => {
  const { Environment } = only(json, 'AWS::Lambda::Function') as unknown as {
    Environment: { Variables: Record<string, { 'Fn::Join': [string, unknown[]] }> };
  };
  // The value of a reference is known once the stack is deployed.
  const parts = Environment.Variables[runtimeConfigVariable]?.['Fn::Join'][1] ?? [];
  const references = parts.filter((part) => typeof part !== 'string').map(targetOf);
  expect(references).toEqual([
    expect.stringMatching(/^FindingsTopic/),
    expect.stringMatching(/^Ledger/),
  ]);
  const text = parts
    .map((part) => (typeof part === 'string' ? part : String(targetOf(part)).slice(0, 6)))
    .join('');
  expect(runtimeConfigSchema.parse(JSON.parse(text))).toEqual({
    mwaaEnvironment: 'prod',
    everyMinutes: 5,
    offsetMinutes: 2,
    delaySeconds: 2,
    settleMinutes: 7,
    maxSliceMinutes: 30,
    silentAfterHours: 2,
    logTypes: duties,
    initialLookbackHours: 3,
    nearSweep: { everyMinutes: 30, lagMinutes: 40 },
    farSweep: { everyMinutes: 720, lagMinutes: 800 },
    correlateSeconds: 180,
    alertAt: 'medium',
    ledgerRetentionDays: 400,
    findingsTopicArn: 'Findin',
    ledgerTableName: 'Ledger',
  });
});

test('the scanner has a log group of its own, with a retention', () => {
  const { id, LogGroupName, RetentionInDays } = only(json, 'AWS::Logs::LogGroup') as {
    id?: string;
    LogGroupName?: string;
    RetentionInDays?: number;
  };
  const { LoggingConfig } = only(json, 'AWS::Lambda::Function') as {
    LoggingConfig?: { LogGroup: unknown };
  };
  expect(targetOf(LoggingConfig?.LogGroup)).toBe(id);
  expect({ LogGroupName, RetentionInDays }).toEqual({
    LogGroupName: '/mwaa-privilege-monitor/prod',
    RetentionInDays: 90,
  });
});

test('a tick is retried once, for two periods at most, and then goes to a queue with an alarm', () => {
  const { Targets } = scheduleOf(json) as unknown as {
    Targets: { RetryPolicy: unknown; DeadLetterConfig: { Arn: unknown } }[];
  };
  const run = only(json, 'AWS::Lambda::EventInvokeConfig') as unknown as {
    DestinationConfig: { OnFailure: { Destination: unknown } };
  };
  expect(Targets).toHaveLength(1);
  expect(Targets[0]?.RetryPolicy).toEqual({
    MaximumEventAgeInSeconds: 600,
    MaximumRetryAttempts: 1,
  });
  expect(run).toMatchObject({ MaximumEventAgeInSeconds: 600, MaximumRetryAttempts: 1 });

  const queues = [Targets[0]?.DeadLetterConfig.Arn, run.DestinationConfig.OnFailure.Destination];
  const watched = resourcesOf(json, 'AWS::CloudWatch::Alarm')
    .filter(([, { Properties }]) => Properties.Namespace === 'AWS/SQS')
    .map(([, { Properties }]) =>
      targetOf((Properties.Dimensions as { Value: unknown }[])[0]?.Value),
    );
  expect(watched.toSorted()).toEqual(queues.map(targetOf).toSorted());
  expect(new Set(watched).size).toBe(2);
});

test.each([
  { everyMinutes: 1, cron: 'cron(0/1 * * * ? *)', timeout: 60, ruleAge: 120, runAge: 120 },
  { everyMinutes: 20, cron: 'cron(0/20 * * * ? *)', timeout: 300, ruleAge: 2400, runAge: 2400 },
  { everyMinutes: 60, cron: 'cron(0 0/1 * * ? *)', timeout: 300, ruleAge: 7200, runAge: 7200 },
  { everyMinutes: 360, cron: 'cron(0 0/6 * * ? *)', timeout: 300, ruleAge: 43200, runAge: 21600 },
  { everyMinutes: 1440, cron: 'cron(0 0 * * ? *)', timeout: 300, ruleAge: 86400, runAge: 21600 },
])('a period of $everyMinutes minutes is $cron, within the limits of the services', (expected) => {
  const { everyMinutes } = expected;
  const template = templateOf({ everyMinutes, offsetMinutes: 0 }).toJSON() as TemplateJson;
  expect(scheduleOf(template)).toMatchObject({
    ScheduleExpression: expected.cron,
    Targets: [{ RetryPolicy: { MaximumEventAgeInSeconds: expected.ruleAge } }],
  });
  expect(only(template, 'AWS::Lambda::Function')).toMatchObject({ Timeout: expected.timeout });
  expect(only(template, 'AWS::Lambda::EventInvokeConfig')).toMatchObject({
    MaximumEventAgeInSeconds: expected.runAge,
  });
});

test('the periods on offer are those whose ticks are always evenly spaced', () => {
  expect(regularPeriods).toEqual([
    1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60, 120, 180, 240, 360, 480, 720, 1440,
  ]);
});

test('every detection is a saved query with its text unchanged and its log types in the name', () => {
  const saved = resourcesOf(json, 'AWS::Logs::QueryDefinition').map(
    ([, { Properties }]) => Properties,
  );
  for (const { id, query, logTypes: types } of loadDetections()) {
    const over = types.length === logTypes.length ? 'all five log groups' : types.join(', ');
    expect(saved).toContainEqual({
      Name: `mwaa-privilege-monitor/prod/${id} (${over})`,
      QueryString: query,
    });
  }
});

test('no saved query names a log group, since a missing one could fail the deployment', () => {
  const saved = resourcesOf(json, 'AWS::Logs::QueryDefinition');
  expect(saved).toHaveLength(loadDetections().length + 1);
  for (const [, { Properties }] of saved) expect(Properties).not.toHaveProperty('LogGroupNames');
});

test('CloudWatch Logs accepts the longest name that a saved query can have', () => {
  const types = logTypes.slice(0, -1);
  const name = namesFor('e'.repeat(80)).savedQuery('d'.repeat(80), types);
  expect(name.length).toBeLessThanOrEqual(255);
  // https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-logs-querydefinition.html
  expect(name).toMatch(/^([^:*/]+\/?)*[^:*/]+$/);
});

test('the dashboard shows every metric, and every alarm except the one for tests', () => {
  const full = templateOf(withWitness).toJSON() as TemplateJson;
  const body = JSON.stringify(only(full, 'AWS::CloudWatch::Dashboard'));
  for (const [id, { Properties }] of resourcesOf(full, 'AWS::CloudWatch::Alarm')) {
    expect([id, body.includes(id)]).toEqual([id, !String(Properties.AlarmName).endsWith('-test')]);
  }
  for (const metric of [
    ...Object.values(metricDefinitions).map(({ name }) => name),
    'finding-recorded',
    'Errors',
    'Duration',
    'ApproximateNumberOfMessagesVisible',
  ]) {
    expect(body).toContain(metric);
  }
});
