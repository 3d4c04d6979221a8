import { metricNamespace } from '../../../../lambda/metrics/metric-definitions.ts';
import { type AwsPlace, logGroupArn } from '../../../../local/aws-place.ts';
import type { DeployedTemplates } from '../../deployed-templates.ts';
import type { Caller } from '../policy/decide.ts';
import type { Access, Forbidden } from './access.ts';
import { through } from './function-accesses.ts';
import { accessesOfLogGroup, administrator, ofFamily, serviceCaller } from './service-accesses.ts';

/** The parts of a hardened environment. */
export interface AirflowSurroundings {
  readonly place: AwsPlace;
  readonly environmentArn: string;
  readonly roleArn: string;
  readonly keyArn: string;
  readonly bucketArn: string;
  readonly auditBucketArn: string;
  /** Who creates the environment. */
  readonly creators: readonly string[];
  /** Whether creators may make grants for MWAA only. */
  readonly grantIsForAwsResource: boolean;
  /** Who writes DAGs; undefined: whom IAM allows. */
  readonly dagWriters: readonly string[] | undefined;
}

export function airflowSurroundings(
  deployed: DeployedTemplates,
  people: Pick<AirflowSurroundings, 'creators' | 'grantIsForAwsResource' | 'dagWriters'>,
): AirflowSurroundings {
  const { accountId, region, partition } = deployed.place;
  const { properties } = deployed.one('AWS::MWAA::Environment');
  const audit = deployed.one('AWS::S3::Bucket', ({ arn }) => arn !== properties.SourceBucketArn);
  return {
    ...people,
    place: deployed.place,
    environmentArn: `arn:${partition}:airflow:${region}:${accountId}:environment/${String(properties.Name)}`,
    roleArn: String(properties.ExecutionRoleArn),
    keyArn: String(properties.KmsKey),
    bucketArn: String(properties.SourceBucketArn),
    auditBucketArn: audit.arn ?? '',
  };
}

const ofAPrefix = 'The names begin like this; MWAA or people choose the rest.';
const anyAccount = 'The queue is in an account of MWAA.';

/**
 * What every DAG's role does, as MWAA documents it.
 * https://docs.aws.amazon.com/mwaa/latest/userguide/mwaa-create-role.html
 */
