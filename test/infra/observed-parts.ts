import { known } from '../../doctor/shapes/log-shapes.ts';
import type {
  ObservedBucket,
  ObservedKey,
  ObservedRole,
  ObservedTopic,
} from '../../doctor/shapes/observation.ts';
import type { DeployedResource, DeployedTemplates } from './deployed-templates.ts';

/** What no template says, and no default replaces. */
export const undecided = {
  kind: 'failed',
  action: 'a template',
  error: 'no template decides this',
} as const;

/** A new key: enabled, of this account, and with the defaults that the template does not change. */
export function observedKey({ arn = '', properties }: DeployedResource): [string, ObservedKey] {
  const [, , , , account] = arn.split(':');
  const metadata = {
    AWSAccountId: account,
    KeyId: arn.split('/').at(-1),
    Arn: arn,
    KeyManager: 'CUSTOMER',
    KeyState: properties.Enabled === false ? 'Disabled' : 'Enabled',
    KeySpec: String(properties.KeySpec ?? 'SYMMETRIC_DEFAULT'),
    KeyUsage: String(properties.KeyUsage ?? 'ENCRYPT_DECRYPT'),
    MultiRegion: properties.MultiRegion === true,
    Origin: String(properties.Origin ?? 'AWS_KMS'),
  };
  return [arn, { metadata: known(metadata), policy: known(JSON.stringify(properties.KeyPolicy)) }];
}

/** IAM's API encodes documents for use in a URL. */
export function observedRole(
  deployed: DeployedTemplates,
  { name, arn, properties }: DeployedResource,
): ObservedRole {
  const document = (value: unknown) => encodeURIComponent(JSON.stringify(value));
  const beside = deployed
    .all('AWS::IAM::Policy')
    .map((policy) => policy.properties)
    .filter(({ Roles }) => Array.isArray(Roles) && Roles.includes(name));
  const inline = [properties.Policies ?? [], beside].flat() as {
    PolicyName: string;
    PolicyDocument: unknown;
  }[];
  return {
    role: known({
      RoleName: name,
      Arn: arn,
      AssumeRolePolicyDocument: document(properties.AssumeRolePolicyDocument),
    }),
    policies:
      properties.ManagedPolicyArns === undefined
        ? known(
            inline.map(({ PolicyName, PolicyDocument }) => ({
              name: PolicyName,
              document: document(PolicyDocument),
            })),
          )
        : undecided,
    boundary: properties.PermissionsBoundary === undefined ? known(null) : undecided,
  };
}

export function observedBucket(
  deployed: DeployedTemplates,
  { name, properties }: DeployedResource,
): ObservedBucket {
  const { BucketEncryption, PublicAccessBlockConfiguration, VersioningConfiguration } =
    properties as {
      BucketEncryption?: {
        ServerSideEncryptionConfiguration: {
          ServerSideEncryptionByDefault: { SSEAlgorithm: string; KMSMasterKeyID?: string };
        }[];
      };
      PublicAccessBlockConfiguration?: Record<string, boolean>;
      VersioningConfiguration?: { Status: string };
    };
  const policy = deployed
    .all('AWS::S3::BucketPolicy')
    .find(({ properties: { Bucket } }) => Bucket === name);
  return {
    versioning: known(VersioningConfiguration ?? {}),
    publicAccessBlock: known(PublicAccessBlockConfiguration ?? {}),
    policy: known(policy ? { Policy: JSON.stringify(policy.properties.PolicyDocument) } : {}),
    encryption: known({
      Rules: BucketEncryption?.ServerSideEncryptionConfiguration.map((rule) => ({
        ApplyServerSideEncryptionByDefault: rule.ServerSideEncryptionByDefault,
      })),
    }),
  };
}

/** No template says whether somebody has confirmed a subscription. */
export function observedTopic(
  deployed: DeployedTemplates,
  { arn = '', properties }: DeployedResource,
  subscriptions: ObservedTopic['subscriptions'],
): [string, ObservedTopic] {
  const policy = deployed
    .all('AWS::SNS::TopicPolicy')
    .find(({ properties: { Topics } }) => Array.isArray(Topics) && Topics.includes(arn));
  return [
    arn,
    {
      attributes: known({
        TopicArn: arn,
        KmsMasterKeyId: String(properties.KmsMasterKeyId),
        ...(policy && { Policy: JSON.stringify(policy.properties.PolicyDocument) }),
      }),
      subscriptions,
    },
  ];
}
