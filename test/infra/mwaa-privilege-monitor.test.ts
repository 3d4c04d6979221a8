import 'aws-cdk-lib/testhelpers/jest-autoclean';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Template } from 'aws-cdk-lib/assertions';
import { type App, CfnParameter, NestedStack, Stack, Stage } from 'aws-cdk-lib/core';
import { environmentSchema } from '../../infra/config/environment-config.ts';
import type { MwaaPrivilegeMonitorProps } from '../../infra/config/monitor-props.ts';
import { MonitorStack } from '../../infra/monitor-stack.ts';
import { MwaaPrivilegeMonitor } from '../../infra/mwaa-privilege-monitor.ts';
import { loadDetections } from '../../queries/tools/load-detections.ts';
import { newApp, templateOf, withoutBundling } from './synthesized.ts';
import { resourcesOf, type TemplateJson } from './template-walk.ts';

const work = mkdtempSync(join(tmpdir(), 'construct-'));
afterAll(() => rmSync(work, { recursive: true }));

/** The settings of `templateOf`, as props. */
const prod = { environmentName: 'prod', notify: { email: ['oncall@example.com'] } };
const stackIn = (app: App, name = 'Monitor') => new Stack(app, name);
const monitorOf = (props: MwaaPrivilegeMonitorProps = prod, id = 'Default') =>
  new MwaaPrivilegeMonitor(stackIn(newApp(withoutBundling)), id, props);
const jsonOf = (monitor: MwaaPrivilegeMonitor) =>
  Template.fromStack(Stack.of(monitor)).toJSON() as TemplateJson;

test('a stack that was deployed before there was the construct is updated in place', () => {
  const { Resources } = templateOf().toJSON() as TemplateJson;
  // Also of the construct's parts that keep nothing: with a fixed name, a new one could not be made.
  expect(Object.entries(Resources).map(([id, { Type }]) => `${id} ${Type}`)).toEqual(
    expect.arrayContaining([
      'ScannerRoleAF3242AA AWS::IAM::Role',
      'ScannerFunction7895B5B5 AWS::Lambda::Function',
      'ScannerScheduleFB065E6E AWS::Events::Rule',
      'ScannerLogs1C107EEE AWS::Logs::LogGroup',
      'TamperingRule1661B68EF AWS::Events::Rule',
      'Dashboard9E4231ED AWS::CloudWatch::Dashboard',
      'Queriesaddrole16E93ED5 AWS::Logs::QueryDefinition',
    ]),
  );
});

test('the props of a construct give the template that the fields of a file give', () => {
  const approval = {
    dag: 'promote',
    verb: 'grant-role' as const,
    user: 'bob',
    role: ['Viewer'],
    reason: 'OPS-1',
    owner: 'platform',
    expires: '2099-12-31',
  };
  const settings = {
    everyMinutes: 10,
    logTypes: { Worker: 'optional' as const },
    farSweep: { lagMinutes: 2880 },
    detections: { disable: ['cli-role-granted'] },
    approvedChanges: [approval],
    notify: { email: ['a@example.com', 'b@example.com'], documentedAlarms: false },
    scannerLogRetentionDays: 30,
  };
  const given = named(jsonOf(monitorOf({ environmentName: 'prod', ...settings })));
  expect(given).toEqual(
    named(templateOf({ ...settings, mwaaEnvironment: 'prod' }).toJSON() as TemplateJson),
  );
});

/** The stack's description is the only thing that a construct does not have. */
function named(template: TemplateJson): object {
  return { ...template, Description: undefined };
}

test('under another id, and twice in a stack, nothing clashes', () => {
  const stack = stackIn(newApp(withoutBundling));
  for (const environmentName of ['alpha', 'beta']) {
    new MwaaPrivilegeMonitor(stack, `Monitor-${environmentName}`, { ...prod, environmentName });
  }
  const json = Template.fromStack(stack).toJSON() as TemplateJson;
  const names = ['AlarmName', 'DashboardName', 'LogGroupName', 'Name'].flatMap((field) =>
    Object.values(json.Resources).flatMap(({ Properties }) => Properties?.[field] ?? []),
  );
  expect(names.length).toBeGreaterThan(60);
  expect(names.every((name) => /alpha|beta/.test(String(name)))).toBe(true);
  expect(new Set(names).size).toBe(names.length);
});

