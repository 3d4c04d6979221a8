import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addMonitors } from '../../../infra/add-monitors.ts';
import { environmentSchema } from '../../../infra/config/environment-config.ts';
import { newApp, templateOf, withoutBundling } from '../synthesized.ts';
import { resourcesOf, statementsOf, type TemplateJson } from '../template-walk.ts';

const place = { account: '111122223333', region: 'eu-west-1' };
const kmsKeyArn = 'arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-0000-4000-8000-000000000001';

const own = templateOf(place).toJSON() as TemplateJson;
const existing = templateOf({ ...place, kmsKeyArn }).toJSON() as TemplateJson;

test('an existing key encrypts everything that the own key encrypts', () => {
  expect(resourcesOf(existing, 'AWS::KMS::Key')).toEqual([]);
  const [[keyId = ''] = []] = resourcesOf(own, 'AWS::KMS::Key');
  const usesOf = (template: TemplateJson, key: string) =>
    Object.entries(template.Resources)
      .filter(([id, resource]) => id !== keyId && JSON.stringify(resource).includes(key))
      .map(([id, { Type }]) => `${Type} ${id}`)
      .toSorted();
  const uses = usesOf(existing, kmsKeyArn.split('/')[1] ?? '');
  expect(uses).toEqual(usesOf(own, keyId));
  expect(uses.map((use) => use.split(' ')[0])).toEqual(
    expect.arrayContaining([
      'AWS::DynamoDB::Table',
      'AWS::Logs::LogGroup',
      'AWS::SNS::Topic',
      'AWS::SQS::Queue',
    ]),
  );
});

/**
 * Replacing one of these properties replaces the resource, by the schemas that CloudFormation publishes
 * (createOnlyProperties, conditionalCreateOnlyProperties). None of them names a key.
 */
const replacing: Readonly<Record<string, readonly string[]>> = {
  'AWS::DynamoDB::Table': ['TableName', 'ImportSourceSpecification', 'KeySchema'],
  'AWS::Logs::LogGroup': ['LogGroupName'],
  'AWS::SNS::Topic': ['TopicName', 'FifoTopic'],
  'AWS::SQS::Queue': ['QueueName', 'FifoQueue'],
};

test('another key replaces neither the ledger nor anything else that has state', () => {
  for (const [type, properties] of Object.entries(replacing)) {
    const named = (template: TemplateJson) =>
      resourcesOf(template, type).map(([id, { Properties }]) => [
        id,
        properties.map((name) => Properties[name]),
      ]);
    expect(named(existing).length).toBeGreaterThan(0);
    expect(named(existing)).toEqual(named(own));
  }
});

test.each([
  [{ account: '444455556666' }, 'account 444455556666'],
  [{ region: 'us-east-1' }, 'Region us-east-1'],
])('a key of elsewhere is refused: %j', (elsewhere, where) => {
  const input = { mwaaEnvironment: 'prod', ...place, ...elsewhere, kmsKeyArn };
  expect(environmentSchema.safeParse(input).error?.issues).toMatchObject([
    {
      path: ['kmsKeyArn'],
      message: `must be a key of the monitor's own account and Region, which is in ${where}`,
    },
  ]);
});

test('an id that KMS does not give is refused before the CDK sees it', () => {
  const input = { mwaaEnvironment: 'prod', kmsKeyArn: `${kmsKeyArn}0` };
  expect(environmentSchema.safeParse(input).success).toBe(false);
  const multiRegion = `arn:aws:kms:eu-west-1:111122223333:key/mrk-${'0a'.repeat(16)}`;
  const accepted = { mwaaEnvironment: 'prod', kmsKeyArn: multiRegion };
  expect(environmentSchema.safeParse(accepted).success).toBe(true);
});

test('an alias is refused', () => {
  const input = {
    mwaaEnvironment: 'prod',
    kmsKeyArn: 'arn:aws:kms:eu-west-1:111122223333:alias/a',
  };
  expect(environmentSchema.safeParse(input).success).toBe(false);
});

test('the synthesis says what the policy of an existing key needs, and passes cdk-nag', () => {
  const folder = mkdtempSync(join(tmpdir(), 'existing-key-'));
  try {
    writeFileSync(
      join(folder, 'prod.yaml'),
      `mwaaEnvironment: prod\naccount: '111122223333'\nregion: eu-west-1\nnotify: { email: [a@example.com] }\nkmsKeyArn: ${kmsKeyArn}\n`,
    );
    const app = newApp(withoutBundling);
    addMonitors(app, folder);
    const { messages } = app.synth().getStackByName('MonitorStack-prod');
    const [said, ...others] = messages.map(({ level, entry }) => `${level} ${entry.data}`);
    expect(others).toEqual([]);
    expect(said).toMatch(/^info kmsKeyArn: the policy of arn:aws:kms:/);
    const statements = String(said)
      .split('\n')
      .slice(1, -1)
      .map((line) => JSON.parse(line));
    // Those that the own key has, beside the one for the account.
    const [[, key] = []] = resourcesOf(own, 'AWS::KMS::Key');
    const ofServices = statementsOf(key?.Properties.KeyPolicy).filter(
      ({ Sid }) => Sid !== undefined,
    );
    const resolved = JSON.parse(
      JSON.stringify(ofServices).replaceAll(
        /\{"Fn::Join":\["",\["arn:",\{"Ref":"AWS::Partition"\},("[^"]*)"\]\]\}/g,
        (_, rest: string) => `"arn:aws${rest.slice(1)}"`,
      ),
    );
    expect(statements.map(comparable)).toEqual(resolved.map(withAnyAlarm).map(comparable));
  } finally {
    rmSync(folder, { recursive: true });
  }
});

interface Statement {
  readonly Action: readonly string[];
  readonly Condition?: Readonly<Record<string, object>>;
}

function comparable(statement: Statement): Statement {
  return { ...statement, Action: statement.Action.toSorted() };
}

/** Monitors may share an existing key, so its policy names their alarms by the beginning of the name. */
function withAnyAlarm({ Condition, ...statement }: Statement): Statement {
  if (Condition?.ArnEquals === undefined) return { ...statement, ...(Condition && { Condition }) };
  const { ArnEquals: _, ...others } = Condition;
  const alarms = 'arn:aws:cloudwatch:eu-west-1:111122223333:alarm:mwaa-privilege-monitor-prod-*';
  return { ...statement, Condition: { ...others, ArnLike: { 'aws:SourceArn': alarms } } };
}
