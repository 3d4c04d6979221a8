import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { airflowSchema } from '../../../infra/config/airflow-config.ts';
import { readEnvironmentFile } from '../../../infra/config/environment-config.ts';

const work = mkdtempSync(join(tmpdir(), 'airflow-config-'));
afterAll(() => rmSync(work, { recursive: true }));

/** The section `airflow` as read from a file with these fields and the required ones. */
function read(airflow: object, others: object = {}) {
  const path = join(work, 'prod.yaml');
  const fields = { airflowVersion: '3.0.6', ...airflow };
  writeFileSync(path, stringify({ mwaaEnvironment: 'prod', ...others, airflow: fields }));
  return readEnvironmentFile(path, 'prod.yaml').config.airflow;
}

const existing = {
  vpcId: 'vpc-0123456789abcdef0',
  subnetIds: ['subnet-0123456789abcdefa', 'subnet-0123456789abcdefb'],
};

test('only the version is required, and every default is the most private one', () => {
  expect(read({})).toEqual({
    airflowVersion: '3.0.6',
    environmentClass: 'mw1.small',
    minWorkers: 1,
    maxWorkers: 10,
    webserverAccess: 'PRIVATE_ONLY',
    webserverClients: [],
    vpc: {},
    dagS3Path: 'dags',
    airflowConfigurationOptions: {},
    grantIsForAwsResource: false,
    logRetentionDays: 90,
  });
});

test.each([
  [{ vpc: existing }],
  [{ vpc: { cidr: '10.0.0.0/20', availabilityZones: ['eu-west-1a', 'eu-west-1c'] } }],
  [{ vpc: existing, webserverAccess: 'PUBLIC_ONLY' }],
  [{ webserverClients: ['10.8.0.0/22', '192.168.1.4/32'] }],
  [{ environmentClass: 'mw1.micro', maxWorkers: 1 }],
  [{ maxWorkers: 50 }],
  [{ requirementsS3Path: 'requirements.txt', requirementsS3ObjectVersion: 'abc' }],
  [{ airflowConfigurationOptions: { 'core.default_timezone': 'utc' } }],
  [{ creatorPrincipals: ['arn:aws-cn:iam::111122223333:role/path/creator'] }],
  [{ minWorkers: 3, maxWorkers: 3 }],
])('accepted: %j', (fields) => {
  expect(read(fields)).toMatchObject(fields);
});

