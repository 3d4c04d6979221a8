import { Stack, Validations } from 'aws-cdk-lib/core';
import type { IConstruct } from 'constructs';

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
