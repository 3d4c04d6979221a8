import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addMonitors } from '../../infra/add-monitors.ts';
import { newApp, withoutBundling } from './synthesized.ts';
import type { TemplateJson } from './template-walk.ts';

/** What an account and a Region name for all who use them; undefined where AWS gives every name. */
const nameProperties: Readonly<Record<string, string | undefined>> = {
  'AWS::CDK::Metadata': undefined,
  'AWS::CloudWatch::Alarm': 'AlarmName',
  'AWS::CloudWatch::Dashboard': 'DashboardName',
  'AWS::DynamoDB::Table': 'TableName',
  'AWS::Events::Rule': 'Name',
  'AWS::IAM::Policy': undefined,
  'AWS::IAM::Role': 'RoleName',
  'AWS::KMS::Key': undefined,
  'AWS::Lambda::EventInvokeConfig': undefined,
  'AWS::Lambda::Function': 'FunctionName',
  'AWS::Lambda::Permission': undefined,
  'AWS::Logs::LogGroup': 'LogGroupName',
  'AWS::SNS::Subscription': undefined,
  'AWS::SNS::Topic': 'TopicName',
  'AWS::SNS::TopicPolicy': undefined,
  'AWS::SQS::Queue': 'QueueName',
  'AWS::SQS::QueuePolicy': undefined,
};

const places = {
  alpha: "account: '111122223333'\nregion: eu-west-1",
  beta: "account: '111122223333'\nregion: us-east-1",
  gamma: "account: '444455556666'\nregion: eu-west-1",
};

const folder = mkdtempSync(join(tmpdir(), 'places-'));
afterAll(() => rmSync(folder, { recursive: true }));
for (const [name, place] of Object.entries(places)) {
  writeFileSync(
    join(folder, `${name}.yaml`),
    `mwaaEnvironment: ${name}\n${place}\nnotify: { email: [a@example.com] }\n`,
  );
}

describe('three environments in two Regions and two accounts', () => {
  const app = newApp(withoutBundling);
  const monitors = addMonitors(app, folder);
  // It fails when a stack breaks a rule of cdk-nag that is not acknowledged.
  const assembly = app.synth();
  const templates = monitors.map(
    ({ artifactId }) => assembly.getStackArtifact(artifactId).template as TemplateJson,
  );

  test('give a monitor for each, and a shared stack for each place', () => {
    const deployed = assembly.stacks.map(
      ({ stackName, environment: { account, region } }) => `${stackName} ${account} ${region}`,
    );
    expect(deployed.toSorted()).toEqual([
      'MonitorFleet-111122223333-eu-west-1 111122223333 eu-west-1',
      'MonitorFleet-111122223333-us-east-1 111122223333 us-east-1',
      'MonitorFleet-444455556666-eu-west-1 444455556666 eu-west-1',
      'MonitorStack-alpha 111122223333 eu-west-1',
      'MonitorStack-beta 111122223333 us-east-1',
      'MonitorStack-gamma 444455556666 eu-west-1',
    ]);
  });

  test('pass cdk-nag without a warning', () => {
    const said = assembly.stacks.flatMap(({ messages }) =>
      messages.map(({ level, entry }) => `${level}: ${entry.data}`),
    );
    expect(said).toEqual([]);
  });

  test('share no physical name', () => {
    const named = templates.flatMap(({ Resources }) =>
      Object.values(Resources).flatMap(({ Type, Properties = {} }) => {
        expect(Object.keys(nameProperties)).toContain(Type);
        const property = nameProperties[Type];
        const name = property === undefined ? undefined : Properties[property];
        return name === undefined ? [] : [`${Type} ${JSON.stringify(name)}`];
      }),
    );
    expect(named.length).toBeGreaterThan(3 * 20);
    expect(named.filter((name, at) => named.indexOf(name) !== at)).toEqual([]);
  });

  test('refer to nothing of another stack, account or Region', () => {
    for (const [at, [name, place]] of Object.entries(places).entries()) {
      const text = JSON.stringify(templates[at]);
      const [, account = '', region = ''] = /'(\d+)'\nregion: (.*)/.exec(place) ?? [];
      expect(text).not.toContain('Fn::ImportValue');
      const arns = text.match(/:(\d{12}):/g) ?? [];
      expect([...new Set(arns)]).toEqual([`:${account}:`]);
      const regions = text.match(/\b(eu-west-1|us-east-1)\b/g) ?? [];
      expect([...new Set(regions)]).toEqual([region]);
      const others = Object.keys(places).filter((other) => other !== name);
      for (const other of others) expect(text).not.toMatch(new RegExp(`monitor-${other}\\b`));
    }
  });

  // CloudFormation takes templates of 1 MB and 500 resources: half of each is left for what comes.
  test('have templates below 500 kB and 200 resources', () => {
    for (const { templateFullPath, template } of assembly.stacks) {
      expect(statSync(templateFullPath).size).toBeLessThan(500_000);
      expect(Object.keys((template as TemplateJson).Resources).length).toBeLessThan(200);
    }
  });
});