test.each([
  [{ airflowVersion: 2.1 }, 'airflow.airflowVersion: must be a version like 3.0.6, got 2.1'],
  [{ airflowVersion: 'latest' }, 'airflow.airflowVersion: must be a version like 3.0.6'],
  [{ environmentClass: 'small' }, 'airflow.environmentClass: expected one of "mw1.micro"'],
  [{ webserverAccess: 'PUBLIC' }, 'airflow.webserverAccess: expected one of "PRIVATE_ONLY"'],
  [
    { webserverAccess: 'PUBLIC_ONLY' },
    'airflow.webserverAccess: must be PRIVATE_ONLY in a new VPC',
  ],
  [{ minWorkers: 11 }, 'airflow.minWorkers: must be at most maxWorkers (10), got 11'],
  [{ maxWorkers: 0 }, 'airflow.maxWorkers: must be a whole number of workers, 1 to 50, got 0'],
  [{ maxWorkers: 51 }, 'airflow.maxWorkers: must be a whole number of workers, 1 to 50, got 51'],
  [
    { environmentClass: 'mw1.micro' },
    'airflow.environmentClass: has one worker, which does not scale: set maxWorkers: 1',
  ],
  [{ webserverClients: ['10.8.0.0'] }, 'airflow.webserverClients[0]: must be a range like'],
  [{ webserverClients: ['0.0.0.0/0'] }, 'airflow.webserverClients[0]: must be a range of your own'],
  [
    { vpc: existing, webserverAccess: 'PUBLIC_ONLY', webserverClients: ['10.8.0.0/22'] },
    'airflow.webserverClients: only goes with webserverAccess PRIVATE_ONLY',
  ],
  [{ logRetentionDays: 'ninety' }, 'airflow.logRetentionDays: must be a number of days'],
  [{ dagS3Path: '/dags' }, 'airflow.dagS3Path: must be a path in the bucket without "/"'],
  [{ pluginsS3ObjectVersion: 'a' }, 'airflow.pluginsS3ObjectVersion: only goes with pluginsS3Path'],
  [{ vpc: { vpcId: 'vpc-0123456789abcdef0' } }, 'airflow.vpc: vpcId and subnetIds go together'],
  [{ vpc: { ...existing, vpcId: 'vpc-0abc' } }, 'airflow.vpc.vpcId: must be the id of a VPC'],
  [{ vpc: { subnetIds: existing.subnetIds } }, 'airflow.vpc: vpcId and subnetIds go together'],
  [
    { vpc: { ...existing, cidr: '10.0.0.0/16' } },
    'airflow.vpc: cidr and availabilityZones are for a new VPC',
  ],
  [
    { vpc: { ...existing, subnetIds: ['subnet-0123456789abcdefa'] } },
    'airflow.vpc.subnetIds: must be two private subnets, in two zones',
  ],
  [
    { vpc: { ...existing, subnetIds: ['subnet-0123456789abcdefa', 'subnet-0123456789abcdefa'] } },
    'airflow.vpc.subnetIds: must be two different subnets',
  ],
  [{ vpc: { cidr: '10.0.0.0/8' } }, 'airflow.vpc.cidr: must be a range of /16 to /23'],
  [{ vpc: { cidr: '10.0.0.999/16' } }, 'airflow.vpc.cidr: must be a range like 10.192.0.0/16'],
  [
    { vpc: { availabilityZones: ['eu-west-1a', 'eu-west-1a'] } },
    'airflow.vpc.availabilityZones: must be two different zones',
  ],
  [{ creatorPrincipals: ['*'] }, 'airflow.creatorPrincipals[0]: must be the ARN of an IAM role'],
  [{ creatorPrincipals: [] }, 'airflow.creatorPrincipals: must name somebody'],
  [
    { dagWriters: ['arn:aws:iam::111122223333:role/*'] },
    'airflow.dagWriters[0]: must be the ARN of an IAM role or user',
  ],
  [{ logRetentionDays: 45 }, 'airflow.logRetentionDays: must be a number of days that CloudWatch'],
  [
    { airflowConfigurationOptions: { 'secrets.backend': 'mine' } },
    'airflow.airflowConfigurationOptions: must not set the section secrets',
  ],
  [
    { airflowConfigurationOptions: { 'workers.secrets_backend': 'mine' } },
    'airflow.airflowConfigurationOptions: must not set the section secrets',
  ],
  [
    { airflowConfigurationOptions: { 'logging.logging_level': 'WARNING' } },
    'airflow.airflowConfigurationOptions: must not set a level of logging',
  ],
  [{ color: 'red' }, 'airflow.color: unknown field; the fields here are airflowVersion'],
])('refused: %j', (fields, message) => {
  expect(() => read(fields)).toThrow(`prod.yaml:`);
  expect(() => read(fields)).toThrow(message);
});

test("a retention shorter than the far sweep's reach is refused", () => {
  const farSweep = { lagMinutes: 20_160 };
  expect(read({ logRetentionDays: 30 }, { farSweep })).toMatchObject({ logRetentionDays: 30 });
  expect(() => read({ logRetentionDays: 14 }, { farSweep })).toThrow(
    'airflow.logRetentionDays: must be at least what the far sweep reads again (20220 minutes), got 14',
  );
});

test("a key in addition to the key stack's is refused", () => {
  const logsKmsKeyArn = 'arn:aws:kms:eu-west-1:111122223333:key/1';
  expect(() => read({}, { logsKmsKeyArn })).toThrow(
    'logsKmsKeyArn: must be left out when airflow is given',
  );
});

const example = readFileSync(
  new URL('../../../docs/environments/full.yaml', import.meta.url),
  'utf8',
);

test('the commented-out section of the published example is valid, and shows the defaults', () => {
  const [, section = ''] = example.match(/^(# airflow:\n(?:# {3}.*\n)+)/m) ?? [];
  const { airflow } = parse(section.replaceAll(/^# /gm, ''));
  expect(read(airflow)).toEqual({ ...read({}), vpc: { cidr: '10.192.0.0/16' } });
});

test('every field is in the published example', () => {
  for (const field of Object.keys(airflowSchema.shape)) {
    expect(example).toMatch(new RegExp(`^#   (# )?${field}:`, 'm'));
  }
});
