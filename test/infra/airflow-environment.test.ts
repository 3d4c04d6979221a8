import { logGroupName, logTypes } from '../../lambda/log-types.ts';
import { metricNamespace } from '../../lambda/metric-definitions.ts';
import { airflowTemplates, pipelineRole } from './airflow-templates.ts';
import { listed, resourcesOf, statementsOf, targetOf } from './template-walk.ts';

const { key, environment: base } = airflowTemplates();

const only = (type: string, template = base) => {
  const [[id, resource] = [], ...others] = resourcesOf(template, type);
  if (id === undefined || resource === undefined || others.length > 0) {
    throw new Error(`expected one ${type}, found ${others.length + (id === undefined ? 0 : 1)}`);
  }
  return { id, ...resource };
};

const imported = {
  'Fn::ImportValue': `AirflowKey-prod:${
    Object.entries(outputsOf(key)).find(([, { Export }]) => Export !== undefined)?.[0]
  }`,
};

function outputsOf(template: object): Record<string, { Export?: unknown }> {
  return 'Outputs' in template ? (template.Outputs as Record<string, { Export?: unknown }>) : {};
}

describe('the environment', () => {
  const { Properties, DependsOn } = only('AWS::MWAA::Environment');

  test('logs all five types at INFO', () => {
    const level = { Enabled: true, LogLevel: 'INFO' };
    expect(Properties.LoggingConfiguration).toEqual({
      DagProcessingLogs: level,
      SchedulerLogs: level,
      TaskLogs: level,
      WebserverLogs: level,
      WorkerLogs: level,
    });
  });

  test('has a private web server unless told otherwise', () => {
    expect(Properties.WebserverAccessMode).toBe('PRIVATE_ONLY');
  });

  test('is given its key by ARN, from the stack of the key', () => {
    expect(Properties.KmsKey).toEqual(imported);
  });

  test('reads secrets from Secrets Manager, below its own name', () => {
    expect(Properties.AirflowConfigurationOptions).toMatchObject({
      'secrets.backend': expect.stringMatching(/SecretsManagerBackend$/),
      'secrets.backend_kwargs': JSON.stringify({
        connections_prefix: 'airflow/prod/connections',
        variables_prefix: 'airflow/prod/variables',
      }),
    });
  });

  test.each([
    'AWS::Logs::LogGroup',
    'AWS::IAM::Role',
    'AWS::S3::BucketPolicy',
    'AWS::EC2::SecurityGroupIngress',
    'AWS::EC2::VPCEndpoint',
  ])('is created after every %s', (type) => {
    const ids = resourcesOf(base, type).map(([id]) => id);
    const waited = ids.filter((id) => DependsOn?.includes(id));
    // The audit bucket's policy is no concern of MWAA's.
    expect(ids.filter((id) => !waited.includes(id) && !id.startsWith('Audit'))).toEqual([]);
    expect(waited.length).toBeGreaterThan(0);
  });
});

describe('the log groups', () => {
  const groups = resourcesOf(base, 'AWS::Logs::LogGroup');

  test('are the five of MWAA, by the names that it would give them', () => {
    expect(groups.map(([, { Properties }]) => Properties.LogGroupName)).toEqual(
      logTypes.map((logType) => logGroupName('prod', logType)),
    );
  });

  test('have the key of the environment, and a retention', () => {
    for (const [, { Properties }] of groups) {
      expect(Properties).toMatchObject({ KmsKeyId: imported, RetentionInDays: 90 });
    }
  });

  test('can be taken back: a literal name, retained in every case', () => {
    for (const [, group] of groups) {
      expect(group).toMatchObject({
        DeletionPolicy: 'Retain',
        UpdateReplacePolicy: 'Retain',
        Properties: { LogGroupName: expect.any(String) },
      });
    }
  });
});

describe('the bucket', () => {
  const { id } = resourceOfEnvironment();

  function resourceOfEnvironment() {
    const bucketId = targetOf(only('AWS::MWAA::Environment').Properties.SourceBucketArn) ?? '';
    return { id: bucketId, ...base.Resources[bucketId] };
  }

  const policy = (template = base) =>
    resourcesOf(template, 'AWS::S3::BucketPolicy')
      .filter(([, { Properties }]) => targetOf(Properties.Bucket) === id)
      .flatMap(([, { Properties }]) => statementsOf(Properties.PolicyDocument));

  test('is versioned, closed to the public, and encrypted with the key of the environment', () => {
    expect(resourceOfEnvironment().Properties).toMatchObject({
      VersioningConfiguration: { Status: 'Enabled' },
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
      OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [
          {
            ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: imported },
          },
        ],
      },
    });
  });

  test('refuses what does not come over TLS', () => {
    expect(policy()).toContainEqual(
      expect.objectContaining({
        Effect: 'Deny',
        Action: 's3:*',
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      }),
    );
  });

  test('is written to by the named pipeline only, whatever IAM says', () => {
    const denied = policy().filter(({ Sid }) => Sid === 'DenyWritingToEverybodyElse');
    expect(denied).toMatchObject([
      {
        Effect: 'Deny',
        Principal: { AWS: '*' },
        Condition: { ArnNotEquals: { 'aws:PrincipalArn': [pipelineRole] } },
      },
    ]);
    expect(listed(denied[0]?.Action)).toEqual(expect.arrayContaining(['s3:PutObject']));
  });

  test('tells in another bucket who wrote what', () => {
    const { LoggingConfiguration } = resourceOfEnvironment().Properties ?? {};
    expect(LoggingConfiguration).toMatchObject({ LogFilePrefix: 'bucket-access/' });
    expect(JSON.stringify(LoggingConfiguration)).not.toContain(`"${id}"`);
  });
});

describe('the execution role', () => {
  const { Properties } = only('AWS::IAM::Role');
  const statements = listed(Properties.Policies as { PolicyDocument: unknown }[]).flatMap(
    ({ PolicyDocument }) => statementsOf(PolicyDocument),
  );
  const allowed = statements.filter(({ Effect }) => Effect === 'Allow');
  const actions = allowed.flatMap(({ Action }) => listed(Action));

  test('is trusted to both services of MWAA, for this environment only', () => {
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

  test('uses the one key, through SQS and S3 only', () => {
    expect(allowed.filter(({ Action }) => listed(Action)[0]?.startsWith('kms:'))).toEqual([
      expect.objectContaining({
        Action: ['kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt', 'kms:GenerateDataKey*'],
        Resource: imported,
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

  test("cannot write metrics in the monitor's name", () => {
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
