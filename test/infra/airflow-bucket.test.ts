import { airflowTemplates, importedKey, onlyResource, pipelineRole } from './airflow-templates.ts';
import { resourcesOf, statementsOf, targetOf } from './template-walk.ts';

const templates = airflowTemplates();
const { environment: base } = templates;

const bucketId = targetOf(onlyResource(base, 'AWS::MWAA::Environment').Properties.SourceBucketArn);
const bucket = base.Resources[bucketId ?? '']?.Properties;

/** The statements of the policy of the environment's bucket, or of another's. */
const policyOf = (id = bucketId) =>
  resourcesOf(base, 'AWS::S3::BucketPolicy')
    .filter(([, { Properties }]) => targetOf(Properties.Bucket) === id)
    .flatMap(([, { Properties }]) => statementsOf(Properties.PolicyDocument));

test('the bucket is versioned, closed to the public, and encrypted with the key of the environment', () => {
  expect(bucket).toMatchObject({
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
          ServerSideEncryptionByDefault: {
            SSEAlgorithm: 'aws:kms',
            KMSMasterKeyID: importedKey(templates),
          },
        },
      ],
    },
  });
});

test.each(resourcesOf(base, 'AWS::S3::Bucket'))(
  '%s refuses what does not come over TLS, and outlives the stack',
  (id, { DeletionPolicy }) => {
    expect(policyOf(id)).toContainEqual(
      expect.objectContaining({
        Effect: 'Deny',
        Action: 's3:*',
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      }),
    );
    expect(DeletionPolicy).toBe('RetainExceptOnCreate');
  },
);

test('the policies of the buckets outlive the stack as the buckets do', () => {
  const kept = resourcesOf(base, 'AWS::S3::BucketPolicy').map(
    ([, { DeletionPolicy }]) => DeletionPolicy,
  );
  expect(kept).toEqual(['RetainExceptOnCreate', 'RetainExceptOnCreate']);
});

test('the bucket is written to by the named pipeline only, whatever IAM says', () => {
  const arn = { 'Fn::GetAtt': [bucketId, 'Arn'] };
  const objects = { 'Fn::Join': ['', [arn, '/*']] };
  const named = (sid: string) => policyOf().filter(({ Sid }) => Sid === sid);
  expect(named('DenyWritingToEverybodyElse')).toEqual([
    {
      Sid: 'DenyWritingToEverybodyElse',
      Effect: 'Deny',
      Principal: { AWS: '*' },
      Action: [
        's3:DeleteObject',
        's3:DeleteObjectVersion',
        's3:PutObject',
        's3:ReplicateDelete',
        's3:ReplicateObject',
      ],
      Resource: objects,
      Condition: { ArnNotEquals: { 'aws:PrincipalArn': [pipelineRole] } },
    },
  ]);
  expect(named('AllowDagWriters')).toEqual([
    {
      Sid: 'AllowDagWriters',
      Effect: 'Allow',
      Principal: { AWS: pipelineRole },
      Action: ['s3:DeleteObject', 's3:GetObject', 's3:ListBucket', 's3:PutObject'],
      Resource: [arn, objects],
    },
  ]);
});

test('who wrote what is kept as long as the logs', () => {
  const { environment } = airflowTemplates({ logRetentionDays: 365 });
  const rules = resourcesOf(environment, 'AWS::S3::Bucket').flatMap(
    ([, { Properties }]) => Properties.LifecycleConfiguration ?? [],
  );
  expect(rules).toEqual([{ Rules: [{ ExpirationInDays: 365, Status: 'Enabled' }] }]);
});

test('the bucket tells in another bucket who wrote what', () => {
  const { LoggingConfiguration } = bucket ?? {};
  expect(LoggingConfiguration).toMatchObject({ LogFilePrefix: 'bucket-access/' });
  expect(JSON.stringify(LoggingConfiguration)).not.toContain(`"${bucketId}"`);
});
