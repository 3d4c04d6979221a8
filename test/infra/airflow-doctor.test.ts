import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { examine } from '../../doctor/examine.ts';
import { healthy } from '../../doctor/fixtures/parts/healthy.ts';
import { observedSchema } from '../../doctor/shapes/observation.ts';
import { addMonitors } from '../../infra/add-monitors.ts';
import { DeployedTemplates, type OneTemplate } from './deployed-templates.ts';
import { nothingObserved, observedDeployment } from './observed-deployment.ts';
import { newApp, withoutBundling } from './synthesized.ts';

const work = mkdtempSync(join(tmpdir(), 'airflow-doctor-'));
afterAll(() => rmSync(work, { recursive: true }));

/**
 * The environment of the healthy fixture, with what AWS answers about it apart from the templates.
 */
const fixture = healthy();
const { mwaaEnvironment, region } = fixture;
const place = { accountId: '111122223333', region, partition: 'aws' };

const templates = synthesizedTemplates();

/** The stacks of key, environment and monitor, as the app creates them from a file. */
function synthesizedTemplates(): OneTemplate[] {
  const environmentFile = join(work, 'prod.yaml');
  const airflow = {
    airflowVersion: '3.0.6',
    dagWriters: [`arn:aws:iam::${place.accountId}:role/pipeline`],
  };
  const notify = { email: ['oncall@example.com'] };
  const { accountId: account } = place;
  writeFileSync(environmentFile, stringify({ mwaaEnvironment, account, region, notify, airflow }));
  const app = newApp({ ...withoutBundling, environmentFile });
  addMonitors(app, work);
  return app.synth().stacks.map(({ template }) => template);
}

/**
 * What the doctor says about the templates as if deployed, with AWS's other answers from `base`.
 */
function verdict(deployedTemplates: readonly OneTemplate[], base = fixture) {
  const deployed = new DeployedTemplates(deployedTemplates, place);
  return examine(observedSchema.parse(observedDeployment(deployed, base)));
}

const idsOf = ({ checks }: ReturnType<typeof verdict>, ...results: string[]) =>
  checks.filter(({ result }) => results.includes(result)).map(({ id }) => id);

test('the doctor passes every check that the templates decide, and the rest is unknown', () => {
  const report = verdict(templates, nothingObserved(mwaaEnvironment, region));
  // The templates' monitor has no second witness.
  expect(report.skipped.map(({ id }) => id)).toEqual(['witness-reach', 'witness-rights']);
  expect(idsOf(report, 'warn', 'fail')).toEqual([]);
  expect(idsOf(report, 'unknown')).toEqual([
    // Templates do not decide how a deployment ends, the grants that MWAA makes, the events that
    // Airflow writes, whether Logs Insights accepts queries, the monitor's heartbeat, the confirmed
    // subscriptions and the account's CloudTrail.
    'environment-status',
    'log-events-fresh',
    'log-events-usual',
    'query-accepted',
    'monitor-stack',
    'monitor-heartbeat',
    'topic-subscriptions',
    'tamper-notices',
    'key-grants',
    'key-grant-shapes',
    'cloudtrail-active',
    'uploads-recorded',
    'denied-decrypts',
  ]);
});

test("with a healthy environment's other answers, the doctor passes every check", () => {
  const report = verdict(templates);
  // The templates' monitor has no second witness.
  expect(report.skipped.map(({ id }) => id)).toEqual(['witness-reach', 'witness-rights']);
  expect(idsOf(report, 'pass')).toEqual(report.checks.map(({ id }) => id));
});

type Statement = { Sid?: string; Effect?: string };

/** The templates with one change to one resource; a change that finds nothing to change fails. */
function changed(
  type: string,
  change: (properties: Record<string, unknown>) => Record<string, unknown> | undefined,
): OneTemplate[] {
  let changes = 0;
  const result = structuredClone(templates).map((template) => ({
    ...template,
    Resources: Object.fromEntries(
      Object.entries(template.Resources).map(([id, resource]) => {
        const properties = resource.Type === type ? change({ ...resource.Properties }) : undefined;
        if (properties === undefined) return [id, resource];
        changes += 1;
        return [id, { ...resource, Properties: properties }];
      }),
    ),
  }));
  expect(changes).toBe(1);
  return result;
}

/** Without the statement of that Sid in the policy of that property. */
function without(policyProperty: string, sid: string) {
  return (properties: Record<string, unknown>) => {
    const policy = properties[policyProperty] as { Statement: Statement[] };
    const Statement = policy.Statement.filter(({ Sid }) => Sid !== sid);
    return Statement.length === policy.Statement.length
      ? undefined
      : { ...properties, [policyProperty]: { ...policy, Statement } };
  };
}

