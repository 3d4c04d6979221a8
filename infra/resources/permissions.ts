import { Effect, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Key } from 'aws-cdk-lib/aws-kms';
import { Stack, Validations } from 'aws-cdk-lib/core';
import type { IConstruct } from 'constructs';

/**
 * Allows CloudWatch Logs of the key's Region to use the key for these log groups of its account,
 * and for no others; without it such a group cannot be created.
 *
 * AWS's sample allows every group of the Region, or of the account:
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
 *
 * @param logGroupPattern a log group's name, in which `*` matches anything
 */
export function allowLogs(key: Key, sid: string, logGroupPattern: string): void {
  const { partition, region, account } = Stack.of(key);
  key.addToResourcePolicy(
    new PolicyStatement({
      sid,
      effect: Effect.ALLOW,
      principals: [new ServicePrincipal(`logs.${region}.amazonaws.com`)],
      actions: [
        'kms:Encrypt*',
        'kms:Decrypt*',
        'kms:ReEncrypt*',
        'kms:GenerateDataKey*',
        'kms:Describe*',
      ],
      resources: ['*'],
      conditions: {
        ArnLike: {
          'kms:EncryptionContext:aws:logs:arn': `arn:${partition}:logs:${region}:${account}:log-group:${logGroupPattern}`,
        },
      },
    }),
  );
}

/**
 * Records the reason for one wildcard in a policy below `scope`; a wildcard without a reason stops
 * the synthesis (cdk-nag, AwsSolutions-IAM5).
 */
export function acknowledgeWildcard(
  scope: IConstruct,
  wildcard: { readonly action: string } | { readonly resource: string },
  reason: string,
): void {
  const found =
    'action' in wildcard
      ? `Action::${wildcard.action}`
      : `Resource::${readable(Stack.of(scope).resolve(wildcard.resource))}`;
  Validations.of(scope).acknowledge({ id: `AwsSolutions-IAM5[${found}]`, reason });
}

type Resolved =
  | string
  | { readonly Ref: string }
  | { readonly 'Fn::GetAtt': readonly string[] }
  | { readonly 'Fn::Join': readonly [string, readonly Resolved[]] };

/** A resolved value as cdk-nag writes it in its findings: `arn:<AWS::Partition>:logs:…`. */
function readable(value: Resolved): string {
  if (typeof value === 'string') return value;
  if ('Ref' in value) return `<${value.Ref}>`;
  if ('Fn::GetAtt' in value) return `<${value['Fn::GetAtt'].join('.')}>`;
  const [separator, parts] = value['Fn::Join'];
  return parts.map(readable).join(separator);
}
