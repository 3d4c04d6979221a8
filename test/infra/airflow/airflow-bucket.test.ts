import { airflowTemplates, importedKey, onlyResource, pipelineRole } from '../airflow-templates.ts';
import { resourcesOf, statementsOf, targetOf } from '../template-walk.ts';

const templates = airflowTemplates();
const { environment: base } = templates;

const bucketId = targetOf(onlyResource(base, 'AWS::MWAA::Environment').Properties.SourceBucketArn);
const bucket = base.Resources[bucketId ?? '']?.Properties;

/** The statements of the policy of the environment's bucket, or of another's. */
const policyOf = (id = bucketId) =>
  resourcesOf(base, 'AWS::S3::BucketPolicy')
    .filter(([, { Properties }]) => targetOf(Properties.Bucket) === id)
    .flatMap(([, { Properties }]) => statementsOf(Properties.PolicyDocument));

test("the bucket is versioned, closed to the public, and encrypted with the environment's key", () => {
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

test('the policies of the buckets outlive the stack, like the buckets', () => {
  const kept = resourcesOf(base, 'AWS::S3::BucketPolicy').map(
    ([, { DeletionPolicy }]) => DeletionPolicy,
  );
  expect(kept).toEqual(['RetainExceptOnCreate', 'RetainExceptOnCreate']);
});

test('only the named pipeline can write to the bucket, whatever IAM allows', () => {
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

test('the audit bucket stores its logs as long as the log groups do', () => {
  const { environment } = airflowTemplates({ logRetentionDays: 365 });
  const rules = resourcesOf(environment, 'AWS::S3::Bucket').flatMap(
    ([, { Properties }]) => Properties.LifecycleConfiguration ?? [],
  );
  const kept = { ExpirationInDays: 365, NoncurrentVersionExpiration: { NoncurrentDays: 365 } };
  expect(rules).toEqual([{ Rules: [{ ...kept, Status: 'Enabled' }] }]);
});

test.each(resourcesOf(base, 'AWS::S3::Bucket'))(
  'what somebody deletes or overwrites in %s stays there as an old version',
  (_id, { Properties }) => {
    expect(Properties.VersioningConfiguration).toEqual({ Status: 'Enabled' });
  },
);

test("the bucket's access log goes to another bucket", () => {
  const { LoggingConfiguration } = bucket ?? {};
  expect(LoggingConfiguration).toMatchObject({ LogFilePrefix: 'bucket-access/' });
  expect(JSON.stringify(LoggingConfiguration)).not.toContain(`"${bucketId}"`);
});