/** Replaces fields in what `fits`. */
const put =
  (fields: object, fits: (properties: Record<string, unknown>) => boolean = () => true) =>
  (properties: Record<string, unknown>) =>
    fits(properties) ? { ...properties, ...fields } : undefined;

const ofEnvironment = ({ Description }: Record<string, unknown>) =>
  String(Description).includes('MWAA environment');
const ofTasks = ({ LogGroupName }: Record<string, unknown>) => /-Task$/.test(String(LogGroupName));
const ofDags = ({ LoggingConfiguration }: Record<string, unknown>) =>
  LoggingConfiguration !== undefined;

test.each([
  [
    'without the statement for CloudWatch Logs, the key',
    'AWS::KMS::Key',
    without('KeyPolicy', 'AllowCloudWatchLogsToEncryptTheEnvironmentsLogs'),
    ['key-policy-logs'],
  ],
  [
    'without rotation, the key',
    'AWS::KMS::Key',
    put({ EnableKeyRotation: false }, ofEnvironment),
    ['key-rotation'],
  ],
  [
    'of many Regions, the key',
    'AWS::KMS::Key',
    put({ MultiRegion: true }, ofEnvironment),
    ['key-multi-region'],
  ],
  [
    'with another key, a log group',
    'AWS::Logs::LogGroup',
    put(
      {
        KmsKeyId: `arn:aws:kms:${region}:${place.accountId}:key/0a1b2c3d-0000-4000-8000-00000000000d`,
      },
      ofTasks,
    ),
    ['log-group-keys'],
  ],
  [
    'kept for a day, a log group',
    'AWS::Logs::LogGroup',
    put({ RetentionInDays: 1 }, ofTasks),
    ['log-retention'],
  ],
  [
    'of the class Infrequent Access, a log group',
    'AWS::Logs::LogGroup',
    put({ LogGroupClass: 'INFREQUENT_ACCESS' }, ofTasks),
    ['log-class'],
  ],
  [
    'that masks what it holds, a log group',
    'AWS::Logs::LogGroup',
    put({ DataProtectionPolicy: {} }, ofTasks),
    ['log-data-protection'],
  ],
  ['trusted to nobody of MWAA, the role', 'AWS::IAM::Role', withoutTrust, ['role-trust']],
  [
    'without versions, the bucket',
    'AWS::S3::Bucket',
    put({ VersioningConfiguration: { Status: 'Suspended' } }, ofDags),
    ['bucket-versioning'],
  ],
  [
    'open to the public, the bucket',
    'AWS::S3::Bucket',
    put({ PublicAccessBlockConfiguration: {} }, ofDags),
    ['bucket-public-access'],
  ],
  [
    'with a public web server, the environment',
    'AWS::MWAA::Environment',
    put({ WebserverAccessMode: 'PUBLIC_ONLY' }),
    ['webserver-access'],
  ],
  [
    'without a secrets backend, the environment',
    'AWS::MWAA::Environment',
    put({ AirflowConfigurationOptions: {} }),
    ['secrets-backend'],
  ],
])('the doctor reports %s', (_what, type, change, ids) => {
  expect(idsOf(verdict(changed(type, change)), 'warn', 'fail', 'unknown')).toEqual(ids);
});

function withoutTrust(properties: Record<string, unknown>) {
  const policy = properties.AssumeRolePolicyDocument as { Statement: object[] };
  if (!JSON.stringify(policy).includes('airflow-env')) return undefined;
  const nobody = { Version: '2012-10-17', Statement: [] };
  return { ...properties, AssumeRolePolicyDocument: nobody };
}

test('a policy attached to the role counts like an inline one', () => {
  const [role] = templates.flatMap(({ Resources }) =>
    Object.keys(Resources).filter((id) => id.startsWith('ExecutionRole')),
  );
  const more = {
    Type: 'AWS::IAM::Policy',
    Properties: {
      PolicyName: 'More',
      Roles: [{ Ref: role }],
      PolicyDocument: {
        Statement: [{ Effect: 'Allow', Action: 'airflow:CreateCliToken', Resource: '*' }],
      },
    },
  };
  const beside = templates.map((template) =>
    role !== undefined && role in template.Resources
      ? { ...template, Resources: { ...template.Resources, More: more } }
      : template,
  );
  expect(idsOf(verdict(beside), 'fail')).toEqual(['role-airflow-admin']);
});

test('a key policy without the statement for CloudWatch Logs fails', () => {
  const broken = changed(
    'AWS::KMS::Key',
    without('KeyPolicy', 'AllowCloudWatchLogsToEncryptTheEnvironmentsLogs'),
  );
  expect(verdict(templates).result).toBe('pass');
  expect(verdict(broken).result).toBe('fail');
});