test('in a nested stack, whose name nobody knows yet, the rules still fit their limit', () => {
  const nested = new NestedStack(stackIn(newApp(withoutBundling)), 'Nested');
  new MwaaPrivilegeMonitor(nested, 'Monitor', { ...prod, environmentName: 'p'.repeat(80) });
  const json = Template.fromStack(nested).toJSON() as TemplateJson;
  expect(resourcesOf(json, 'AWS::Events::Rule').length).toBeGreaterThan(3);
});

describe('a second monitor of one environment', () => {
  const second = (first: Stack, other: Stack) => () => {
    new MwaaPrivilegeMonitor(first, 'One', prod);
    new MwaaPrivilegeMonitor(other, 'Two', prod);
  };
  const stage = (app: App, id: string, env?: object) =>
    new Stack(new Stage(app, id, { ...env }), 'S');
  const env = { env: { account: '111122223333', region: 'eu-west-1' } };

  test('is refused in the same place', () => {
    const app = newApp(withoutBundling);
    expect(second(stackIn(app, 'A'), stackIn(app, 'B'))).toThrow(
      'MwaaPrivilegeMonitor B/Two: environmentName: must not be that of MwaaPrivilegeMonitor A/One in the same account and Region, got "prod"',
    );
    expect(second(stage(app, 'Dev', env), stage(app, 'Test', env))).toThrow('environmentName');
  });

  test('is allowed in another Region, and in another stage of unknown place', () => {
    const app = newApp(withoutBundling);
    const elsewhere = { env: { ...env.env, region: 'eu-west-2' } };
    second(stage(app, 'Dev', env), stage(app, 'Test', elsewhere))();
    expect(second(stage(app, 'Blue'), stage(app, 'Green'))).not.toThrow();
  });
});

describe('topics, buses and keys of an app', () => {
  const env = { account: '111122223333', region: 'eu-west-1' };
  const inPlace = (props: Partial<MwaaPrivilegeMonitorProps>) => () =>
    new MwaaPrivilegeMonitor(new Stack(newApp(withoutBundling), 'S', { env }), 'M', {
      ...prod,
      ...props,
    });
  const arnsIn = (region: string) => [
    { notify: { existingTopicArn: `arn:aws:sns:${region}:111122223333:security` } },
    { notify: { eventBus: `arn:aws:events:${region}:111122223333:event-bus/security` } },
    { kmsKeyArn: `arn:aws:kms:${region}:111122223333:key/00000000-0000-0000-0000-000000000000` },
  ];

  test.each(arnsIn('eu-west-2'))('are refused outside of the Region of its stack: %j', (props) => {
    expect(inPlace(props)).toThrow(/^MwaaPrivilegeMonitor S\/M: [\w.]+: must be .*Region/);
  });

  test.each(arnsIn('eu-west-1'))(
    'are taken in that Region, whatever Region the CDK runs in: %j',
    (props) => {
      process.env.CDK_DEFAULT_REGION = 'us-east-1';
      try {
        expect(inPlace(props)).not.toThrow();
      } finally {
        delete process.env.CDK_DEFAULT_REGION;
      }
    },
  );
});

describe('bad props', () => {
  const unknown = { ...prod, everyMinute: 5 };
  const ofStack = { ...prod, region: 'eu-west-1' };
  const token = { ...prod, environmentName: new Stack().account };
  test.each([
    [
      'a broken rule',
      { ...prod, settleMinutes: 61 },
      'settleMinutes: must be whole minutes, 0 to 60, got 61',
    ],
    [
      'two fields that do not fit',
      { ...prod, offsetMinutes: 5 },
      'offsetMinutes: must be less than everyMinutes (5), got 5',
    ],
    [
      'a name that MWAA refuses',
      { environmentName: 'pr.od' },
      'environmentName: must begin with a letter',
    ],
    ['a missing name', {} as typeof prod, 'environmentName: is required'],
    ['a misspelt field', unknown, 'everyMinute: unknown field; the fields here are everyMinutes'],
    ['what belongs to the stack', ofStack, 'region: unknown field'],
    [
      'a name that only the deployment knows',
      token,
      'environmentName: must be known at synthesis, got a token',
    ],
    [
      'an address',
      { ...prod, notify: { email: ['nobody'] } },
      'notify.email[0]: must be an e-mail address, got "nobody"',
    ],
  ])('are one clear error: %s', (_what, props, message) => {
    expect(() => monitorOf(props)).toThrow(`MwaaPrivilegeMonitor Monitor/Default: ${message}`);
  });
});