function accessesOfRole(around: AirflowSurroundings): Access[] {
  const { place, environmentArn, roleArn, keyArn, bucketArn } = around;
  const { partition, region, accountId } = place;
  const name = environmentArn.split('/').at(-1) ?? '';
  const about = {
    caller: { kind: 'role', arn: roleArn } as const,
    by: 'MWAA, in the execution role',
  };
  const onEach = (
    why: string,
    actions: readonly string[],
    resources: readonly string[],
    open: Access['open'] = {},
  ): Access[] =>
    actions.flatMap((action) =>
      resources.map((resource) => ({ ...about, why, action, resource, context: {}, open })),
    );
  const group = logGroupArn(place, `airflow-${name}-Task`);
  const stream = `${group}:log-stream:any`;
  const queue = `arn:${partition}:sqs:${region}:999988887777:airflow-celery-0a1b`;
  const secret = `arn:${partition}:secretsmanager:${region}:${accountId}:secret:airflow/${name}/connections/db-AbCdEf`;
  const throughKey = ['sqs', 's3'].flatMap((service) =>
    ['kms:Decrypt', 'kms:DescribeKey', 'kms:GenerateDataKey', 'kms:Encrypt'].flatMap((action) =>
      through(service, keyArn, action, around),
    ),
  );
  return [
    ...onEach('shows the environment’s metrics', ['airflow:PublishMetrics'], [environmentArn]),
    ...onEach('reads DAGs', ['s3:GetObject', 's3:GetObjectVersion'], [`${bucketArn}/dags/dag.py`]),
    ...onEach(
      'reads DAGs',
      ['s3:ListBucket', 's3:ListBucketVersions', 's3:GetBucketLocation', 's3:GetBucketVersioning'],
      [bucketArn],
    ),
    ...onEach('sees that nothing is public', ['s3:GetBucketPublicAccessBlock'], [bucketArn]),
    ...onEach('sees that nothing is public', ['s3:GetAccountPublicAccessBlock'], ['*']),
    ...onEach(
      'writes and shows logs',
      ['logs:CreateLogGroup', 'logs:GetLogGroupFields', 'logs:GetQueryResults'],
      [group],
      { 'longer name': ofAPrefix },
    ),
    ...onEach(
      'writes and shows logs',
      ['logs:CreateLogStream', 'logs:PutLogEvents', 'logs:GetLogEvents'],
      [stream],
      { 'longer name': ofAPrefix },
    ),
    ...onEach('writes and shows logs', ['logs:GetLogRecord'], [group], {
      'longer name': ofAPrefix,
      form: 'MWAA documents it for the log groups; AWS’s reference knows no resource.',
    }),
    ...onEach('finds the log groups', ['logs:DescribeLogGroups'], ['*']),
    {
      ...{ ...about, why: 'shows the environment’s metrics' },
      ...{ action: 'cloudwatch:PutMetricData', resource: '*' },
      context: { 'cloudwatch:namespace': 'AmazonMWAA' },
      open: {
        'key cloudwatch:namespace': 'DAGs may have metrics of their own; all but the monitor’s.',
      },
    },
    ...onEach(
      'shares the queue of tasks',
      [
        ...['sqs:ChangeMessageVisibility', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
        ...['sqs:GetQueueUrl', 'sqs:ReceiveMessage', 'sqs:SendMessage'],
      ],
      [queue],
      { 'longer name': ofAPrefix, account: anyAccount, 'key aws:SecureTransport': anyAccount },
    ),
    ...throughKey.map((part) => ({
      ...{ ...about, ...part, why: 'reads what is encrypted with the environment’s key' },
      ...ofFamily(part.action),
    })),
    ...onEach(
      'reads connections and variables',
      ['secretsmanager:GetSecretValue', 'secretsmanager:DescribeSecret'],
      [secret],
      { 'longer name': ofAPrefix },
    ),
  ];
}

/** What services of AWS do with the environment's parts. */
function accessesOfServices(deployed: DeployedTemplates, around: AirflowSurroundings): Access[] {
  const { place, environmentArn, roleArn, bucketArn, auditBucketArn } = around;
  const { partition, region, accountId } = place;
  const from = (sourceArn: string) => ({
    'aws:SourceAccount': accountId,
    'aws:SourceArn': sourceArn,
  });
  const flowLogs = deployed.all('AWS::EC2::FlowLog').length > 0;
  const delivery = {
    caller: serviceCaller('delivery.logs.amazonaws.com'),
    by: 'CloudWatch Logs, flow logs',
    why: 'records the network traffic',
    open: {
      'key aws:SourceArn: name': 'A delivery gets its name from AWS.',
      'key aws:SourceArn: longer name': 'A delivery gets its name from AWS.',
    },
  };
  const source = `arn:${partition}:logs:${region}:${accountId}:delivery-source:flow`;
  return [
    ...['airflow.amazonaws.com', 'airflow-env.amazonaws.com'].map((name) => ({
      ...{ caller: serviceCaller(name), by: 'MWAA', why: 'runs the environment' },
      ...{ action: 'sts:AssumeRole', resource: roleArn, context: from(environmentArn) },
    })),
    {
      ...{
        caller: serviceCaller('logging.s3.amazonaws.com'),
        by: 'S3',
        why: 'records who wrote DAGs',
      },
      ...{ action: 's3:PutObject', resource: `${auditBucketArn}/bucket-access/log` },
      context: from(bucketArn),
    },
    ...(flowLogs
      ? [
          {
            ...{ ...delivery, action: 's3:PutObject' },
            resource: `${auditBucketArn}/vpc-flow-logs/AWSLogs/${accountId}/log`,
            context: { ...from(source), 's3:x-amz-acl': 'bucket-owner-full-control' },
          },
          ...['s3:GetBucketAcl', 's3:ListBucket'].map((action) => ({
            ...{ ...delivery, action, resource: auditBucketArn, context: from(source) },
          })),
        ]
      : []),
    ...deployed
      .all('AWS::Logs::LogGroup')
      .flatMap((group) => accessesOfLogGroup(group, place))
      .map((one) => ({
        ...one,
        open: { ...one.open, [`key ${logsContext}: longer name`]: ofAPrefix },
      })),
  ];
}

const logsContext = 'kms:EncryptionContext:aws:logs:arn';

/** What people and their pipelines do. */
function accessesOfPeople(around: AirflowSurroundings): Access[] {
  const { keyArn, bucketArn, creators, grantIsForAwsResource, dagWriters = [] } = around;
  const role = (arn: string): Caller => ({ kind: 'role', arn });
  return [
    ...creators.flatMap((arn) =>
      [
        ...['DescribeKey', 'Encrypt', 'Decrypt', 'ReEncryptFrom', 'ReEncryptTo', 'GenerateDataKey'],
        ...['CreateGrant', 'ListGrants', 'RevokeGrant'],
      ].map((action) => ({
        ...{ caller: role(arn), by: 'who creates the environment', why: 'grants MWAA the key' },
        ...{ action: `kms:${action}`, resource: keyArn, ...ofFamily(`kms:${action}`) },
        context:
          grantIsForAwsResource && /Grants?$/.test(action)
            ? { 'kms:GrantIsForAWSResource': 'true' }
            : {},
      })),
    ),
    ...dagWriters.flatMap((arn) => {
      const about = { caller: role(arn), by: 'the pipeline of DAGs', why: 'uploads DAGs' };
      return [
        ...['s3:GetObject', 's3:PutObject', 's3:DeleteObject'].map((action) => ({
          ...{ ...about, action, resource: `${bucketArn}/dags/dag.py`, context: {} },
        })),
        { ...about, action: 's3:ListBucket', resource: bucketArn, context: {} },
        ...['kms:Decrypt', 'kms:GenerateDataKey'].flatMap((action) =>
          through('s3', keyArn, action, around).map((part) => ({
            ...{ ...about, ...part, ...ofFamily(action) },
          })),
        ),
      ];
    }),
  ];
}

export function airflowAccesses(
  deployed: DeployedTemplates,
  around: AirflowSurroundings,
): Access[] {
  return [
    ...accessesOfRole(around),
    ...accessesOfServices(deployed, around),
    ...accessesOfPeople(around),
  ];
}

/** What is denied to whoever is allowed everything. */
export function airflowForbidden(around: AirflowSurroundings): Forbidden[] {
  const { place, bucketArn, auditBucketArn, dagWriters, roleArn } = around;
  const admin = administrator(place);
  const writing = [
    ...['s3:PutObject', 's3:DeleteObject', 's3:DeleteObjectVersion'],
    ...['s3:ReplicateObject', 's3:ReplicateDelete'],
  ].map((action) => ({
    ...{ caller: admin, why: 'only the pipeline writes DAGs' },
    ...{ action, resource: `${bucketArn}/dags/dag.py`, context: {} },
  }));
  const insecurely = [bucketArn, auditBucketArn].flatMap((arn) =>
    [
      { 'aws:SecureTransport': 'false' },
      { 'aws:SecureTransport': 'true', 's3:TlsVersion': '1.1' },
    ].flatMap((context) =>
      [
        { action: 's3:GetObject', resource: `${arn}/object` },
        { action: 's3:ListBucket', resource: arn },
      ].map((asked) => ({ ...asked, context, caller: admin, why: 'nobody reads without TLS 1.2' })),
    ),
  );
  return [
    ...(dagWriters === undefined ? [] : writing),
    ...insecurely,
    {
      ...{ caller: { kind: 'role', arn: roleArn }, why: 'a DAG writes no metric of the monitor' },
      ...{ action: 'cloudwatch:PutMetricData', resource: '*' },
      context: { 'cloudwatch:namespace': metricNamespace },
    },
  ];
}
