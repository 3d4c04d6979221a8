import { type Decision, evaluate } from '../policy/evaluate.ts';
import type { PolicyDocument } from '../policy/policy-document.ts';
import { contextOf, type Principal } from '../policy/request.ts';

/** A key's ARN, and the partition, Region and account of the environment that uses it. */
export interface KeyPlace {
  readonly partition: string;
  readonly region: string;
  readonly account: string;
  readonly keyArn: string;
}

/**
 * What CloudWatch Logs does with the key of a log group, each time with the group's ARN as
 * encryption context. `kms:DescribeKey`, also documented, is left out: it has no encryption
 * context, so the documented statement itself never allows it.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
 */
export const logsActions = [
  'kms:Encrypt',
  'kms:Decrypt',
  'kms:ReEncryptFrom',
  'kms:ReEncryptTo',
  'kms:GenerateDataKey',
] as const;

/**
 * A key policy's decision when CloudWatch Logs encrypts or decrypts a log group's events.
 *
 * Whether CloudWatch Logs sends more context (`aws:SourceAccount`) is not documented: a condition
 * on it makes the decision unknown, unless the caller passes a `sourceAccount`. The service name
 * without the Region is not documented either.
 */
export function logsMayUseKey(
  policy: PolicyDocument,
  place: KeyPlace,
  logGroupArn: string,
  action: (typeof logsActions)[number],
  sourceAccount?: string,
): Decision {
  return evaluate([policy], {
    principal: logsService(place.region),
    action,
    resource: place.keyArn,
    context: contextOf({
      'kms:EncryptionContext:aws:logs:arn': logGroupArn,
      'kms:EncryptionContextKeys': 'aws:logs:arn',
      // CloudWatch Logs calls KMS itself, not through another service.
      'kms:ViaService': undefined,
      ...(sourceAccount !== undefined && { 'aws:SourceAccount': sourceAccount }),
    }),
  });
}

export function logsService(region: string): Principal & { readonly kind: 'service' } {
  return {
    kind: 'service',
    name: `logs.${region}.amazonaws.com`,
    doubtfulNames: ['logs.amazonaws.com'],
  };
}

/**
 * A key policy's decision when an alarm publishes to a topic that the key encrypts. CloudWatch is
 * documented to send the account and the alarm that it acts for.
 * https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
 */
export function alarmsMayUseKey(
  policy: PolicyDocument,
  place: KeyPlace,
  alarmArn: string,
  action: 'kms:Decrypt' | 'kms:GenerateDataKey',
): Decision {
  return evaluate([policy], {
    principal: { kind: 'service', name: 'cloudwatch.amazonaws.com' },
    action,
    resource: place.keyArn,
    context: contextOf({ 'aws:SourceAccount': place.account, 'aws:SourceArn': alarmArn }),
  });
}

/** A key policy's decision for the key's account, on which its IAM policies depend as well. */
export function accountMayUseKey(
  policy: PolicyDocument,
  place: KeyPlace,
  action: string,
): Decision {
  return evaluate([policy], {
    principal: { kind: 'account', account: ownerOf(place) },
    action,
    resource: place.keyArn,
    context: contextOf({ 'kms:CallerAccount': ownerOf(place) }),
  });
}

/** A key policy's decision when a principal of another account decrypts. */
export function foreignerMayUseKey(
  policy: PolicyDocument,
  place: KeyPlace,
  principal: Principal & { readonly account: string },
): Decision {
  const { account } = principal;
  return evaluate([policy], {
    principal,
    action: 'kms:Decrypt',
    resource: place.keyArn,
    context: contextOf({ 'kms:CallerAccount': account, 'aws:PrincipalAccount': account }),
  });
}

/** A key policy's decision for a role or its account; undefined `viaService`: a direct call. */
export function roleMayUseKey(
  policy: PolicyDocument,
  place: KeyPlace,
  roleArn: string,
  action: string,
  viaService: string | undefined,
): Decision {
  return evaluate([policy], {
    principal: { kind: 'role', arn: roleArn, account: place.account },
    action,
    resource: place.keyArn,
    context: contextOf({
      'kms:CallerAccount': place.account,
      'kms:ViaService': viaService,
      'aws:PrincipalArn': roleArn,
      'aws:PrincipalAccount': place.account,
    }),
  });
}

/** The account that owns a key: the one in its ARN, or else the place's account. */
export function ownerOf({ keyArn, account }: KeyPlace): string {
  return keyArn.split(':')[4] ?? account;
}
