import { metricNamespace } from '../../../lambda/metrics/metric-definitions.ts';
import { airflowTemplates, importedKey, onlyResource } from '../airflow-templates.ts';
import { listed, statementsOf, targetOf } from '../template-walk.ts';

const templates = airflowTemplates();

describe('the execution role', () => {
  const { Properties } = onlyResource(templates.environment, 'AWS::IAM::Role');
  const statements = listed(Properties.Policies as { PolicyDocument: unknown }[]).flatMap(
    ({ PolicyDocument }) => statementsOf(PolicyDocument),
  );
  const allowed = statements.filter(({ Effect }) => Effect === 'Allow');
  const actions = allowed.flatMap(({ Action }) => listed(Action));

  test('trusts both services of MWAA, for this environment only', () => {
    expect(statementsOf(Properties.AssumeRolePolicyDocument)).toEqual([
      {
        Effect: 'Allow',
        Action: 'sts:AssumeRole',
        Principal: { Service: ['airflow-env.amazonaws.com', 'airflow.amazonaws.com'] },
        Condition: {
          StringEquals: { 'aws:SourceAccount': '111122223333' },
          ArnLike: { 'aws:SourceArn': 'arn:aws:airflow:eu-west-1:111122223333:environment/prod' },
        },
      },
    ]);
  });

  test('has inline policies only', () => {
    const { Resources } = templates.environment;
    const others = Object.values(Resources).filter(({ Type }) =>
      /^AWS::IAM::(\w*Policy)$/.test(Type),
    );
    expect(others).toEqual([]);
    expect(Properties.ManagedPolicyArns).toBeUndefined();
  });

  test('may do what MWAA documents and read its secrets, and nothing else', () => {
    const arn = 'arn:aws';
    const place = 'eu-west-1:111122223333';
    const bucket = targetOf(
      onlyResource(templates.environment, 'AWS::MWAA::Environment').Properties.SourceBucketArn,
    );
    const bucketArn = { 'Fn::GetAtt': [bucket, 'Arn'] };
    expect(allowed.map(({ Action, Resource }) => [listed(Action), Resource])).toEqual([
      [['airflow:PublishMetrics'], `${arn}:airflow:${place}:environment/prod`],
      [
        ['s3:GetBucket*', 's3:GetObject*', 's3:List*'],
        [bucketArn, { 'Fn::Join': ['', [bucketArn, '/*']] }],
      ],
      [
        [
          'logs:CreateLogGroup',
          'logs:CreateLogStream',
          'logs:GetLogEvents',
          'logs:GetLogGroupFields',
          'logs:GetLogRecord',
          'logs:GetQueryResults',
          'logs:PutLogEvents',
        ],
        `${arn}:logs:${place}:log-group:airflow-prod-*`,
      ],
      [
        ['cloudwatch:PutMetricData', 'logs:DescribeLogGroups', 's3:GetAccountPublicAccessBlock'],
        '*',
      ],
      [
        [
          'sqs:ChangeMessageVisibility',
          'sqs:DeleteMessage',
          'sqs:GetQueueAttributes',
          'sqs:GetQueueUrl',
          'sqs:ReceiveMessage',
          'sqs:SendMessage',
        ],
        // The queue is in an account of MWAA.
        `${arn}:sqs:eu-west-1:*:airflow-celery-*`,
      ],
      [
        ['kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt', 'kms:GenerateDataKey*'],
        importedKey(templates),
      ],
      [
        ['secretsmanager:DescribeSecret', 'secretsmanager:GetSecretValue'],
        `${arn}:secretsmanager:${place}:secret:airflow/prod/*`,
      ],
    ]);
  });

  test('uses the one key, through SQS and S3 only', () => {
    expect(allowed.filter(({ Action }) => listed(Action)[0]?.startsWith('kms:'))).toEqual([
      expect.objectContaining({
        Action: ['kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt', 'kms:GenerateDataKey*'],
        Resource: importedKey(templates),
        Condition: {
          StringEquals: {
            'kms:ViaService': ['sqs.eu-west-1.amazonaws.com', 's3.eu-west-1.amazonaws.com'],
          },
        },
      }),
    ]);
  });

  test('writes the five log groups, and may list all', () => {
    const [writing] = allowed.filter(({ Action }) => listed(Action).includes('logs:PutLogEvents'));
    expect(writing?.Resource).toBe('arn:aws:logs:eu-west-1:111122223333:log-group:airflow-prod-*');
    expect(actions).toContain('logs:DescribeLogGroups');
  });

  test.each([
    ['make itself Admin', /^airflow:(\*|Create|Invoke)/],
    ['change keys', /^kms:(\*|Put|Create|Schedule|Disable)/],
    ['lose or re-key logs', /^logs:(\*|Delete|Associate|Disassociate|PutRetention)/],
    ['write DAGs', /^s3:(\*|Put|Delete)/],
    ['change roles', /^(iam|sts):/],
    ['change secrets', /^secretsmanager:(?!GetSecretValue$|DescribeSecret$)/],
  ])('cannot %s', (_what, pattern) => {
    expect(actions.filter((action) => action === '*' || pattern.test(action))).toEqual([]);
  });

  test("cannot publish the monitor's metrics", () => {
    expect(statements.filter(({ Effect }) => Effect === 'Deny')).toEqual([
      expect.objectContaining({
        Action: 'cloudwatch:PutMetricData',
        Condition: { StringEquals: { 'cloudwatch:namespace': metricNamespace } },
      }),
    ]);
  });

  test("reads the environment's own secrets only", () => {
    const reading = allowed.filter(({ Action }) =>
      listed(Action)[0]?.startsWith('secretsmanager:'),
    );
    expect(reading.map(({ Resource }) => Resource)).toEqual([
      'arn:aws:secretsmanager:eu-west-1:111122223333:secret:airflow/prod/*',
    ]);
  });
});
