import { airflowTemplates, importedKey, onlyResource, pipelineRole } from './airflow-templates.ts';
import { listed, resourcesOf, statementsOf, targetOf } from './template-walk.ts';

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
    expect(DeletionPolicy).toBe('Retain');
  },
);

test('the bucket is written to by the named pipeline only, whatever IAM says', () => {
  const denied = policyOf().filter(({ Sid }) => Sid === 'DenyWritingToEverybodyElse');
  expect(denied).toMatchObject([
    {
      Effect: 'Deny',
      Principal: { AWS: '*' },
      Condition: { ArnNotEquals: { 'aws:PrincipalArn': [pipelineRole] } },
    },
  ]);
  expect(listed(denied[0]?.Action)).toEqual(expect.arrayContaining(['s3:PutObject']));
});

test('the bucket tells in another bucket who wrote what', () => {
  const { LoggingConfiguration } = bucket ?? {};
  expect(LoggingConfiguration).toMatchObject({ LogFilePrefix: 'bucket-access/' });
  expect(JSON.stringify(LoggingConfiguration)).not.toContain(`"${bucketId}"`);
});