test('key, boundary and addresses may be known at the deployment only', () => {
  const stack = stackIn(newApp(withoutBundling));
  const texts = ['Key', 'Boundary', 'Email'].map((id) => new CfnParameter(stack, id).valueAsString);
  const [logsKmsKeyArn = '', permissionsBoundary = '', email = ''] = texts;
  new MwaaPrivilegeMonitor(stack, 'Default', {
    ...{ environmentName: 'prod', logsKmsKeyArn, permissionsBoundary, notify: { email: [email] } },
  });
  const template = Template.fromStack(stack);
  template.resourceCountIs('AWS::SNS::Subscription', 2);
  template.allResourcesProperties('AWS::SNS::Subscription', { Endpoint: { Ref: 'Email' } });
  template.allResourcesProperties('AWS::IAM::Role', { PermissionsBoundary: { Ref: 'Boundary' } });
  expect(JSON.stringify(template.findResources('AWS::IAM::Policy'))).toContain('{"Ref":"Key"}');
});

test('tags and boundary apply to the monitor alone', () => {
  const monitor = monitorOf({ ...prod, tags: { team: 'data' } });
  const { Ledger } = Object.fromEntries(
    resourcesOf(jsonOf(monitor), 'AWS::DynamoDB::Table').map(([, table]) => ['Ledger', table]),
  );
  expect(Ledger?.Properties.Tags).toEqual([{ Key: 'team', Value: 'data' }]);
  expect(Stack.of(monitor).tags.tagValues()).toEqual({});
});

test("a monitor's parts can be used: subscribed to, acted on, read", () => {
  const monitor = monitorOf();
  const stack = Stack.of(monitor);
  const idOf = (token: string) => JSON.stringify(stack.resolve(token));
  expect(idOf(monitor.findingsTopic.topicArn)).toContain('FindingsTopic');
  expect(idOf(monitor.alarmsTopic.topicArn)).toContain('AlarmTopic');
  expect(idOf(monitor.ledgerTable.tableArn)).toContain('Ledger');
  expect(idOf(monitor.scannerFunction.functionArn)).toContain('ScannerFunction');
  expect(idOf(monitor.encryptionKey.keyArn)).toContain('Key');
  expect(idOf(monitor.dashboard.dashboardName)).toContain('Dashboard');
  expect(monitor.alarms.length).toBeGreaterThan(20);
  expect(monitor.alarms).toContain(monitor.alarm('privilege-change-Task'));
  expect(monitor.alarms).not.toContain(monitor.alarm('test'));
  expect(() => monitor.alarm('blind')).toThrow(/no alarm "blind".* blind-Task, .* silent, /s);
});

describe('a detection of the app', () => {
  const own = join(work, 'vault-role-granted.yaml');
  const guide = readFileSync(new URL('../../queries/README.md', import.meta.url), 'utf8');
  const text = /```yaml\n([\s\S]*?)```/.exec(guide)?.[1] ?? '';
  writeFileSync(own, text);

  test('is scanned for, saved as a query and shown, as if its file were in queries/', () => {
    const monitor = new MwaaPrivilegeMonitor(stackIn(newApp()), 'Default', prod);
    monitor.addDetection(own);
    const config = environmentSchema.parse({ mwaaEnvironment: 'prod', notify: prod.notify });
    const detections = [...loadDetections(), ...loadDetections(work)];
    const stack = new MonitorStack(newApp(), 'Monitor', { config, detections });
    const given = named(jsonOf(monitor));
    expect(given).toEqual(named(Template.fromStack(stack).toJSON() as TemplateJson));
    expect(JSON.stringify(given)).toContain('vault_role_granted');
  });

  test.each([
    ['that does not exist', 'no-such.yaml', 'no-such.yaml: there is no such file'],
    ['that is there already', 'queries/cli-role-granted.yaml', 'id: must not be another detection'],
  ])('is refused: a file %s', (_what, file, message) => {
    const monitor = monitorOf();
    expect(() => monitor.addDetection(file)).toThrow(message);
    const before = jsonOf(monitorOf());
    expect(jsonOf(monitor)).toEqual(before);
  });

  test('is refused with its own line when it misjudges its lines', () => {
    const broken = join(work, 'vault-broken.yaml');
    writeFileSync(
      broken,
      text.replace('vault-role-granted', 'vault-broken').replace('gave up', 'gave a role '),
    );
    expect(() => monitorOf().addDetection(broken)).toThrow(
      /vault-broken\.yaml:\d+: tests\.ignores/,
    );
    rmSync(broken);
  });

  test('is refused once the app is synthesized, since the code is packed', () => {
    const monitor = monitorOf();
    jsonOf(monitor);
    expect(() => monitor.addDetection(own)).toThrow(
      'Monitor/Default: addDetection must be called before the app is synthesized',
    );
  });
});
